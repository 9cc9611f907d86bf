package control_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// TestWebPagesAreRefused sends over TCP what browsers send for the pages of others, to the control API and to Twilio's.
func TestWebPagesAreRefused(t *testing.T) {
	t.Parallel()
	emu := emulator.RunT(t, emulator.Config{AllowHosts: []string{"emulator.test"}, CORSOrigins: []string{"http://app.example"}})
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	port := emu.URL[strings.LastIndexByte(emu.URL, ':'):]
	const form, jsonType = "application/x-www-form-urlencoded", "application/json"
	type headers map[string]string
	for name, c := range map[string]struct {
		method, path, body string
		headers            headers
		status             int
		text               string // in the answer
		cors               string // Access-Control-Allow-Origin
	}{
		"the control API by its address":          {"GET", "/_emulator/accounts", "", nil, 200, "auth_token", ""},
		"by localhost":                            {"GET", "/_emulator/accounts", "", headers{"Host": "localhost" + port}, 200, "", ""},
		"by a name of --allow-host":               {"GET", "/_emulator/accounts", "", headers{"Host": "emulator.test" + port}, 200, "", ""},
		"from its own origin":                     {"POST", "/_emulator/settle", "", headers{"Origin": emu.URL, "Sec-Fetch-Site": "same-origin"}, 200, "", ""},
		"typed into the address bar":              {"GET", "/_emulator/health", "", headers{"Sec-Fetch-Site": "none"}, 200, "", ""},
		"DNS rebinding":                           {"GET", "/_emulator/accounts", "", headers{"Host": "evil.example" + port}, 403, "--allow-host", ""},
		"DNS rebinding, same origin":              {"POST", "/_emulator/reset", "", headers{"Host": "evil.example" + port, "Origin": "http://evil.example" + port}, 403, "evil.example", ""},
		"a form that resets":                      {"POST", "/_emulator/reset", "", headers{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site", "Content-Type": form}, 403, "no requests from pages of http://evil.example", ""},
		"a form, an old browser":                  {"POST", "/_emulator/reset", "", headers{"Content-Type": form}, 415, "Content-Type: application/json", ""},
		"a form with JSON in it":                  {"POST", "/_emulator/clock", `{"frozen":true,"x":"="}`, headers{"Content-Type": "text/plain"}, 415, "Content-Type: application/json", ""},
		"a fetch without a body":                  {"POST", "/_emulator/reset", "", headers{"Origin": "http://evil.example"}, 403, "", ""},
		"a sandboxed frame":                       {"POST", "/_emulator/reset", "", headers{"Origin": "null"}, 403, "", ""},
		"a picture":                               {"GET", "/_emulator/accounts", "", headers{"Sec-Fetch-Site": "cross-site"}, 403, "", ""},
		"another port of this machine":            {"POST", "/_emulator/reset", "", headers{"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "same-site"}, 403, "", ""},
		"an origin of --cors-origin is no driver": {"POST", "/_emulator/reset", "", headers{"Origin": "http://app.example", "Sec-Fetch-Site": "cross-site"}, 403, "", ""},
		"a preflight of the control API":          {"OPTIONS", "/_emulator/reset", "", headers{"Origin": "http://evil.example"}, 403, "", ""},
		"a body without a type":                   {"POST", "/_emulator/clock", `{"frozen":false}`, nil, 415, "Content-Type: application/json", ""},
		"JSON with a charset":                     {"POST", "/_emulator/clock", `{"frozen":false}`, headers{"Content-Type": "application/json; charset=utf-8"}, 200, "", ""},
		"JSON":                                    {"POST", "/_emulator/clock", `{"frozen":false}`, headers{"Content-Type": jsonType}, 200, "", ""},

		"Twilio's API by its address":          {"GET", "/v1/Conversations", "", nil, 200, "", ""},
		"Twilio's API, DNS rebinding":          {"GET", "/v1/Conversations", "", headers{"Host": "evil.example" + port}, 403, "20403", ""},
		"a form with credentials in its URL":   {"POST", "/v1/Conversations", "FriendlyName=x", headers{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site", "Content-Type": form}, 403, "20403", ""},
		"the same, an old browser":             {"POST", "/v1/Conversations", "FriendlyName=x", headers{"Origin": "null", "Content-Type": form}, 403, "", ""},
		"a preflight of a foreign page":        {"OPTIONS", "/v1/Conversations", "", headers{"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}, 403, "", ""},
		"a page of --cors-origin":              {"GET", "/v1/Conversations", "", headers{"Origin": "http://app.example", "Sec-Fetch-Site": "cross-site"}, 200, "", "*"},
		"a preflight of a page of it":          {"OPTIONS", "/v1/Conversations", "", headers{"Origin": "http://app.example"}, 204, "", "*"},
		"Twilio's host, any page":              {"GET", "/v1/Conversations", "", headers{"Host": "conversations.twilio.com", "Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}, 200, "", "*"},
		"Twilio's host, a preflight":           {"OPTIONS", "/v1/Conversations", "", headers{"Host": "conversations.twilio.com", "Origin": "http://evil.example"}, 204, "", "*"},
		"a region of Twilio's":                 {"OPTIONS", "/v1/Conversations", "", headers{"Host": "conversations.dublin.ie1.twilio.com", "Origin": "http://evil.example"}, 204, "", "*"},
		"Twilio's host opens no control API":   {"GET", "/_emulator/accounts", "", headers{"Host": "conversations.twilio.com"}, 403, "", ""},
		"a host that only looks like Twilio's": {"GET", "/v1/Conversations", "", headers{"Host": "conversations.twilio.com.evil.example"}, 403, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), c.method, emu.URL+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(c.path, "/v1") {
				req.SetBasicAuth(emulator.DefaultAccountSID, emulator.DefaultAuthToken)
			}
			for name, value := range c.headers {
				if req.Header.Set(name, value); name == "Host" {
					req.Host = value
				}
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if res.StatusCode != c.status || !strings.Contains(string(body), c.text) {
				t.Errorf("%s %s: %d %s, want %d with %q", c.method, c.path, res.StatusCode, body, c.status, c.text)
			}
			for name, values := range res.Header {
				if strings.HasPrefix(name, "Access-Control-") && c.cors == "" {
					t.Errorf("%s: %s", name, values)
				}
			}
			if got := res.Header.Get("Access-Control-Allow-Origin"); got != c.cors {
				t.Errorf("Access-Control-Allow-Origin = %q, want %q", got, c.cors)
			}
		})
	}
}

func TestConfigRefusesWrongNames(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]emulator.Config{
		"without scheme and port": {AllowHosts: []string{"http://emulator"}},
		"scheme, host and port":   {CORSOrigins: []string{"localhost:3000"}},
	} {
		if _, err := emulator.New(c); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error = %v, want %q", err, text)
		}
	}
}

// The client of the emulator's own process needs no name.
func TestInProcessUnderAnyName(t *testing.T) {
	t.Parallel()
	emu, _, ctx := start(t)
	for _, base := range []string{"http://emulator", "http://anything.example:1"} {
		if _, err := control.NewClient(base, emu.Client()).Health(ctx); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
}
