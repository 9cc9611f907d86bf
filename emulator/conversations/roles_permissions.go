package conversations

import (
	"slices"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Permission names for roles of type service. Reference, Conversations API 8, from Twilio's page of the Role resource.
var servicePermissions = []string{
	"addParticipant", "createConversation", "deleteAnyMessage", "deleteConversation", "editAnyMessage",
	"editAnyMessageAttributes", "editAnyUserInfo", "editConversationAttributes", "editConversationName", "editOwnMessage",
	"editOwnMessageAttributes", "editOwnUserInfo", "joinConversation", "removeParticipant",
}

// Permission names for roles of type conversation. The last five are not on Twilio's page; the live API takes them.
var conversationPermissions = []string{
	"addParticipant", "deleteAnyMessage", "deleteOwnMessage", "deleteConversation", "editAnyMessage",
	"editAnyMessageAttributes", "editAnyUserInfo", "editConversationAttributes", "editConversationName", "editOwnMessage",
	"editOwnMessageAttributes", "editOwnUserInfo", "leaveConversation", "removeParticipant", "sendMediaMessage", "sendMessage",
	"addNonChatParticipant", "editAnyParticipantAttributes", "editOwnParticipantAttributes", "editNotificationLevel",
	"readChannelMetadata",
}

// parsePermissions checks the names for a type of roles and returns them, each once. They are names and no enum: their
// case counts.
func parsePermissions(t RoleType, sent []string) ([]string, error) {
	known := servicePermissions
	if t == RoleTypeConversation {
		known = conversationPermissions
	}
	permissions := make([]string, 0, len(sent))
	for _, name := range sent {
		if !slices.Contains(known, name) {
			return nil, errPermissionUnknown
		}
		if !slices.Contains(permissions, name) {
			permissions = append(permissions, name)
		}
	}
	return permissions, nil
}

// addDefaultRoles gives a new service its four roles, and makes three of them what new users, participants and creators
// get. Names and permissions: reference, Conversations API 8.
func (a *API) addDefaultRoles(tx store.Tx, s *serviceDoc) error {
	for _, d := range []struct {
		name        string
		roleType    RoleType
		permissions []string
		isDefault   *string // nil: of nobody
	}{
		{"service admin", RoleTypeService, slices.Clone(servicePermissions), nil},
		{"service user", RoleTypeService, []string{"createConversation", "joinConversation", "editOwnUserInfo"},
			&s.DefaultChatServiceRoleSID},
		{"channel admin", RoleTypeConversation, []string{
			"deleteConversation", "removeParticipant", "editConversationName", "editConversationAttributes", "addParticipant",
			"sendMessage", "sendMediaMessage", "leaveConversation", "editAnyMessage", "editAnyMessageAttributes",
			"editAnyParticipantAttributes", "deleteAnyMessage", "editNotificationLevel"},
			&s.DefaultConversationCreatorRoleSID},
		{"channel user", RoleTypeConversation, []string{
			"sendMessage", "sendMediaMessage", "leaveConversation", "editOwnMessage", "editOwnMessageAttributes",
			"deleteOwnMessage", "editOwnUserInfo", "editNotificationLevel"},
			&s.DefaultConversationRoleSID},
	} {
		r := a.newRole(*s, d.name, d.roleType, d.permissions)
		if err := roles.Put(tx, r.SID, r); err != nil {
			return err
		}
		if d.isDefault != nil {
			*d.isDefault = r.SID
		}
	}
	return nil
}

// deleteRoles removes all roles of a service.
func deleteRoles(tx store.Tx, serviceSID string) error {
	_, err := roles.DeleteAll(tx, store.Query{Index: byService, Prefix: store.Prefix(serviceSID)})
	return err
}
