package whatsapp

import (
	"context"
	"net/url"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// TypingLength is the time for which a phone shows that a sender is typing, unless the sender's message comes before.
// Twilio's guide to typing indicators.
const TypingLength = 25 * time.Second

// TypingStarted is the event of a sender that shows a phone that it is typing.
const TypingStarted conversations.EventType = "typing.started"

// Typing is an indicator on a phone that a sender is typing, and its end.
type Typing struct {
	From  string    `json:"from"`
	Until time.Time `json:"until"`
}

// typingDocs stand under the phone: the last sender that has begun to type to it.
var typingDocs = store.NewTable[Typing]("typing")

// TypingParams is the form of a typing indicator.
type TypingParams struct {
	Channel   *string // whatsapp
	MessageId *string //nolint:revive // named like Twilio's parameter; of a message that the phone has written
}

// CreateTyping shows the phone that wrote a message that its answer is being typed, and marks the message as read there.
// Errors: 20001 for a Channel other than whatsapp, a MessageId that is missing or malformed, or one of a message that no
// phone has written on WhatsApp; 404.
func (s *Sandbox) CreateTyping(ctx context.Context, accountSID string, p TypingParams) error {
	id := twilio.Value(p.MessageId)
	switch {
	case p.Channel == nil:
		return twilio.MissingParameter("channel")
	case *p.Channel != twilio.ChannelWhatsApp:
		return twilio.InvalidParameter("channel")
	case p.MessageId == nil:
		return twilio.MissingParameter("messageId")
	case !sid.Valid(id, "SM") && !sid.Valid(id, "MM"):
		return twilio.InvalidParameter("messageId")
	}
	return s.twilioError(s.store.Update(ctx, func(tx store.Tx) error {
		m, err := accountMessage(tx, accountSID, id)
		if err != nil {
			return err
		}
		if m.Direction != DirectionInbound || !twilio.IsWhatsApp(m.From) {
			return twilio.InvalidParameter("messageId")
		}
		phone, err := s.phoneDoc(tx, m.Phone)
		if err != nil {
			return err
		}
		if phone.Offline || phone.Blocked {
			return nil // the phone shows nothing
		}
		if err := typingDocs.Put(tx, m.Phone, Typing{From: m.To, Until: s.clock.Now().Add(TypingLength)}); err != nil {
			return err
		}
		v := url.Values{"From": {m.To}, "To": {m.From}, "Phone": {m.Phone}, "MessageSid": {m.SID}}
		if err := s.nameUser(tx, v, m); err != nil {
			return err
		}
		return s.conversations.Record(tx, conversations.Event{Type: TypingStarted, AccountSID: accountSID, Params: v})
	}))
}

// typing returns what a phone shows now; nil when nobody is typing.
func (s *Sandbox) typing(tx store.Tx, phone string) (*Typing, error) {
	t, err := typingDocs.Get(tx, phone)
	if err != nil || !s.clock.Now().Before(t.Until) {
		return nil, store.IgnoreNotFound(err)
	}
	return &t, nil
}

// stopTyping takes the indicator away when the sender's message is there.
func stopTyping(tx store.Tx, m Message) error {
	t, err := typingDocs.Get(tx, m.Phone)
	if err != nil || t.From != m.From {
		return store.IgnoreNotFound(err)
	}
	return typingDocs.Delete(tx, m.Phone)
}
