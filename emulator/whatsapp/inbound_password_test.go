package whatsapp_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// The password of an inbound URL is in no field of the entries of the debugger and of the other events.
func TestPasswordOfInboundURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	url := "https://user:s3cret@acme.example.com/in"
	if _, err := w.sandbox.UpdateSettings(t.Context(), acme, whatsapp.SettingsParams{InboundURL: &url}); err != nil {
		t.Fatal(err)
	}
	w.send(t, ada, "join acme-code")
	w.fail = func(*http.Request) error { return io.EOF }
	w.send(t, ada, "nobody answers")
	w.fail, w.answer = nil, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNotFound) }
	w.send(t, ada, "not found")
	w.answer = func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "<Response><Say>") }
	w.send(t, ada, "no TwiML")
	events, err := w.api.ListEvents(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(events)
	if err != nil {
		t.Fatal(err)
	}
	if alerts := strings.Count(string(text), "acme.example.com"); alerts < 3 {
		t.Errorf("the URL is in %d places only: %s", alerts, text)
	}
	if strings.Contains(string(text), "s3cret") {
		t.Errorf("the password shows: %s", text)
	}
}
