package whatsapp_test

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

// alerts returns what the debugger says, as "code text".
func (w *world) alerts(t testing.TB) (list []string) {
	t.Helper()
	events, err := w.api.ListEvents(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Type == conversations.Alerted {
			list = append(list, e.Params.Get("ErrorCode")+" "+e.Params.Get("Text"))
		}
	}
	return list
}

// joined is a world in which Ada's phone is in the sandbox of acme, whose URL is set.
func joined(t *testing.T, inboundURL string) *world {
	t.Helper()
	w := newWorld(t)
	if _, err := w.sandbox.UpdateSettings(t.Context(), acme, whatsapp.SettingsParams{InboundURL: &inboundURL}); err != nil {
		t.Fatal(err)
	}
	w.send(t, ada, "join acme-code")
	return w
}

// turn changes switches.
func (w *world) turn(t *testing.T, change string) {
	t.Helper()
	if _, err := w.sandbox.UpdateSwitches(t.Context(), json.RawMessage(change)); err != nil {
		t.Fatal(err)
	}
}

// twiml answers with a document.
func twiml(document string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(rw, document)
	}
}

// Reference, WhatsApp and messaging 2.5 and 2.6: what is tried again, and what the debugger says.
func TestWebhookFailures(t *testing.T) {
	t.Parallel()
	refused := func(*http.Request) error { return &net.OpError{Op: "dial", Err: errors.New("connection refused")} }
	reset := func(*http.Request) error { return errors.New("connection reset") }
	untrusted := func(*http.Request) error {
		return &tls.CertificateVerificationError{Err: errors.New("unknown authority")}
	}
	silent := func(r *http.Request) error { <-r.Context().Done(); return r.Context().Err() }
	unreachable := func(r *http.Request) error {
		httptrace.ContextClientTrace(r.Context()).GetConn("example.com:443")
		return silent(r)
	}
	status := func(code int) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(code) }
	}
	for _, c := range []struct {
		name, url, switches string
		fail                func(*http.Request) error
		answer              http.HandlerFunc
		attempts            int
		want                string // beginning of the last entry of the debugger
	}{
		{"no connection", "https://example.com/", "", refused, nil, 2, "11205 "},
		{"no connection, no retries", "https://example.com/", `{"webhook_retries": 0}`, refused, nil, 1, "11205 "},
		{"no connection, more retries", "https://example.com/#rc=3", "", refused, nil, 4, "11205 "},
		{"no connection, another policy", "https://example.com/#rc=3&rp=5xx", "", refused, nil, 1, "11205 "},
		{"reset", "https://example.com/", "", reset, nil, 1, "11205 "},
		{"reset, all", "https://example.com/#rp=all", "", reset, nil, 2, "11205 "},
		{"untrusted certificate", "https://example.com/", "", untrusted, nil, 1, "11237 "},
		{"server error", "https://example.com/", "", nil, status(503), 1, "11200 the webhook answered 503"},
		{"server error, retried", "https://example.com/#rc=2&rp=5xx", "", nil, status(503), 3, "11200 "},
		{"client error, retried", "https://example.com/#rc=1&rp=4xx,5xx", "", nil, status(404), 2, "11200 the webhook answered 404"},
		{"no answer", "https://example.com/#rt=100", "", silent, nil, 1, "11205 webhook https://example.com/: 11205: no answer within 100ms"},
		{"no answer, retried", "https://example.com/#rt=100&rp=rt", "", silent, nil, 2, "11205 "},
		{"no answer in all", "https://example.com/#tt=100&rp=rt&rc=5", "", silent, nil, 1, "11205 "},
		{"no answer, by switch", "https://example.com/", `{"webhook_timeout": "100ms"}`, silent, nil, 1, "11205 "},
		{"no connection in time", "https://example.com/#ct=100", "", unreachable, nil, 2, "11205 webhook https://example.com/: 11205: no connection within 100ms"},
		{"bad override", "https://example.com/#rc=9", "", nil, status(204), 1, `11243 connection override "rc=9"`},
		{"empty plain text", "https://example.com/", `{"empty_text_plain": "11200"}`, nil,
			func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Type", "text/plain")
				rw.WriteHeader(http.StatusOK)
			}, 1, "11200 the webhook answered with empty"},
		{"endless TwiML", "https://example.com/", "", nil, twiml(`<Response><Redirect/></Response>`), 1, ""},
		{"TwiML that leads to itself", "https://example.com/", "", nil, twiml(`<Response><Redirect>/again</Redirect></Response>`), 11, "11215 "},
		{"large TwiML", "https://example.com/", "", nil, twiml("<Response>" + strings.Repeat(" ", 64<<10) + "</Response>"), 1, "11750 "},
		{"long message", "https://example.com/", "", nil, twiml("<Response><Message>" + strings.Repeat("x", 1601) + "</Message></Response>"), 1, "21617 "},
		{"bad cookie", "https://example.com/", "", nil,
			func(rw http.ResponseWriter, _ *http.Request) { rw.Header().Set("Set-Cookie", "a b=c") }, 1, "11206 "},
		{"the emulator itself", "https://api.twilio.com/2010-04-01/Accounts", "", nil, nil, 0, "11205 webhook https://api.twilio.com/2010-04-01/Accounts: 11205: the URL leads back to the emulator itself"},
		{"a redirect to the emulator", "https://example.com/", "", nil,
			func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Location", "https://api.twilio.com/x")
				rw.WriteHeader(http.StatusTemporaryRedirect)
			}, 1, "11205 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := joined(t, c.url)
			if c.switches != "" {
				w.turn(t, c.switches)
			}
			w.fail, w.answer = c.fail, c.answer
			w.send(t, ada, "Hola")
			told := w.requests()
			tokens := map[string]bool{}
			for _, r := range told {
				tokens[r.Header.Get("I-Twilio-Idempotency-Token")] = true
			}
			if len(told) != c.attempts || len(tokens) > 1 {
				t.Errorf("%d attempts with %d tokens, want %d", len(told), len(tokens), c.attempts)
			}
			last := ""
			if list := w.alerts(t); len(list) > 0 {
				last = list[len(list)-1]
			}
			if !strings.HasPrefix(last, c.want) || (c.want == "") != (last == "") {
				t.Errorf("the debugger says %q, want %q", last, c.want)
			}
			if heard := w.heard(t, ada); len(heard) != 1 {
				t.Errorf("the phone heard %q", heard)
			}
		})
	}
}

func TestTwiMLRedirectByGet(t *testing.T) {
	t.Parallel()
	w := joined(t, "https://example.com/in")
	w.answer = func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/in" {
			twiml(`<Response><Redirect method="get">next?a=1#rc=0</Redirect></Response>`)(rw, r)
			return
		}
		twiml(`<Response><Message>`+r.Method+r.URL.Query().Get("a")+r.URL.Query().Get("Body")+`</Message></Response>`)(rw, r)
	}
	w.send(t, ada, "Hola")
	if got := w.heard(t, ada); !slices.Equal(got[1:], []string{"GET1Hola"}) {
		t.Errorf("heard %q", got)
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	w := joined(t, "https://example.com/a/in")
	w.send(t, "+447700900123", "join acme-code")
	setting := func(lines ...string) {
		w.answer = func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header()["Set-Cookie"] = lines
			rw.WriteHeader(http.StatusNoContent)
		}
	}
	sends := func(phone, want string) {
		t.Helper()
		w.requests()
		w.send(t, phone, "Hola")
		if got := w.requests()[0].Header.Get("Cookie"); got != want {
			t.Errorf("%s: Cookie = %q, want %q", phone, got, want)
		}
	}
	advance := func(by time.Duration) {
		t.Helper()
		if err := w.clock.Advance(t.Context(), by, w.outbox.Agenda()); err != nil {
			t.Fatal(err)
		}
	}
	setting("step=1", "elsewhere=1; Path=/b", "short=1; Max-Age=60; Secure", "past=1; Expires=Mon, 01 Jan 2024 00:00:00 GMT")
	sends(ada, "")
	setting()
	sends(ada, "step=1; short=1")
	sends("+447700900123", "")
	advance(time.Minute)
	sends(ada, "step=1")
	advance(4*time.Hour - time.Minute - time.Second)
	sends(ada, "step=1")
	advance(time.Second)
	sends(ada, "")
	setting("step=2; Path=/")
	sends(ada, "")
	setting("step=; Max-Age=0; Path=/", "big="+strings.Repeat("x", 5000))
	sends(ada, "step=2")
	sends(ada, "")
	var many []string
	for i := range 60 {
		many = append(many, "c"+string(rune('A'+i))+"=1")
	}
	setting(many[:26]...)
	sends(ada, "")
	w.requests()
	w.send(t, ada, "Hola")
	if got := len(w.requests()[0].Cookies()); got != 26 {
		t.Errorf("%d cookies came back, want 26", got)
	}
}

// What a webhook answers with a file is fetched and reaches the phone as a file; one that cannot be sent fails, and says why.
func TestMediaInAnswers(t *testing.T) {
	t.Parallel()
	photo := sample(t, fixtures.Photo)
	for _, c := range []struct {
		name, link, contentType string
		content                 []byte
		status                  int
		want                    string // beginning of the entry of the debugger
	}{
		{"a photo", "https://files.example.com/a.jpg", "image/jpeg", photo, 200, ""},
		{"a relative URL", "/a.jpg", "image/jpeg", photo, 200, ""},
		{"not there", "/a.jpg", "text/plain", []byte("no"), 404, "63019 "},
		{"a type that lies", "/a.jpg", "image/png", photo, 200, "63021 "},
		{"an unsupported type", "/a.gif", "image/gif", []byte("GIF89a\x01\x00\x01\x00"), 200, "63021 "},
		{"too large", "/a.jpg", "image/jpeg", append(slices.Clone(photo), make([]byte, 16<<20)...), 200, "63034 "},
		{"no URL", "ftp://x/a", "image/jpeg", photo, 200, "63019 "},
		{"the emulator itself", "https://api.twilio.com/2010-04-01/x", "image/jpeg", photo, 200, "63019 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := joined(t, "https://example.com/in")
			w.answer = func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					twiml(`<Response><Message><Body>Look</Body><Media>`+c.link+`</Media></Message></Response>`)(rw, r)
					return
				}
				rw.Header().Set("Content-Type", c.contentType)
				rw.WriteHeader(c.status)
				_, _ = rw.Write(c.content)
			}
			if c.link == "ftp://x/a" {
				w.fail = func(r *http.Request) error {
					if r.URL.Scheme == "ftp" {
						return errors.New("unsupported protocol scheme")
					}
					return nil
				}
			}
			w.send(t, ada, "Hola")
			thread, err := w.sandbox.ListMessages(t.Context(), ada, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			last := thread[len(thread)-1]
			got := w.alerts(t)
			switch {
			case c.want == "" && (len(got) > 0 || last.Body != "Look" || len(last.Media) != 1 || last.Media[0].ContentType != "image/jpeg"):
				t.Errorf("the phone has %+v, the debugger %q", last, got)
			case c.want != "" && (len(got) == 0 || !strings.HasPrefix(got[0], c.want) || last.Direction != whatsapp.DirectionInbound):
				t.Errorf("the debugger says %q, want %q; the phone has %+v", got, c.want, last)
			}
		})
	}
}
