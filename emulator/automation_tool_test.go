package emulator_test

import (
	"encoding/json"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/fixtures/nodetest"
)

// What an automation tool such as n8n does with twilio-node: it logs in with an API key, tests the connection, sends, and
// lists with filters.
func TestAutomationToolWithTwilioNode(t *testing.T) {
	t.Parallel()
	emu := emulator.RunT(t, emulator.Config{})
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if _, err := emu.Control().Join(ctx, "+15558675310", emulator.DefaultJoinCode); err != nil {
		t.Fatal(err)
	}
	out := nodetest.Run(t, nodetest.Program{File: "testdata/automation_tool.js", URL: emu.URL, Env: []string{
		"TWILIO_ACCOUNT_SID=" + emulator.DefaultAccountSID, "TWILIO_API_KEY=" + emulator.DefaultAPIKeySID,
		"TWILIO_API_SECRET=" + emulator.DefaultAPIKeySecret}})
	var got struct {
		Account, Type, Sent, Service, Refused string
		Numbers, Services                     int
		Listed, Between, Elsewhere            []string
		Paged                                 int
		Revoked                               string
		Conversation                          string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got.Account != "active" || got.Type != "Full" || got.Numbers != 0 || got.Services != 1 {
		t.Errorf("the connection: %s", out)
	}
	if got.Sent != "queued" || got.Service != "accepted" || got.Refused != "401 20003" || got.Revoked != "401 20003" {
		t.Errorf("sent, and refused: %s", out)
	}
	if len(got.Listed) != 2 || got.Listed[0] != "by service" || got.Listed[1] != "by number" || len(got.Between) != 2 || len(got.Elsewhere) != 0 || got.Paged != 2 {
		t.Errorf("listed: %s", out)
	}
	if got.Conversation != emulator.DefaultAccountSID {
		t.Errorf("the conversation of the key belongs to %s", got.Conversation)
	}
	if err := emu.Control().Settle(ctx); err != nil {
		t.Fatal(err)
	}
	inbox, err := emu.Control().ListMessages(ctx, "+15558675310", 0, 0)
	if err != nil || len(inbox) < 2 || inbox[len(inbox)-1].Body != "by service" {
		t.Errorf("the phone has %+v, %v", inbox, err)
	}
}
