package whatsapp

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

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
	// ConversationSID and ConversationMessageSID say which message of a conversation this is, if one has it: because it
	// is sent to a participant, or because the conversation captured it.
	ConversationSID        string `json:"conversation_sid,omitempty"`
	ConversationMessageSID string `json:"conversation_message_sid,omitempty"`
	// ParticipantSID is the participant to whom a message of a conversation is sent; empty for others.
	ParticipantSID string `json:"participant_sid,omitempty"`
	// Phone is the number that has it in its thread, without prefix.
	Phone string `json:"phone"`
	// Control marks join and stop, and what the sandbox itself says. No account is told of them.
	Control bool `json:"control,omitempty"`
	// ProfileName is the name of the phone when it wrote.
	ProfileName string `json:"profile_name,omitempty"`
	// Username is that of the phone when it wrote; empty for none. From is its ExternalUserId then.
	Username string `json:"username,omitempty"`
	// MessageType is the kind of a message of a phone, as webhooks call it: text, image, location.
	MessageType string `json:"message_type,omitempty"`
	Details
	// ReplyToSender is the From of the message that this one answers; empty when that message is too old.
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
	byPhone    = "phone"    // Key(phone, seq)
	byDelivery = "delivery" // Key(conversation message, participant), unique
	byMissed   = "missed"   // Key(phone, number): sent to a phone, and not read
	byAccount  = "account"  // Key(account, date, number), as are the next two
	byTo       = "to"       // Key(account, to, date, number)
	byFrom     = "from"     // Key(account, from, date, number)
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
	Unique(byDelivery, func(m Message) (string, bool) {
		return store.Key(m.ConversationMessageSID, m.ParticipantSID), m.ParticipantSID != ""
	})

// ListMessages returns the thread of a phone: what it wrote and what arrived, oldest first, above a number after; limit
// at most (0: all).
func (s *Sandbox) ListMessages(ctx context.Context, phone string, after int64, limit int) (list []Message, err error) {
	phone, err = s.numberOf(ctx, phone)
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

// MessageFilter narrows a list of messages; zero fields do not.
type MessageFilter struct {
	To, From string
	// SentFrom and SentBefore bound when a message was sent, or made if it was not sent: the first instant that belongs
	// and the first that does not.
	SentFrom, SentBefore time.Time
}

// dated is a place in the order of an account's messages: by the date of sending, or of making while it is not sent.
func (m Message) dated(of ...string) string {
	at := m.DateSent
	if at.IsZero() {
		at = m.DateCreated
	}
	return store.Key(append(of, store.Instant(at), store.Ordinal(m.Number))...)
}

// listed reports whether an account sees a message.
func (m Message) listed() bool { return m.AccountSID != "" && !m.Deleted }

// ListAccountMessages returns the messages of an account, in and out, the latest first. The error is 400/20001 for a
// token that is not of this list.
func (s *Sandbox) ListAccountMessages(ctx context.Context, accountSID string, f MessageFilter, pq twilio.PageQuery) (page twilio.Page[Message], err error) {
	list := twilio.Listing[Message, Message]{Table: messages, Query: store.Query{Index: byAccount, Prefix: store.Prefix(accountSID), Reverse: true}}
	switch {
	case f.To != "":
		list.Query.Index, list.Query.Prefix = byTo, store.Prefix(accountSID, f.To)
		if f.From != "" {
			list.Keep = func(m Message) bool { return m.From == f.From }
		}
	case f.From != "":
		list.Query.Index, list.Query.Prefix = byFrom, store.Prefix(accountSID, f.From)
	}
	if !f.SentFrom.IsZero() {
		list.Query.From = list.Query.Prefix + store.Instant(f.SentFrom)
	}
	if !f.SentBefore.IsZero() {
		list.Query.To = list.Query.Prefix + store.Instant(f.SentBefore)
	}
	err = s.store.View(ctx, func(tx store.Tx) error {
		page, err = list.Page(tx, pq)
		return err
	})
	for i := range page.Items {
		page.Items[i] = page.Items[i].shown()
	}
	return page, s.twilioError(err)
}

// NumMedia returns the number of files of a message, those that are still to be fetched included.
func (m Message) NumMedia() int {
	n := len(m.MediaURLs)
	for _, f := range m.Media {
		if !f.Deleted {
			n++
		}
	}
	return n
}

// MessageUpdate is the form of updating a message: Body may only be empty, Status only canceled.
type MessageUpdate struct {
	Body   *string
	Status *string
}

// accountMessage returns a message that an account may see, or store.ErrNotFound.
func accountMessage(tx store.Tx, accountSID, messageSID string) (Message, error) {
	m, err := messages.Get(tx, messageSID)
	if err == nil && (m.AccountSID != accountSID || !m.listed()) {
		return Message{}, store.ErrNotFound
	}
	return m, err
}

// shown is a message as the account sees it.
func (m Message) shown() Message {
	m.Body = m.accountText()
	if m.Redacted {
		m.Body = ""
	}
	return m
}

// tooLong reports whether a phone has written more than Twilio takes (21617). Twilio's support article 360033806753.
func (m Message) tooLong() bool {
	return m.Direction == DirectionInbound && utf8.RuneCountInString(m.Body) > maxMessageText
}

// accountText is the text of a message as its account has it: what a phone has written is cut to the length that Twilio takes.
func (m Message) accountText() string {
	if !m.tooLong() {
		return m.Body
	}
	return string([]rune(m.Body)[:maxMessageText])
}

// FetchAccountMessage returns a message of an account, whichever way it went, or a 404.
func (s *Sandbox) FetchAccountMessage(ctx context.Context, accountSID, messageSID string) (m Message, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		m, err = accountMessage(tx, accountSID, messageSID)
		return err
	})
	return m.shown(), s.twilioError(err)
}

// UpdateMessage takes the text of a message away from the account, or cancels one that is not sent yet. The phone keeps
// what it has. Errors: 20001 for another Body or Status, 30409, and 404.
func (s *Sandbox) UpdateMessage(ctx context.Context, accountSID, messageSID string, p MessageUpdate) (m Message, err error) {
	err = s.store.Update(ctx, func(tx store.Tx) error {
		if m, err = accountMessage(tx, accountSID, messageSID); err != nil {
			return err
		}
		switch {
		case twilio.Value(p.Body) != "":
			return twilio.InvalidParameter("Body")
		case p.Status != nil && *p.Status != string(twilio.StatusCanceled):
			return twilio.InvalidParameter("Status")
		case p.Status != nil && !m.Status.IsUnsent():
			return errNotCancelable
		}
		if p.Status != nil {
			if err := s.move(tx, &m, twilio.StatusCanceled, 0); err != nil {
				return err
			}
		}
		if p.Body != nil {
			m.Redacted, m.DateUpdated = true, s.clock.Now()
		}
		return messages.Put(tx, m.SID, m)
	})
	return m.shown(), s.twilioError(err)
}

// DeleteMessage hides a message from its account for good. The phone keeps what it has. Errors: 20009 while it is on its
// way, and 404.
func (s *Sandbox) DeleteMessage(ctx context.Context, accountSID, messageSID string) error {
	return s.twilioError(s.store.Update(ctx, func(tx store.Tx) error {
		m, err := accountMessage(tx, accountSID, messageSID)
		if err != nil {
			return err
		}
		if m.Status.IsUnsent() {
			return errNotFinished
		}
		m.Deleted = true
		return messages.Put(tx, m.SID, m)
	}))
}

// FetchAccountMedia returns a file of a message, and the message, or a 404.
func (s *Sandbox) FetchAccountMedia(ctx context.Context, accountSID, messageSID, mediaSID string) (m Message, f File, err error) {
	m, err = s.FetchAccountMessage(ctx, accountSID, messageSID)
	if err != nil {
		return m, f, err
	}
	i := m.file(mediaSID)
	if i < 0 {
		return m, f, twilio.ErrNotFound
	}
	return m, m.Media[i], nil
}

// DeleteAccountMedia removes a file of a message, or returns a 404. A file of a conversation stays in the conversation.
func (s *Sandbox) DeleteAccountMedia(ctx context.Context, accountSID, messageSID, mediaSID string) error {
	return s.twilioError(s.store.Update(ctx, func(tx store.Tx) error {
		m, err := accountMessage(tx, accountSID, messageSID)
		if err != nil {
			return err
		}
		i := m.file(mediaSID)
		if i < 0 {
			return store.ErrNotFound
		}
		m.Media = slices.Clone(m.Media)
		m.Media[i].Deleted, m.DateUpdated = true, s.clock.Now()
		if err := messages.Put(tx, m.SID, m); err != nil || m.ParticipantSID != "" {
			return err
		}
		return unlessGone(s.conversations.DeleteMedia(tx, accountSID, mediaSID))
	}))
}

// file finds a file that was not deleted; -1 if there is none.
func (m Message) file(mediaSID string) int {
	return slices.IndexFunc(m.Media, func(f File) bool { return f.SID == mediaSID && !f.Deleted })
}

// Feedback is an account's report on the outcome of a message: whether its recipient did what the message was for.
type Feedback struct {
	// Outcome is confirmed or unconfirmed.
	Outcome                  string
	DateCreated, DateUpdated time.Time
}

// CreateFeedback says of a message of an account whether its outcome is confirmed, which it is when outcome is nil. Errors:
// 20001 for another outcome, or for a message that was sent without ProvideFeedback; and 404.
func (s *Sandbox) CreateFeedback(ctx context.Context, accountSID, messageSID string, outcome *string) (f Feedback, err error) {
	f.Outcome = "confirmed"
	if twilio.Value(outcome) != "" {
		f.Outcome = *outcome
	}
	if !oneOf(&f.Outcome, "confirmed", "unconfirmed") {
		return f, twilio.InvalidParameter("Outcome")
	}
	err = s.store.Update(ctx, func(tx store.Tx) error {
		m, err := accountMessage(tx, accountSID, messageSID)
		if err != nil {
			return err
		}
		if !m.ProvideFeedback {
			return twilio.InvalidParameter("MessageSid: it was created without ProvideFeedback")
		}
		f.DateUpdated = s.clock.Now()
		f.DateCreated = f.DateUpdated
		if m.Feedback != nil {
			f.DateCreated = m.Feedback.DateCreated
		}
		m.Feedback = &f
		return messages.Put(tx, m.SID, m)
	})
	return f, s.twilioError(err)
}
