package whatsapp_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twilio/twilio-go/client"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

const (
	acme  = "AC0123456789abcdef0123456789abcdef"
	beta  = "ACfedcba9876543210fedcba9876543210"
	token = "token"
	ada   = "+15558675310"
)

// world is a sandbox of two accounts, acme and beta, with the join codes acme-code and beta-code, and a server of theirs
// that remembers what it was told.
type world struct {
	outbox  *outbox.Outbox
	api     *conversations.API
	content *content.API
	sandbox *whatsapp.Sandbox
	clock   *clock.Clock

	mu     sync.Mutex
	told   []*http.Request
	answer http.HandlerFunc
	// fail, if it is set, is why there is no answer; nil means that there is one.
	fail func(*http.Request) error
	// next, if it is set, leads to a real server in place of answer.
	next http.RoundTripper
	// unsigned are requests whose signature twilio-go does not accept; a test with one fails.
	unsigned []string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	memory, err := store.NewMemory(slices.Concat(content.Kinds(), conversations.Kinds(), whatsapp.Kinds(), outbox.Kinds())...)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)
	w := &world{clock: clock.New(clock.State{Frozen: &at})}
	sids := sid.NewSource(1)
	w.outbox = outbox.New(outbox.Config{Store: memory, Clock: w.clock})
	w.api = conversations.New(conversations.Config{Outbox: w.outbox, Clock: w.clock, SIDs: sids, Transport: w, SharedSenders: []string{whatsapp.SandboxNumber},
		DeliveryTiming:  func(tx store.Tx) (outbox.Timing, error) { return w.sandbox.CallbackTiming(tx) },
		HidesForeignSID: func(tx store.Tx) (bool, error) { return w.sandbox.HidesForeignSID(tx) }})
	w.content = content.New(content.Config{Store: w.outbox, Clock: w.clock, SIDs: sids,
		ApprovalTime: func(store.Tx) (time.Duration, error) { return time.Hour, nil }})
	w.sandbox = whatsapp.New(whatsapp.Config{Outbox: w.outbox, Conversations: w.api, Content: w.content, Clock: w.clock, SIDs: sids, Transport: w})
	for account, code := range map[string]string{acme: "acme-code", beta: "beta-code"} {
		if _, err := w.api.CreateAccount(t.Context(), conversations.Account{SID: account, AuthToken: token}); err != nil {
			t.Fatal(err)
		}
		u := "https://" + code + ".example.com/in?x=1#rc=2"
		err := w.outbox.Update(t.Context(), func(tx store.Tx) error {
			_, err := w.sandbox.AddSettings(tx, account, whatsapp.SettingsParams{JoinCode: &code, InboundURL: &u})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	w.outbox.Start(ctx)
	t.Cleanup(func() {
		stop()
		w.outbox.Wait()
		if len(w.unsigned) > 0 {
			t.Errorf("twilio-go's validator does not accept the signature of %q", w.unsigned)
		}
	})
	return w
}

// signed reports whether twilio-go accepts a request to an account's server. Requests for files have no signature.
func signed(r *http.Request) bool {
	params := map[string]string{}
	for name := range r.PostForm {
		params[name] = r.PostForm.Get(name)
	}
	validator := client.NewRequestValidator(token)
	return strings.HasPrefix(r.UserAgent(), "TwilioMediaProxy/") || validator.Validate(r.URL.String(), params, r.Header.Get("X-Twilio-Signature"))
}

// RoundTrip is the accounts' server.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.next != nil {
		return w.next.RoundTrip(r)
	}
	rec := httptest.NewRecorder()
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, r)
	if !signed(r) {
		w.unsigned = append(w.unsigned, r.Method+" "+r.URL.String())
	}
	if w.fail != nil {
		if err := w.fail(r); err != nil {
			return nil, err
		}
	}
	if w.answer != nil {
		w.answer(rec, r)
	}
	return rec.Result(), nil
}

func (w *world) settle(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := w.outbox.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}

func (w *world) send(t testing.TB, from, body string) whatsapp.Message {
	t.Helper()
	m, err := w.sandbox.Receive(context.Background(), whatsapp.Inbound{From: from, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	return m
}

// requests returns and forgets what the accounts were told.
func (w *world) requests() []*http.Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() { w.told = nil }()
	return w.told
}

// heard returns the texts that arrived at a phone.
func (w *world) heard(t testing.TB, phone string) (texts []string) {
	t.Helper()
	list, err := w.sandbox.ListMessages(context.Background(), phone, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if m.Direction != whatsapp.DirectionInbound {
			texts = append(texts, m.Body)
		}
	}
	return texts
}

func TestInboundWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, ada, "join acme-code")
	if n := len(w.requests()); n != 0 {
		t.Errorf("join was told to %d webhooks", n)
	}
	m, err := w.sandbox.Receive(t.Context(), whatsapp.Inbound{From: ada, Body: "Hola, ¿qué tal? 👋", ProfileName: "Ada Lovelace"})
	if err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	told := w.requests()
	if len(told) != 1 {
		t.Fatalf("%d webhooks, want 1", len(told))
	}
	r := told[0]
	want := url.Values{
		"SmsMessageSid": {m.SID}, "NumMedia": {"0"}, "ProfileName": {"Ada Lovelace"}, "MessageType": {"text"}, "SmsSid": {m.SID},
		"WaId": {"15558675310"}, "SmsStatus": {"received"}, "Body": {"Hola, ¿qué tal? 👋"}, "To": {"whatsapp:+14155238886"},
		"NumSegments": {"1"}, "ReferralNumMedia": {"0"}, "MessageSid": {m.SID}, "AccountSid": {acme},
		"ExternalUserId":  {adaOfAcme},
		"ChannelMetadata": {`{"type":"whatsapp","data":{"context":{"ProfileName":"Ada Lovelace","WaId":"15558675310"}}}`},
		"From":            {"whatsapp:+15558675310"}, "ApiVersion": {"2010-04-01"},
	}
	if got := r.PostForm; !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("form = %v\nwant   %v", got, want)
	}
	if r.URL.String() != "https://acme-code.example.com/in?x=1" || r.Header.Get("User-Agent") != "TwilioProxy/1.1" || r.Header.Get("I-Twilio-Idempotency-Token") == "" {
		t.Errorf("request to %s with %v", r.URL, r.Header)
	}
	params := map[string]string{}
	for name := range r.PostForm {
		params[name] = r.PostForm.Get(name)
	}
	validator := client.NewRequestValidator(token)
	if !validator.Validate(r.URL.String(), params, r.Header.Get("X-Twilio-Signature")) {
		t.Error("twilio-go's validator does not accept the signature")
	}
}

func TestInboundImage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, ada, "join acme-code")
	m, err := w.sandbox.Receive(t.Context(), whatsapp.Inbound{From: ada, File: &whatsapp.InboundFile{Filename: "a.jpg", ContentType: "image/jpeg", Content: sample(t, fixtures.Photo)}})
	if err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	f := w.requests()[0].PostForm
	link := "https://api.twilio.com/2010-04-01/Accounts/" + acme + "/Messages/" + m.SID + "/Media/" + m.Media[0].SID
	for name, want := range map[string]string{"NumMedia": "1", "MessageType": "image", "Body": "", "MediaContentType0": "image/jpeg", "MediaUrl0": link} {
		if got, present := f[name]; !present || got[0] != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if !strings.HasPrefix(m.SID, "MM") {
		t.Errorf("SID = %s, want MM", m.SID)
	}
}

func TestInboundByGet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	get := "GET"
	if _, err := w.sandbox.UpdateSettings(t.Context(), acme, whatsapp.SettingsParams{InboundMethod: &get}); err != nil {
		t.Fatal(err)
	}
	w.send(t, ada, "join acme-code")
	w.send(t, ada, "Hola")
	r := w.requests()[0]
	validator := client.NewRequestValidator(token)
	if r.Method != "GET" || r.URL.Query().Get("Body") != "Hola" || r.URL.Query().Get("x") != "1" ||
		!validator.Validate(r.URL.String(), nil, r.Header.Get("X-Twilio-Signature")) {
		t.Errorf("%s %s", r.Method, r.URL)
	}
}

func TestWhatTheSandboxSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, ada, "Hola")
	w.send(t, ada, "join no-code")
	w.send(t, ada, "Join ACME-code")
	w.send(t, ada, "stop")
	want := []string{
		"Twilio Sandbox: ⚠️ Your number whatsapp:+15558675310 is not connected to a Sandbox. You need to connect it first by sending join <sandbox name>. Sandbox membership lasts for 72 hours.",
		"*Twilio Sandbox*: ✅ You are all set! The sandbox can now send/receive messages from whatsapp:+14155238886. Reply ```stop``` to leave the sandbox any time.",
		"*Twilio Sandbox*: You have left the sandbox. Reply ```join <sandbox name>``` to connect again.",
	}
	if got := w.heard(t, ada); !slices.Equal(got, want) {
		t.Errorf("heard %q", got)
	}
	if n := len(w.requests()); n != 0 {
		t.Errorf("%d webhooks, want none", n)
	}
}

func TestAnswersReachThePhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, ada, "join acme-code")
	w.answer = func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/xml")
		if r.URL.Path == "/next" {
			_, _ = io.WriteString(rw, `<Response><Message>two</Message></Response>`)
			return
		}
		_, _ = io.WriteString(rw, `<Response><Message>one</Message><Redirect>/next</Redirect></Response>`)
	}
	w.send(t, ada, "Hola")
	if got := w.heard(t, ada); !slices.Equal(got[1:], []string{"one", "two"}) {
		t.Errorf("heard %q", got)
	}
	w.answer = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) }
	w.send(t, ada, "Hola")
	events, err := w.api.ListEvents(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	last := events[len(events)-1]
	if last.Type != conversations.Alerted || last.Params.Get("ErrorCode") != "11200" || len(w.heard(t, ada)) != 3 {
		t.Errorf("after a 403: %+v", last)
	}
}
