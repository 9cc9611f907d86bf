package conversations

import (
	"context"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// maxUserConversations is the number of open conversations that an identity may be in. Reference, Conversations API 11.
const maxUserConversations = 1000

// Notification levels of a user's conversation.
const (
	notificationDefault = "default"
	notificationMuted   = "muted"
)

// UserConversation is Twilio's UserConversation resource, without url and links: a conversation of a user. Dates and names are
// those of the conversation. Reference, Conversations API 8.
type UserConversation struct {
	AccountSID      string `json:"account_sid"`
	ChatServiceSID  string `json:"chat_service_sid"`
	ConversationSID string `json:"conversation_sid"`
	// UnreadMessagesCount is nil while LastReadMessageIndex is nil.
	UnreadMessagesCount  *int64    `json:"unread_messages_count"`
	LastReadMessageIndex *int64    `json:"last_read_message_index"`
	ParticipantSID       string    `json:"participant_sid"`
	UserSID              string    `json:"user_sid"`
	FriendlyName         *string   `json:"friendly_name"`
	ConversationState    State     `json:"conversation_state"`
	Timers               Timers    `json:"timers"`
	Attributes           string    `json:"attributes"`
	DateCreated          time.Time `json:"date_created"`
	DateUpdated          time.Time `json:"date_updated"`
	CreatedBy            string    `json:"created_by"`
	NotificationLevel    string    `json:"notification_level"`
	UniqueName           *string   `json:"unique_name"`
}

// UserConversationIDs are the keys of a user's conversation: the user by SID or identity, the conversation by SID or unique name.
type UserConversationIDs struct{ User, Conversation string }

// UserConversationParams is the form of updating a user's conversation.
type UserConversationParams struct {
	NotificationLevel    *string // default or muted, in any case
	LastReadMessageIndex *string // "null" removes it
	LastReadTimestamp    *string // RFC 3339
}

// FetchUserConversation returns a conversation that a user is in, or a 404.
func (a *API) FetchUserConversation(ctx context.Context, scope Scope, ids UserConversationIDs) (found UserConversation, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		c, p, err := a.userConversation(tx, scope, ids)
		if err != nil {
			return err
		}
		found, err = newUserConversation(tx, c, p)
		return err
	})
	return found, err
}

// UpdateUserConversation changes the last read message and the notification level of a user. Webhooks get an update of the
// participant. Errors: 20001, 50056, 50210, 50377, 50421, and 404.
func (a *API) UpdateUserConversation(ctx context.Context, scope Scope, ids UserConversationIDs, f UserConversationParams) (UserConversation, error) {
	var updated UserConversation
	var p participantDoc
	err := a.perform(ctx, action{
		scope: scope, pre: OnParticipantUpdate,
		do: func(tx store.Tx, _ preActionReply) (err error) {
			var c conversationDoc
			if c, p, err = a.openUserConversation(tx, scope, ids); err != nil {
				return err
			}
			if err := p.setNotificationLevel(f.NotificationLevel); err != nil {
				return err
			}
			if err := p.setLastRead(f.LastReadMessageIndex, f.LastReadTimestamp); err != nil {
				return err
			}
			p.DateUpdated = a.now()
			if err := putParticipant(tx, p); err != nil {
				return err
			}
			if updated, err = newUserConversation(tx, c, p); err != nil {
				return err
			}
			return a.emit(tx, scope, participantEvent(OnParticipantUpdated, p))
		},
		event: func() Event { return participantEvent(OnParticipantUpdate, p) },
	})
	return updated, err
}

// DeleteUserConversation removes a user from a conversation. Errors: 50056, 50377 and 404.
func (a *API) DeleteUserConversation(ctx context.Context, scope Scope, ids UserConversationIDs) error {
	var p participantDoc
	return a.perform(ctx, action{
		scope: scope, pre: OnParticipantRemove,
		do: func(tx store.Tx, _ preActionReply) (err error) {
			var c conversationDoc
			if c, p, err = a.openUserConversation(tx, scope, ids); err != nil {
				return err
			}
			return a.removeParticipant(tx, scope, c, p)
		},
		event: func() Event { return participantEvent(OnParticipantRemove, p) },
	})
}

// ListUserConversations returns the conversations of a user in any state, in the order of their SIDs.
func (a *API) ListUserConversations(ctx context.Context, scope Scope, user string, q twilio.PageQuery) (twilio.Page[UserConversation], error) {
	return listPage(ctx, a, q, func(tx store.Tx) (twilio.Listing[participantDoc, UserConversation], error) {
		_, u, err := a.user(tx, scope, user)
		return twilio.Listing[participantDoc, UserConversation]{
			Table: participants,
			Query: store.Query{Index: byUser, Prefix: store.Prefix(u.SID)},
			Resource: func(p participantDoc) (UserConversation, error) {
				c, err := conversationDocs.Get(tx, p.ConversationSID)
				if err != nil {
					return UserConversation{}, err
				}
				return newUserConversation(tx, c, p)
			},
		}, err
	})
}

// userConversation returns a user's participant in a conversation, with the conversation, or ErrNotFound.
func (a *API) userConversation(tx store.Tx, scope Scope, ids UserConversationIDs) (conversationDoc, participantDoc, error) {
	_, u, err := a.user(tx, scope, ids.User)
	if err != nil {
		return conversationDoc{}, participantDoc{}, err
	}
	c, err := a.conversation(tx, scope, ids.Conversation)
	if err != nil {
		return c, participantDoc{}, err
	}
	p, err := participants.Lookup(tx, byIdentity, store.Key(c.SID, u.Identity))
	return c, p, err
}

// openUserConversation is userConversation for a change. It refuses a closed conversation.
func (a *API) openUserConversation(tx store.Tx, scope Scope, ids UserConversationIDs) (conversationDoc, participantDoc, error) {
	c, p, err := a.userConversation(tx, scope, ids)
	if err == nil && c.State == StateClosed {
		return c, p, errClosed
	}
	return c, p, err
}

// newUserConversation returns the resource of a participant that is a user.
func newUserConversation(tx store.Tx, c conversationDoc, p participantDoc) (UserConversation, error) {
	unread, err := unreadMessages(tx, c, p.LastReadMessageIndex)
	shown := UserConversation{
		AccountSID: c.AccountSID, ChatServiceSID: c.ChatServiceSID, ConversationSID: c.SID, ParticipantSID: p.SID,
		UserSID: p.UserSID, UnreadMessagesCount: unread, LastReadMessageIndex: p.LastReadMessageIndex,
		FriendlyName: c.FriendlyName, UniqueName: c.UniqueName, Attributes: c.Attributes, CreatedBy: c.CreatedBy,
		ConversationState: c.State, Timers: c.Timers, DateCreated: c.DateCreated, DateUpdated: c.DateUpdated,
		NotificationLevel: notificationDefault,
	}
	if p.Muted {
		shown.NotificationLevel = notificationMuted
	}
	return shown, err
}

// setNotificationLevel checks and sets the NotificationLevel of a form.
func (p *participantDoc) setNotificationLevel(level *string) error {
	switch {
	case level == nil:
	case strings.EqualFold(*level, notificationDefault):
		p.Muted = false
	case strings.EqualFold(*level, notificationMuted):
		p.Muted = true
	default:
		return errNotificationLevel
	}
	return nil
}

// deletedMessage marks a deleted message. It has the key of the message.
type deletedMessage struct{}

var deletedMessages = store.NewTable[deletedMessage]("deleted_message")

// unreadMessages returns the number of messages above the index lastRead, or nil when that is nil.
//
// Indexes have no gaps but those of deleted messages. So the number is the difference of two indexes without the deleted messages
// above lastRead, and its cost grows with those only, not with the length of the conversation.
func unreadMessages(tx store.Tx, c conversationDoc, lastRead *int64) (*int64, error) {
	if lastRead == nil {
		return nil, nil
	}
	unread := max(0, c.NextIndex-1-*lastRead)
	if unread == 0 {
		return &unread, nil
	}
	above := store.Query{Prefix: store.Prefix(c.SID), From: store.Key(c.SID, store.OrdinalAfter(*lastRead))}
	for _, err := range deletedMessages.Find(tx, above) {
		if err != nil {
			return nil, err
		}
		unread--
	}
	return &unread, nil
}
