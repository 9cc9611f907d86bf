package whatsapp

import (
	"context"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

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

// NumMedia is how many files a message has, those that are still to be fetched included.
func (m Message) NumMedia() int {
	n := len(m.MediaURLs)
	for _, f := range m.Media {
		if !f.Deleted {
			n++
		}
	}
	return n
}
