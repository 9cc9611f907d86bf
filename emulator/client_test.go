package emulator_test

import (
	"net/http"
	"testing"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/emulator"
)

func TestRequesterTo(t *testing.T) {
	t.Parallel()
	emu := emulator.RunT(t, emulator.Config{})
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	requester, err := emulator.RequesterTo(emu.URL, emulator.DefaultAccountSID, emulator.DefaultAuthToken)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections) // the SDK's client keeps them
	if _, err := conversations.NewApiServiceWithClient(requester).FetchConfiguration(); err != nil {
		t.Error(err)
	}
	for _, url := range []string{"", "127.0.0.1:4155", "http://", "http://%"} {
		if _, err := emulator.RequesterTo(url, emulator.DefaultAccountSID, emulator.DefaultAuthToken); err == nil {
			t.Errorf("%q is taken for the URL of an emulator", url)
		}
	}
}
