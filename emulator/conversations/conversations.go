package conversations

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Limits of a conversation's fields, in characters; Attributes in bytes. Reference, Conversations API 11.
const (
	maxName                   = 256
	maxConversationAttributes = 16 << 10
	maxAttributes             = 4 << 10 // of messages and participants
)

// Conversation is Twilio's Conversation resource, without url and links. Reference, Conversations API 3.1.
type Conversation struct {
	AccountSID          string  `json:"account_sid"`
	ChatServiceSID      string  `json:"chat_service_sid"`
	MessagingServiceSID string  `json:"messaging_service_sid"`
	SID                 string  `json:"sid"`
	FriendlyName        *string `json:"friendly_name"`
	UniqueName          *string `json:"unique_name"`
	// Attributes is a JSON text that is returned unchanged; "{}" by default.
	Attributes  string    `json:"attributes"`
	State       State     `json:"state"`
	DateCreated time.Time `json:"date_created"`
	DateUpdated time.Time `json:"date_updated"`
	Timers      Timers    `json:"timers"`
	Bindings    Bindings  `json:"bindings"`
}

// Bindings are the bindings of a conversation itself. Only e-mail has them.
type Bindings struct {
	Email *EmailBinding `json:"email,omitempty"`
}

// EmailBinding is the default address and name of e-mail conversations.
type EmailBinding struct {
	ProjectedAddress string `json:"projected_address"`
	Name             string `json:"name"`
}

// ConversationParams is the form of creating or updating a conversation.
type ConversationParams struct {
	FriendlyName        *string
	UniqueName          *string
	DateCreated         *string // RFC 3339
	DateUpdated         *string // RFC 3339
	MessagingServiceSid *string
	Attributes          *string
	State               *string // in any case
	Timers              TimersParams
	Bindings            struct{ Email EmailParams }
}

// EmailParams is the part of the form under Bindings.Email.
type EmailParams struct{ Address, Name *string }

// conversationDoc is the stored form of a conversation.
type conversationDoc struct {
	Conversation
	Created  time.Time
	Activity time.Time // the newest message, or the creation
	// NextIndex is that of the next message; NextOrdinal that of the next participant or webhook. Both only grow.
	NextIndex, NextOrdinal int64
	// Participants counts all participants, NonChat those with a messaging binding.
	Participants, NonChat int
	// Inactive and Closed are the lengths of the timers; 0 means none.
	Inactive, Closed time.Duration
	CreatedBy        string
	// GroupKey is the set of addresses of an active group; empty for other and for closed conversations.
	GroupKey string
}

const (
	byName     = "name"     // Key(service, unique name), unique
	byGroup    = "group"    // GroupKey, unique
	byActivity = "activity" // Key(service, activity)
	byState    = "state"    // Key(service, state, activity)
	byCreation = "creation" // Key(service, created)
)

var conversationDocs = store.NewTable[conversationDoc]("conversation").
	Unique(byName, func(c conversationDoc) (string, bool) {
		if c.UniqueName == nil {
			return "", false
		}
		return store.Key(c.ChatServiceSID, *c.UniqueName), true
	}).
	Unique(byGroup, func(c conversationDoc) (string, bool) { return c.GroupKey, c.GroupKey != "" }).
	Ordered(byActivity, func(c conversationDoc) (string, bool) {
		return store.Key(c.ChatServiceSID, store.Instant(c.Activity)), true
	}).
	Ordered(byState, func(c conversationDoc) (string, bool) {
		return store.Key(c.ChatServiceSID, string(c.State), store.Instant(c.Activity)), true
	}).
	Ordered(byCreation, func(c conversationDoc) (string, bool) {
		return store.Key(c.ChatServiceSID, store.Instant(c.DateCreated)), true
	})

// CreateConversation creates a conversation. Errors: 50003, 50004, 50056, 50303, 50304, 50308, 50309, 50341,
// 50353, 50374–50380, 50384, 50390, and 404 for an unknown service.
func (a *API) CreateConversation(ctx context.Context, scope Scope, p ConversationParams) (Conversation, error) {
	var created conversationDoc
	err := a.perform(ctx, action{scope: scope, pre: OnConversationAdd,
		event: func() Event { return conversationEvent(OnConversationAdd, created) },
		do: func(tx store.Tx, reply preActionReply) (err error) {
			twilio.Assign(&p.FriendlyName, reply.FriendlyName)
			if created, err = a.addConversation(tx, scope, p); err != nil {
				return err
			}
			return a.emit(tx, scope, conversationEvent(OnConversationAdded, created))
		}})
	return created.Conversation, err
}

// addConversation creates a conversation in a transaction. The caller must emit onConversationAdded, which has more fields for an
// auto-created conversation.
func (a *API) addConversation(tx store.Tx, scope Scope, p ConversationParams) (conversationDoc, error) {
	service, err := a.service(tx, scope)
	if err != nil {
		return conversationDoc{}, err
	}
	account, err := accounts.Get(tx, scope.AccountSID)
	if err != nil {
		return conversationDoc{}, err
	}
	now := a.now()
	c := conversationDoc{
		Conversation: Conversation{
			AccountSID: scope.AccountSID, ChatServiceSID: service.SID, SID: a.sids.New("CH"),
			MessagingServiceSID: account.DefaultMessagingServiceSID,
			Attributes:          "{}", State: StateActive, DateCreated: now, DateUpdated: now,
		},
		Created: now, Activity: now, CreatedBy: "system",
	}
	if p.State != nil && strings.EqualFold(*p.State, string(StateClosed)) {
		return c, errCreateClosed
	}
	if c.Inactive, c.Closed, err = account.timers(); err != nil {
		return c, err
	}
	if err := c.apply(p); err != nil {
		return c, err
	}
	if err := a.armTimers(tx, &c, now); err != nil {
		return c, err
	}
	return c, a.putConversation(tx, c)
}

// FetchConversation returns a conversation by SID or unique name, or a 404.
func (a *API) FetchConversation(ctx context.Context, scope Scope, id string) (Conversation, error) {
	var found conversationDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		found, err = a.conversation(tx, scope, id)
		return err
	})
	return found.Conversation, err
}

// UpdateConversation changes a conversation. A closed one refuses every form with 50377; other errors are those of
// CreateConversation.
func (a *API) UpdateConversation(ctx context.Context, scope Scope, id string, p ConversationParams) (Conversation, error) {
	var updated conversationDoc
	err := a.perform(ctx, action{scope: scope, pre: OnConversationUpdate,
		event: func() Event { return conversationEvent(OnConversationUpdate, updated) },
		do: func(tx store.Tx, reply preActionReply) error {
			c, err := a.openConversation(tx, scope, id)
			if err != nil {
				return err
			}
			twilio.Assign(&p.FriendlyName, reply.FriendlyName)
			updated, err = a.changeConversation(tx, scope, c, p)
			return err
		}})
	return updated.Conversation, err
}

// changeConversation changes an open conversation in a transaction.
func (a *API) changeConversation(tx store.Tx, scope Scope, c conversationDoc, p ConversationParams) (conversationDoc, error) {
	now, from := a.now(), c.State
	c.DateUpdated = now
	if err := c.apply(p); err != nil {
		return c, err
	}
	if err := a.completeStateChange(tx, &c, from, now); err != nil {
		return c, err
	}
	if err := a.putConversation(tx, c); err != nil {
		return c, err
	}
	if err := a.emit(tx, scope, conversationEvent(OnConversationUpdated, c)); err != nil || c.State == from {
		return c, err
	}
	return c, a.emit(tx, scope, stateEvent(c, from, reasonAPI))
}

// DeleteConversation removes a conversation in any state, with its participants, messages and webhooks. Errors: 50056 and 404.
func (a *API) DeleteConversation(ctx context.Context, scope Scope, id string) error {
	var c conversationDoc
	return a.perform(ctx, action{scope: scope, pre: OnConversationRemove,
		event: func() Event { return conversationEvent(OnConversationRemove, c) },
		do: func(tx store.Tx, _ preActionReply) (err error) {
			if c, err = a.conversation(tx, scope, id); err != nil {
				return err
			}
			removed := conversationEvent(OnConversationRemoved, c)
			removed.Params.Set("DateRemoved", twilio.WebhookDate(a.now()))
			if err := a.emit(tx, scope, removed); err != nil {
				return err
			}
			return a.deleteConversation(tx, c.SID)
		}})
}

func (a *API) deleteConversation(tx store.Tx, conversationSID string) error {
	if err := a.disarmTimers(tx, conversationSID); err != nil {
		return err
	}
	if err := a.deleteMessages(tx, conversationSID); err != nil {
		return err
	}
	if err := a.freeBindings(tx, conversationSID); err != nil {
		return err
	}
	all := store.Query{Prefix: store.Prefix(conversationSID)}
	if _, err := deletedMessages.DeleteAll(tx, all); err != nil {
		return err
	}
	if _, err := participants.DeleteAll(tx, all); err != nil {
		return err
	}
	if _, err := webhooks.DeleteAll(tx, all); err != nil {
		return err
	}
	return conversationDocs.Delete(tx, conversationSID)
}

// conversation returns a conversation of the scope by SID or unique name, or ErrNotFound.
func (a *API) conversation(tx store.Tx, scope Scope, id string) (conversationDoc, error) {
	service, err := a.service(tx, scope)
	if err != nil {
		return conversationDoc{}, err
	}
	c, err := conversationDocs.Get(tx, id)
	if errors.Is(err, store.ErrNotFound) {
		c, err = conversationDocs.Lookup(tx, byName, store.Key(service.SID, id))
	}
	if err == nil && c.ChatServiceSID != service.SID {
		return conversationDoc{}, store.ErrNotFound
	}
	return c, err
}

// openConversation is conversation for a change. It refuses a conversation that is closed or initializing.
func (a *API) openConversation(tx store.Tx, scope Scope, id string) (conversationDoc, error) {
	c, err := a.conversation(tx, scope, id)
	switch {
	case err == nil && c.State == StateClosed:
		return c, errClosed
	case err == nil && c.State == StateInitializing:
		return c, errInitializing
	}
	return c, err
}

func (a *API) putConversation(tx store.Tx, c conversationDoc) error {
	err := conversationDocs.Put(tx, c.SID, c)
	var taken *store.ConflictError
	switch {
	case !errors.As(err, &taken):
		return err
	case taken.Index == byGroup:
		return errGroupExists(taken.HeldBy)
	}
	return errUniqueNameExists
}

// apply checks the fields of a form and sets those that were sent.
func (c *conversationDoc) apply(p ConversationParams) error {
	if p.FriendlyName != nil {
		if utf8.RuneCountInString(*p.FriendlyName) > maxName {
			return errFriendlyNameTooLong
		}
		if *p.FriendlyName != "" { // an empty one changes nothing; reference, Conversations API 3.1
			c.FriendlyName = p.FriendlyName
		}
	}
	if p.UniqueName != nil {
		switch name := *p.UniqueName; {
		case utf8.RuneCountInString(name) > maxName:
			return errUniqueNameTooLong
		case sid.Valid(name, "CH"):
			return errUniqueNameSID
		case name == "":
			c.UniqueName = nil
		default:
			c.UniqueName = p.UniqueName
		}
	}
	if p.MessagingServiceSid != nil {
		if !sid.Valid(*p.MessagingServiceSid, "MG") {
			return errMessagingServiceSID
		}
		c.MessagingServiceSID = *p.MessagingServiceSid
	}
	if email := p.Bindings.Email; email.Address != nil || email.Name != nil {
		c.Bindings.Email = &EmailBinding{ProjectedAddress: twilio.Value(email.Address), Name: twilio.Value(email.Name)}
	}
	if err := setAttributes(&c.Attributes, p.Attributes, maxConversationAttributes); err != nil {
		return err
	}
	if err := twilio.SetDate(&c.DateCreated, p.DateCreated, errDateCreated); err != nil {
		return err
	}
	if err := twilio.SetDate(&c.DateUpdated, p.DateUpdated, errDateUpdated); err != nil {
		return err
	}
	return c.applyState(p)
}

// setAttributes checks and sets the Attributes of a resource. The limit is in bytes.
func setAttributes(target, sent *string, limit int) error {
	switch {
	case sent == nil:
	case len(*sent) > limit:
		return errAttributesTooLong
	case *sent == "":
		*target = "{}"
	case !json.Valid([]byte(*sent)):
		return errAttributesInvalid
	default:
		*target = *sent
	}
	return nil
}

// ListConversationsParams are the filters of a list of conversations.
type ListConversationsParams struct {
	StartDate, EndDate *string // of creation, inclusive
	State              *string
}

// ListConversations returns the conversations of the scope's service, most recent message first. With dates, it returns those
// created between them, newest first. Reference, Conversations API 3.3.
func (a *API) ListConversations(ctx context.Context, scope Scope, p ListConversationsParams, q twilio.PageQuery) (twilio.Page[Conversation], error) {
	return listPage(ctx, a, q, func(tx store.Tx) (twilio.Listing[conversationDoc, Conversation], error) {
		l := twilio.Listing[conversationDoc, Conversation]{
			Table:    conversationDocs,
			Resource: func(c conversationDoc) (Conversation, error) { return c.Conversation, nil },
		}
		service, err := a.service(tx, scope)
		if err != nil {
			return l, err
		}
		l.Query = store.Query{Index: byActivity, Prefix: store.Prefix(service.SID), Reverse: true}
		state := State("")
		if p.State != nil {
			if state, err = parseStateFilter(*p.State); err != nil {
				return l, err
			}
			l.Query.Index, l.Query.Prefix = byState, store.Prefix(service.SID, string(state))
		}
		if p.StartDate == nil && p.EndDate == nil {
			return l, nil
		}
		within, err := createdWithin(p)
		if err != nil {
			return l, err
		}
		l.Query.Index, l.Query.Prefix = byCreation, store.Prefix(service.SID)
		l.Keep = func(c conversationDoc) bool { return (state == "" || c.State == state) && within(c.DateCreated) }
		return l, nil
	})
}

// createdWithin reads the dates of a filter and returns its predicate. The whole of EndDate belongs to it: its second, day, month or year.
func createdWithin(p ListConversationsParams) (func(time.Time) bool, error) {
	start, before := time.Time{}, time.Unix(1<<40, 0)
	var err error
	if p.StartDate != nil {
		if start, err = twilio.ParseDate(*p.StartDate); err != nil {
			return nil, twilio.InvalidParameter("StartDate")
		}
	}
	if p.EndDate != nil {
		var end time.Time
		if end, before, err = twilio.ParsePeriod(*p.EndDate); err != nil {
			return nil, twilio.InvalidParameter("EndDate")
		}
		if oneInstant := before.Sub(end) == time.Second; !before.After(start) || (oneInstant && !end.After(start)) {
			return nil, errEndBeforeStart
		}
	}
	return func(t time.Time) bool { return !t.Before(start) && t.Before(before) }, nil
}
