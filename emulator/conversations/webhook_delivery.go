package conversations

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// webhookTimeout is how long a customer's server has to answer a Conversations webhook. Reference, Conversations API 6.4.
const webhookTimeout = 5 * time.Second

// wants reports whether a scoped webhook is told of an event.
func (w webhookDoc) wants(e Event) bool {
	switch w.Target {
	case TargetTrigger: // a keyword anywhere in the text, in any case; reference, Conversations API 6.2
		body := strings.ToLower(e.Params.Get("Body"))
		return e.Type == OnMessageAdded && slices.ContainsFunc(w.Configuration.Triggers, func(t string) bool {
			return strings.Contains(body, strings.ToLower(t))
		})
	case TargetStudio:
		if len(w.Configuration.Filters) == 0 {
			return e.Type == OnMessageAdded
		}
	}
	return slices.Contains(w.Configuration.Filters, string(e.Type))
}

// tellWebhooks puts a job for every scoped webhook that wants to know of an event. The jobs of one webhook form a queue,
// so that it hears of a conversation's events in their order; a slow webhook does not delay another.
func (a *API) tellWebhooks(tx store.Tx, e Event) error {
	list, err := webhooksOf(tx, e.ConversationSID)
	if err != nil {
		return err
	}
	for _, w := range list {
		if !w.wants(e) {
			continue
		}
		if err := a.tell(tx, w, e); err != nil {
			return err
		}
	}
	return nil
}

// tell puts the job. It carries what it needs of the webhook, which may be gone when the job runs (onConversationRemoved).
func (a *API) tell(tx store.Tx, w webhookDoc, e Event) error {
	job := Job{Type: JobWebhook, Queue: "webhook/" + w.SID, Event: &e, Args: map[string]string{
		"WebhookSid": w.SID, "WebhookType": w.Target, "Token": a.sids.Token(),
		"Url": text(w.Configuration.URL), "Method": text(w.Configuration.Method),
	}}
	if w.Target == TargetStudio {
		job.Type = JobStudio
		job.Args["FlowSid"] = text(w.Configuration.FlowSID)
	}
	return a.outbox.Put(tx, job)
}

// replay tells a new webhook of the messages that are there already, from its index on; the index itself is among them
// (reference, Conversations API 6.2).
func (a *API) replay(tx store.Tx, c conversationDoc, w webhookDoc) error {
	after := w.Configuration.ReplayAfter
	if after == nil {
		return nil
	}
	q := store.Query{Prefix: store.Prefix(c.SID), From: store.Key(c.SID, store.Ordinal(*after))}
	for m, err := range messages.Each(tx, q) {
		if err != nil {
			return err
		}
		e := messageEvent(OnMessageAdded, c, m)
		e.AccountSID, e.Time, e.Source = c.AccountSID, a.now(), SourceAPI
		e.Params.Set("EventType", string(e.Type))
		e.Params.Set("AccountSid", e.AccountSID)
		e.Params.Set("Source", string(e.Source))
		if w.wants(e) {
			if err := a.tell(tx, w, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// deliverWebhook is the worker of JobWebhook. A scoped webhook has no retries: a failure is for the log and the record of
// the traffic.
func (a *API) deliverWebhook(ctx context.Context, job Job) error {
	account, err := a.FetchAccount(ctx, job.Event.AccountSID)
	if err != nil {
		return err
	}
	params := url.Values(maps.Clone(job.Event.Params))
	params.Set("RetryCount", strconv.Itoa(job.Attempt))
	params.Set("WebhookSid", job.Args["WebhookSid"])
	params.Set("WebhookType", job.Args["WebhookType"])
	answer, err := a.sender.Send(ctx, webhook.Request{
		URL: job.Args["Url"], Method: job.Args["Method"], Params: params, AuthToken: account.AuthToken,
		IdempotencyToken: job.Args["Token"], Timeout: webhookTimeout,
	})
	if err != nil {
		a.webhookFailed(ctx, job, err.Error())
		return nil
	}
	if answer.Status >= http.StatusBadRequest {
		a.webhookFailed(ctx, job, fmt.Sprintf("webhook %s: answered %d", job.Args["Url"], answer.Status))
	}
	return nil
}

// webhookFailed is an entry 50057 of the debugger. Reference, Conversations API 2.
func (a *API) webhookFailed(ctx context.Context, job Job, what string) {
	a.Alert(ctx, Alert{AccountSID: job.Event.AccountSID, Code: 50057, ResourceSID: job.Args["WebhookSid"], URL: job.Args["Url"],
		Text: string(job.Event.Type) + " for " + job.Event.ConversationSID + ": " + what})
}
