package whatsapp

import (
	"context"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Statuses of a message before it is sent. Reference, WhatsApp 5.2.
const (
	statusQueued    = "queued"
	statusAccepted  = "accepted"
	statusScheduled = "scheduled"
	statusCanceled  = "canceled"
)

// order is how far a message is. The highest end it.
var order = map[string]int{
	statusScheduled: 1, statusAccepted: 1, statusQueued: 1, string(conversations.StatusSent): 2,
	string(conversations.StatusDelivered): 3, string(conversations.StatusRead): 4,
}

// precedes reports whether a message may go from one status to another: never back, and not to failed once it is
// delivered.
func precedes(from, to string) bool {
	switch {
	case order[from] == 0:
		return false // received, or it has ended
	case to == string(conversations.StatusFailed), to == string(conversations.StatusUndelivered):
		return order[from] < order[string(conversations.StatusDelivered)]
	}
	return order[from] < order[to]
}

// arrived reports whether a status is one of a message that the phone has.
func arrived(status string) bool {
	return status == statusReceived || order[status] >= order[string(conversations.StatusDelivered)]
}

// number gives a new message its place: among all, and in its phone's thread if the phone has it.
func (s *Sandbox) number(tx store.Tx, m *Message) (err error) {
	if m.Number, err = s.Conversations.Next(tx, "whatsapp_message"); err != nil {
		return err
	}
	if arrived(m.Status) {
		m.Seq = m.Number
	}
	m.DateCreated = s.Clock.Now()
	m.DateUpdated = m.DateCreated
	if arrived(m.Status) {
		m.DateSent = m.DateCreated
	}
	if m.Direction == DirectionInbound {
		return s.openWindow(tx, *m)
	}
	return nil
}

// move brings a message to a status, with all who are told of it but its conversation: report does that.
func (s *Sandbox) move(tx store.Tx, m *Message, status string, code int) error {
	m.Status, m.ErrorCode, m.DateUpdated = status, code, s.Clock.Now()
	happened := conversations.MessageStatus
	if m.Seq == 0 && arrived(status) {
		seq, err := s.Conversations.Next(tx, "whatsapp_message")
		if err != nil {
			return err
		}
		m.Seq, happened = seq, conversations.MessageSent
	}
	if status == string(conversations.StatusFailed) {
		happened = conversations.MessageSent
	}
	if m.DateSent.IsZero() && arrived(status) {
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
	Status string `json:"status"`
	// ErrorCode says why, for the last two.
	ErrorCode int `json:"error_code,omitempty"`
}

// UpdateStatus moves a message to a phone on by hand, whatever the switch delivery says. The error is store.ErrNotFound,
// or in a person's words.
func (s *Sandbox) UpdateStatus(ctx context.Context, messageSID string, change StatusChange) (m Message, err error) {
	err = s.Conversations.Update(ctx, func(tx store.Tx) error {
		if m, err = messages.Get(tx, messageSID); err != nil {
			return err
		}
		ends := change.Status == string(conversations.StatusFailed) || change.Status == string(conversations.StatusUndelivered)
		switch {
		case !ends && order[change.Status] < order[string(conversations.StatusSent)]:
			return invalid.Errorf("status %q: it must be sent, delivered, read, failed or undelivered", change.Status)
		case !ends && change.ErrorCode != 0:
			return invalid.Errorf("error_code %d: only a message that is failed or undelivered has one", change.ErrorCode)
		case change.ErrorCode < 0:
			return invalid.Errorf("error_code %d: it must be a code of Twilio's, such as 63016", change.ErrorCode)
		case m.Direction == DirectionInbound:
			return invalid.Errorf("message %s was written by the phone: it is received and stays so", m.SID)
		case change.Status == string(conversations.StatusRead) && !conversations.IsWhatsApp(m.To):
			return invalid.Errorf("message %s is an SMS: it ends with delivered", m.SID)
		case !precedes(m.Status, change.Status):
			return invalid.Errorf("message %s is %s: it cannot become %s any more", m.SID, m.Status, change.Status)
		}
		if !ends && m.DateSent.IsZero() {
			m.DateSent = s.Clock.Now()
		}
		return s.move(tx, &m, change.Status, change.ErrorCode)
	})
	if err != nil {
		return m, err
	}
	return m, s.report(ctx, m)
}
