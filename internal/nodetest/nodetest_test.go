package nodetest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cloudforgot/cloudforgot/internal/nodetest"
)

// twilio-node's request arrives under Twilio's host name, with its credentials and its form.
func TestRequestsForTwilioGoToTheEmulator(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]string{"sid": r.Host + r.URL.Path, "body": r.FormValue("Body"), "status": user + ":" + password})
	}))
	defer s.Close()
	out := nodetest.Run(t, nodetest.Program{File: "testdata/send.js", URL: s.URL, Env: []string{"TEXT=Hola"}})
	const want = `api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json Hola ` +
		"AC0123456789abcdef0123456789abcdef:token\n"
	if string(out) != want {
		t.Errorf("the program printed %q, want %q", out, want)
	}
}
