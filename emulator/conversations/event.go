package conversations

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// EventType is the name of an event: Twilio's, or one of the emulator's own.
type EventType string

// Twilio's events. Those of the form onXAdd, onXUpdate and onXRemove come before a change, which a pre-action webhook may refuse;
// all others come after it. Reference, Conversations API 6.1.
const (
	OnConversationAdd          EventType = "onConversationAdd"
	OnConversationAdded        EventType = "onConversationAdded"
	OnConversationUpdate       EventType = "onConversationUpdate"
	OnConversationUpdated      EventType = "onConversationUpdated"
	OnConversationStateUpdated EventType = "onConversationStateUpdated"
	OnConversationRemove       EventType = "onConversationRemove"
	OnConversationRemoved      EventType = "onConversationRemoved"
	OnMessageAdd               EventType = "onMessageAdd"
	OnMessageAdded             EventType = "onMessageAdded"
	OnMessageUpdate            EventType = "onMessageUpdate"
	OnMessageUpdated           EventType = "onMessageUpdated"
	OnMessageRemove            EventType = "onMessageRemove"
	OnMessageRemoved           EventType = "onMessageRemoved"
	OnParticipantAdd           EventType = "onParticipantAdd"
	OnParticipantAdded         EventType = "onParticipantAdded"
	OnParticipantUpdate        EventType = "onParticipantUpdate"
	OnParticipantUpdated       EventType = "onParticipantUpdated"
	OnParticipantRemove        EventType = "onParticipantRemove"
	OnParticipantRemoved       EventType = "onParticipantRemoved"
	OnDeliveryUpdated          EventType = "onDeliveryUpdated"
	OnUserAdded                EventType = "onUserAdded"
	OnUserUpdate               EventType = "onUserUpdate"
	OnUserUpdated              EventType = "onUserUpdated"
)

// audience says which webhooks an event may go to.
type audience int

const (
	nobody     audience = iota // no webhook: an event that is not Twilio's
	preAction                  // the pre-action URL of global and service webhooks
	postAction                 // their post-action URL
	scoped                     // their post-action URL, and scoped webhooks
)

// audiences has every event that may stand in the filters of a webhook.
var audiences = map[EventType]audience{
	OnConversationAdd:          preAction,
	OnConversationAdded:        postAction,
	OnConversationUpdate:       preAction,
	OnConversationUpdated:      scoped,
	OnConversationStateUpdated: scoped,
	OnConversationRemove:       preAction,
	OnConversationRemoved:      scoped,
	OnMessageAdd:               preAction,
	OnMessageAdded:             scoped,
	OnMessageUpdate:            preAction,
	OnMessageUpdated:           scoped,
	OnMessageRemove:            preAction,
	OnMessageRemoved:           scoped,
	OnParticipantAdd:           preAction,
	OnParticipantAdded:         scoped,
	OnParticipantUpdate:        preAction,
	OnParticipantUpdated:       scoped,
	OnParticipantRemove:        preAction,
	OnParticipantRemoved:       scoped,
	OnDeliveryUpdated:          scoped,
	OnUserAdded:                postAction,
	OnUserUpdate:               preAction,
	OnUserUpdated:              postAction,
}

func (t EventType) isPreAction() bool { return audiences[t] == preAction }

// isFilter reports whether a global or service webhook may filter by t.
func (t EventType) isFilter() bool { return audiences[t] != nobody }

// isScopedFilter reports whether a scoped webhook may filter by t.
func (t EventType) isScopedFilter() bool { return audiences[t] == scoped }

// The emulator's own events. They are in the event log and the live stream and go to no webhook.
const (
	Alerted            EventType = "alert"            // an entry of Twilio's debugger
	MessageReceived    EventType = "message.received" // a phone has sent a message
	MessageSent        EventType = "message.sent"     // a phone was sent a message
	MessageStatus      EventType = "message.status"   // the status of a message has changed
	SandboxJoined      EventType = "sandbox.joined"
	SandboxLeft        EventType = "sandbox.left"
	ExecutionStarted   EventType = "execution.started"
	ExecutionResumed   EventType = "execution.resumed"
	ExecutionEnded     EventType = "execution.ended"
	ExecutionHandedOff EventType = "execution.handed_off"
)

// Event is an entry of the event log: a change of a resource, or a request for one. The log keeps the newest events.
type Event struct {
	// Seq is the number of the event, from 1 and in the order of the commits.
	Seq             int64     `json:"seq"`
	Time            time.Time `json:"time"`
	Type            EventType `json:"type"`
	AccountSID      string    `json:"account_sid"`
	ConversationSID string    `json:"conversation_sid,omitempty"`
	Source          Source    `json:"source"`
	// Params is the form that webhooks get, without the fields that differ between webhooks and attempts.
	Params url.Values `json:"params"`
}

var events = store.NewTable[Event]("event")

// emit adds an event to the log and puts its webhooks into the outbox.
func (a *API) emit(tx store.Tx, scope Scope, e Event) error {
	e = a.withScope(scope, e)
	if err := a.Record(tx, e); err != nil {
		return err
	}
	if !scope.firesWebhooks() {
		return nil
	}
	return a.enqueueWebhooks(tx, e)
}

// withScope returns an event with the account, source and client of a scope. Reference, Conversations API 6.4.
func (a *API) withScope(scope Scope, e Event) Event {
	e.AccountSID, e.Source = scope.AccountSID, scope.source()
	source := string(e.Source)
	if e.Source == SourceWhatsApp {
		source = a.webhooks.WhatsAppSource
	}
	e.Params.Set("EventType", string(e.Type))
	e.Params.Set("AccountSid", e.AccountSID)
	e.Params.Set("Source", source)
	twilio.SetOptional(e.Params, "ClientIdentity", &scope.ClientIdentity)
	return e
}

// Record adds an event to the log and fires no webhook. It sets Seq and Time.
func (a *API) Record(tx store.Tx, e Event) error {
	seq, err := store.Next(tx, "event")
	if err != nil {
		return err
	}
	e.Seq, e.Time = seq, a.now()
	if err := events.Put(tx, store.Ordinal(seq), e); err != nil {
		return err
	}
	if seq%trimEvery != 0 || seq <= a.keepEvents {
		return nil
	}
	_, err = events.DeleteAll(tx, store.Query{To: store.Ordinal(seq - a.keepEvents + 1)})
	return err
}

// trimEvery is the number of events between two trims of the log. Deleting many at once costs less than one by one.
const trimEvery = 64

// Alert is an entry of Twilio's debugger: a failure that no caller gets as an error.
type Alert struct {
	AccountSID string
	// Code is Twilio's code of the failure, such as 11200.
	Code int
	// Text describes the failure.
	Text string
	// ResourceSID is the resource that failed, and URL the address that was called; both may be empty.
	ResourceSID, URL string
}

// Alert adds an alert to the event log.
func (a *API) Alert(ctx context.Context, alert Alert) {
	err := a.update(ctx, func(tx store.Tx) error { return a.RecordAlert(tx, alert) })
	if err != nil {
		a.logger.Error("conversations: recording an alert failed", "alert", alert.Text, "error", err)
	}
}

// RecordAlert is Alert in a transaction. A password in the URL is not recorded.
func (a *API) RecordAlert(tx store.Tx, alert Alert) error {
	alert.URL = webhook.Redacted(alert.URL)
	v := url.Values{"ErrorCode": {strconv.Itoa(alert.Code)}, "Text": {alert.Text}}
	twilio.SetOptional(v, "ResourceSid", &alert.ResourceSID)
	twilio.SetOptional(v, "Url", &alert.URL)
	return a.Record(tx, Event{Type: Alerted, AccountSID: alert.AccountSID, Params: v})
}

// ListEvents returns the kept events with a number above after, oldest first, limit at most (0: all).
func (a *API) ListEvents(ctx context.Context, after int64, limit int) (list []Event, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		list = nil
		for e, err := range events.Each(tx, store.Query{From: store.OrdinalAfter(after), Limit: limit}) {
			if err != nil {
				return err
			}
			list = append(list, e)
		}
		return nil
	})
	return list, err
}

// LastEvent returns the number of the newest event, or 0 when there is none.
func (a *API) LastEvent(ctx context.Context) (seq int64, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		seq, err = store.Last(tx, "event")
		return err
	})
	return seq, err
}

// The following functions make the forms of events. Reference, Conversations API 6.5: an optional field that has no value is left
// out, and a resource that a pre-action webhook may still refuse has no SID and no dates.

func conversationEvent(t EventType, c conversationDoc) Event {
	v := newForm()
	if t != OnConversationAdd {
		v.set("ConversationSid", c.SID)
		v.set("DateCreated", twilio.WebhookDate(c.Created))
		v.set("DateUpdated", twilio.WebhookDate(c.DateUpdated))
	}
	v.set("Attributes", c.Attributes)
	v.set("ChatServiceSid", c.ChatServiceSID)
	v.set("MessagingServiceSid", c.MessagingServiceSID)
	v.set("State", string(c.State))
	v.setOptional("FriendlyName", c.FriendlyName)
	v.setOptional("UniqueName", c.UniqueName)
	return Event{Type: t, ConversationSID: c.SID, Params: v.values}
}

func stateEvent(c conversationDoc, from State, reason string) Event {
	v := newForm()
	v.set("ConversationSid", c.SID)
	v.set("ChatServiceSid", c.ChatServiceSID)
	v.set("MessagingServiceSid", c.MessagingServiceSID)
	v.set("StateUpdated", twilio.WebhookDate(c.DateUpdated))
	v.set("StateFrom", string(from))
	v.set("StateTo", string(c.State))
	v.set("Reason", reason)
	return Event{Type: OnConversationStateUpdated, ConversationSID: c.SID, Params: v.values}
}

func messageEvent(t EventType, c conversationDoc, m messageDoc) Event {
	v := newForm()
	v.set("ConversationSid", m.ConversationSID)
	v.set("ChatServiceSid", c.ChatServiceSID)
	if t != OnMessageAdd {
		v.set("MessagingServiceSid", c.MessagingServiceSID)
		v.set("MessageSid", m.SID)
		v.set("Index", strconv.FormatInt(m.Index, 10))
		v.set("DateCreated", twilio.WebhookDate(m.created()))
	}
	if t != OnMessageAdd && t != OnMessageAdded {
		v.set("DateUpdated", twilio.WebhookDate(m.DateUpdated))
	}
	v.set("Author", m.Author)
	v.set("Attributes", m.Attributes)
	v.setOptional("Body", m.Body)
	v.setOptional("ParticipantSid", m.ParticipantSID)
	if len(m.Media) > 0 {
		v.set("Media", webhookMedia(m.Media))
	}
	return Event{Type: t, ConversationSID: m.ConversationSID, Params: v.values}
}

func participantEvent(t EventType, p participantDoc) Event {
	v := newForm()
	v.set("ConversationSid", p.ConversationSID)
	v.set("ChatServiceSid", p.ServiceSID)
	if t != OnParticipantAdd {
		v.set("ParticipantSid", p.SID)
		v.set("DateCreated", twilio.WebhookDate(p.Created))
	}
	if t != OnParticipantAdd && t != OnParticipantAdded {
		v.set("DateUpdated", twilio.WebhookDate(p.DateUpdated))
	}
	v.set("Attributes", p.Attributes)
	v.setOptional("Identity", p.Identity)
	v.setOptional("RoleSid", p.RoleSID)
	if t == OnParticipantUpdated && p.LastReadMessageIndex != nil {
		v.set("LastReadMessageIndex", strconv.FormatInt(*p.LastReadMessageIndex, 10))
	}
	v.set("MessagingBinding.Type", "chat")
	if b := p.MessagingBinding; b != nil {
		v.set("MessagingBinding.Type", b.Type)
		v.setOptional("MessagingBinding.Address", b.Address)
		v.setOptional("MessagingBinding.ProxyAddress", b.ProxyAddress)
		v.setOptional("MessagingBinding.ProjectedAddress", b.ProjectedAddress)
	}
	return Event{Type: t, ConversationSID: p.ConversationSID, Params: v.values}
}

// form builds the parameters of an event. It makes room for all of them at once: every message pays for one.
type form struct {
	values url.Values
	texts  []string
}

// formSize is a number of parameters that few events exceed.
const formSize = 14

func newForm() form { return form{make(url.Values, formSize), make([]string, 0, formSize)} }

func (f *form) set(name, value string) {
	f.texts = append(f.texts, value)
	n := len(f.texts)
	f.values[name] = f.texts[n-1 : n : n]
}

// setOptional leaves out a parameter that is absent or empty.
func (f *form) setOptional(name string, value *string) {
	if value != nil && *value != "" {
		f.set(name, *value)
	}
}
