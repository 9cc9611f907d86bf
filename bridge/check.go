package bridge

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// Finding is one thing that Check looked at.
type Finding struct {
	What string // e.g. "Studio flow FW…"
	Err  error  // nil: it is as it should be
}

// Check verifies a configuration against the account: that it is complete, that Twilio takes the credentials and lets
// them use Conversations, that the flow exists and is published, that deliveries are told if they are wanted, and that the
// queue answers. It changes nothing.
func Check(ctx context.Context, config Config) []Finding {
	config = config.withDefaults()
	findings := []Finding{{"configuration", config.check()}}
	if findings[0].Err != nil {
		return findings
	}
	t := newTwilio(config, newPace(config.Clock))
	api := t.conversations(ctx, callBudget)
	_, err := api.PageService(new(conversations.ListServiceParams).SetPageSize(1), "", "")
	findings = append(findings, Finding{"credentials of " + cmp.Or(config.AccountSID, "Config.Client"), explainCredentials(err)})
	if config.FlowSID != "" && err == nil {
		findings = append(findings, Finding{"Studio flow " + config.FlowSID, checkFlow(api, config.FlowSID)})
	}
	if config.DeliveriesURL != "" && err == nil {
		findings = append(findings, Finding{"webhook of deliveries", checkDeliveries(api, config.DeliveriesURL)})
	}
	if config.Queue != nil {
		_, err := config.Queue.Stats(ctx)
		findings = append(findings, Finding{"queue", err})
	}
	return findings
}

func explainCredentials(err error) error {
	if hasCode(err, codeAuthenticate) {
		return fmt.Errorf("refused by Twilio: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, the primary token: %w", err)
	}
	return err
}

func checkFlow(api *conversations.ApiService, sid string) error {
	response, err := api.RequestHandler().Get("https://studio.twilio.com/v2/Flows/"+url.PathEscape(sid), nil, nil, "")
	if notFound(err) {
		return errors.New("it does not exist in this account")
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var flow struct {
		Status string `json:"status"`
	}
	if err := json.NewDecoder(response.Body).Decode(&flow); err != nil {
		return err
	}
	if flow.Status != "published" {
		return fmt.Errorf("it is %q: publish it, otherwise nobody hears the customer", flow.Status)
	}
	return nil
}

// checkDeliveries looks whether the account tells the bridge of deliveries. A webhook of a Conversation Service takes
// precedence over the account's, and is not looked at.
func checkDeliveries(api *conversations.ApiService, url string) error {
	hook, err := api.FetchConfigurationWebhook()
	if err != nil {
		return err
	}
	if set := deref(hook.PostWebhookUrl); set != url {
		return fmt.Errorf("the post-event URL of the account's Conversations webhooks is %q: set it to %s", set, url)
	}
	if hook.Filters == nil || !slices.Contains(*hook.Filters, deliveryUpdated) {
		return fmt.Errorf("the account's Conversations webhooks leave out %s: add it to their filters", deliveryUpdated)
	}
	return nil
}

// Ready reports why the handler cannot do its work at present: it is stopping, its queue stores nothing, or Twilio refused the
// credentials in the last call, and still does. Nil means that it can, and that the queue was last written to without an error.
func (h *Handler) Ready(ctx context.Context) error {
	if h.dispatcher != nil {
		select {
		case <-h.dispatcher.stopping:
			return errors.New("the bridge is stopping")
		default:
		}
	}
	if err := h.queue.ready(ctx); err != nil {
		return fmt.Errorf("the queue stores nothing: %w", err)
	}
	if h.twilio.refused.Load() {
		// Nothing else may be calling, so this asks whether that is still so.
		_, _ = h.twilio.conversations(ctx, 0).PageService(new(conversations.ListServiceParams).SetPageSize(1), "", "")
	}
	if h.twilio.refused.Load() {
		return errors.New("the credentials are refused by Twilio")
	}
	return nil
}

// freshWrite is the time for which a successful write is taken as proof that the queue can be written to.
const freshWrite = time.Second

// writtenQueue is a Queue that knows how the last write went, and tells whoever waits for one.
type writtenQueue struct {
	Queue
	changed changes

	mu  sync.Mutex
	at  time.Time // of the last write; zero: there was none
	err error     // of the last write
}

// Replayed is that of the Queue, if it has one.
func (q *writtenQueue) Replayed() <-chan struct{} {
	if replays, ok := q.Queue.(interface{ Replayed() <-chan struct{} }); ok {
		return replays.Replayed()
	}
	return nil
}

// Accept implements Queue.
func (q *writtenQueue) Accept(ctx context.Context, entry Entry) (bool, error) {
	ok, err := q.Queue.Accept(ctx, entry)
	q.wrote(err)
	return ok, err
}

// Settle implements Queue.
func (q *writtenQueue) Settle(ctx context.Context, job *Job, outcome Outcome) error {
	err := q.Queue.Settle(ctx, job, outcome)
	q.wrote(err)
	return err
}

// wrote notes the result of a write. A lost lease and a caller who went away say nothing about the queue.
func (q *writtenQueue) wrote(err error) {
	defer q.changed.broadcast()
	if errors.Is(err, ErrLeaseLost) || errors.Is(err, context.Canceled) {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.at, q.err = time.Now(), err
}

// fresh reports whether the last write was good and not long ago.
func (q *writtenQueue) fresh() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.err == nil && !q.at.IsZero() && time.Since(q.at) < freshWrite
}

// ready returns the error of the last write, and writes where that failed or was long ago: nothing else may be writing.
func (q *writtenQueue) ready(ctx context.Context) error {
	if q.fresh() {
		return nil
	}
	pinger, ok := q.Queue.(Pinger)
	if !ok {
		q.mu.Lock()
		defer q.mu.Unlock()
		return q.err
	}
	err := pinger.Ping(ctx)
	q.wrote(err)
	return err
}
