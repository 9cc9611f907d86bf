package bridge_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

const (
	customer   = "whatsapp:+15558675310"
	webhookURL = "http://bridge.example.com/whatsapp"
	apology    = "Empty body, maybe an attachment. Sorry this function doesnt support adding media to the conversation. This should work post private beta"
)

// wireCall is one call as the reference lists it: operation, form, X-Twilio-Webhook-Enabled.
func wireCall(op string, form url.Values, enabled string) string {
	return op + " [" + form.Encode() + "] " + enabled
}

var (
	callConversation = wireCall("create conversation", nil, "true")
	callWebhook      = wireCall("create webhook", url.Values{"Target": {"studio"}, "Configuration.FlowSid": {twiliotest.FlowSID},
		"Configuration.ReplayAfter": {"0"}, "Configuration.Filters": {"onMessageAdded"}}, "")
	callDelete = wireCall("delete conversation", nil, "")
)

func callParticipant(from, to string) string {
	return wireCall("create participant", url.Values{"MessagingBinding.Address": {from}, "MessagingBinding.ProxyAddress": {to}}, "")
}

func callMessage(author, body string) string {
	return wireCall("create message", url.Values{"Author": {author}, "Body": {body}}, "true")
}

// classicRow is one row of the reference's table of branches (WhatsApp 8.3).
type classicRow struct {
	name   string
	config func(*bridge.Config)
	faults []twiliotest.Fault
	form   func(url.Values)
	calls  []string
	status int
	kind   string
	body   string
	stay   int // conversations that are left
}

func classicRows() []classicRow {
	toParticipant := []string{callConversation, callWebhook, callParticipant(customer, twiliotest.SandboxNumber)}
	all := append(slices.Clone(toParticipant), callMessage(customer, "Hola"))
	with := func(calls []string, more ...string) []string { return append(slices.Clone(calls), more...) }
	down := func(op string) twiliotest.Fault {
		return twiliotest.Fault{Op: op, Status: 500, Code: 20500, Message: "Internal <server> error"}
	}
	const thrown = `{"message":"Internal <server> error","name":"Error","stack":"Error: Internal <server> error"}`
	return []classicRow{
		{name: "STUDIO_FLOW_SID missing", config: func(c *bridge.Config) { c.FlowSID = "" },
			status: 200, kind: "application/json", body: `{"status":500,"message":"Studio Flow SID is not configured"}`},
		{name: "success", calls: all, status: 200, kind: "text/plain", stay: 1},
		{name: "Body empty", form: func(f url.Values) { f.Set("Body", "") },
			calls: with(toParticipant, callMessage(customer, apology)), status: 200, kind: "text/plain", stay: 1},
		{name: "caption and media", form: func(f url.Values) { f.Set("NumMedia", "1"); f.Set("MediaUrl0", "http://x/y") },
			calls: all, status: 200, kind: "text/plain", stay: 1},
		{name: "Body absent", form: func(f url.Values) { f.Del("Body") },
			calls: with(toParticipant, callMessage(customer, "undefined")), status: 200, kind: "text/plain", stay: 1},
		{name: "From absent", form: func(f url.Values) { f.Del("From") },
			faults: []twiliotest.Fault{{Op: "create participant", Status: 400, Code: 50407, Message: "Invalid messaging binding address"}},
			calls:  []string{callConversation, callWebhook, callParticipant("undefined", twiliotest.SandboxNumber), callDelete},
			status: 200, kind: "text/plain"},
		{name: "conversation create fails", faults: []twiliotest.Fault{down("create conversation")},
			calls: []string{callConversation}, status: 500, kind: "application/json", body: thrown},
		{name: "webhook create fails", faults: []twiliotest.Fault{down("create webhook")},
			calls: []string{callConversation, callWebhook}, status: 500, kind: "application/json", body: thrown, stay: 1},
		{name: "participant create fails", faults: []twiliotest.Fault{down("create participant")},
			calls: with(toParticipant, callDelete), status: 200, kind: "text/plain"},
		{name: "participant create and delete fail", faults: []twiliotest.Fault{down("create participant"), down("delete conversation")},
			calls: with(toParticipant, callDelete), status: 200, kind: "text/plain", stay: 1},
		{name: "message create fails", faults: []twiliotest.Fault{down("create message")},
			calls: with(all, callDelete), status: 200, kind: "text/plain", body: "Error: Internal <server> error"},
		{name: "message create and delete fail", faults: []twiliotest.Fault{down("create message"), down("delete conversation")},
			calls: with(all, callDelete), status: 200, kind: "text/plain", body: "Error: Internal <server> error", stay: 1},
		{name: "getTwilioClient throws", config: func(c *bridge.Config) { c.AccountSID = "" },
			status: 504, kind: "text/plain", body: "runtime application timed out"},

		{name: "429 is not tried again", faults: []twiliotest.Fault{{Op: "create conversation", Status: 429, Code: 20429, Message: "Too Many Requests"}},
			calls: []string{callConversation}, status: 500, kind: "application/json",
			body: `{"message":"Too Many Requests","name":"Error","stack":"Error: Too Many Requests"}`},
		{name: "error without JSON", faults: []twiliotest.Fault{{Op: "create message", Status: 502, Body: "<html>bad gateway</html>"}},
			calls: with(all, callDelete), status: 200, kind: "text/plain", body: "Error: [HTTP 502] Failed to execute request"},
		{name: "connection dropped", faults: []twiliotest.Fault{{Op: "create conversation", Drop: true}},
			calls: []string{callConversation}, status: 500, kind: "application/json",
			body: `{"message":"socket hang up","name":"Error","stack":"Error: socket hang up"}`},
		{name: "success without an answer", faults: []twiliotest.Fault{{Op: "create message", Status: 201, Body: " "}},
			calls: with(all, callDelete), status: 200, kind: "text/plain", body: "SyntaxError: Unexpected end of JSON input"},
		{name: "nobody listens", config: func(c *bridge.Config) { c.APIURL = "http://127.0.0.1:1" }, status: 500, kind: "application/json",
			body: `{"message":"connect ECONNREFUSED 127.0.0.1:1","name":"Error","stack":"Error: connect ECONNREFUSED 127.0.0.1:1"}`},
		{name: "duplicate keys", form: func(f url.Values) { f["Body"] = []string{"a", "b"} },
			calls: with(toParticipant, callMessage(customer, "a,b")), status: 200, kind: "text/plain", stay: 1},
		{name: "white space passes", form: func(f url.Values) { f.Set("Body", " ") },
			calls: with(toParticipant, callMessage(customer, " ")), status: 200, kind: "text/plain", stay: 1},
	}
}

func TestClassicBranches(t *testing.T) {
	t.Parallel()
	for _, row := range classicRows() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			fake := twiliotest.New(t)
			for _, f := range row.faults {
				fake.Fail(f)
			}
			config := fakeConfig(fake, bridge.PolicyClassic)
			if row.config != nil {
				row.config(&config)
			}
			form := fake.Receive(customer, "Hola")
			if row.form != nil {
				row.form(form)
			}
			w := serve(newHandler(t, config), twiliotest.Post(webhookURL, form))
			checkAnswer(t, w, row.status, row.kind, row.body)
			if got := wireCalls(fake); !slices.Equal(got, row.calls) {
				t.Errorf("calls:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(row.calls, "\n"))
			}
			if got := len(fake.Conversations()); got != row.stay {
				t.Errorf("%d conversations are left, want %d", got, row.stay)
			}
			cors := w.Header().Get("Access-Control-Allow-Origin") + w.Header().Get("Access-Control-Allow-Methods") + w.Header().Get("Access-Control-Allow-Headers")
			if want := row.name == "STUDIO_FLOW_SID missing"; (cors == "*GET,POST,OPTIONSContent-Type") != want {
				t.Errorf("CORS headers %q", cors)
			}
		})
	}
}

// TestClassicGoesOn though the caller has gone away, as a Function does.
func TestClassicGoesOn(t *testing.T) {
	t.Parallel()
	fake := twiliotest.New(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	serve(newHandler(t, fakeConfig(fake, bridge.PolicyClassic)), twiliotest.Post(webhookURL, fake.Receive(customer, "Hola")).WithContext(gone))
	checkBodies(t, fake, []string{"Hola"})
}

// TestClassicByGet has the parameters in the query, and a form over it.
func TestClassicByGet(t *testing.T) {
	t.Parallel()
	fake := twiliotest.New(t)
	h := newHandler(t, fakeConfig(fake, bridge.PolicyClassic))
	serve(h, twiliotest.Get(webhookURL, fake.Receive(customer, "by GET")))
	serve(h, twiliotest.Post(webhookURL+"?Body=query&From=whatsapp:%2B1", url.Values{"From": {"whatsapp:+15550000002"}, "To": {twiliotest.SandboxNumber}}))
	want := []string{callMessage(customer, "by GET"), callMessage("whatsapp:+15550000002", "query")}
	got := slices.DeleteFunc(wireCalls(fake), func(call string) bool { return !strings.HasPrefix(call, "create message") })
	if !slices.Equal(got, want) {
		t.Errorf("messages %q, want %q", got, want)
	}
}

// fakeConfig leads a bridge to fake.
func fakeConfig(fake *twiliotest.Server, policy bridge.Policy) bridge.Config {
	return bridge.Config{
		AccountSID: twiliotest.AccountSID, AuthToken: twiliotest.AuthToken, FlowSID: twiliotest.FlowSID,
		Policy: policy, APIURL: fake.URL, PublicURL: webhookURL, Logger: slog.New(slog.DiscardHandler),
	}
}

func newHandler(t testing.TB, config bridge.Config) *bridge.Handler {
	t.Helper()
	h, err := bridge.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := h.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return h
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func checkAnswer(t testing.TB, w *httptest.ResponseRecorder, status int, kind, body string) {
	t.Helper()
	if w.Code != status || w.Header().Get("Content-Type") != kind || w.Body.String() != body {
		t.Errorf("answer %d %s %q, want %d %s %q", w.Code, w.Header().Get("Content-Type"), w.Body, status, kind, body)
	}
}

func wireCalls(fake *twiliotest.Server) []string {
	made := fake.Calls()
	calls := make([]string, 0, len(made))
	for _, call := range made {
		calls = append(calls, wireCall(call.Op, call.Form, call.WebhookEnabled))
	}
	return calls
}
