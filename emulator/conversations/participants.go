package conversations

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Limits of a conversation's participants. Reference, Conversations API 11.
const (
	maxParticipants = 1000
	maxNonChat      = 50
	maxIdentity     = 256
)

// Participant is Twilio's Participant resource, without url. Reference, Conversations API 4.2.
type Participant struct {
	AccountSID      string  `json:"account_sid"`
	ConversationSID string  `json:"conversation_sid"`
	SID             string  `json:"sid"`
	Identity        *string `json:"identity"`
	Attributes      string  `json:"attributes"`
	// MessagingBinding is nil for a chat participant.
	MessagingBinding *MessagingBinding `json:"messaging_binding"`
	RoleSID          *string           `json:"role_sid"`
	DateCreated      time.Time         `json:"date_created"`
	DateUpdated      time.Time         `json:"date_updated"`
	// LastReadMessageIndex is set by the API for chat, and by read receipts for WhatsApp.
	LastReadMessageIndex *int64  `json:"last_read_message_index"`
	LastReadTimestamp    *string `json:"last_read_timestamp"`
}

// CreateParticipantParams is the form of creating a participant.
type CreateParticipantParams struct {
	Identity         *string
	MessagingBinding BindingParams
	DateCreated      *string // RFC 3339
	DateUpdated      *string // RFC 3339
	Attributes       *string
	RoleSid          *string
}

// BindingParams is the part of a form under MessagingBinding.
type BindingParams struct{ Address, ProxyAddress, ProjectedAddress *string }

// UpdateParticipantParams is the form of updating a participant. In MessagingBinding, the text "null" removes a proxy or
// projected address; Address is fixed.
type UpdateParticipantParams struct {
	Identity             *string
	MessagingBinding     struct{ ProxyAddress, ProjectedAddress *string }
	DateCreated          *string // RFC 3339
	DateUpdated          *string // RFC 3339
	Attributes           *string
	RoleSid              *string
	LastReadMessageIndex *string
	LastReadTimestamp    *string
}

// CreateParticipant adds a chat participant (Identity) or a phone (MessagingBinding). A new identity becomes a user of the
// service. Errors: 20001, 50056, 50100, 50105, 50206, 50207, 50211, 50214, 50303, 50304, 50377, 50386, 50407–50418, 50433,
// 50436–50439, 50452, and 404 for the conversation.
func (a *API) CreateParticipant(ctx context.Context, scope Scope, conversation string, p CreateParticipantParams) (Participant, error) {
	var created participantDoc
	err := a.perform(ctx, action{scope: scope, pre: OnParticipantAdd,
		event: func() Event { return participantEvent(OnParticipantAdd, created) },
		do: func(tx store.Tx, _ preActionReply) error {
			c, err := a.openConversation(tx, scope, conversation)
			if err != nil {
				return err
			}
			created, err = a.addParticipant(tx, scope, &c, p)
			return err
		}})
	return created.Participant, err
}

// addParticipant adds a participant to an open conversation in a transaction, and updates the counts of the conversation.
func (a *API) addParticipant(tx store.Tx, scope Scope, c *conversationDoc, p CreateParticipantParams) (participantDoc, error) {
	binding, err := a.newBinding(tx, c.AccountSID, p)
	if err != nil {
		return participantDoc{}, err
	}
	service, err := services.Get(tx, c.ChatServiceSID)
	if err != nil {
		return participantDoc{}, err
	}
	now := a.now()
	created := participantDoc{
		Participant: Participant{
			AccountSID: c.AccountSID, ConversationSID: c.SID, SID: a.sids.New("MB"), Attributes: "{}",
			Identity: p.Identity, MessagingBinding: binding, RoleSID: &service.DefaultConversationRoleSID,
			DateCreated: now, DateUpdated: now,
		},
		ServiceSID: c.ChatServiceSID, Ordinal: c.NextOrdinal, Created: now,
	}
	created.BindingKey = a.bindingKey(c.AccountSID, binding)
	if err := created.apply(p.Attributes, p.DateCreated, p.DateUpdated); err != nil {
		return created, err
	}
	if err := created.setRole(tx, p.RoleSid); err != nil {
		return created, err
	}
	if err := checkLimits(*c, binding != nil); err != nil {
		return created, err
	}
	if err := checkGroup(tx, created); err != nil {
		return created, err
	}
	if err := a.joinUser(tx, scope, &created); err != nil {
		return created, err
	}
	if err := putParticipant(tx, created); err != nil {
		return created, a.hideForeignConversation(tx, created, err)
	}
	c.NextOrdinal++
	c.countParticipant(created, +1)
	if err := a.putRegroupedConversation(tx, c); err != nil {
		return created, err
	}
	return created, a.emit(tx, scope, participantEvent(OnParticipantAdded, created))
}

// FetchParticipant returns a participant by SID or identity, or a 404.
func (a *API) FetchParticipant(ctx context.Context, scope Scope, conversation, id string) (Participant, error) {
	var found participantDoc
	err := a.view(ctx, func(tx store.Tx) error {
		c, err := a.conversation(tx, scope, conversation)
		if err != nil {
			return err
		}
		found, err = participant(tx, c.SID, id)
		return err
	})
	return found.Participant, err
}

// UpdateParticipant changes a participant. Errors: 20001, 50056, 50100, 50105, 50214, 50303, 50304, 50377, 50408, 50421, 50433,
// 50440–50444, and 404.
func (a *API) UpdateParticipant(ctx context.Context, scope Scope, conversation, id string, p UpdateParticipantParams) (Participant, error) {
	var updated participantDoc
	err := a.perform(ctx, action{scope: scope, pre: OnParticipantUpdate,
		event: func() Event { return participantEvent(OnParticipantUpdate, updated) },
		do: func(tx store.Tx, _ preActionReply) error {
			c, err := a.openConversation(tx, scope, conversation)
			if err != nil {
				return err
			}
			if updated, err = participant(tx, c.SID, id); err != nil {
				return err
			}
			before := updated
			if err := a.changeParticipant(tx, scope, &updated, p); err != nil {
				return err
			}
			c.countParticipant(before, -1)
			c.countParticipant(updated, +1)
			if before.groupAddress() != updated.groupAddress() {
				if err := a.putRegroupedConversation(tx, &c); err != nil {
					return err
				}
			}
			return a.emit(tx, scope, participantEvent(OnParticipantUpdated, updated))
		}})
	return updated.Participant, err
}

// changeParticipant changes a participant of an open conversation in a transaction.
func (a *API) changeParticipant(tx store.Tx, scope Scope, doc *participantDoc, p UpdateParticipantParams) error {
	doc.DateUpdated = a.now()
	if err := doc.apply(p.Attributes, p.DateCreated, p.DateUpdated); err != nil {
		return err
	}
	if err := doc.setRole(tx, p.RoleSid); err != nil {
		return err
	}
	if err := a.updateBinding(tx, doc, p); err != nil {
		return err
	}
	if err := a.joinUser(tx, scope, doc); err != nil {
		return err
	}
	doc.BindingKey = a.bindingKey(doc.AccountSID, doc.MessagingBinding)
	if err := doc.setLastRead(p.LastReadMessageIndex, p.LastReadTimestamp); err != nil {
		return err
	}
	return putParticipant(tx, *doc)
}

// DeleteParticipant removes a participant and frees its binding. Its messages stay. Errors: 50056, 50377, and 404.
func (a *API) DeleteParticipant(ctx context.Context, scope Scope, conversation, id string) error {
	var doc participantDoc
	return a.perform(ctx, action{scope: scope, pre: OnParticipantRemove,
		event: func() Event { return participantEvent(OnParticipantRemove, doc) },
		do: func(tx store.Tx, _ preActionReply) error {
			c, err := a.openConversation(tx, scope, conversation)
			if err != nil {
				return err
			}
			if doc, err = participant(tx, c.SID, id); err != nil {
				return err
			}
			return a.removeParticipant(tx, scope, c, doc)
		}})
}

// removeParticipant removes a participant from its conversation in a transaction.
func (a *API) removeParticipant(tx store.Tx, scope Scope, c conversationDoc, p participantDoc) error {
	removed := participantEvent(OnParticipantRemoved, p)
	removed.Params.Set("DateRemoved", twilio.WebhookDate(a.now()))
	if err := participants.Delete(tx, p.key()); err != nil {
		return err
	}
	if err := leaveUser(tx, p); err != nil {
		return err
	}
	c.countParticipant(p, -1)
	if err := a.putRegroupedConversation(tx, &c); err != nil {
		return err
	}
	return a.emit(tx, scope, removed)
}

// ListParticipants returns the participants of a conversation, oldest first.
func (a *API) ListParticipants(ctx context.Context, scope Scope, conversation string, q twilio.PageQuery) (twilio.Page[Participant], error) {
	return listPage(ctx, a, q, func(tx store.Tx) (twilio.Listing[participantDoc, Participant], error) {
		c, err := a.conversation(tx, scope, conversation)
		return twilio.Listing[participantDoc, Participant]{
			Table:    participants,
			Query:    store.Query{Prefix: store.Prefix(c.SID)},
			Resource: func(p participantDoc) (Participant, error) { return p.Participant, nil },
		}, err
	})
}

// participantDoc is the stored form of a participant.
type participantDoc struct {
	Participant
	ServiceSID string
	Ordinal    int64
	Created    time.Time
	// UserSID is the user with the identity of the participant; empty without an identity.
	UserSID string
	// Muted reports whether the notification level of the user's conversation is muted.
	Muted bool
	// BindingKey is the pair of addresses that the participant holds; empty without a pair, and in a closed conversation.
	BindingKey string
	// Closed reports whether the conversation is closed. The user then does not count it.
	Closed bool
}

const (
	bySID      = "sid"      // SID, unique
	byIdentity = "identity" // Key(conversation, identity), unique
	byBinding  = "binding"  // BindingKey, unique
	byNonChat  = "non-chat" // Key(conversation, ordinal), participants with a binding
	byUser     = "user"     // Key(user, conversation)
	byAddress  = "address"  // Key(service, address, conversation)
)

// participants have the key Key(conversation, ordinal), in the order of creation.
var participants = store.NewTable[participantDoc]("participant").
	Unique(bySID, func(p participantDoc) (string, bool) { return p.SID, true }).
	Unique(byIdentity, func(p participantDoc) (string, bool) {
		return store.Key(p.ConversationSID, twilio.Value(p.Identity)), p.Identity != nil
	}).
	Unique(byBinding, func(p participantDoc) (string, bool) {
		return p.BindingKey, p.BindingKey != ""
	}).
	Ordered(byNonChat, func(p participantDoc) (string, bool) {
		return store.Key(p.ConversationSID, store.Ordinal(p.Ordinal)), p.MessagingBinding != nil
	}).
	Ordered(byUser, func(p participantDoc) (string, bool) {
		return store.Key(p.UserSID, p.ConversationSID), p.UserSID != ""
	}).
	Ordered(byAddress, func(p participantDoc) (string, bool) {
		return store.Key(p.ServiceSID, p.address(), p.ConversationSID), p.address() != ""
	})

func (p participantDoc) key() string { return store.Key(p.ConversationSID, store.Ordinal(p.Ordinal)) }

func (p participantDoc) address() string {
	if p.MessagingBinding == nil {
		return ""
	}
	return twilio.Value(p.MessagingBinding.Address)
}

// participantOf returns a participant of a conversation by SID, or store.ErrNotFound.
func participantOf(tx store.Tx, conversationSID, participantSID string) (participantDoc, error) {
	p, err := participants.Lookup(tx, bySID, participantSID)
	if err == nil && p.ConversationSID != conversationSID {
		return participantDoc{}, store.ErrNotFound
	}
	return p, err
}

// participant returns a participant of a conversation by SID or identity, or ErrNotFound.
func participant(tx store.Tx, conversationSID, id string) (participantDoc, error) {
	p, err := participantOf(tx, conversationSID, id)
	if errors.Is(err, store.ErrNotFound) {
		p, err = participants.Lookup(tx, byIdentity, store.Key(conversationSID, id))
	}
	return p, err
}

// putParticipant stores a participant. The error is 50433 for an identity and 50416 for a pair of addresses that another one
// holds.
func putParticipant(tx store.Tx, p participantDoc) error {
	err := participants.Put(tx, p.key(), p)
	var taken *store.ConflictError
	if !errors.As(err, &taken) {
		return err
	}
	if taken.Index == byIdentity {
		return errIdentityExists
	}
	holder, err := participants.Get(tx, taken.HeldBy)
	if err != nil {
		return err
	}
	return errBindingExists(holder.ConversationSID)
}

// checkLimits refuses another participant in a conversation that is full.
func checkLimits(c conversationDoc, nonChat bool) error {
	if c.Participants >= maxParticipants {
		return errParticipantLimit
	}
	if nonChat && c.NonChat >= maxNonChat {
		return errNonChatLimit
	}
	return nil
}

// setRole checks and sets the RoleSid of a form.
func (p *participantDoc) setRole(tx store.Tx, roleSID *string) error {
	if roleSID == nil {
		return nil
	}
	p.RoleSID = roleSID
	return checkRole(tx, p.ServiceSID, *roleSID, RoleTypeConversation)
}

// apply checks the fields that create and update share and sets those that were sent.
func (p *participantDoc) apply(attributes, dateCreated, dateUpdated *string) error {
	if err := setAttributes(&p.Attributes, attributes, maxAttributes); err != nil {
		return err
	}
	if err := twilio.SetDate(&p.DateCreated, dateCreated, errDateCreated); err != nil {
		return err
	}
	return twilio.SetDate(&p.DateUpdated, dateUpdated, errDateUpdated)
}

// setLastRead checks and sets LastReadMessageIndex and LastReadTimestamp of a form.
func (p *participantDoc) setLastRead(index, timestamp *string) error {
	if index != nil {
		if *index == "" || *index == "null" {
			p.LastReadMessageIndex = nil
		} else {
			n, err := strconv.ParseInt(*index, 10, 64)
			if err != nil || n < 0 {
				return errLastReadIndex
			}
			p.LastReadMessageIndex = &n
		}
	}
	if timestamp != nil {
		t, err := twilio.ParseDate(*timestamp)
		if err != nil {
			return twilio.InvalidParameter("LastReadTimestamp")
		}
		at := t.Format(twilio.DateLayout)
		p.LastReadTimestamp = &at
	}
	return nil
}
