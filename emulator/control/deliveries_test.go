package control_test

import (
	"slices"
	"testing"

	messaging "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// A phone's behaviour and a delivery by hand, through the client.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	must[whatsapp.Switches](t)(c.UpdateSwitches(ctx, map[string]any{"delivery": "manual"}))
	on, off := true, false
	got := must[whatsapp.Phone](t)(c.UpdateBehaviour(ctx, "whatsapp:"+phone, whatsapp.BehaviourParams{Offline: &on, ReadReceipts: &off}))
	if !got.Offline || got.Blocked || got.ReadReceipts || got.Membership == nil {
		t.Errorf("phone = %+v", got)
	}
	got = must[whatsapp.Phone](t)(c.UpdateBehaviour(ctx, phone, whatsapp.BehaviourParams{Offline: &off, Blocked: &on}))
	if got.Offline || !got.Blocked || got.ReadReceipts {
		t.Errorf("phone = %+v", got)
	}
	if again := must[whatsapp.Phone](t)(c.FetchPhone(ctx, phone)); again.Behaviour != got.Behaviour {
		t.Errorf("fetched %+v, want %+v", again.Behaviour, got.Behaviour)
	}
	must[whatsapp.Phone](t)(c.UpdateBehaviour(ctx, phone, whatsapp.BehaviourParams{Blocked: &off}))
	before := len(must[[]whatsapp.Message](t)(c.ListMessages(ctx, phone, 0, 0)))
	name, blank := "Ada Lovelace", " "
	got = must[whatsapp.Phone](t)(c.UpdateBehaviour(ctx, phone, whatsapp.BehaviourParams{ProfileName: &name}))
	if after := len(must[[]whatsapp.Message](t)(c.ListMessages(ctx, phone, 0, 0))); got.ProfileName != name || got.ReadReceipts || after != before {
		t.Errorf("renamed: %+v, and %d messages, want %d", got, after, before)
	}
	if m := must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{Body: "x"})); m.ProfileName != name {
		t.Errorf("it writes as %q", m.ProfileName)
	}
	_, err := c.UpdateBehaviour(ctx, phone, whatsapp.BehaviourParams{ProfileName: &blank})
	wantError(t, err, 400, `profile name " "`)
	_, err = c.UpdateBehaviour(ctx, "nobody", whatsapp.BehaviourParams{})
	wantError(t, err, 400, "is not a phone number")

	thread := must[[]whatsapp.Message](t)(c.ListMessages(ctx, phone, 0, 0))
	first := must[whatsapp.Message](t)(c.FetchMessage(ctx, thread[0].SID))
	if first.Body != "join "+emulator.DefaultJoinCode {
		t.Errorf("fetched %+v", first)
	}
	_, err = c.FetchMessage(ctx, "SM0")
	wantError(t, err, 404, "there is no message SM0")
	_, err = c.UpdateStatus(ctx, "SM0", whatsapp.StatusChange{Status: "read"})
	wantError(t, err, 404, "there is no message SM0")
	_, err = c.UpdateStatus(ctx, first.SID, whatsapp.StatusChange{Status: "read"})
	wantError(t, err, 400, "was written by the phone")
}

// A message of Programmable Messaging is moved on by hand, step by step, until the phone has it.
func TestDeliveryByHand(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	must[whatsapp.Switches](t)(c.UpdateSwitches(ctx, map[string]any{"delivery": "manual"}))
	sdk := messaging.NewApiServiceWithClient(emu.Requester())
	sid := *must[*messaging.ApiV2010Message](t)(sdk.CreateMessage((&messaging.CreateMessageParams{}).
		SetTo("whatsapp:" + phone).SetFrom(whatsapp.SandboxNumber).SetBody("by hand"))).Sid
	if err := c.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	has := func() bool {
		return slices.ContainsFunc(must[[]whatsapp.Message](t)(c.ListMessages(ctx, phone, 0, 0)), func(m whatsapp.Message) bool { return m.SID == sid })
	}
	if m := must[whatsapp.Message](t)(c.FetchMessage(ctx, sid)); m.Status != "sent" || has() {
		t.Errorf("it is %s, on the phone: %v", m.Status, has())
	}
	if m := must[whatsapp.Message](t)(c.UpdateStatus(ctx, sid, whatsapp.StatusChange{Status: "delivered"})); m.Status != "delivered" || !has() {
		t.Errorf("it is %s, on the phone: %v", m.Status, has())
	}
	_, err := c.UpdateStatus(ctx, sid, whatsapp.StatusChange{Status: "sent"})
	wantError(t, err, 400, "cannot become sent any more")
}
