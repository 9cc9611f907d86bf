package conversations

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Limits of a message's text: characters towards phones, bytes in chat and from phones. Reference, Conversations API 11.
const (
	maxBodyToPhone = 1600
	maxBody        = 32 << 10
)

// systemAuthor is who writes a message without an Author.
const systemAuthor = "system"

// Message is Twilio's Message resource of a conversation, without url and links. Reference, Conversations API 5.2.
type Message struct {
	AccountSID      string `json:"account_sid"`
	ConversationSID string `json:"conversation_sid"`
	SID             string `json:"sid"`
	// Index starts at 0, grows, and is never given out twice.
	Index  int64  `json:"index"`
	Author string `json:"author"`
	// Body is nil for a message of media alone.
	Body       *string `json:"body"`
	Media      []Media `json:"media"`
	Attributes string  `json:"attributes"`
	// ParticipantSID is the participant whose identity or address the author is.
	ParticipantSID *string `json:"participant_sid"`
	DateCreated    Time    `json:"date_created"`
	DateUpdated    Time    `json:"date_updated"`
	// Delivery sums up the receipts; nil while there is none.
	Delivery   *Delivery `json:"delivery"`
	ContentSID *string   `json:"content_sid"`
}

// MessageParams is the form of creating or updating a message. MediaSid, ContentSid and ContentVariables are for
// creating only.
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

// CreateMessage adds a message to a conversation: it wakes it, tells its webhooks, and goes to the phones of all its
// participants but the author. Errors: 50056, 50303, 50304, 50308–50310, 50377, 50503, 50504, 50507, 50508, 50510, 50526, and
// 404 for the conversation.
func (a *API) CreateMessage(ctx context.Context, scope Scope, conversation string, p MessageParams) (Message, error) {
	var c conversationDoc
	var created messageDoc
	err := a.act(ctx, action{scope: scope, pre: OnMessageAdd,
		event: func() Event { return messageEvent(OnMessageAdd, c, created) },
		do: func(tx store.Tx, reply hookReply) (err error) {
			p.take(reply)
			if err := p.check(scope); err != nil {
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

// addMessage adds a message, whose form was checked, to an open conversation in a transaction, with all that follows.
func (a *API) addMessage(tx store.Tx, scope Scope, c *conversationDoc, p MessageParams) (messageDoc, error) {
	if c.NonChat > 0 && scope.source() == SourceAPI && utf8.RuneCountInString(text(p.Body)) > maxBodyToPhone {
		return messageDoc{}, errBodyTooLong()
	}
	now := a.now()
	m := messageDoc{
		Message: Message{
			AccountSID: c.AccountSID, ConversationSID: c.SID, SID: a.sids.New("IM"), Index: c.NextIndex,
			Author: systemAuthor, Attributes: "{}", DateCreated: Time{now}, DateUpdated: Time{now},
		},
		Created: now,
	}
	if err := m.apply(tx, p); err != nil {
		return m, err
	}
	if err := a.attach(tx, *c, &m, p.MediaSid); err != nil {
		return m, err
	}
	if err := messages.Put(tx, m.key(), m); err != nil {
		return m, err
	}
	c.NextIndex++
	c.Activity = now
	if err := a.wake(tx, scope, c, now); err != nil {
		return m, err
	}
	if err := a.putConversation(tx, *c); err != nil {
		return m, err
	}
	if err := a.emit(tx, scope, messageEvent(OnMessageAdded, *c, m)); err != nil {
		return m, err
	}
	return m, a.fanOut(tx, m)
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

// UpdateMessage changes a message. The text of a message with media stays (50509); other errors as in CreateMessage.
func (a *API) UpdateMessage(ctx context.Context, scope Scope, conversation, messageSID string, p MessageParams) (Message, error) {
	var c conversationDoc
	var updated messageDoc
	err := a.act(ctx, action{scope: scope, pre: OnMessageUpdate,
		event: func() Event { return messageEvent(OnMessageUpdate, c, updated) },
		do: func(tx store.Tx, reply hookReply) (err error) {
			p.take(reply)
			if c, updated, err = a.openMessage(tx, scope, conversation, messageSID); err != nil {
				return err
			}
			if err := a.changeMessage(tx, &updated, p); err != nil {
				return err
			}
			return a.emit(tx, scope, messageEvent(OnMessageUpdated, c, updated))
		}})
	return updated.Message, err
}

func (a *API) changeMessage(tx store.Tx, m *messageDoc, p MessageParams) error {
	switch {
	case p.Body != nil && len(m.Media) > 0:
		return errMediaBody()
	case len(text(p.Body)) > maxBody:
		return errBodyTooLong()
	}
	m.DateUpdated = Time{a.now()}
	if err := m.apply(tx, p); err != nil {
		return err
	}
	return messages.Put(tx, m.key(), *m)
}

// DeleteMessage removes a message with its media and receipts. The index of the others stays.
func (a *API) DeleteMessage(ctx context.Context, scope Scope, conversation, messageSID string) error {
	var c conversationDoc
	var m messageDoc
	return a.act(ctx, action{scope: scope, pre: OnMessageRemove,
		event: func() Event { return messageEvent(OnMessageRemove, c, m) },
		do: func(tx store.Tx, _ hookReply) (err error) {
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
			removed.Params.Set("DateRemoved", webhookDate(a.now()))
			return a.emit(tx, scope, removed)
		}})
}

// ListMessages returns the messages of a conversation by index, ascending or descending.
func (a *API) ListMessages(ctx context.Context, scope Scope, conversation string, descending bool, q PageQuery) (Page[Message], error) {
	return list(ctx, a, q, func(tx store.Tx) (listing[messageDoc, Message], error) {
		c, err := a.conversation(tx, scope, conversation)
		return listing[messageDoc, Message]{
			table: messages,
			query: store.Query{Prefix: store.Prefix(c.SID), Reverse: descending},
			show:  func(m messageDoc) (Message, error) { return m.Message, nil },
		}, err
	})
}

// message returns a message of a conversation of the scope, with the conversation, or ErrNotFound.
func (a *API) message(tx store.Tx, scope Scope, conversation, messageSID string) (conversationDoc, messageDoc, error) {
	c, err := a.conversation(tx, scope, conversation)
	if err != nil {
		return c, messageDoc{}, err
	}
	m, err := messages.Lookup(tx, bySID, store.Key(c.SID, messageSID))
	return c, m, err
}

// openMessage is message for a change: one of a closed conversation is refused.
func (a *API) openMessage(tx store.Tx, scope Scope, conversation, messageSID string) (conversationDoc, messageDoc, error) {
	c, m, err := a.message(tx, scope, conversation, messageSID)
	if err == nil && c.State == StateClosed {
		return c, m, errClosed()
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

// take changes the form as a pre-action webhook wants it.
func (p *MessageParams) take(reply hookReply) {
	set(&p.Body, reply.Body)
	set(&p.Author, reply.Author)
	set(&p.Attributes, reply.Attributes)
}

// check refuses what is wrong with a new message whatever its conversation.
func (p MessageParams) check(scope Scope) error {
	switch {
	case p.MediaSid != nil && !sid.Valid(*p.MediaSid, "ME"):
		return errMediaSID()
	case p.ContentSid != nil:
		if !sid.Valid(*p.ContentSid, "HX") {
			return errContentSID()
		}
		return errContentSID() // there are no content templates yet, so none has this SID
	case text(p.Body) == "" && p.MediaSid == nil:
		return errBodyMissing()
	case len(text(p.Body)) > maxBody:
		return errBodyTooLong()
	case utf8.RuneCountInString(text(p.Subject)) > maxName:
		return ErrInvalidParameter("Subject")
	}
	return nil
}

// apply checks the fields that create and update share and sets those that were sent.
func (m *messageDoc) apply(tx store.Tx, p MessageParams) error {
	if p.Author != nil && *p.Author != "" {
		if utf8.RuneCountInString(*p.Author) > maxName {
			return errAuthorTooLong()
		}
		m.Author = *p.Author
	}
	author, err := participantByName(tx, m.ConversationSID, m.Author)
	switch {
	case err == nil:
		m.ParticipantSID = &author.SID
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	if p.Body != nil && *p.Body != "" {
		m.Body = p.Body
	}
	if err := setAttributes(&m.Attributes, p.Attributes, maxAttributes); err != nil {
		return err
	}
	if err := setTime(&m.DateCreated, p.DateCreated, errDateCreated); err != nil {
		return err
	}
	return setTime(&m.DateUpdated, p.DateUpdated, errDateUpdated)
}

// participantByName returns the participant whose identity or address an author is, or ErrNotFound.
func participantByName(tx store.Tx, conversationSID, author string) (participantDoc, error) {
	p, err := participants.Lookup(tx, byIdentity, store.Key(conversationSID, author))
	if !errors.Is(err, store.ErrNotFound) {
		return p, err
	}
	for p, err := range participants.Each(tx, store.Query{Index: byNonChat, Prefix: store.Prefix(conversationSID)}) {
		if err != nil || p.address() == author {
			return p, err
		}
	}
	return participantDoc{}, store.ErrNotFound
}

// fanOut promises delivery of a message to every phone in the conversation but the author's.
func (a *API) fanOut(tx store.Tx, m messageDoc) error {
	for p, err := range participants.Each(tx, store.Query{Index: byNonChat, Prefix: store.Prefix(m.ConversationSID)}) {
		if err != nil {
			return err
		}
		if m.ParticipantSID != nil && *m.ParticipantSID == p.SID {
			continue
		}
		err := a.outbox.Put(tx, Job{Type: JobDelivery, Queue: "delivery/" + p.SID, Args: map[string]string{
			"AccountSid": m.AccountSID, "ChatServiceSid": p.ServiceSID, "ConversationSid": m.ConversationSID, "MessageSid": m.SID, "ParticipantSid": p.SID}})
		if err != nil {
			return err
		}
	}
	return nil
}
