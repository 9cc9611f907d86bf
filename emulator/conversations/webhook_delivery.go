package conversations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// webhookTimeout is the time in which a server must answer a Conversations webhook. Reference, Conversations API 6.4.
const webhookTimeout = 5 * time.Second

// receiver is the URL that a global, service or scoped webhook calls.
type receiver struct {
	URL, Method string
	// Retries is the number of calls after the first that failed.
	Retries int
	// SID and Type are those of a scoped webhook; empty for the others.
	SID, Type string
}

// receivers returns the global and service webhooks whose filters have an event of a service. A service webhook that has a URL
// replaces the global one, whatever its filters are. Reference, Conversations API 6.1.
func (a *API) receivers(tx store.Tx, accountSID, serviceSID string, t EventType) (list []receiver, err error) {
	settings := func(key string) (webhookSettings, *string, error) {
		s, err := settingsOf(tx, key)
		if t.isPreAction() {
			return s, s.PreWebhookURL, err
		}
		return s, s.PostWebhookURL, err
	}
	service, serviceURL, err := settings(serviceSID)
	if err != nil {
		return nil, err
	}
	global, globalURL, err := settings(accountSID)
	if err != nil {
		return nil, err
	}
	if serviceURL != nil && slices.Contains(service.Filters, string(t)) {
		list = append(list, a.receiver(*serviceURL, service.Method, t))
	}
	replaced := serviceURL != nil && !a.webhooks.GlobalBesideService
	if globalURL != nil && !replaced && global.Target != TargetFlex && slices.Contains(global.Filters, string(t)) {
		list = append(list, a.receiver(*globalURL, global.Method, t))
	}
	return list, nil
}

func (a *API) receiver(url string, method *string, t EventType) receiver {
	retries := a.webhooks.PostRetryCount
	if t.isPreAction() {
		retries = a.webhooks.PreRetryCount
	}
	return receiver{URL: url, Method: twilio.Value(method), Retries: retries}
}

// enqueueWebhooks puts a job into the outbox for every webhook whose filters have the event: global and service webhooks, then
// scoped ones. An event without a conversation, such as a user's, has no scoped webhooks.
func (a *API) enqueueWebhooks(tx store.Tx, e Event) error {
	receivers, err := a.receivers(tx, e.AccountSID, e.Params.Get("ChatServiceSid"), e.Type)
	if err != nil {
		return err
	}
	for _, r := range receivers {
		if err := a.enqueueWebhook(tx, r, e); err != nil {
			return err
		}
	}
	if e.ConversationSID == "" {
		return nil
	}
	list, err := webhooksOf(tx, e.ConversationSID)
	if err != nil {
		return err
	}
	for _, w := range list {
		if err := a.enqueueScopedWebhook(tx, w, e); err != nil {
			return err
		}
	}
	return nil
}

// enqueueWebhook puts the job of one webhook into the outbox. The job has a copy of the webhook, which may be deleted before it
// runs. The jobs of one URL and conversation form a queue: a server gets the events of a conversation in their order, and a slow
// server delays no other.
func (a *API) enqueueWebhook(tx store.Tx, r receiver, e Event) error {
	args := webhookJob{Receiver: r, Event: e, Token: a.sids.Token()}
	if e.Type == OnDeliveryUpdated && a.deliveryTiming != nil {
		timing, err := a.deliveryTiming(tx)
		if err != nil {
			return err
		}
		if timing != (outbox.Timing{}) { // a queue of the receipt's own, as other events come in their order all the same
			final := twilio.Status(e.Params.Get("Status"))
			return a.outbox.PutCallback(tx, timing, outbox.Callback{Args: args, Final: final == twilio.StatusRead || final.IsFailure(),
				Queue: "webhook/" + e.Params.Get("DeliveryReceiptSid") + "/" + cmp.Or(r.SID, r.URL)})
		}
	}
	parent := cmp.Or(e.ConversationSID, e.Params.Get("ChatServiceSid"))
	return a.outbox.Put(tx, outbox.Job{Queue: "webhook/" + parent + "/" + r.URL, Args: args})
}

// webhookJob calls a webhook with an event.
type webhookJob struct {
	Receiver receiver
	Event    Event
	// Token is the same for every attempt.
	Token string
}

// Kind is the type of the job.
func (webhookJob) Kind() string { return "webhook" }

// runWebhook is the worker of webhookJob. Every failed attempt is an entry of the debugger.
func (a *API) runWebhook(ctx context.Context, job outbox.Job, args webhookJob) error {
	account, err := a.FetchAccount(ctx, args.Event.AccountSID)
	if err != nil {
		return err
	}
	attempt := webhookAttempt{event: args.Event, number: job.Attempt, token: args.Token}
	answer, err := a.callWebhook(ctx, args.Receiver, account, attempt)
	a.alertFailure(ctx, args.Receiver, args.Event, answer, err)
	if job.Attempt < args.Receiver.Retries && isRetried(answer, err) {
		return &outbox.RetryError{At: a.clock.Now(), Err: errors.New("the webhook is called again")}
	}
	return nil
}

// webhookAttempt is one call of a webhook with an event.
type webhookAttempt struct {
	event  Event
	number int // from 0
	token  string
}

// callWebhook sends one attempt. An error means that there was no answer.
func (a *API) callWebhook(ctx context.Context, r receiver, account Account, attempt webhookAttempt) (webhook.Response, error) {
	params := maps.Clone(attempt.event.Params)
	params.Set("RetryCount", strconv.Itoa(attempt.number))
	twilio.SetOptional(params, "WebhookSid", &r.SID)
	twilio.SetOptional(params, "WebhookType", &r.Type)
	return a.sender.Send(ctx, webhook.Request{URL: r.URL, Method: r.Method, Params: params, AuthToken: account.AuthToken,
		IdempotencyToken: attempt.token, Timeout: webhookTimeout})
}

// alertFailure records an alert for a call that got no answer, or an answer of 400 and above. Reference, Conversations API 2:
// 50076 for a timeout, 50057 for any other failure.
func (a *API) alertFailure(ctx context.Context, r receiver, e Event, answer webhook.Response, err error) {
	switch {
	case ctx.Err() != nil: // the emulator stops or the caller has gone away; the server did not fail
	case err != nil && timedOut(err):
		a.webhookAlert(ctx, r, e, 50076, err.Error())
	case err != nil:
		a.webhookAlert(ctx, r, e, 50057, err.Error())
	case answer.Status >= http.StatusBadRequest:
		a.webhookAlert(ctx, r, e, 50057, fmt.Sprintf("webhook %s: answered %d", r.URL, answer.Status))
	}
}

func (a *API) webhookAlert(ctx context.Context, r receiver, e Event, code int, problem string) {
	text := string(e.Type)
	if e.ConversationSID != "" {
		text += " for " + e.ConversationSID
	}
	a.Alert(ctx, Alert{AccountSID: e.AccountSID, Code: code, ResourceSID: cmp.Or(r.SID, e.ConversationSID), URL: r.URL,
		Text: text + ": " + problem})
}

// isRetried reports whether a call is tried again: after a timeout, or an answer 429, 503 or 504. Reference, Conversations API
// 6.4.
func isRetried(answer webhook.Response, err error) bool {
	if err != nil {
		return timedOut(err)
	}
	return slices.Contains([]int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, answer.Status)
}

func timedOut(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout()
}

// matches reports whether a scoped webhook gets an event.
func (w webhookDoc) matches(e Event, triggers TriggerMatch) bool {
	switch w.Target {
	case TargetTrigger:
		return e.Type == OnMessageAdded && slices.ContainsFunc(w.Configuration.Triggers, func(keyword string) bool {
			return triggers.match(e.Params.Get("Body"), keyword)
		})
	case TargetStudio:
		if len(w.Configuration.Filters) == 0 {
			return e.Type == OnMessageAdded
		}
	}
	return slices.Contains(w.Configuration.Filters, string(e.Type))
}

// match reports whether a keyword is in a text.
func (m TriggerMatch) match(text, keyword string) bool {
	if m == TriggerExactCase {
		return strings.Contains(text, keyword)
	}
	text, keyword = strings.ToLower(text), strings.ToLower(keyword)
	if m == TriggerWord {
		return containsWords(words(text), words(keyword))
	}
	return strings.Contains(text, keyword)
}

// words returns the runs of letters and digits in a text.
func words(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) })
}

// containsWords reports whether the wanted words stand one after the other in text. It is false when none are wanted.
func containsWords(text, wanted []string) bool {
	for i := range text {
		if len(wanted) > 0 && len(text)-i >= len(wanted) && slices.Equal(text[i:i+len(wanted)], wanted) {
			return true
		}
	}
	return false
}

// StudioJob triggers a Studio flow with an event. Package studio has its worker.
type StudioJob struct {
	Event               Event
	WebhookSID, FlowSID string
}

// Kind is the type of the job.
func (StudioJob) Kind() string { return "studio" }

// enqueueScopedWebhook puts a job into the outbox for a scoped webhook that matches the event: a call of its URL, or a StudioJob.
func (a *API) enqueueScopedWebhook(tx store.Tx, w webhookDoc, e Event) error {
	switch {
	case !w.matches(e, a.webhooks.Triggers):
		return nil
	case w.Target == TargetStudio:
		return a.outbox.Put(tx, outbox.Job{Queue: "webhook/" + w.SID,
			Args: StudioJob{Event: e, WebhookSID: w.SID, FlowSID: twilio.Value(w.Configuration.FlowSID)}})
	}
	c := w.Configuration
	return a.enqueueWebhook(tx, receiver{URL: twilio.Value(c.URL), Method: twilio.Value(c.Method), SID: w.SID, Type: w.Target}, e)
}

// replay enqueues onMessageAdded to a new webhook for the messages that its conversation has already, from the index ReplayAfter
// on. Reference, Conversations API 6.2.
func (a *API) replay(tx store.Tx, c conversationDoc, w webhookDoc) error {
	if w.Configuration.ReplayAfter == nil {
		return nil
	}
	first := *w.Configuration.ReplayAfter
	if a.webhooks.ReplayAfterExclusive {
		first++
	}
	q := store.Query{Prefix: store.Prefix(c.SID), From: store.Key(c.SID, store.Ordinal(first))}
	for m, err := range messages.Each(tx, q) {
		if err != nil {
			return err
		}
		e := a.withScope(automaticScope(c), messageEvent(OnMessageAdded, c, m))
		e.Time = a.now()
		if err := a.enqueueScopedWebhook(tx, w, e); err != nil {
			return err
		}
	}
	return nil
}
