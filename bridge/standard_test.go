package bridge_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := bridge.Config{AccountSID: "AC1", AuthToken: "t", FlowSID: "FW1"}
	tests := []struct {
		name   string
		change func(*bridge.Config)
		want   string
	}{
		{"flow", func(c *bridge.Config) { c.FlowSID = "" }, "FlowSID is empty"},
		{"account", func(c *bridge.Config) { c.AccountSID = "" }, "AccountSID is empty"},
		{"token", func(c *bridge.Config) { c.AuthToken = "" }, "AuthToken is empty"},
		{"token in classic", func(c *bridge.Config) { c.AuthToken, c.Policy = "", bridge.PolicyClassic }, "AuthToken is empty"},
		{"policy", func(c *bridge.Config) { c.Policy = "strict" }, `Policy "strict" is unknown`},
		{"public URL", func(c *bridge.Config) { c.PublicURL = "bridge.example.com" }, "PublicURL"},
		{"malformed URL", func(c *bridge.Config) { c.PublicURL = "https://u:secret-word@b.example.com/%zz" }, "PublicURL: it is malformed"},
		{"URL of a mailbox", func(c *bridge.Config) { c.DeliveriesURL = "mailto:secret-word@b.example.com" }, "DeliveriesURL: it is not"},
		{"API URL", func(c *bridge.Config) { c.APIURL = "ftp://x" }, "APIURL"},
		{"workers", func(c *bridge.Config) { c.Workers = -1 }, "must not be negative"},
	}
	for _, test := range tests {
		config := good
		test.change(&config)
		if _, err := bridge.New(config); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret-word") {
			t.Errorf("%s: error %v, want %q in it", test.name, err, test.want)
		}
	}
	newHandler(t, good)
}

func TestStandardRefusesIncompleteWebhooks(t *testing.T) {
	t.Parallel()
	fake := twiliotest.New(t)
	h := newHandler(t, fakeConfig(fake, bridge.PolicyStandard))
	tests := map[string]func(url.Values){
		"no From":          func(f url.Values) { f.Del("From") },
		"no To":            func(f url.Values) { f.Del("To") },
		"no MessageSid":    func(f url.Values) { f.Del("MessageSid") },
		"empty From":       func(f url.Values) { f.Set("From", "") },
		"endless From":     func(f url.Values) { f.Set("From", strings.Repeat("1", 300)) },
		"MessageSid path":  func(f url.Values) { f.Set("MessageSid", "../../Accounts") },
		"MessageSid upper": func(f url.Values) { f.Set("MessageSid", "SM0000000000000000000000000000000F") },
		"AccountSid":       func(f url.Values) { f.Set("AccountSid", "AC1ApiVersion2010-04-01") },
	}
	for name, change := range tests {
		form := fake.Receive(customer, "Hola")
		change(form)
		if w := serve(h, twiliotest.Post(webhookURL, form)); w.Code != http.StatusBadRequest || w.Body.Len() == 0 {
			t.Errorf("%s: %d %q, want 400 and why", name, w.Code, w.Body)
		}
	}
	settled(t, h)
	if ops := fake.Ops(); len(ops) != 0 {
		t.Errorf("calls were made: %v", ops)
	}
}

// TestShiftedParameters replays a webhook with the bounds between names and values moved: the signature is the same, and so a
// bridge that took it would deliver a message twice or lead it elsewhere.
func TestShiftedParameters(t *testing.T) {
	t.Parallel()
	fake := twiliotest.New(t)
	h := newHandler(t, fakeConfig(fake, bridge.PolicyStandard))
	for _, moved := range []struct{ into, next string }{
		{"MessageSid", "MessageType"}, {"NumMedia", "NumSegments"}, {"From", "MessageSid"}, {"To", "WaId"}, {"AccountSid", "ApiVersion"},
	} {
		form := fake.Receive(customer, "Hola")
		signed := twiliotest.Sign(twiliotest.AuthToken, webhookURL, form)
		form.Set(moved.into, form.Get(moved.into)+moved.next+form.Get(moved.next))
		form.Del(moved.next)
		r := twiliotest.Post(webhookURL, form)
		if again := r.Header.Get("X-Twilio-Signature"); again != signed {
			t.Fatalf("%s: the signature is %s and was %s", moved.into, again, signed)
		}
		if w := serve(h, r); w.Code != http.StatusBadRequest {
			t.Errorf("%s with %s in it is answered %d, want 400", moved.into, moved.next, w.Code)
		}
	}
	settled(t, h)
	checkOps(t, fake)
}

func TestOtherRequests(t *testing.T) {
	t.Parallel()
	fake := twiliotest.New(t)
	h := newHandler(t, fakeConfig(fake, bridge.PolicyStandard))
	r := twiliotest.Post(webhookURL, url.Values{})
	r.Method = http.MethodPut
	if w := serve(h, r); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, POST" {
		t.Errorf("PUT: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	r = twiliotest.Post(webhookURL, url.Values{"Body": {strings.Repeat("x", 7<<20)}})
	if w := serve(h, r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("7 MiB: %d, want 413", w.Code)
	}
}

// deliver posts a webhook and waits until the bridge is done with it.
func deliver(t testing.TB, h *bridge.Handler, form url.Values) {
	t.Helper()
	post(t, h, form)
	settled(t, h)
}

// post posts a webhook and checks the answer.
func post(t testing.TB, h *bridge.Handler, form url.Values) {
	t.Helper()
	checkAnswer(t, serve(h, twiliotest.Post(webhookURL, form)), http.StatusOK, "text/xml", "<Response/>")
}

func settled(t testing.TB, h *bridge.Handler) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	if err := h.Wait(ctx); err != nil {
		t.Fatal(err)
	}
}

// newPair starts a fake Twilio and a standard bridge before it.
func newPair(t *testing.T, changes ...func(*bridge.Config)) (*twiliotest.Server, *bridge.Handler) {
	t.Helper()
	fake := twiliotest.New(t)
	config := fakeConfig(fake, bridge.PolicyStandard)
	for _, change := range changes {
		change(&config)
	}
	return fake, newHandler(t, config)
}

// bodies are the texts of all conversations, one list per conversation.
func bodies(fake *twiliotest.Server) [][]string {
	conversations := fake.Conversations()
	all := make([][]string, 0, len(conversations))
	for _, c := range conversations {
		texts := []string{}
		for _, m := range c.Messages {
			texts = append(texts, m.Body)
		}
		all = append(all, texts)
	}
	return all
}

func checkBodies(t *testing.T, fake *twiliotest.Server, want ...[]string) {
	t.Helper()
	if got := bodies(fake); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("conversations %q, want %q", got, want)
	}
}

func checkOps(t *testing.T, fake *twiliotest.Server, want ...string) {
	t.Helper()
	if got := fake.Ops(); !slices.Equal(got, want) {
		t.Errorf("calls %q, want %q", got, want)
	}
}

func TestOpens(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	form := fake.Receive(customer, "Hola")
	deliver(t, h, form)
	checkOps(t, fake, "create conversation", "create participant", "create webhook", "create message")
	c := fake.Conversations()[0]
	if len(c.Participants) != 1 || c.Participants[0].Address != customer || c.Participants[0].Proxy != twiliotest.SandboxNumber {
		t.Errorf("participants %+v", c.Participants)
	}
	if len(c.Webhooks) != 1 || c.Webhooks[0].Target != "studio" || c.Webhooks[0].FlowSID != twiliotest.FlowSID {
		t.Errorf("webhooks %+v", c.Webhooks)
	}
	if len(c.Messages) != 1 || c.Messages[0].Body != "Hola" || c.Messages[0].Author != customer {
		t.Errorf("messages %+v", c.Messages)
	}
	if calls := fake.Calls(); calls[0].WebhookEnabled != "true" || calls[3].WebhookEnabled != "true" {
		t.Errorf("the account's webhooks are not told of %+v", calls)
	}
	for name, want := range map[string]string{"MessageSid": form.Get("MessageSid"), "ProfileName": "Ada Lovelace", "WaId": "15558675310"} {
		if got := twiliotest.Attribute(c.Attributes, name); got != want {
			t.Errorf("attribute %s of the conversation is %q, want %q", name, got, want)
		}
	}
	if got := twiliotest.Attribute(c.Messages[0].Attributes, "MessageSid"); got != form.Get("MessageSid") {
		t.Errorf("the message is stamped %q", got)
	}
}

func TestOptionsOfANewConversation(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t, func(c *bridge.Config) {
		c.Order, c.TimerInactive, c.TimerClosed = bridge.OrderFlow, "PT1H", "P1D"
	})
	deliver(t, h, fake.Receive(customer, "Hola"))
	checkOps(t, fake, "create conversation", "create webhook", "create participant", "create message")
	form := fake.Calls()[0].Form
	if form.Get("Timers.Inactive") != "PT1H" || form.Get("Timers.Closed") != "P1D" {
		t.Errorf("timers %q", form)
	}
}

// TestBoundCustomerCostsOneCall is the normal path of every message after the first.
func TestBoundCustomerCostsOneCall(t *testing.T) {
	t.Parallel()
	queue := &shiftedQueue{MemoryQueue: bridge.NewMemoryQueue()}
	fake, h := newPair(t, func(c *bridge.Config) { c.Queue = queue })
	deliver(t, h, fake.Receive(customer, "one"))
	fake.Forget()
	deliver(t, h, fake.Receive(customer, "two"))
	checkOps(t, fake, "list messages") // soon after the binding only the message itself tells
	fake.Forget()
	queue.shift = time.Hour
	deliver(t, h, fake.Receive(customer, "three"))
	checkOps(t, fake, "list participant conversations") // long after it the binding is enough
	checkBodies(t, fake, []string{"one", "two", "three"})
}

// shiftedQueue hands out entries as if they had been accepted later than they were.
type shiftedQueue struct {
	*bridge.MemoryQueue
	shift time.Duration
}

func (q *shiftedQueue) Lease(ctx context.Context, atMost time.Duration) (*bridge.Job, error) {
	job, err := q.MemoryQueue.Lease(ctx, atMost)
	if job != nil {
		job.Accepted = job.Accepted.Add(q.shift)
	}
	return job, err
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	form := fake.Receive(customer, "Hola")
	deliver(t, h, form)
	fake.Forget()
	deliver(t, h, form)

	again := twiliotest.Post(webhookURL, fake.Receive("whatsapp:+15550000009", "tokens"))
	again.Header.Set("I-Twilio-Idempotency-Token", "one")
	serve(h, again)
	settled(t, h)
	fake.Forget()
	sameToken := twiliotest.Post(webhookURL, fake.Receive("whatsapp:+15550000009", "tokens"))
	sameToken.Header.Set("I-Twilio-Idempotency-Token", "one")
	checkAnswer(t, serve(h, sameToken), http.StatusOK, "text/xml", "<Response/>")
	settled(t, h)
	checkOps(t, fake)
}

func TestByGet(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	checkAnswer(t, serve(h, twiliotest.Get(webhookURL, fake.Receive(customer, "by GET"))), http.StatusOK, "text/xml", "<Response/>")
	settled(t, h)
	checkBodies(t, fake, []string{"by GET"})
}

// TestClosedConversationIsFollowedByANewOne has a customer of long standing, whose closed conversations fill more than a page.
func TestClosedConversationIsFollowedByANewOne(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	want := [][]string{}
	for i := range 52 {
		text := fmt.Sprint("message ", i)
		deliver(t, h, fake.Receive(customer, text))
		fake.Close(customer)
		want = append(want, []string{text})
	}
	checkBodies(t, fake, want...)
	if pages := slices.DeleteFunc(fake.Calls(), func(c twiliotest.Call) bool { return c.Form.Get("PageToken") == "" }); len(pages) == 0 {
		t.Error("the second page of conversations was never looked at")
	}
}
