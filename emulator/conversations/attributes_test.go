package conversations

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Attributes are stored unchanged or refused.
func FuzzAttributes(f *testing.F) {
	for _, seed := range []string{"", "{}", "null", `{"a":1}`, "{", `"` + strings.Repeat("x", 5000) + `"`, "\x00", " {} "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		kept := "{}"
		err := setAttributes(&kept, &sent, maxAttributes)
		var refused *twilio.Error
		switch {
		case err == nil && sent == "" && kept != "{}", err == nil && sent != "" && kept != sent:
			t.Fatalf("%q was kept as %q", sent, kept)
		case err == nil && (!json.Valid([]byte(kept)) || len(kept) > maxAttributes):
			t.Fatalf("%q was accepted", sent)
		case err != nil && (!errors.As(err, &refused) || refused.Code != 50303 && refused.Code != 50304 || kept != "{}"):
			t.Fatalf("%q: %v, kept %q", sent, err, kept)
		}
	})
}
