package whatsapp_test

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

// The attributes of <Message>: whom it is for, whom it is from, and who is told what becomes of it. What cannot be is an
// entry of the debugger, and the other messages of the answer are sent.
func TestAttributesOfMessage(t *testing.T) {
	t.Parallel()
	const marker = `<Message>after</Message>`
	for name, c := range map[string]struct {
		document     string
		ada, grace   []string // what each phone hears
		alert        string   // beginning of the entry of the debugger
		told, method string   // path of the status callbacks, and how they come
	}{
		"none":                           {`<Message>1</Message>`, []string{"1"}, nil, "", "", ""},
		"to another phone":               {`<Message to="whatsapp:` + grace + `">1</Message>`, nil, []string{"1"}, "", "", ""},
		"to, and from a sender":          {`<Message to="whatsapp:` + ada + `" from="` + registered + `">1</Message>`, []string{"1"}, nil, "", "", ""},
		"to nobody":                      {`<Message to="whatsapp:555">1</Message>`, nil, nil, "21211 ", "", ""},
		"to another channel":             {`<Message to="` + ada + `">1</Message>`, nil, nil, "21910 ", "", ""},
		"from a stranger":                {`<Message from="whatsapp:+13115550000">1</Message>`, nil, nil, "63007 ", "", ""},
		"to a phone that has not joined": {`<Message to="whatsapp:+447700900123">1</Message>`, nil, nil, "63015 ", "", ""},
		"status callback":                {`<Message statusCallback="/status">1</Message>`, []string{"1"}, nil, "", "/status", "POST"},
		"action by GET":                  {`<Message action="/status" method="GET">1</Message>`, []string{"1"}, nil, "", "/status", "GET"},
		"no URL":                         {`<Message statusCallback="ftp://x/y">1</Message>`, nil, nil, "21609 ", "", ""},
		"no host":                        {`<Message action="http://my_host.example.com/cb">1</Message>`, nil, nil, "21609 ", "", ""},
		"too many files":                 {`<Message>` + strings.Repeat(`<Media>/a.jpg</Media>`, 11) + `</Message>`, nil, nil, "21623 ", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := joined(t, "https://example.com/in")
			w.register(t)
			w.send(t, grace, "join acme-code")
			writesTo(registered)(t, w)
			w.answer = func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/in" {
					twiml(`<Response>`+c.document+marker+`</Response>`)(rw, r)
				}
			}
			before := map[string]int{ada: len(w.heard(t, ada)), grace: len(w.heard(t, grace))}
			w.requests()
			w.send(t, ada, "Hola")
			got, want := w.heard(t, ada)[before[ada]:], slices.Concat(c.ada, []string{"after"})
			slices.Sort(got) // messages of two senders have no order
			if !slices.Equal(got, want) {
				t.Errorf("the phone heard %q, want %q", got, want)
			}
			if got := w.heard(t, grace)[before[grace]:]; !slices.Equal(got, c.grace) {
				t.Errorf("the other phone heard %q, want %q", got, c.grace)
			}
			alerts := w.alerts(t)
			if (c.alert == "") != (len(alerts) == 0) || (c.alert != "" && !strings.HasPrefix(alerts[0], c.alert)) {
				t.Errorf("the debugger says %q, want %q", alerts, c.alert)
			}
			var statuses []string
			for _, r := range w.requests() {
				if r.URL.Path == "/in" {
					continue
				}
				if r.URL.Path != c.told || r.Method != c.method {
					t.Errorf("%s %s was requested, want %s %s", r.Method, r.URL.Path, c.method, c.told)
				}
				statuses = append(statuses, r.Form.Get("MessageStatus"))
			}
			if c.told != "" && !slices.Equal(statuses, []string{"sent", "delivered", "read"}) {
				t.Errorf("told of %q", statuses)
			}
		})
	}
}

// A place reaches the phone as one; with a file or a template it is one thing too many. A message that may not wait fails
// when it would have to.
func TestMessageOptions(t *testing.T) {
	t.Parallel()
	action := whatsapp.MessageOptions{PersistentAction: []string{"geo: 37.78789 , -122.391664 | 375 Beale St"}}
	for name, c := range map[string]struct {
		p    whatsapp.MessageParams
		want string
	}{
		"a place":            {whatsapp.MessageParams{Body: ptr("our office"), MessageOptions: action}, "read"},
		"a place and a file": {whatsapp.MessageParams{MediaURL: []string{"https://x.example/a.png"}, MessageOptions: action}, "failed 63030"},
		"a place in a template": {whatsapp.MessageParams{ContentSid: ptr(whatsapp.TemplateVerification),
			ContentVariables: ptr(`{"1":"Acme","2":"1"}`), MessageOptions: action}, "failed 63030"},
	} {
		w := newWorld(t)
		joinAcme(t, w)
		m := w.write(t, whatsapp.SandboxNumber, ada, c.p)
		if got := w.outcome(t, m); got != c.want {
			t.Errorf("%s: it became %q, want %q", name, got, c.want)
		}
		got, err := w.sandbox.FetchMessage(t.Context(), m.SID)
		if err != nil || got.Location == nil || *got.Location != (whatsapp.Location{Latitude: 37.78789, Longitude: -122.391664, Label: "375 Beale St"}) {
			t.Errorf("%s: the place is %+v, %v", name, got.Location, err)
		}
	}
	w := newWorld(t)
	joinAcme(t, w)
	seconds := 6
	validity := whatsapp.MessageOptions{ValidityPeriod: &seconds}
	var made []whatsapp.Message
	for range 4 { // one in three seconds: sent at 0, 3, 6 and 9 seconds
		made = append(made, w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{Body: ptr("x"), MessageOptions: validity}))
	}
	w.advance(t, 30*time.Second)
	var got []string
	for _, m := range made {
		got = append(got, w.outcome(t, m))
	}
	if want := []string{"read", "read", "read", "failed 30036"}; !slices.Equal(got, want) {
		t.Errorf("four messages that may wait six seconds became %q, want %q", got, want)
	}
}

// A real server: connections have their phases, and what is hostile is bounded. A small answer that is large when it is
// unpacked, files that redirect for ever, one that leads back to the emulator.
func TestRealServer(t *testing.T) {
	t.Parallel()
	photo := sample(t, fixtures.Photo)
	bomb, document := packed(t, photo), packed(t, []byte("<Response>"))
	stop := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /in/", func(rw http.ResponseWriter, r *http.Request) {
		twiml(`<Response><Message><Media>/`+strings.TrimPrefix(r.URL.Path, "/in/")+`</Media></Message></Response>`)(rw, r)
	})
	mux.HandleFunc("POST /slow", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/xml")
		_, _ = rw.Write([]byte("<Response>"))
		_ = http.NewResponseController(rw).Flush()
		<-stop // the answer has begun, and does not end
	})
	mux.HandleFunc("GET /photo", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(photo) })
	mux.HandleFunc("GET /loop", func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/loop", http.StatusFound) })
	mux.HandleFunc("GET /back", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "https://api.twilio.com/2010-04-01/x", http.StatusFound)
	})
	mux.HandleFunc("GET /hops/{left}", func(rw http.ResponseWriter, r *http.Request) {
		left, _ := strconv.Atoi(r.PathValue("left"))
		if left == 0 {
			_, _ = rw.Write(photo)
			return
		}
		http.Redirect(rw, r, "/hops/"+strconv.Itoa(left-1), http.StatusFound)
	})
	mux.HandleFunc("GET /bomb", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Encoding", "gzip")
		rw.Header().Set("Content-Type", "image/jpeg")
		_, _ = rw.Write(bomb)
	})
	mux.HandleFunc("POST /bomb", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Encoding", "gzip")
		rw.Header().Set("Content-Type", "text/xml")
		_, _ = rw.Write(document)
	})
	server := httptest.NewServer(mux)
	transport := &http.Transport{}
	t.Cleanup(func() {
		close(stop)
		transport.CloseIdleConnections()
		server.Close()
	})
	for path, want := range map[string]string{
		"/in/photo": "", "/in/loop": "63019 ", "/in/hops/5": "", "/in/hops/6": "63019 ",
		"/in/back": `63019 Head "https://api.twilio.com/2010-04-01/x": the URL leads back to the emulator`, "/in/bomb": "63034 ", "/slow#rt=200": "11205 ", "/bomb": "11750 ",
	} {
		w := joined(t, server.URL+path)
		w.next = transport
		w.send(t, ada, "Hola") // fails by itself when it does not end
		got := strings.Join(w.alerts(t), "; ")
		if !strings.HasPrefix(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: the debugger says %q, want %q", path, got, want)
		}
	}
}

// packed is the beginning of an answer with 16 MB behind it, packed into a few KB.
func packed(t *testing.T, beginning []byte) []byte {
	t.Helper()
	var small bytes.Buffer
	z, err := gzip.NewWriterLevel(&small, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range [][]byte{beginning, make([]byte, 16<<20)} {
		if _, err := z.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return small.Bytes()
}

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
	setting("long=1; Max-Age=9223372037; Path=/")
	sends(ada, "")
	setting("long=; Max-Age=0; Path=/")
	sends(ada, "long=1")
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
