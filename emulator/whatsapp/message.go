package whatsapp

import (
	"context"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Directions of a message, in Twilio's words.
const (
	DirectionInbound       = "inbound"
	DirectionOutboundAPI   = "outbound-api"
	DirectionOutboundReply = "outbound-reply"
)

// Message is one message between a phone and a sender: Twilio's Message resource, with what a phone knows of it.
type Message struct {
	// Seq grows from message to message that a phone gets or sends, over all phones; 0 while it has not come there.
	Seq int64 `json:"seq"`
	// SID begins with SM, or MM when there are files.
	SID string `json:"sid"`
	// AccountSID is empty for what a phone that is no member writes and hears.
	AccountSID string `json:"account_sid,omitempty"`
	Direction  string `json:"direction"`
	From       string `json:"from"`
	To         string `json:"to"`
	Body       string `json:"body"`
	// Status is received for an inbound message; for others accepted, scheduled, queued, sent, delivered, read, failed,
	// undelivered or canceled.
	Status    twilio.Status `json:"status"`
	ErrorCode int           `json:"error_code,omitempty"`
	Media     []File        `json:"media,omitempty"`
	// DateCreated is in the emulator's time.
	DateCreated time.Time `json:"date_created"`
	// ConversationSID and ConversationMessageSID say which message of a conversation this is, if one has it: as a leg
	// outwards or because the conversation captured it.
	ConversationSID        string `json:"conversation_sid,omitempty"`
	ConversationMessageSID string `json:"conversation_message_sid,omitempty"`
	// ParticipantSID is whom a leg outwards is for.
	ParticipantSID string `json:"participant_sid,omitempty"`
	// Phone is the number that has it in its thread, without prefix.
	Phone string `json:"phone"`
	// Control marks join and stop, and what the sandbox itself says. No account is told of them.
	Control bool `json:"control,omitempty"`
	// ProfileName is the name of the phone when it wrote.
	ProfileName string `json:"profile_name,omitempty"`
	// MessageType is the kind of a message of a phone, as webhooks call it: text, image, location.
	MessageType string `json:"message_type,omitempty"`
	Details
	// ReplyToSender is who wrote the message that this one answers; empty when that is too long ago to be told.
	ReplyToSender string `json:"reply_to_sender,omitempty"`
	Sending
}

// File is a file of a message.
type File struct {
	SID         string `json:"sid"`
	ContentType string `json:"content_type"`
	Filename    string `json:"filename,omitempty"`
	Size        int64  `json:"size"` // bytes
	// Deleted says that the account has deleted it.
	Deleted bool `json:"deleted,omitempty"`
}

const (
	byPhone = "phone" // Key(phone, seq)
	byLeg   = "leg"   // Key(conversation message, participant), unique

	byMissed  = "missed"  // Key(phone, number): sent to a phone, and not read
	byAccount = "account" // Key(account, date, number), as are the next two
	byTo      = "to"      // Key(account, to, date, number)
	byFrom    = "from"    // Key(account, from, date, number)
)

// messages stand under their SID.
var messages = store.NewTable[Message]("whatsapp_message").
	Ordered(byPhone, func(m Message) (string, bool) { return store.Key(m.Phone, store.Ordinal(m.Seq)), m.Seq > 0 }).
	Ordered(byMissed, func(m Message) (string, bool) {
		open := m.Status == twilio.StatusSent || m.Status == twilio.StatusDelivered
		return store.Key(m.Phone, store.Ordinal(m.Number)), open && !m.Control && m.Direction != DirectionInbound
	}).
	Ordered(byAccount, func(m Message) (string, bool) { return m.dated(m.AccountSID), m.listed() }).
	Ordered(byTo, func(m Message) (string, bool) { return m.dated(m.AccountSID, m.To), m.listed() }).
	Ordered(byFrom, func(m Message) (string, bool) { return m.dated(m.AccountSID, m.From), m.listed() }).
	Unique(byLeg, func(m Message) (string, bool) {
		return store.Key(m.ConversationMessageSID, m.ParticipantSID), m.ParticipantSID != ""
	})

// ListMessages returns the thread of a phone: what it wrote and what arrived, oldest first, above a number after; limit
// at most (0: all).
func (s *Sandbox) ListMessages(ctx context.Context, phone string, after int64, limit int) (list []Message, err error) {
	phone, err = ParseNumber(phone)
	if err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx store.Tx) error {
		list = []Message{}
		q := store.Query{Index: byPhone, Prefix: store.Prefix(phone), From: store.Key(phone, store.OrdinalAfter(after))}
		for m, err := range messages.Each(tx, q) {
			if err != nil {
				return err
			}
			if list = append(list, m); len(list) == limit {
				break
			}
		}
		return nil
	})
	return list, err
}

// FetchMessage returns a message by SID, or store.ErrNotFound.
func (s *Sandbox) FetchMessage(ctx context.Context, messageSID string) (m Message, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		m, err = messages.Get(tx, messageSID)
		return err
	})
	return m, err
}
