package whatsapp

import (
	"context"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// number gives a new message its place: among all, and in its phone's thread if the phone has it.
func (s *Sandbox) number(tx store.Tx, m *Message) (err error) {
	if m.Number, err = store.Next(tx, "whatsapp_message"); err != nil {
		return err
	}
	if m.Status.HasArrived() {
		m.Seq = m.Number
	}
	m.DateCreated = s.clock.Now()
	m.DateUpdated = m.DateCreated
	if m.Status.HasArrived() {
		m.DateSent = m.DateCreated
	}
	if m.Direction == DirectionInbound {
		return s.openWindow(tx, *m)
	}
	return nil
}

// move brings a message to a status, with all who are told of it but its conversation: report does that.
func (s *Sandbox) move(tx store.Tx, m *Message, status twilio.Status, code int) error {
	m.Status, m.ErrorCode, m.DateUpdated = status, code, s.clock.Now()
	happened := conversations.MessageStatus
	if m.Seq == 0 && status.HasArrived() {
		seq, err := store.Next(tx, "whatsapp_message")
		if err != nil {
			return err
		}
		m.Seq, happened = seq, conversations.MessageSent
	}
	if status == twilio.StatusFailed {
		happened = conversations.MessageSent
	}
	if m.DateSent.IsZero() && status.HasArrived() {
		m.DateSent = m.DateUpdated
	}
	if err := messages.Put(tx, m.SID, *m); err != nil {
		return err
	}
	if err := s.record(tx, happened, *m); err != nil {
		return err
	}
	if code != 0 {
		if err := s.debug(tx, *m); err != nil {
			return err
		}
	}
	return s.callStatusBack(tx, *m)
}

// StatusChange is a step of a delivery that is made by hand.
type StatusChange struct {
	// Status is sent, delivered, read, failed or undelivered.
	Status twilio.Status `json:"status"`
	// ErrorCode says why, for the last two.
	ErrorCode int `json:"error_code,omitempty"`
}

// UpdateStatus moves a message to a phone on by hand, whatever the switch delivery says. The error is store.ErrNotFound,
// or in a person's words.
func (s *Sandbox) UpdateStatus(ctx context.Context, messageSID string, change StatusChange) (m Message, err error) {
	err = s.store.Update(ctx, func(tx store.Tx) error {
		if m, err = messages.Get(tx, messageSID); err != nil {
			return err
		}
		switch {
		case !change.Status.IsFailure() && !twilio.StatusQueued.Precedes(change.Status):
			return invalid.Errorf("status %q: it must be sent, delivered, read, failed or undelivered", change.Status)
		case !change.Status.IsFailure() && change.ErrorCode != 0:
			return invalid.Errorf("error_code %d: only a message that is failed or undelivered has one", change.ErrorCode)
		case change.ErrorCode < 0:
			return invalid.Errorf("error_code %d: it must be a code of Twilio's, such as 63016", change.ErrorCode)
		case m.Direction == DirectionInbound:
			return invalid.Errorf("message %s was written by the phone: it is received and stays so", m.SID)
		case change.Status == twilio.StatusRead && !twilio.IsWhatsApp(m.To):
			return invalid.Errorf("message %s is an SMS: it ends with delivered", m.SID)
		case !m.Status.Precedes(change.Status):
			return invalid.Errorf("message %s is %s: it cannot become %s any more", m.SID, m.Status, change.Status)
		}
		if !change.Status.IsFailure() && m.DateSent.IsZero() {
			m.DateSent = s.clock.Now()
		}
		return s.move(tx, &m, change.Status, change.ErrorCode)
	})
	if err != nil {
		return m, err
	}
	return m, s.report(ctx, m)
}
