package conversations

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// delivery is a webhook that the customer received.
type delivery struct {
	URL, Method string // URL without its query
	Params      url.Values
	Header      http.Header
	// Raw is the URL as requested.
	Raw string
}

func (d delivery) event() string { return d.Params.Get("EventType") }

func (d delivery) host() string {
	host, _, _ := strings.Cut(strings.TrimPrefix(d.URL, "https://"), "/")
	return host
}

// timeoutError is the error of a transport for a server that does not answer.
type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

var errRefused = errors.New("connection refused")

// customer is a transport in place of the servers that webhooks call. It records deliveries and answers 200 without a body, until
// answers sets another answer.
type customer struct {
	mu     sync.Mutex
	got    []delivery
	answer func(delivery) (status int, body string, err error)
}

func (c *customer) RoundTrip(r *http.Request) (*http.Response, error) {
	d := delivery{URL: r.URL.Scheme + "://" + r.URL.Host + r.URL.Path, Method: r.Method, Header: r.Header, Raw: r.URL.String(), Params: r.URL.Query()}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if d.Params, err = url.ParseQuery(string(body)); err != nil {
			return nil, err
		}
	}
	c.mu.Lock()
	c.got = append(c.got, d)
	answer := c.answer
	c.mu.Unlock()
	status, body := http.StatusOK, ""
	if answer != nil {
		var err error
		if status, body, err = answer(d); err != nil {
			return nil, err
		}
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader([]byte(body)))}, nil
}

// answers sets the answer to later deliveries.
func (c *customer) answers(f func(delivery) (int, string, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = f
}

// always returns the same answer to every delivery.
func always(status int, body string, err error) func(delivery) (int, string, error) {
	return func(delivery) (int, string, error) { return status, body, err }
}

// takeDeliveries returns the deliveries since the last call.
func (c *customer) takeDeliveries() []delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.got
	c.got = nil
	return got
}

// summary returns the hosts and events of deliveries in their order: "host: event, host: event".
func summary(list []delivery) string {
	var b strings.Builder
	for i, d := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(d.host() + ": " + d.event())
	}
	return b.String()
}

// sorted returns deliveries ordered by host. Those to different hosts are concurrent.
func sorted(list []delivery) []delivery {
	slices.SortStableFunc(list, func(a, b delivery) int { return strings.Compare(a.host(), b.host()) })
	return list
}

const (
	testAccount = "AC0123456789abcdef0123456789abcdef"
	testToken   = "0123456789abcdef0123456789abcdef"
	testSender  = "whatsapp:+14155238886"
	testPhone   = "whatsapp:+15558675310"
)

// world is an API with one account. Its clock is frozen and its webhooks go to customer.
type world struct {
	t        *testing.T
	ctx      context.Context
	api      *API
	store    store.Store
	clock    *clock.Clock
	customer *customer
	// rest and restWebhooks are the scopes of a REST request without and with the header X-Twilio-Webhook-Enabled.
	rest, restWebhooks Scope
}

func newWorld(t *testing.T, webhooks WebhookConfig) *world {
	t.Helper()
	memory, err := newMemory()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)
	w := &world{t: t, store: memory, clock: clock.New(clock.State{Frozen: &at}), customer: &customer{}}
	w.api = New(Config{Outbox: outbox.New(outbox.Config{Store: memory, Clock: w.clock}), Clock: w.clock, SIDs: sid.NewSource(1), Transport: w.customer,
		SharedSenders: []string{testSender}, Webhooks: webhooks})
	var cancel context.CancelFunc
	w.ctx, cancel = context.WithTimeout(t.Context(), 30*time.Second)
	outbox.Handle(w.api.outbox, func(context.Context, outbox.Job, DeliveryJob) error { return nil })
	w.api.outbox.Start(w.ctx)
	t.Cleanup(func() {
		cancel()
		w.api.outbox.Wait()
	})
	if _, err := w.api.CreateAccount(w.ctx, Account{SID: testAccount, AuthToken: testToken}); err != nil {
		t.Fatal(err)
	}
	w.rest = Scope{AccountSID: testAccount}
	w.restWebhooks = Scope{AccountSID: testAccount, WebhookEnabled: true}
	return w
}

func newMemory() (store.Store, error) {
	return store.NewMemory(slices.Concat(Kinds(), outbox.Kinds(Jobs()...))...)
}

// settle waits until no job is due or running.
func (w *world) settle() {
	w.t.Helper()
	if err := w.api.outbox.Settle(w.ctx); err != nil {
		w.t.Fatal(err)
	}
}

// advance moves the clock and runs the jobs that fall due.
func (w *world) advance(d time.Duration) {
	w.t.Helper()
	if err := w.clock.Advance(w.ctx, d, w.api.outbox.Agenda()); err != nil {
		w.t.Fatal(err)
	}
}

// received settles and returns the summary of the deliveries since the last call.
func (w *world) received() string {
	w.t.Helper()
	w.settle()
	return summary(w.customer.takeDeliveries())
}

// conversation creates a conversation without webhooks.
func (w *world) conversation(p ConversationParams) Conversation {
	w.t.Helper()
	return must(w.api.CreateConversation(w.ctx, w.rest, p))(w.t)
}

// message adds a message in a scope.
func (w *world) message(scope Scope, conversation, body string) Message {
	w.t.Helper()
	return must(w.api.CreateMessage(w.ctx, scope, conversation, MessageParams{Body: &body}))(w.t)
}

// global sets the global webhook of the account.
func (w *world) global(p ConfigurationWebhookParams) {
	w.t.Helper()
	must(w.api.UpdateConfigurationWebhook(w.ctx, w.rest, p))(w.t)
}

// service sets the webhook of the default service.
func (w *world) service(p ConfigurationWebhookParams) {
	w.t.Helper()
	must(w.api.UpdateServiceWebhookConfiguration(w.ctx, w.rest, p))(w.t)
}

// scoped adds a scoped webhook to a conversation.
func (w *world) scoped(conversation, target, url string, filters ...string) Webhook {
	w.t.Helper()
	return must(w.api.CreateWebhook(w.ctx, w.rest, conversation, WebhookParams{Target: &target,
		Configuration: WebhookConfigurationParams{Url: &url, Filters: filters}}))(w.t)
}

// alerts returns the codes of the alerts.
func (w *world) alerts() []string {
	w.t.Helper()
	var codes []string
	for _, e := range must(w.api.ListEvents(w.ctx, 0, 0))(w.t) {
		if e.Type == Alerted {
			codes = append(codes, e.Params.Get("ErrorCode"))
		}
	}
	return codes
}

// must returns a function that fails the test on an error, or returns the value.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// codeOf returns the code of a twilio.Error; 0 for nil.
func codeOf(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	var refused *twilio.Error
	if !errors.As(err, &refused) {
		t.Fatalf("%v is no error of Twilio's", err)
	}
	return refused.Code
}

func ptr[T any](v T) *T { return &v }
