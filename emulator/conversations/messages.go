package conversations

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Limits of the Body of a message: in characters for a message to phones, in bytes for chat and from phones. Reference,
// Conversations API 11.
const (
	maxBodyToPhone = 1600
	maxBody        = 32 << 10
)

// systemAuthor is the Author of a message whose form has none.
const systemAuthor = "system"

// Message is Twilio's Message resource of a conversation, without url and links. Reference, Conversations API 5.2.
type Message struct {
	AccountSID      string `json:"account_sid"`
	ConversationSID string `json:"conversation_sid"`
	SID             string `json:"sid"`
	// Index counts from 0. No index is used twice.
	Index  int64  `json:"index"`
	Author string `json:"author"`
	// Body is nil for a message with media only.
	Body       *string `json:"body"`
	Media      []Media `json:"media"`
	Attributes string  `json:"attributes"`
	// ParticipantSID is the participant whose identity or address is the Author; nil when there is none.
	ParticipantSID *string   `json:"participant_sid"`
	DateCreated    time.Time `json:"date_created"`
	DateUpdated    time.Time `json:"date_updated"`
	// Delivery is the summary of the receipts; nil while there are none.
	Delivery   *Delivery `json:"delivery"`
	ContentSID *string   `json:"content_sid"`
}

// MessageParams is the form of creating or updating a message. MediaSid, ContentSid and ContentVariables are for creating only;
// ContentSid replaces Body and MediaSid.
type MessageParams struct {
	Author           *string
	Body             *string
	DateCreated      *string // RFC 3339
	DateUpdated      *string // RFC 3339
	Attributes       *string
	MediaSid         *string
	ContentSid       *string
	ContentVariables *string
	Subject          *string
}

// CreateMessage adds a message to a conversation and makes an inactive conversation active. The message goes to the phones of all
// participants but the author. Errors: 50056, 50303, 50304, 50308–50310, 50377, 50386, 50503, 50504, 50507, 50508, 50510,
// 50526–50529, 50540–50542, and 404 for the conversation.
func (a *API) CreateMessage(ctx context.Context, scope Scope, conversation string, p MessageParams) (Message, error) {
	var c conversationDoc
	var created messageDoc
	err := a.perform(ctx, action{scope: scope, pre: OnMessageAdd,
		event: func() Event { return messageEvent(OnMessageAdd, c, created) },
		do: func(tx store.Tx, reply preActionReply) (err error) {
			p.applyReply(reply)
			if err := p.check(); err != nil {
				return err
			}
			if c, err = a.openConversation(tx, scope, conversation); err != nil {
				return err
			}
			created, err = a.addMessage(tx, scope, &c, p)
			return err
		}})
	return created.Message, err
}

// addMessage adds a message to an open conversation in a transaction, with its event and deliveries. The form must have been
// checked.
func (a *API) addMessage(tx store.Tx, scope Scope, c *conversationDoc, p MessageParams) (messageDoc, error) {
	now := a.now()
	m := messageDoc{
		Message: Message{
			AccountSID: c.AccountSID, ConversationSID: c.SID, SID: a.sids.New("IM"), Index: c.NextIndex,
			Author: systemAuthor, Attributes: "{}", DateCreated: now, DateUpdated: now,
		},
	}
	if p.ContentSid != nil {
		if err := m.render(tx, p); err != nil {
			return m, err
		}
		p.Body, p.MediaSid = nil, nil
	}
	if c.NonChat > 0 && scope.source() == SourceAPI && utf8.RuneCountInString(twilio.Value(p.Body)) > maxBodyToPhone {
		return m, errBodyTooLong
	}
	if err := m.apply(tx, *c, p); err != nil {
		return m, err
	}
	if c.GroupKey != "" && m.ParticipantSID == nil {
		return m, errGroupAuthor
	}
	if err := a.attachMedia(tx, *c, &m, p.MediaSid); err != nil {
		return m, err
	}
	if err := messages.Put(tx, m.key(), m); err != nil {
		return m, err
	}
	c.NextIndex++
	c.Activity = now
	if err := a.reactivate(tx, scope, c, now); err != nil {
		return m, err
	}
	if err := a.putConversation(tx, *c); err != nil {
		return m, err
	}
	if err := a.emit(tx, scope, messageEvent(OnMessageAdded, *c, m)); err != nil {
		return m, err
	}
	return m, a.enqueueDeliveries(tx, *c, m)
}

// FetchMessage returns a message by SID, or a 404.
func (a *API) FetchMessage(ctx context.Context, scope Scope, conversation, messageSID string) (Message, error) {
	var found messageDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		_, found, err = a.message(tx, scope, conversation, messageSID)
		return err
	})
	return found.Message, err
}

// UpdateMessage changes a message. The Body of a message with media is fixed (50509); other errors are those of CreateMessage.
func (a *API) UpdateMessage(ctx context.Context, scope Scope, conversation, messageSID string, p MessageParams) (Message, error) {
	var c conversationDoc
	var updated messageDoc
	err := a.perform(ctx, action{scope: scope, pre: OnMessageUpdate,
		event: func() Event { return messageEvent(OnMessageUpdate, c, updated) },
		do: func(tx store.Tx, reply preActionReply) (err error) {
			p.applyReply(reply)
			if c, updated, err = a.openMessage(tx, scope, conversation, messageSID); err != nil {
				return err
			}
			if err := a.changeMessage(tx, c, &updated, p); err != nil {
				return err
			}
			return a.emit(tx, scope, messageEvent(OnMessageUpdated, c, updated))
		}})
	return updated.Message, err
}

func (a *API) changeMessage(tx store.Tx, c conversationDoc, m *messageDoc, p MessageParams) error {
	switch {
	case p.Body != nil && len(m.Media) > 0:
		return errMediaBody
	case len(twilio.Value(p.Body)) > maxBody:
		return errBodyTooLong
	case utf8.RuneCountInString(twilio.Value(p.Subject)) > maxName:
		return twilio.InvalidParameter("Subject")
	}
	m.DateUpdated = a.now()
	if err := m.apply(tx, c, p); err != nil {
		return err
	}
	return messages.Put(tx, m.key(), *m)
}

// DeleteMessage removes a message with its media and receipts. Other messages keep their index. Errors: 50056, 50377, and 404.
func (a *API) DeleteMessage(ctx context.Context, scope Scope, conversation, messageSID string) error {
	var c conversationDoc
	var m messageDoc
	return a.perform(ctx, action{scope: scope, pre: OnMessageRemove,
		event: func() Event { return messageEvent(OnMessageRemove, c, m) },
		do: func(tx store.Tx, _ preActionReply) (err error) {
			if c, m, err = a.openMessage(tx, scope, conversation, messageSID); err != nil {
				return err
			}
			if err := a.deleteMessage(tx, m); err != nil {
				return err
			}
			if err := deletedMessages.Put(tx, m.key(), deletedMessage{}); err != nil {
				return err
			}
			removed := messageEvent(OnMessageRemoved, c, m)
			removed.Params.Set("DateRemoved", twilio.WebhookDate(a.now()))
			return a.emit(tx, scope, removed)
		}})
}

// ListMessages returns the messages of a conversation by index, ascending or descending.
func (a *API) ListMessages(ctx context.Context, scope Scope, conversation string, descending bool, q twilio.PageQuery) (twilio.Page[Message], error) {
	return listPage(ctx, a, q, func(tx store.Tx) (twilio.Listing[messageDoc, Message], error) {
		c, err := a.conversation(tx, scope, conversation)
		return twilio.Listing[messageDoc, Message]{
			Table:    messages,
			Query:    store.Query{Prefix: store.Prefix(c.SID), Reverse: descending},
			Resource: func(m messageDoc) (Message, error) { return m.Message, nil },
		}, err
	})
}

// message returns a message of a conversation of the scope, with the conversation, or ErrNotFound.
func (a *API) message(tx store.Tx, scope Scope, conversation, messageSID string) (conversationDoc, messageDoc, error) {
	c, err := a.conversation(tx, scope, conversation)
	if err != nil {
		return c, messageDoc{}, err
	}
	m, err := messageOf(tx, c.SID, messageSID)
	return c, m, err
}

// openMessage is message for a change. It refuses a message of a closed conversation.
func (a *API) openMessage(tx store.Tx, scope Scope, conversation, messageSID string) (conversationDoc, messageDoc, error) {
	c, m, err := a.message(tx, scope, conversation, messageSID)
	if err == nil && c.State == StateClosed {
		return c, m, errClosed
	}
	return c, m, err
}

func (a *API) deleteMessage(tx store.Tx, m messageDoc) error {
	for _, media := range m.Media {
		if err := a.deleteMedia(tx, media.SID); err != nil {
			return err
		}
	}
	if _, err := receipts.DeleteAll(tx, store.Query{Prefix: store.Prefix(m.SID)}); err != nil {
		return err
	}
	return messages.Delete(tx, m.key())
}

func (a *API) deleteMessages(tx store.Tx, conversationSID string) error {
	for m, err := range messages.Each(tx, store.Query{Prefix: store.Prefix(conversationSID)}) {
		if err != nil {
			return err
		}
		if err := a.deleteMessage(tx, m); err != nil {
			return err
		}
	}
	return nil
}

// messageDoc is the stored form of a message.
type messageDoc struct {
	Message
	// Created is the time at which the message was created, where a form has asked for another DateCreated; nil otherwise.
	Created *time.Time
	// Tally counts the receipts; nil while there are none.
	Tally *tally
	// Content is the rendered template of the message; nil without one.
	Content *content.Rendered
}

// created returns when the message was created.
func (m messageDoc) created() time.Time {
	if m.Created != nil {
		return *m.Created
	}
	return m.DateCreated
}

// messages have the key Key(conversation, index).
var messages = store.NewTable[messageDoc]("message").
	Unique(bySID, func(m messageDoc) (string, bool) { return m.SID, true })

// messageOf returns a message of a conversation by SID, or store.ErrNotFound.
func messageOf(tx store.Tx, conversationSID, messageSID string) (messageDoc, error) {
	m, err := messages.Lookup(tx, bySID, messageSID)
	if err == nil && m.ConversationSID != conversationSID {
		return messageDoc{}, store.ErrNotFound
	}
	return m, err
}

func (m messageDoc) key() string { return store.Key(m.ConversationSID, store.Ordinal(m.Index)) }

// applyReply changes the form as the reply of a pre-action webhook says.
func (p *MessageParams) applyReply(reply preActionReply) {
	twilio.Assign(&p.Body, reply.Body)
	twilio.Assign(&p.Author, reply.Author)
	twilio.Assign(&p.Attributes, reply.Attributes)
}

// check refuses a malformed form of a new message.
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
	if m.ParticipantSID == nil { // one that is set stays when the participant leaves
		author, err := participantByName(tx, c, m.Author)
		if err == nil {
			participantSID := author.SID // a pointer into author would keep all of it
			m.ParticipantSID = &participantSID
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
	if p.DateCreated != nil {
		created := m.created()
		m.Created = &created
	}
	if err := twilio.SetDate(&m.DateCreated, p.DateCreated, errDateCreated); err != nil {
		return err
	}
	return twilio.SetDate(&m.DateUpdated, p.DateUpdated, errDateUpdated)
}

// participantByName returns the participant whose identity or address is author, or ErrNotFound.
func participantByName(tx store.Tx, c conversationDoc, author string) (participantDoc, error) {
	p, err := participants.Lookup(tx, byIdentity, store.Key(c.SID, author))
	if !errors.Is(err, store.ErrNotFound) || c.NonChat == 0 {
		return p, err
	}
	for p, err := range participants.Each(tx, store.Query{Index: byNonChat, Prefix: store.Prefix(c.SID)}) {
		if err != nil || p.address() == author || p.groupAddress() == author {
			return p, err
		}
	}
	return participantDoc{}, store.ErrNotFound
}

// DeliveryJob delivers a message to the phone of a participant. Package whatsapp has its worker.
type DeliveryJob struct {
	Scope                                       Scope
	ConversationSID, MessageSID, ParticipantSID string
	// From is the sender of the message.
	From string
}

// Kind is the type of the job.
func (DeliveryJob) Kind() string { return "delivery" }

// enqueueDeliveries puts a DeliveryJob into the outbox for every phone in the conversation but the author's.
func (a *API) enqueueDeliveries(tx store.Tx, c conversationDoc, m messageDoc) error {
	if c.NonChat == 0 {
		return nil
	}
	var numbers []participantDoc // of a group
	if c.GroupKey != "" {
		var err error
		if numbers, err = groupParticipants(tx, c.SID); err != nil {
			return err
		}
	}
	for p, err := range participants.Each(tx, store.Query{Index: byNonChat, Prefix: store.Prefix(m.ConversationSID)}) {
		if err != nil {
			return err
		}
		sender := senderFor(p, m, numbers)
		if sender == "" || twilio.Value(m.ParticipantSID) == p.SID {
			continue
		}
		err := a.outbox.Put(tx, outbox.Job{Queue: "delivery/" + p.SID, Args: DeliveryJob{
			Scope:           Scope{AccountSID: m.AccountSID, ServiceSID: p.ServiceSID},
			ConversationSID: m.ConversationSID, MessageSID: m.SID, ParticipantSID: p.SID, From: sender}})
		if err != nil {
			return err
		}
	}
	return nil
}
