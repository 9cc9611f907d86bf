package conversations

import (
	"context"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// ParticipantConversation is Twilio's ParticipantConversation resource, without links: a participant with its conversation.
// Reference, Conversations API 8.
type ParticipantConversation struct {
	AccountSID                  string       `json:"account_sid"`
	ChatServiceSID              string       `json:"chat_service_sid"`
	ParticipantSID              string       `json:"participant_sid"`
	ParticipantUserSID          *string      `json:"participant_user_sid"`
	ParticipantIdentity         *string      `json:"participant_identity"`
	ParticipantMessagingBinding *FullBinding `json:"participant_messaging_binding"`
	ConversationSID             string       `json:"conversation_sid"`
	ConversationUniqueName      *string      `json:"conversation_unique_name"`
	ConversationFriendlyName    *string      `json:"conversation_friendly_name"`
	ConversationAttributes      string       `json:"conversation_attributes"`
	ConversationDateCreated     time.Time    `json:"conversation_date_created"`
	ConversationDateUpdated     time.Time    `json:"conversation_date_updated"`
	ConversationCreatedBy       string       `json:"conversation_created_by"`
	ConversationState           State        `json:"conversation_state"`
	ConversationTimers          Timers       `json:"conversation_timers"`
}

// FullBinding is a messaging binding with all its keys; those without a value are null. Reference, Conversations API 4.2.
type FullBinding struct {
	Address          *string `json:"address"`
	ProxyAddress     *string `json:"proxy_address"`
	Type             string  `json:"type"`
	Level            *string `json:"level"`
	Name             *string `json:"name"`
	ProjectedAddress *string `json:"projected_address"`
}

// ListParticipantConversationsParams names the participant; exactly one of the two is required.
type ListParticipantConversationsParams struct{ Identity, Address *string }

// ListParticipantConversations returns the conversations of an identity or an address in any state, in the order of their SIDs.
// Errors: 50451 for both, 20001 for neither.
func (a *API) ListParticipantConversations(ctx context.Context, scope Scope, p ListParticipantConversationsParams, q twilio.PageQuery,
) (twilio.Page[ParticipantConversation], error) {
	identity, address := twilio.Value(p.Identity), twilio.Value(p.Address)
	switch {
	case identity != "" && address != "":
		return twilio.Page[ParticipantConversation]{}, errBothLookups
	case identity == "" && address == "":
		return twilio.Page[ParticipantConversation]{}, twilio.InvalidParameter("Identity or Address")
	}
	return listPage(ctx, a, q, func(tx store.Tx) (twilio.Listing[participantDoc, ParticipantConversation], error) {
		service, err := a.service(tx, scope)
		l := twilio.Listing[participantDoc, ParticipantConversation]{
			Table:    participants,
			Query:    store.Query{Index: byAddress, Prefix: store.Prefix(service.SID, address)},
			Resource: func(p participantDoc) (ParticipantConversation, error) { return newParticipantConversation(tx, p) },
		}
		if err != nil || address != "" {
			return l, err
		}
		u, err := users.Lookup(tx, byIdentity, store.Key(service.SID, identity))
		l.Query = store.Query{Index: byUser, Prefix: store.Prefix(u.SID)}
		return l, store.IgnoreNotFound(err) // an unknown identity has an empty list: no user has the SID ""
	})
}

// newParticipantConversation returns the resource of a participant.
func newParticipantConversation(tx store.Tx, p participantDoc) (ParticipantConversation, error) {
	c, err := conversationDocs.Get(tx, p.ConversationSID)
	if err != nil {
		return ParticipantConversation{}, err
	}
	shown := ParticipantConversation{
		AccountSID: p.AccountSID, ChatServiceSID: p.ServiceSID, ParticipantSID: p.SID, ParticipantIdentity: p.Identity,
		ConversationSID: c.SID, ConversationUniqueName: c.UniqueName, ConversationFriendlyName: c.FriendlyName,
		ConversationAttributes: c.Attributes, ConversationDateCreated: c.DateCreated, ConversationDateUpdated: c.DateUpdated,
		ConversationCreatedBy: c.CreatedBy, ConversationState: c.State, ConversationTimers: c.Timers,
	}
	if p.UserSID != "" {
		shown.ParticipantUserSID = &p.UserSID
	}
	if b := p.MessagingBinding; b != nil {
		shown.ParticipantMessagingBinding = &FullBinding{Type: b.Type, Address: b.Address, ProxyAddress: b.ProxyAddress,
			ProjectedAddress: b.ProjectedAddress}
	}
	return shown, nil
}
