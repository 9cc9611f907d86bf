package bridge

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/twilio/twilio-go/client"
)

// Order says in which order a new conversation gets the customer, the flow and the message that opens it. The zero value
// means OrderCustomer.
//
// Once the customer is added Twilio captures by itself what the customer writes, and gives it the next index. So a second
// message can come before the first in the time between the customer and the message.
type Order string

const (
	// OrderCustomer is customer, flow, message. A binding that is held elsewhere costs the fewest calls, three; there are two
	// calls in which a second message can come before the first.
	OrderCustomer Order = "customer"
	// OrderFlow is flow, customer, message, as the published Function. Such a binding costs four calls; there is one call in
	// which a second message can come before the first.
	OrderFlow Order = "flow"
	// OrderMessage is message, customer, flow, which hears by ReplayAfter what came before it. Nothing can come before the first
	// message. A binding that is held elsewhere costs five calls, and the account's own webhooks hear the message in the
	// conversation that goes again.
	OrderMessage Order = "message"
)

// Config configures a Handler. In PolicyStandard AccountSID, AuthToken and FlowSID are required; in PolicyClassic only
// AuthToken is, since the Function starts without the others and reports that on each message.
type Config struct {
	// AccountSID and AuthToken are the account's credentials. The token also checks X-Twilio-Signature, which Twilio
	// makes with the primary auth token only: an API key does not do.
	AccountSID string
	AuthToken  string
	// FlowSID is the Studio flow (FW…) that hears the messages of a new conversation.
	FlowSID string
	// Policy is PolicyStandard when empty.
	Policy Policy
	// PublicURL is the URL that Twilio requests and signs, as typed into the sandbox settings. A path of "/" or none
	// takes the request's own path. Empty: scheme and Host header of the request, which is right only without a proxy.
	PublicURL string
	// DeliveriesURL is the URL of Handler.Deliveries, as entered for the account's Conversations webhooks. Empty: scheme and
	// host of PublicURL, if that is set, and the request's own path.
	DeliveriesURL string
	// OnUndelivered is called by Handler.Deliveries for each message that did not reach a customer, once in this process. It
	// is called from many goroutines and must not wait. Nil: such messages are only logged.
	OnUndelivered func(Undelivered)
	// APIURL stands in place of https://conversations.twilio.com and its sister hosts, e.g. http://127.0.0.1:4155.
	// Empty: Twilio itself.
	APIURL string
	// Client makes the calls of twilio-go instead of the bridge's own client, e.g. in process. APIURL, AccountSID and
	// AuthToken are then not used for these calls. Nil: the bridge makes them with HTTPClient.
	Client client.BaseClient
	// HTTPClient makes the calls that twilio-go does not know (media), and those of twilio-go where Client is nil.
	// Redirects are the bridge's own business: its CheckRedirect is not used. Nil: a client with time limits.
	HTTPClient *http.Client
	// FunctionTimeout limits the time of PolicyClassic for one message. 0: ten seconds, as Twilio's Functions.
	FunctionTimeout time.Duration
	// Logger receives SIDs, status and error codes, never credentials, and no bodies unless LogBodies. Nil: slog.Default().
	Logger *slog.Logger
	// Clock is the time that the Handler goes by; a MemoryQueue of the caller's has one of its own. Nil: real time.
	Clock Clock

	// What follows is for PolicyStandard only.

	// Queue keeps accepted messages until they stand in a conversation. The caller closes it after the Handler. Nil: a
	// MemoryQueue, which does not survive the process.
	Queue Queue
	// Workers is the number of customers that are served at the same time. 0: 16.
	Workers int
	// RetryFor limits the time in which a message is retried before it becomes a dead letter. 0: one hour.
	RetryFor time.Duration
	// Order is OrderCustomer when empty.
	Order Order
	// TimerInactive and TimerClosed, ISO 8601 durations, let a new conversation become inactive (at least PT1M) and closed
	// (at least PT10M), which releases the customer's binding. Empty: the account's defaults.
	TimerInactive string
	TimerClosed   string
	// ConflictReply is sent to a customer whose binding another account holds, at most once an hour. Empty: nothing is.
	ConflictReply string
	// LogBodies writes the text of messages to the log.
	LogBodies bool
	// Metrics counts events. Nil: nothing is counted.
	Metrics Metrics
}

const (
	defaultWorkers         = 16
	defaultRetryFor        = time.Hour
	defaultFunctionTimeout = 10 * time.Second
)

// withDefaults replaces zero values by their defaults.
func (c Config) withDefaults() Config {
	if c.Policy == "" {
		c.Policy = PolicyStandard
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Metrics == nil {
		c.Metrics = noMetrics{}
	}
	if c.Order == "" {
		c.Order = OrderCustomer
	}
	if c.FunctionTimeout == 0 {
		c.FunctionTimeout = defaultFunctionTimeout
	}
	if c.Workers == 0 {
		c.Workers = defaultWorkers
	}
	if c.RetryFor == 0 {
		c.RetryFor = defaultRetryFor
	}
	return c
}

// check reports everything that is wrong with c, so that one start shows all of it.
func (c Config) check() error {
	var errs []error
	refuse := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	policy, known := c.Policy.entry()
	if !known {
		refuse("Policy %q is unknown: use one of %q", c.Policy, Policies())
	}
	if policy.calls && c.AccountSID == "" && c.Client == nil {
		refuse("AccountSID is empty: it is needed to call Twilio (TWILIO_ACCOUNT_SID)")
	}
	if policy.calls && c.FlowSID == "" {
		refuse("FlowSID is empty: without a Studio flow nobody hears the customer (STUDIO_FLOW_SID)")
	}
	if !slices.Contains([]Order{OrderCustomer, OrderFlow, OrderMessage}, c.Order) {
		refuse("Order %q is unknown: use %q, %q or %q", c.Order, OrderCustomer, OrderFlow, OrderMessage)
	}
	if c.Workers < 0 || c.RetryFor < 0 || c.FunctionTimeout < 0 {
		refuse("Workers, RetryFor and FunctionTimeout must not be negative")
	}
	if c.AuthToken == "" {
		refuse("AuthToken is empty: without it no X-Twilio-Signature can be checked (TWILIO_AUTH_TOKEN)")
	}
	if _, err := absoluteURL(c.PublicURL); err != nil {
		refuse("PublicURL: %w", err)
	}
	if _, err := absoluteURL(c.DeliveriesURL); err != nil {
		refuse("DeliveriesURL: %w", err)
	}
	if _, err := absoluteURL(c.APIURL); err != nil {
		refuse("APIURL: %w", err)
	}
	return errors.Join(errs...)
}

// deliveriesURL returns the URL that Twilio signs for Deliveries; nil: it is taken from each request.
func (c Config) deliveriesURL(publicURL *url.URL) *url.URL {
	if u, _ := absoluteURL(c.DeliveriesURL); u != nil || publicURL == nil {
		return u
	}
	return &url.URL{Scheme: publicURL.Scheme, Host: publicURL.Host, User: publicURL.User}
}

// absoluteURL parses a configured http(s) URL without its fragment, which Twilio neither sends nor signs; nil for "".
func absoluteURL(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, nil
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("it is malformed") // and not repeated, as it may have a password
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, errors.New("it is not an absolute http or https URL, e.g. https://bridge.example.com/whatsapp")
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// Metrics counts events. Package bridge/metrics implements it for Prometheus.
// Methods are called from many goroutines and must not wait.
type Metrics interface {
	// Webhook is one request that was answered, by HTTP status; duplicate says that its message was accepted before.
	Webhook(status int, duplicate bool)
	// Message is one message that is finished, and the time since it was accepted.
	Message(result Result, took time.Duration)
	// Call is one exchange with Twilio: method and route, e.g. "POST /v1/Conversations/{sid}/Messages"; status 0 means
	// that no answer was had.
	Call(operation string, status int, took time.Duration)
	// Retry is one message that has to wait for another attempt.
	Retry()
	// Media is one attachment, moved or not.
	Media(moved bool)
}

// Result is the result of a message that is finished.
type Result string

const (
	// ResultOpened opened a conversation and stands first in it.
	ResultOpened Result = "opened"
	// ResultCaptured stood in its conversation already: Twilio captured it, or an earlier attempt had posted it.
	ResultCaptured Result = "captured"
	// ResultAppended came before the conversation took the customer, so it was added to it.
	ResultAppended Result = "appended"
	// ResultForeign is dead because another account holds the customer's binding.
	ResultForeign Result = "foreign"
	// ResultDead was given up and waits for a replay.
	ResultDead Result = "dead"
)

type noMetrics struct{}

func (noMetrics) Webhook(int, bool)               {}
func (noMetrics) Message(Result, time.Duration)   {}
func (noMetrics) Call(string, int, time.Duration) {}
func (noMetrics) Retry()                          {}
func (noMetrics) Media(bool)                      {}
