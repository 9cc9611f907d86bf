package control_test

import (
	"testing"

	conversationsdk "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// A team's real flow is registered under its SID; the switches decide what becomes of others.
func TestFlows(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	const account, unknown = emulator.DefaultAccountSID, "FWffffffffffffffffffffffffffffffff"
	made := must[studio.Flow](t)(c.RegisterFlow(ctx, account, studio.NewFlow{SID: emulator.DefaultFlowSID}))
	if made.SID != emulator.DefaultFlowSID || made.FriendlyName != made.SID || made.Status != studio.Published || string(made.Definition) != "{}" {
		t.Errorf("registered %+v", made)
	}
	must[studio.Flow](t)(c.RegisterFlow(ctx, account, studio.NewFlow{FriendlyName: "Another", Status: "draft"}))
	if list := must[[]studio.Flow](t)(c.ListFlows(ctx, account)); len(list) != 2 || list[0].SID != made.SID || list[1].FriendlyName != "Another" {
		t.Errorf("flows = %+v", list)
	}
	register := func(accountSID string, f studio.NewFlow) error {
		_, err := c.RegisterFlow(ctx, accountSID, f)
		return err
	}
	wantError(t, register(account, studio.NewFlow{SID: made.SID}), 409, "exists already, in account "+account)
	wantError(t, register(account, studio.NewFlow{SID: "FW1"}), 400, "FW and 32 hexadecimal digits")
	wantError(t, register(account, studio.NewFlow{Definition: []byte(`[]`)}), 400, "Definition")
	wantError(t, register("AC0", studio.NewFlow{}), 404, "no account AC0")

	must[whatsapp.Switches](t)(c.UpdateSwitches(ctx, map[string]any{"flow_exists_check": "at-create"}))
	sdk := conversationsdk.NewApiServiceWithClient(emu.Requester())
	conversation := *must[*conversationsdk.ConversationsV1Conversation](t)(sdk.CreateConversation(nil)).Sid
	hook := func(flow string) error {
		_, err := sdk.CreateConversationScopedWebhook(conversation,
			(&conversationsdk.CreateConversationScopedWebhookParams{}).SetTarget("studio").SetConfigurationFlowSid(flow))
		return err
	}
	if err := hook(unknown); err == nil {
		t.Error("at-create, but an unknown flow was taken")
	}
	must[whatsapp.Switches](t)(c.UpdateSwitches(ctx, map[string]any{"flow_exists_check": "at-fire"}))
	if err := hook(unknown); err != nil {
		t.Errorf("at-fire, but an unknown flow was refused: %v", err)
	}
	if err := hook(made.SID); err != nil {
		t.Error(err)
	}
	if _, err := sdk.CreateConversationMessage(conversation, (&conversationsdk.CreateConversationMessageParams{}).
		SetBody("Hola").SetXTwilioWebhookEnabled("true")); err != nil {
		t.Fatal(err)
	}
	if err := c.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	alerts := must[[]control.Alert](t)(c.ListAlerts(ctx, 0, 0))
	if len(alerts) != 1 || alerts[0].Code != 20404 || alerts[0].ResourceSID != unknown {
		t.Errorf("alerts = %+v", alerts)
	}
	running := must[[]studio.Execution](t)(c.ListExecutions(ctx, account))
	if len(running) != 1 || running[0].FlowSID != made.SID {
		t.Fatalf("executions = %+v", running)
	}
	if e := must[studio.Execution](t)(c.HandOff(ctx, running[0].SID)); !e.HandedOff || e.Status != studio.StatusEnded {
		t.Errorf("handed off: %+v", e)
	}
	_, err := c.EndExecution(ctx, running[0].SID)
	wantError(t, err, 400, "ended already")
	_, err = c.EndExecution(ctx, "FN0")
	wantError(t, err, 404, "no execution FN0")

	if err := c.DeleteFlow(ctx, account, made.SID); err != nil {
		t.Error(err)
	}
	wantError(t, c.DeleteFlow(ctx, account, made.SID), 404, "has no flow "+made.SID)
	if err := c.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if list := must[[]studio.Flow](t)(c.ListFlows(ctx, account)); len(list) != 0 {
		t.Errorf("flows after a reset: %+v", list)
	}
}
