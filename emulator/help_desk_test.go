package emulator_test

import (
	"encoding/base64"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/fixtures"
	"github.com/cloudforgot/cloudforgot/fixtures/nodetest"
)

// The first start of a help desk such as Chatwoot, with twilio-node: it tests the connection, synchronises templates, sends two, and gets
// a reply, an image and statuses.
func TestHelpDesk(t *testing.T) {
	t.Parallel()
	emu := emulator.RunT(t, emulator.Config{})
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	image, err := fixtures.Read(fixtures.Picture)
	if err != nil {
		t.Fatal(err)
	}
	out := nodetest.Run(t, nodetest.Program{File: "testdata/help_desk.js", URL: emu.URL, Env: []string{"SID=" + emulator.DefaultAccountSID,
		"TOKEN=" + emulator.DefaultAuthToken, "CODE=" + emulator.DefaultJoinCode, "IMAGE=" + base64.StdEncoding.EncodeToString(image)}})
	const want = `[["Your appointment is coming up on 24/12 at 3pm",[]],["Are you satisfied, Ada?",["Yes"]],["Yes",[]],["Look",[]]]` + "\n"
	if string(out) != want {
		t.Errorf("the phone's thread ends with %s, want %s", out, want)
	}
}
