package conversations

import (
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

// webhookTimeout is how long a customer's server has to answer a Conversations webhook. Reference, Conversations API 6.4.
const webhookTimeout = 5 * time.Second

// hook is where a customer's server is told or asked of an event: by a global, a service's or a scoped webhook.
type hook struct {
	URL, Method string
	// Retries is how often a call is tried again.
	Retries int
	// SID and Type are those of a scoped webhook; empty for the others.
	SID, Type string
}

// hooks returns the global or service webhooks that want to know of an event of a service. That of the service comes in
// the place of the global one where it has a URL, whatever its filters say. Reference, Conversations API 6.1.
func (a *API) hooks(tx store.Tx, accountSID, serviceSID string, t EventType) (list []hook, err error) {
	of := func(key string) (webhookSettings, *string, error) {
		s, err := settingsOf(tx, key)
		if t.isPreAction() {
			return s, s.PreWebhookURL, err
		}
		return s, s.PostWebhookURL, err
	}
	service, serviceURL, err := of(serviceSID)
	if err != nil {
		return nil, err
	}
	global, globalURL, err := of(accountSID)
	if err != nil {
		return nil, err
	}
	if serviceURL != nil && slices.Contains(service.Filters, string(t)) {
		list = append(list, a.hook(*serviceURL, service.Method, t))
	}
	silenced := serviceURL != nil && !a.webhooks.GlobalBesideService
	if globalURL != nil && !silenced && global.Target != TargetFlex && slices.Contains(global.Filters, string(t)) {
		list = append(list, a.hook(*globalURL, global.Method, t))
	}
	return list, nil
}

func (a *API) hook(url string, method *string, t EventType) hook {
	retries := a.webhooks.PostRetryCount
	if t.isPreAction() {
		retries = a.webhooks.PreRetryCount
	}
	return hook{URL: url, Method: twilio.Value(method), Retries: retries}
}

// tellWebhooks puts a job for every webhook that wants to know of an event: global or service, then scoped ones. What has
// no conversation, such as a user, has no scoped webhooks.
func (a *API) tellWebhooks(tx store.Tx, e Event) error {
	hooks, err := a.hooks(tx, e.AccountSID, e.Params.Get("ChatServiceSid"), e.Type)
	if err != nil {
		return err
	}
	for _, h := range hooks {
		if err := a.tell(tx, h, e); err != nil {
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
		if err := a.tellScoped(tx, w, e); err != nil {
			return err
		}
	}
	return nil
}

// tell puts the job. It carries what it needs of the webhook, which may be gone when the job runs. The jobs of one URL and
// conversation form a queue, so that a server hears of a conversation's events in their order; a slow one delays no other.
func (a *API) tell(tx store.Tx, h hook, e Event) error {
	of := e.ConversationSID
	if of == "" {
		of = e.Params.Get("ChatServiceSid")
	}
	return a.outbox.Put(tx, outbox.Job{Queue: "webhook/" + of + "/" + h.URL, Args: webhookJob{Hook: h, Event: e, Token: a.sids.Token()}})
}

// webhookJob tells a customer's server of an event.
type webhookJob struct {
	Hook  hook
	Event Event
	// Token is the same for every attempt.
	Token string
}

// Kind is the type of the job.
func (webhookJob) Kind() string { return "webhook" }

// deliverWebhook is the worker of webhookJob. Every attempt that fails is an entry of the debugger.
func (a *API) deliverWebhook(ctx context.Context, job outbox.Job, args webhookJob) error {
	account, err := a.FetchAccount(ctx, args.Event.AccountSID)
	if err != nil {
		return err
	}
	answer, err := a.call(ctx, args.Hook, account, call{event: args.Event, attempt: job.Attempt, token: args.Token})
	a.enterFailure(ctx, args.Hook, args.Event, answer, err)
	if job.Attempt < args.Hook.Retries && isRetried(answer, err) {
		return &outbox.RetryError{At: a.clock.Now(), Err: errors.New("the webhook is called again")}
	}
	return nil
}

// call is one attempt to tell a webhook of an event.
type call struct {
	event   Event
	attempt int // counts from 0
	token   string
}

// call sends a webhook. The error is that of the sender: there is no answer.
func (a *API) call(ctx context.Context, h hook, account Account, c call) (webhook.Response, error) {
	params := maps.Clone(c.event.Params)
	params.Set("RetryCount", strconv.Itoa(c.attempt))
	twilio.SetOptional(params, "WebhookSid", &h.SID)
	twilio.SetOptional(params, "WebhookType", &h.Type)
	return a.sender.Send(ctx, webhook.Request{URL: h.URL, Method: h.Method, Params: params, AuthToken: account.AuthToken,
		IdempotencyToken: c.token, Timeout: webhookTimeout})
}

// enterFailure enters a call that got no answer, or one of an error, in the debugger. Reference, Conversations API 2: 50076
// for a timeout and 50057 for the others.
func (a *API) enterFailure(ctx context.Context, h hook, e Event, answer webhook.Response, err error) {
	switch {
	case ctx.Err() != nil: // the emulator ends, or the caller has gone away: nobody's server has failed
	case err != nil && timedOut(err):
		a.webhookAlert(ctx, h, e, 50076, err.Error())
	case err != nil:
		a.webhookAlert(ctx, h, e, 50057, err.Error())
	case answer.Status >= http.StatusBadRequest:
		a.webhookAlert(ctx, h, e, 50057, fmt.Sprintf("webhook %s: answered %d", h.URL, answer.Status))
	}
}

func (a *API) webhookAlert(ctx context.Context, h hook, e Event, code int, what string) {
	resource := h.SID
	if resource == "" {
		resource = e.ConversationSID
	}
	text := string(e.Type)
	if e.ConversationSID != "" {
		text += " for " + e.ConversationSID
	}
	a.Alert(ctx, Alert{AccountSID: e.AccountSID, Code: code, ResourceSID: resource, URL: h.URL, Text: text + ": " + what})
}

// isRetried reports whether a failed call is worth another try: a timeout, or an answer 429, 503 or 504. Reference,
// Conversations API 6.4.
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

// wants reports whether a scoped webhook is told of an event.
func (w webhookDoc) wants(e Event, triggers TriggerMatch) bool {
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

// words are the runs of letters and digits of a text.
func words(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) })
}

// containsWords reports whether some words follow one another in a text; none do not.
func containsWords(text, wanted []string) bool {
	for i := range text {
		if len(wanted) > 0 && len(text)-i >= len(wanted) && slices.Equal(text[i:i+len(wanted)], wanted) {
			return true
		}
	}
	return false
}

// StudioJob triggers a Studio flow with an event. Package studio runs it.
type StudioJob struct {
	Event               Event
	WebhookSID, FlowSID string
}

// Kind is the type of the job.
func (StudioJob) Kind() string { return "studio" }

// tellScoped puts a job for a scoped webhook, if it wants to know of the event: for its URL, or for its flow.
func (a *API) tellScoped(tx store.Tx, w webhookDoc, e Event) error {
	switch {
	case !w.wants(e, a.webhooks.Triggers):
		return nil
	case w.Target == TargetStudio:
		return a.outbox.Put(tx, outbox.Job{Queue: "webhook/" + w.SID,
			Args: StudioJob{Event: e, WebhookSID: w.SID, FlowSID: twilio.Value(w.Configuration.FlowSID)}})
	}
	return a.tell(tx, hook{URL: twilio.Value(w.Configuration.URL), Method: twilio.Value(w.Configuration.Method), SID: w.SID, Type: w.Target}, e)
}

// replay tells a new webhook of the messages that are there already, from its index on. Reference, Conversations API 6.2.
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
		e := a.addressed(automatic(c), messageEvent(OnMessageAdded, c, m))
		e.Time = a.now()
		if err := a.tellScoped(tx, w, e); err != nil {
			return err
		}
	}
	return nil
}
