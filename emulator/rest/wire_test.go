package rest_test

import (
	"net/http"
	"strings"
	"testing"
)

// A browser asks before it sends, without credentials.
func TestPreflight(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil).as("", "").with("Origin", "https://example.com").with("Access-Control-Request-Method", "POST")
	r := c.do(http.MethodOptions, "/v1/Conversations", nil)
	if r.status != http.StatusNoContent || len(r.body) != 0 || r.header.Get("Access-Control-Allow-Origin") != "*" ||
		!strings.Contains(r.header.Get("Access-Control-Allow-Methods"), "DELETE") ||
		!strings.Contains(r.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("preflight = %d %v %s", r.status, r.header, r.body)
	}
}

// HEAD is GET without the body, for what is there and for what is not.
func TestHead(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "c")
	for path, status := range map[string]int{"/v1/Conversations/c": 200, "/v1/Conversations": 200, "/v1/Conversations/gone": 404} {
		get, head := c.do("GET", path, nil), c.do("HEAD", path, nil)
		if head.status != status || len(head.body) != 0 || head.header.Get("Content-Length") != get.header.Get("Content-Length") {
			t.Errorf("HEAD %s = %d, %d bytes, length %s; GET has %s", path, head.status, len(head.body),
				head.header.Get("Content-Length"), get.header.Get("Content-Length"))
		}
	}
	c.refused(c.as("", "").do("GET", "/v1/Conversations", nil), 401, 20003, "")
}

func TestCompressedFormsAreRefused(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.refused(c.with("Content-Encoding", "gzip").try("/v1/Conversations", "FriendlyName", "x"), 415, 20001, "")
}

// No body and no query makes the API fail or panic.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		"FriendlyName=x", "Timers.Inactive=PT1H&Timers.Closed=P1D", "MessagingBinding.Address=whatsapp:%2B15558675310", "Attributes={",
		"Configuration.Filters=onMessageAdded&Configuration.Filters=", "a.b.c.d=1&Timers=x&Timers.Inactive.x=1", "%zz", "=&=&&", "Timers[0]=x",
		"Bindings.Email.Address=a&Bindings.Email.0=b", "Participant={\"identity\":1}", "Configuration.Filters.9999999=x",
	} {
		f.Add(seed)
	}
	paths := []string{
		"/v1/Conversations", "/v1/Conversations/c", "/v1/Conversations/c/Participants", "/v1/Conversations/c/Messages", "/v1/Conversations/c/Webhooks",
		"/v1/ConversationWithParticipants", "/v1/Configuration", "/v1/Configuration/Webhooks", "/v1/Configuration/Addresses", "/v1/Roles", "/v1/Users",
		"/v1/Credentials", "/v1/Services",
	}
	f.Fuzz(func(t *testing.T, form string) {
		c := newAPI(t, nil)
		c.post("/v1/Conversations", "UniqueName", "c")
		for _, path := range paths {
			if r := c.do("POST", path, strings.NewReader(form)); r.status >= 500 {
				t.Errorf("POST %s %q: %d %s", path, form, r.status, r.body)
			}
			if r := c.do("GET", path+"?"+strings.Map(printable, form), nil); r.status >= 500 {
				t.Errorf("GET %s?%q: %d %s", path, form, r.status, r.body)
			}
		}
	})
}

// printable keeps a query that httptest can put into a request line.
func printable(r rune) rune {
	if r <= ' ' || r >= 0x7f || r == '#' {
		return -1
	}
	return r
}
