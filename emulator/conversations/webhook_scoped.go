package conversations

import (
	"slices"
	"strings"
	"unicode"

	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

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
