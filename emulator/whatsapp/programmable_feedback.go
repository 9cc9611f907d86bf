package whatsapp

import (
	"context"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Feedback is what an account says of the outcome of a message: whether its recipient did what the message was for.
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
