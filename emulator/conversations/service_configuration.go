package conversations

import (
	"context"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// ServiceConfiguration is Twilio's ServiceConfiguration resource, without url and links: the defaults of new users and
// participants of a service. The roles can be replaced and never removed. Reference, Conversations API 8.
type ServiceConfiguration struct {
	ChatServiceSID                    string `json:"chat_service_sid"`
	DefaultConversationCreatorRoleSID string `json:"default_conversation_creator_role_sid"`
	DefaultConversationRoleSID        string `json:"default_conversation_role_sid"`
	DefaultChatServiceRoleSID         string `json:"default_chat_service_role_sid"`
	ReachabilityEnabled               bool   `json:"reachability_enabled"`
}

// ServiceConfigurationParams is the form of updating a ServiceConfiguration.
type ServiceConfigurationParams struct {
	DefaultConversationCreatorRoleSid *string
	DefaultConversationRoleSid        *string
	DefaultChatServiceRoleSid         *string
	ReachabilityEnabled               *bool
}

// FetchServiceConfiguration returns the configuration of the scope's service, or a 404.
func (a *API) FetchServiceConfiguration(ctx context.Context, scope Scope) (ServiceConfiguration, error) {
	var found serviceDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		found, err = a.service(tx, scope)
		return err
	})
	return found.configuration(), err
}

// UpdateServiceConfiguration changes the configuration of the scope's service. Errors: 20001 for a malformed SID of a
// role, 50100 for an unknown role, 50105 for a role of the other type, and 404 for the service.
func (a *API) UpdateServiceConfiguration(ctx context.Context, scope Scope, p ServiceConfigurationParams) (ServiceConfiguration, error) {
	var updated serviceDoc
	err := a.update(ctx, func(tx store.Tx) error {
		s, err := a.service(tx, scope)
		if err != nil {
			return err
		}
		for _, role := range []struct {
			target *string
			sent   *string
			want   RoleType
		}{
			{&s.DefaultConversationCreatorRoleSID, p.DefaultConversationCreatorRoleSid, RoleTypeConversation},
			{&s.DefaultConversationRoleSID, p.DefaultConversationRoleSid, RoleTypeConversation},
			{&s.DefaultChatServiceRoleSID, p.DefaultChatServiceRoleSid, RoleTypeService},
		} {
			if role.sent == nil {
				continue
			}
			if err := checkRole(tx, s.SID, *role.sent, role.want); err != nil {
				return err
			}
			*role.target = *role.sent
		}
		if p.ReachabilityEnabled != nil {
			s.ReachabilityEnabled = *p.ReachabilityEnabled
		}
		s.DateUpdated = a.now()
		updated = s
		return services.Put(tx, s.SID, s)
	})
	return updated.configuration(), err
}

func (s serviceDoc) configuration() ServiceConfiguration {
	return ServiceConfiguration{ChatServiceSID: s.SID, ReachabilityEnabled: s.ReachabilityEnabled,
		DefaultConversationCreatorRoleSID: s.DefaultConversationCreatorRoleSID,
		DefaultConversationRoleSID:        s.DefaultConversationRoleSID, DefaultChatServiceRoleSID: s.DefaultChatServiceRoleSID}
}
