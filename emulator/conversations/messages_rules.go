package conversations

import (
	"errors"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// messageDoc is a message with what is kept beside it.
type messageDoc struct {
	Message
	Created time.Time
	Tally   tally // of the receipts
}

// messages stand under Key(conversation, index).
var messages = store.NewTable[messageDoc]("message").
	Unique(bySID, func(m messageDoc) (string, bool) { return store.Key(m.ConversationSID, m.SID), true })

func (m messageDoc) key() string { return store.Key(m.ConversationSID, store.Ordinal(m.Index)) }

// take changes the form as a pre-action webhook wants it.
func (p *MessageParams) take(reply hookReply) {
	twilio.Assign(&p.Body, reply.Body)
	twilio.Assign(&p.Author, reply.Author)
	twilio.Assign(&p.Attributes, reply.Attributes)
}

// check refuses what is wrong with a new message whatever its conversation.
func (p MessageParams) check() error {
	switch {
	case utf8.RuneCountInString(twilio.Value(p.Subject)) > maxName:
		return twilio.InvalidParameter("Subject")
	case p.ContentSid != nil && !sid.Valid(*p.ContentSid, "HX"):
		return errContentSID
	case p.ContentSid != nil:
		return nil
	case twilio.Value(p.ContentVariables) != "":
		return errContentSIDMissing
	case p.MediaSid != nil && !sid.Valid(*p.MediaSid, "ME"):
		return errMediaSID
	case twilio.Value(p.Body) == "" && p.MediaSid == nil:
		return errBodyMissing
	case len(twilio.Value(p.Body)) > maxBody:
		return errBodyTooLong
	}
	return nil
}

// apply checks the fields that create and update share and sets those that were sent.
func (m *messageDoc) apply(tx store.Tx, c conversationDoc, p MessageParams) error {
	if p.Author != nil && *p.Author != "" {
		if utf8.RuneCountInString(*p.Author) > maxName {
			return errAuthorTooLong
		}
		m.Author, m.ParticipantSID = *p.Author, nil
	}
	if m.ParticipantSID == nil { // it stays when the participant leaves
		author, err := participantByName(tx, c, m.Author)
		if err == nil {
			m.ParticipantSID = &author.SID
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if p.Body != nil && *p.Body != "" {
		m.Body = p.Body
	}
	if err := setAttributes(&m.Attributes, p.Attributes, maxAttributes); err != nil {
		return err
	}
	if err := twilio.SetDate(&m.DateCreated, p.DateCreated, errDateCreated); err != nil {
		return err
	}
	return twilio.SetDate(&m.DateUpdated, p.DateUpdated, errDateUpdated)
}

// participantByName returns the participant whose identity or address an author is, or ErrNotFound.
func participantByName(tx store.Tx, c conversationDoc, author string) (participantDoc, error) {
	p, err := participants.Lookup(tx, byIdentity, store.Key(c.SID, author))
	if !errors.Is(err, store.ErrNotFound) || c.NonChat == 0 {
		return p, err
	}
	for p, err := range participants.Each(tx, store.Query{Index: byNonChat, Prefix: store.Prefix(c.SID)}) {
		if err != nil || p.address() == author {
			return p, err
		}
	}
	return participantDoc{}, store.ErrNotFound
}

// DeliveryJob carries a message to the phone of a participant. Package whatsapp runs it.
type DeliveryJob struct {
	Scope                                       Scope
	ConversationSID, MessageSID, ParticipantSID string
}

// Kind is the type of the job.
func (DeliveryJob) Kind() string { return "delivery" }

// fanOut promises delivery of a message to every phone in the conversation but the author's.
func (a *API) fanOut(tx store.Tx, c conversationDoc, m messageDoc) error {
	if c.NonChat == 0 {
		return nil
	}
	for p, err := range participants.Each(tx, store.Query{Index: byNonChat, Prefix: store.Prefix(m.ConversationSID)}) {
		if err != nil {
			return err
		}
		if m.ParticipantSID != nil && *m.ParticipantSID == p.SID {
			continue
		}
		err := a.outbox.Put(tx, outbox.Job{Queue: "delivery/" + p.SID, Args: DeliveryJob{
			Scope: Scope{AccountSID: m.AccountSID, ServiceSID: p.ServiceSID}, ConversationSID: m.ConversationSID, MessageSID: m.SID, ParticipantSID: p.SID}})
		if err != nil {
			return err
		}
	}
	return nil
}
