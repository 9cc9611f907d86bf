package whatsapp

import (
	"context"
	"slices"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

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
	if m.Redacted {
		m.Body = ""
	}
	return m
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
