// Package twiliofake is the little of Twilio that the bridge's tests need: conversations with their participants,
// webhooks and messages, bindings, the media of inbound messages and of conversations, and capture of a customer's
// messages by the conversation that holds the binding. Every call is recorded and can be made to fail.
//
// It is no emulator: it keeps no rules that the bridge does not meet. A request passes through one handler: recording,
// faults, credentials, then the route.
package twiliofake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/mux"
)

// Credentials of the fake's one account.
const (
	AccountSID = "AC00000000000000000000000000000001"
	AuthToken  = "0123456789abcdef0123456789abcdef"
	FlowSID    = "FW00000000000000000000000000000001"
	DraftSID   = "FW00000000000000000000000000000002" // a flow that is not published
	ServiceSID = "IS00000000000000000000000000000001"
	// PostWebhookURL is told of deliveries.
	PostWebhookURL = "https://bridge.example.com/deliveries"
)

// Call is one request that was answered.
type Call struct {
	Op             string // e.g. "create message"
	Conversation   string // SID in the path; "" without
	Form           url.Values
	WebhookEnabled string // X-Twilio-Webhook-Enabled
	Authorization  string
	Status         int // 0: the connection was dropped
}

// Fault makes calls of one operation fail.
type Fault struct {
	Op         string
	Skip       int           // calls that succeed first
	Times      int           // calls that fail then; 0: all
	Status     int           // answer; 0 with Drop
	Body       string        // default: Twilio's error body with Code and Message
	Code       int           // of the default body
	Message    string        // of the default body
	RetryAfter string        // header
	Drop       bool          // close the connection without an answer
	Delay      time.Duration // wait before answering
	Performed  bool          // do what was asked, and only then fail
}

// Server is the fake. Its zero value is not usable: see New.
type Server struct {
	URL string // no slash at the end
	// Now is the clock of dates in answers.
	Now func() time.Time
	// Chaos makes calls fail that no Fault is for; nil, or a nil result, lets them pass. It is called with a lock held.
	Chaos func(op string) *Fault

	mu      sync.Mutex
	busy    map[string]int // requests that are being answered, by operation
	router  *mux.Router
	calls   []Call
	faults  []*fault
	next    int
	state   map[string]*Conversation
	order   []string // SIDs of conversations as they were made
	inbound map[string]time.Time
	media   map[string]Media // by path of MediaUrl
	mcs     map[string]Media // by ME SID
	sms     []url.Values     // messages sent by the messaging API
}

type fault struct {
	Fault
	seen int
}

// New starts a fake on a free port; it ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{
		Now: time.Now, busy: map[string]int{}, state: map[string]*Conversation{}, inbound: map[string]time.Time{},
		media: map[string]Media{}, mcs: map[string]Media{},
	}
	s.router = s.routes()
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	s.URL = web.URL
	return s
}

func (s *Server) routes() *mux.Router {
	router := mux.NewRouter()
	add := func(op, method, path string, do func(*http.Request) (int, any)) {
		router.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, op, do) }).Methods(method)
	}
	add("create conversation", "POST", "/v1/Conversations", s.createConversation)
	add("fetch conversation", "GET", "/v1/Conversations/{ch}", s.fetchConversation)
	add("update conversation", "POST", "/v1/Conversations/{ch}", s.updateConversation)
	add("delete conversation", "DELETE", "/v1/Conversations/{ch}", s.deleteConversation)
	add("create participant", "POST", "/v1/Conversations/{ch}/Participants", s.createParticipant)
	add("list participants", "GET", "/v1/Conversations/{ch}/Participants", s.listParticipants)
	add("fetch participant", "GET", "/v1/Conversations/{ch}/Participants/{mb}", s.fetchParticipant)
	add("create webhook", "POST", "/v1/Conversations/{ch}/Webhooks", s.createWebhook)
	add("list webhooks", "GET", "/v1/Conversations/{ch}/Webhooks", s.listWebhooks)
	add("create message", "POST", "/v1/Conversations/{ch}/Messages", s.createMessage)
	add("list messages", "GET", "/v1/Conversations/{ch}/Messages", s.listMessages)
	add("update message", "POST", "/v1/Conversations/{ch}/Messages/{im}", s.updateMessage)
	add("list participant conversations", "GET", "/v1/ParticipantConversations", s.listParticipantConversations)
	add("upload media", "POST", "/mcs/v1/Services/{is}/Media", s.uploadMedia)
	add("fetch message resource", "GET", "/2010-04-01/Accounts/{ac}/Messages/{sm}.json", s.fetchMessageResource)
	add("send message", "POST", "/2010-04-01/Accounts/{ac}/Messages.json", s.sendMessage)
	add("list services", "GET", "/v1/Services", s.listServices)
	add("fetch webhook configuration", "GET", "/v1/Configuration/Webhooks", s.fetchWebhookConfiguration)
	add("fetch flow", "GET", "/studio/v2/Flows/{fw}", s.fetchFlow)
	router.PathPrefix("/2010-04-01/Accounts/{ac}/Messages/{mm}/Media/").HandlerFunc(s.serveMedia)
	return router
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.router.ServeHTTP(w, r) }

// answer records a call and answers it, or fails as told. The form is read once, so that do sees it too.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, op string, do func(*http.Request) (int, any)) {
	s.count(op, 1)
	defer s.count(op, -1)
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		_ = r.ParseForm()
	} else {
		r.Form = r.URL.Query()
	}
	f := s.fault(op)
	if f != nil && f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-r.Context().Done():
		}
	}
	failed := f != nil && (f.Drop || f.Status != 0)
	var status int
	var value any
	if !failed || f.Performed {
		status, value = s.perform(r, do)
	}
	if failed {
		status, value = f.Status, f.answer()
	}
	s.record(r, op, status)
	if failed && f.Drop {
		panic(http.ErrAbortHandler)
	}
	if failed && f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	write(w, status, value)
}

func (s *Server) perform(r *http.Request, do func(*http.Request) (int, any)) (int, any) {
	if user, password, _ := r.BasicAuth(); user != AccountSID || password != AuthToken {
		return problem(http.StatusUnauthorized, 20003, "Authenticate")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return do(r)
}

func write(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if text, ok := value.(string); ok {
		_, _ = io.WriteString(w, text) //nolint:gosec // the text is the test's own
		return
	}
	if value != nil {
		_ = json.NewEncoder(w).Encode(value)
	}
}

func problem(status, code int, message string) (int, any) {
	return status, map[string]any{"status": status, "code": code, "message": message,
		"more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code)}
}

func notFound(r *http.Request) (int, any) {
	path := strings.TrimPrefix(r.URL.Path, "/v1")
	return problem(http.StatusNotFound, 20404, "The requested resource "+path+" was not found")
}

// sid makes the next identifier; s.mu must be held.
func (s *Server) sid(prefix string) string {
	s.next++
	return fmt.Sprintf("%s%032x", prefix, s.next)
}

func (s *Server) now() time.Time { return s.Now().UTC().Truncate(time.Second) }
