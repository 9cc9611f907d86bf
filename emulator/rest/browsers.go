package rest

import (
	"maps"
	"net/http"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// cors are the headers that let a page of any website use Twilio's API. Reference, Conversations API 1.4.
var cors = map[string][]string{
	"Access-Control-Allow-Credentials": {"true"},
	"Access-Control-Allow-Headers":     {"Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, Idempotency-Key"},
	"Access-Control-Allow-Methods":     {"GET, POST, DELETE, OPTIONS"},
	"Access-Control-Allow-Origin":      {"*"},
	"Access-Control-Expose-Headers":    {"ETag"},
}

// admit sets the CORS headers of an answer, or refuses the request with 403/20403. Under a host of Twilio's every page is
// taken, as by Twilio: a browser gets there only where somebody has led the name to the emulator. Under the emulator's own
// names only the pages of Config.Browsers are, since everybody knows the default credentials.
func (a *API) admit(h http.Header, r *http.Request) error {
	if isTwilioHost(r.Host) {
		maps.Copy(h, cors)
		return nil
	}
	err := a.browsers.CheckHost(r)
	if err == nil {
		err = a.browsers.CheckOrigin(r)
	}
	if err != nil {
		return twilio.Forbidden(err.Error())
	}
	if a.browsers.AllowsOrigin(r) {
		maps.Copy(h, cors)
		h.Add("Vary", "Origin")
	}
	return nil
}

// isTwilioHost reports whether a Host header names a server of Twilio's, in any region.
func isTwilioHost(host string) bool {
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	return strings.HasSuffix(name, ".twilio.com") || name == InboundMediaHost
}
