package conversations

import (
	"errors"
	"strconv"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// participantDoc is a participant with what is kept beside it.
type participantDoc struct {
	Participant
	ServiceSID string
	Ordinal    int64
	Created    time.Time
	// UserSID is the user whose identity the participant has; empty when it has none.
	UserSID string
	// Muted is the notification level of the user's conversation.
	Muted bool
	// BindingKey is the pair of addresses that this participant holds; empty when it has none or its conversation is
	// closed.
	BindingKey string
	// Closed is whether its conversation is: then its user does not count it.
	Closed bool
}

const (
	bySID      = "sid"      // Key(parent, SID), unique
	byIdentity = "identity" // Key(conversation, identity), unique
	byBinding  = "binding"  // BindingKey, unique
	byNonChat  = "non-chat" // Key(conversation, ordinal), participants with a binding
	byUser     = "user"     // Key(user, conversation)
	byAddress  = "address"  // Key(service, address, conversation)
)

// participants stand under Key(conversation, ordinal): in the order in which they came.
var participants = store.NewTable[participantDoc]("participant").
	Unique(bySID, func(p participantDoc) (string, bool) {
		return store.Key(p.ConversationSID, p.SID), true
	}).
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

// participant returns a participant of a conversation by SID or identity, or ErrNotFound.
func participant(tx store.Tx, conversationSID, id string) (participantDoc, error) {
	p, err := participants.Lookup(tx, bySID, store.Key(conversationSID, id))
	if errors.Is(err, store.ErrNotFound) {
		p, err = participants.Lookup(tx, byIdentity, store.Key(conversationSID, id))
	}
	return p, err
}

// putParticipant stores a participant and says in Twilio's words which uniqueness refuses it.
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

// checkLimits refuses one participant more than there may be.
func checkLimits(c conversationDoc, nonChat bool) error {
	if c.Participants >= maxParticipants {
		return errParticipantLimit
	}
	if nonChat && c.NonChat >= maxNonChat {
		return errNonChatLimit
	}
	return nil
}

// setRole checks and sets the role that a form asks for.
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

// read sets how far the participant has read.
func (p *participantDoc) read(index, timestamp *string) error {
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
