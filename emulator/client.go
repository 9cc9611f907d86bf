package emulator

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/twilio/twilio-go/client"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// RunT starts an emulator in process for a test and closes it when the test ends. What keeps it from starting or closing
// fails the test. Unless Config.Switches are set the sandbox has no rate, as Settle would return before a message that waits
// for its turn has arrived; set whatsapp.DefaultSwitches() to have one message in three seconds, as with New.
func RunT(t testing.TB, c Config) *Server {
	t.Helper()
	if c.Switches.IsZero() {
		c.Switches = whatsapp.DefaultSwitches()
		c.Switches.RateInterval = 0
	}
	s, err := New(c)
	if err != nil {
		t.Fatalf("emulator: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("emulator: close: %v", err)
		}
	})
	return s
}

// Client returns an HTTP client that leads every request to this emulator, whatever its host: https://api.twilio.com and
// the others, and the emulator's own URL. It needs no port.
func (s *Server) Client() *http.Client {
	return &http.Client{Transport: s.inProcess}
}

// Control returns a client of the control API. It needs no port.
func (s *Server) Control() *control.Client {
	return control.NewClient("http://localhost", s.Client())
}

// Requester returns twilio-go's HTTP client, leading here, with the credentials of the first account: hand it to the
// NewApiServiceWithClient of any of the SDK's packages.
func (s *Server) Requester() client.BaseClient {
	a := s.config.Accounts[0]
	return s.RequesterFor(a.SID, a.AuthToken)
}

// RequesterFor is Requester with other credentials.
func (s *Server) RequesterFor(accountSID, authToken string) client.BaseClient {
	return s.RequesterForKey(accountSID, APIKey{SID: accountSID, Secret: authToken})
}

// RequesterForKey is Requester with an API key of an account in place of its SID and token.
func (s *Server) RequesterForKey(accountSID string, key APIKey) client.BaseClient {
	c := &client.Client{Credentials: client.NewCredentials(key.SID, key.Secret), HTTPClient: s.Client()}
	c.SetAccountSid(accountSID)
	return c
}

// RequesterTo returns twilio-go's HTTP client for an emulator at a base URL, such as http://127.0.0.1:4155.
func RequesterTo(baseURL, accountSID, authToken string) (client.BaseClient, error) {
	return RequesterToKey(baseURL, accountSID, APIKey{SID: accountSID, Secret: authToken})
}

// RequesterToKey is RequesterTo with an API key of an account in place of its SID and token.
func RequesterToKey(baseURL, accountSID string, key APIKey) (client.BaseClient, error) {
	base, err := url.Parse(baseURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("%q is not the URL of an emulator", baseURL)
	}
	c := &client.Client{Credentials: client.NewCredentials(key.SID, key.Secret),
		HTTPClient: &http.Client{Transport: dialing{base, http.DefaultTransport}, Timeout: 30 * time.Second}}
	c.SetAccountSid(accountSID)
	return c, nil
}

// dialing leads requests for any host to a base URL, and keeps the host that was asked for in the Host header, as a
// changed name lookup would.
type dialing struct {
	base *url.URL
	next http.RoundTripper
}

func (d dialing) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	r.URL.Scheme, r.URL.Host = d.base.Scheme, d.base.Host
	return d.next.RoundTrip(r)
}
