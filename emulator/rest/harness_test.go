package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
	restaccounts "github.com/cloudforgot/cloudforgot/emulator/rest/accounts"
	restcontent "github.com/cloudforgot/cloudforgot/emulator/rest/content"
	restconversations "github.com/cloudforgot/cloudforgot/emulator/rest/conversations"
	restmedia "github.com/cloudforgot/cloudforgot/emulator/rest/media"
	restmessaging "github.com/cloudforgot/cloudforgot/emulator/rest/messaging"
	reststudio "github.com/cloudforgot/cloudforgot/emulator/rest/studio"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Two accounts of every test.
const (
	accountSID = "AC0123456789abcdef0123456789abcdef"
	authToken  = "token"
	foreignSID = "ACfedcba9876543210fedcba9876543210"
	sandbox    = "whatsapp:+14155238886"
	ada        = "whatsapp:+15558675310"
)

// tester is an API in process, with SIDs from a seed and a clock that stands still.
type tester struct {
	t         *testing.T
	outbox    *outbox.Outbox
	api       *conversations.API
	phones    *whatsapp.Sandbox
	templates *content.API
	flows     *studio.Studio
	clock     *clock.Clock
	handler   http.Handler
	// user and password of its requests.
	user, password string
	header         http.Header
}

// addSandbox opens the sandbox of the first account.
func (c *tester) addSandbox(p whatsapp.SettingsParams) error {
	return c.outbox.Update(c.t.Context(), func(tx store.Tx) error {
		_, err := c.phones.AddSettings(tx, accountSID, p)
		return err
	})
}

// newAPI returns an API with two accounts. Webhooks go to customer; nil means that they get nowhere.
func newAPI(t *testing.T, customer http.RoundTripper) *tester {
	t.Helper()
	memory, err := store.NewMemory(slices.Concat(content.Kinds(), conversations.Kinds(), whatsapp.Kinds(), studio.Kinds(), outbox.Kinds())...)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)
	still := clock.New(clock.State{Frozen: &at})
	sids := sid.NewSource(1)
	box := outbox.New(outbox.Config{Store: memory, Clock: still})
	api := conversations.New(conversations.Config{Outbox: box, Clock: still, SIDs: sids, Transport: customer, SharedSenders: []string{sandbox}})
	templates := content.New(content.Config{Store: box, Clock: still, SIDs: sids,
		ApprovalTime: func(store.Tx) (time.Duration, error) { return time.Hour, nil }})
	phones := whatsapp.New(whatsapp.Config{Outbox: box, Conversations: api, Content: templates, Clock: still, SIDs: sids, Transport: customer})
	flows := studio.New(studio.Config{Outbox: box, Conversations: api, Clock: still, SIDs: sids,
		Switches: func(store.Tx) (studio.Switches, error) { return studio.Switches{}, nil }})
	outbox.Handle(box, func(context.Context, outbox.Job, conversations.DeliveryJob) error { return nil }) // by hand, in these tests
	for _, a := range []string{accountSID, foreignSID} {
		if _, err := api.CreateAccount(t.Context(), conversations.Account{SID: a, AuthToken: authToken}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	box.Start(ctx)
	t.Cleanup(func() {
		stop()
		box.Wait()
	})
	return &tester{t: t, outbox: box, api: api, templates: templates, phones: phones, flows: flows, clock: still, user: accountSID, password: authToken, header: http.Header{},
		handler: rest.New(rest.Config{Accounts: api, SIDs: sids},
			restconversations.New(api), restcontent.New(templates), restmedia.New(api), restmessaging.New(phones, api), restaccounts.New(api), reststudio.New(flows))}
}

// as returns the tester with other credentials.
func (c tester) as(user, password string) *tester {
	c.user, c.password = user, password
	return &c
}

// with returns the tester with a further header.
func (c tester) with(name, value string) *tester {
	c.header = c.header.Clone()
	c.header.Set(name, value)
	return &c
}

// reply is an answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// field returns a field of a JSON body, by path: "meta.next_page_url". A missing one is nil.
func (r reply) field(path string) any {
	var v any
	if json.Unmarshal(r.body, &v) != nil {
		return nil
	}
	for _, name := range strings.Split(path, ".") {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// text is field for texts; "" when it is none.
func (r reply) text(path string) string {
	s, _ := r.field(path).(string)
	return s
}

// do sends a request; path may be an absolute URL.
func (c *tester) do(method, path string, body io.Reader) reply {
	c.t.Helper()
	target := path
	if strings.HasPrefix(path, "/") {
		target = "https://conversations.twilio.com" + path
	}
	r := httptest.NewRequestWithContext(c.t.Context(), method, target, body)
	r.TLS = nil
	if c.user != "" {
		r.SetBasicAuth(c.user, c.password)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range c.header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.Bytes()}
}

// get, post and del send a request and expect it to succeed.
func (c *tester) get(path string) reply { c.t.Helper(); return c.want(2, c.do("GET", path, nil)) }
func (c *tester) del(path string) reply { c.t.Helper(); return c.want(2, c.do("DELETE", path, nil)) }

// post takes the form as name, value, name, value, ...
func (c *tester) post(path string, form ...string) reply {
	c.t.Helper()
	return c.want(2, c.try(path, form...))
}

// try is post without an expectation.
func (c *tester) try(path string, form ...string) reply {
	c.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		v.Add(form[i], form[i+1])
	}
	return c.do("POST", path, strings.NewReader(v.Encode()))
}

func (c *tester) want(class int, r reply) reply {
	c.t.Helper()
	if r.status/100 != class {
		c.t.Fatalf("status %d %s", r.status, r.body)
	}
	return r
}

// refused expects Twilio's error, with its four fields and no other.
func (c *tester) refused(r reply, status, code int, message string) {
	c.t.Helper()
	var e map[string]any
	if err := json.Unmarshal(r.body, &e); err != nil {
		c.t.Fatalf("status %d, body %q is not JSON: %v", r.status, r.body, err)
	}
	if r.status != status || e["status"] != float64(status) || e["code"] != float64(code) || len(e) != 4 ||
		e["more_info"] != "https://www.twilio.com/docs/errors/"+jsonNumber(code) {
		c.t.Errorf("refused with %d %s, want %d and code %d", r.status, r.body, status, code)
	}
	if message != "" && e["message"] != message {
		c.t.Errorf("message = %q, want %q", e["message"], message)
	}
}

// refusedInXML expects Twilio's error as XML, on a path of 2010-04-01 without .json.
func (c *tester) refusedInXML(r reply, status, code int, message string) {
	c.t.Helper()
	var e struct {
		XMLName   xml.Name `xml:"TwilioResponse"`
		Exception struct {
			Code, Status      int
			Message, MoreInfo string
		} `xml:"RestException"`
	}
	if err := xml.Unmarshal(r.body, &e); err != nil {
		c.t.Fatalf("status %d, body %q is no TwilioResponse: %v", r.status, r.body, err)
	}
	if r.status != status || e.Exception.Status != status || e.Exception.Code != code || (message != "" && e.Exception.Message != message) ||
		e.Exception.MoreInfo != "https://www.twilio.com/docs/errors/"+jsonNumber(code) || r.header.Get("Content-Type") != "application/xml" {
		c.t.Errorf("refused with %d %s, want %d, code %d and %q", r.status, r.body, status, code, message)
	}
}

func jsonNumber(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// settle waits until the outbox is idle.
func (c *tester) settle() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	if err := c.outbox.Settle(ctx); err != nil {
		c.t.Fatal(err)
	}
}

// golden compares a JSON body with testdata/NAME.json; -update writes it.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, body, "", "  "); err != nil {
		t.Fatalf("%s: %v: %s", name, err, body)
	}
	got.WriteByte('\n')
	file := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s differs from %s:\n%s", name, file, got.Bytes())
	}
}

// advance moves the clock, with all that falls due on the way.
func (c *tester) advance(d string) {
	c.t.Helper()
	by, err := time.ParseDuration(d)
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	if err := c.clock.Advance(ctx, by, c.outbox.Agenda()); err != nil {
		c.t.Fatal(err)
	}
}
