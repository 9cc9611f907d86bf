// Package twiliotest is Twilio as the bridge's tests need it: an emulator on a port, with one account. A test decides when a
// webhook reaches the bridge, which of the bridge's calls fail or are held, and looks at what stands in the conversations.
//
// It is for tests alone: the bridge itself imports nothing of the emulator.
package twiliotest

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twilio/twilio-go/client"
	conversations "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// The one account and its sandbox.
const (
	AccountSID    = "AC00000000000000000000000000000001"
	AuthToken     = "0123456789abcdef0123456789abcdef"
	FlowSID       = "FW00000000000000000000000000000001"
	DraftSID      = "FW00000000000000000000000000000002" // a flow that a test may register and not publish
	SandboxNumber = "whatsapp:+14155238886"
	// inboundURL is "when a message comes in". It leads to the test, which posts the webhook itself.
	inboundURL = "https://bridge.example.com/whatsapp"
	joinCode   = "cloud-forgot"
)

// Server is the account on a port of its own. Make one with New.
type Server struct {
	URL string // no slash at the end

	t       testing.TB
	emu     *emulator.Server
	control *control.Client
	api     *conversations.ApiService
	service string // the account's default service

	mu       sync.Mutex
	joined   map[string]bool
	webhooks map[string]chan url.Values // by MessageSid
	calls    []Call
	holds    map[string]*Hold // by operation
}

// Call is one request of the bridge that was answered.
type Call struct {
	Op             string // e.g. "create message"
	Form           url.Values
	WebhookEnabled string // X-Twilio-Webhook-Enabled
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	switches := whatsapp.DefaultSwitches()
	switches.LongTextWebhook = whatsapp.LongTextWhole // so that the bridge has something to split
	s := &Server{t: t, joined: map[string]bool{}, webhooks: map[string]chan url.Values{}, holds: map[string]*Hold{}}
	s.emu = emulator.RunT(t, emulator.Config{
		Accounts:  []emulator.Account{{SID: AccountSID, AuthToken: AuthToken, JoinCode: joinCode, InboundURL: inboundURL}},
		Transport: transport(s.takeWebhook),
		Switches:  switches,
	})
	s.control = s.emu.Control()
	s.api = conversations.NewApiServiceWithClient(s.emu.Requester())
	s.service = *must(s.api.FetchConfiguration())(s).DefaultChatServiceSid
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	s.URL = web.URL
	return s
}

// transport is a function that is a http.RoundTripper.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// takeWebhook takes what Twilio sends, and hands a message that has come in to receive.
func (s *Server) takeWebhook(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	if r.URL.String() == inboundURL {
		s.webhook(form.Get("MessageSid")) <- form
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "text/xml")
	_, _ = w.WriteString("<Response/>")
	return w.Result(), nil
}

// webhook returns the channel for the webhook of a message.
func (s *Server) webhook(messageSID string) chan url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.webhooks[messageSID] == nil {
		s.webhooks[messageSID] = make(chan url.Values, 1)
	}
	return s.webhooks[messageSID]
}

// Receive sends a text from a customer and returns the webhook's parameters. By then the conversation that holds the customer
// has captured it.
func (s *Server) Receive(from, body string) url.Values {
	return s.receive(from, control.NewMessage{Body: body})
}

// ReceiveMedia is Receive with a file.
func (s *Server) ReceiveMedia(from, caption string, file Media) url.Values {
	return s.receive(from, control.NewMessage{Body: caption, File: &control.NewFile{Filename: "file" + file.Extension, Content: file.Content}})
}

func (s *Server) receive(from string, message control.NewMessage) url.Values {
	ctx := context.Background()
	number := strings.TrimPrefix(from, "whatsapp:")
	if err := s.join(ctx, number); err != nil {
		s.t.Errorf("the phone %s does not join: %v", number, err)
		return url.Values{}
	}
	message.ProfileName = "Ada Lovelace"
	m, err := s.control.SendMessage(ctx, number, message)
	if err != nil {
		s.t.Errorf("the phone %s does not send %q: %v", number, message.Body, err)
		return url.Values{}
	}
	form := <-s.webhook(m.SID)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.webhooks, m.SID)
	return form
}

func (s *Server) join(ctx context.Context, number string) error {
	s.mu.Lock()
	joined := s.joined[number]
	s.joined[number] = true
	s.mu.Unlock()
	if joined {
		return nil
	}
	_, err := s.control.Join(ctx, number, joinCode)
	return err
}

// Advance moves Twilio's clock forward.
func (s *Server) Advance(d time.Duration) {
	s.t.Helper()
	if _, err := s.control.Advance(context.Background(), d); err != nil {
		s.t.Fatal(err)
	}
}

// Operations are the names of the calls that the bridge makes.
func Operations() []string {
	names := make([]string, 0, len(operations))
	for _, o := range operations {
		names = append(names, o.op)
	}
	return names
}

// operations are the calls that the bridge makes: their names, methods and paths.
var operations = []struct{ op, method, path string }{
	{"create conversation", "POST", "/v1/Conversations"},
	{"fetch conversation", "GET", "/v1/Conversations/*"},
	{"delete conversation", "DELETE", "/v1/Conversations/*"},
	{"create participant", "POST", "/v1/Conversations/*/Participants"},
	{"fetch participant", "GET", "/v1/Conversations/*/Participants/*"},
	{"create webhook", "POST", "/v1/Conversations/*/Webhooks"},
	{"list webhooks", "GET", "/v1/Conversations/*/Webhooks"},
	{"create message", "POST", "/v1/Conversations/*/Messages"},
	{"list messages", "GET", "/v1/Conversations/*/Messages"},
	{"list participant conversations", "GET", "/v1/ParticipantConversations"},
	{"upload media", "POST", "/mcs/v1/Services/*/Media"},
	{"fetch media", "GET", "/2010-04-01/Accounts/*/Messages/*/Media/*"},
	{"fetch message resource", "GET", "/2010-04-01/Accounts/*/Messages/*.json"},
	{"send message", "POST", "/2010-04-01/Accounts/*/Messages.json"},
	{"list services", "GET", "/v1/Services"},
	{"fetch flow", "GET", "/studio/v2/Flows/*"},
}

func operation(r *http.Request) string {
	for _, o := range operations {
		if ok, _ := path.Match(o.path, r.URL.Path); ok && r.Method == o.method {
			return o.op
		}
	}
	return r.Method + " " + r.URL.Path
}

// ServeHTTP answers a call of the bridge, and records it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the bridge has gone away
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	op := operation(r)
	s.wait(r.Context(), op)
	form := r.URL.Query()
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		posted, _ := url.ParseQuery(string(body))
		maps.Copy(form, posted)
	}
	defer func() {
		if strings.HasPrefix(r.URL.Path, "/mms/") {
			return // the file that a MediaUrl leads to, which need not be on this host
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.calls = append(s.calls, Call{Op: op, Form: form, WebhookEnabled: r.Header.Get("X-Twilio-Webhook-Enabled")})
	}()
	s.emu.ServeHTTP(w, r)
}

// Calls returns the bridge's calls since the start or the last Forget, in the order in which they were answered.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Made counts Calls.
func (s *Server) Made() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

// Ops returns the operations of Calls.
func (s *Server) Ops() []string {
	calls := s.Calls()
	ops := make([]string, 0, len(calls))
	for _, call := range calls {
		ops = append(ops, call.Op)
	}
	return ops
}

// Forget empties the record of calls.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}

// Requester returns twilio-go's client for the account, without a port.
func (s *Server) Requester() client.BaseClient { return s.emu.Requester() }

// Client returns an HTTP client that leads everything to the account, without a port.
func (s *Server) Client() *http.Client { return s.emu.Client() }
