package conversations

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// RoleType is the kind of resource that has a role.
type RoleType string

// Types of roles: of the users of a service, and of the participants of a conversation.
const (
	RoleTypeService      RoleType = "service"
	RoleTypeConversation RoleType = "conversation"
)

// Role is Twilio's Role resource, without url: the permissions of users or participants. They restrict client SDKs, not the REST
// API. Reference, Conversations API 8.
type Role struct {
	SID            string   `json:"sid"`
	AccountSID     string   `json:"account_sid"`
	ChatServiceSID string   `json:"chat_service_sid"`
	FriendlyName   string   `json:"friendly_name"`
	Type           RoleType `json:"type"`
	// Permissions are the names of the permissions, in the order of the form.
	Permissions []string  `json:"permissions"`
	DateCreated time.Time `json:"date_created"`
	DateUpdated time.Time `json:"date_updated"`
}

// CreateRoleParams is the form of creating a role. All fields are required.
type CreateRoleParams struct {
	FriendlyName *string
	Type         *string // in any case
	Permission   []string
}

// UpdateRoleParams is the form of updating a role. Permission is required and replaces the list.
type UpdateRoleParams struct{ Permission []string }

// roleDoc is the stored form of a role.
type roleDoc struct {
	Role
	Created time.Time
}

const byService = "service" // Key(service, created)

var roles = store.NewTable[roleDoc]("role").
	Ordered(byService, func(r roleDoc) (string, bool) {
		return store.Key(r.ChatServiceSID, store.Instant(r.Created)), true
	})

// CreateRole adds a role to a service. Errors: 20001, 50000, 50003, 50104, 50105, and 404 for an unknown service.
func (a *API) CreateRole(ctx context.Context, scope Scope, p CreateRoleParams) (Role, error) {
	if err := p.check(); err != nil {
		return Role{}, err
	}
	roleType, err := parseRoleType(*p.Type)
	if err != nil {
		return Role{}, err
	}
	permissions, err := parsePermissions(roleType, p.Permission)
	if err != nil {
		return Role{}, err
	}
	var created roleDoc
	err = a.update(ctx, func(tx store.Tx) error {
		service, err := a.service(tx, scope)
		if err != nil {
			return err
		}
		created = a.newRole(service, *p.FriendlyName, roleType, permissions)
		return roles.Put(tx, created.SID, created)
	})
	return created.Role, err
}

// FetchRole returns a role by SID, or a 404.
func (a *API) FetchRole(ctx context.Context, scope Scope, roleSID string) (Role, error) {
	var found roleDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		found, err = a.role(tx, scope, roleSID)
		return err
	})
	return found.Role, err
}

// UpdateRole replaces all permissions of a role. Errors: 20001, 50104, and 404.
func (a *API) UpdateRole(ctx context.Context, scope Scope, roleSID string, p UpdateRoleParams) (Role, error) {
	if p.Permission == nil {
		return Role{}, twilio.MissingParameter("Permission")
	}
	var updated roleDoc
	err := a.update(ctx, func(tx store.Tx) error {
		r, err := a.role(tx, scope, roleSID)
		if err != nil {
			return err
		}
		if r.Permissions, err = parsePermissions(r.Type, p.Permission); err != nil {
			return err
		}
		r.DateUpdated = a.now()
		updated = r
		return roles.Put(tx, r.SID, r)
	})
	return updated.Role, err
}

// DeleteRole removes a role. Users and participants keep its SID, since the emulator checks no permissions. A default role of the
// service cannot be deleted (409/20409), since new users and participants get it. Both are the emulator's choice; the reference
// does not say.
func (a *API) DeleteRole(ctx context.Context, scope Scope, roleSID string) error {
	return a.update(ctx, func(tx store.Tx) error {
		r, err := a.role(tx, scope, roleSID)
		if err != nil {
			return err
		}
		service, err := services.Get(tx, r.ChatServiceSID)
		if err != nil {
			return err
		}
		if slices.Contains(service.defaultRoles(), r.SID) {
			return twilio.Conflict("Role is a default role of its service")
		}
		return roles.Delete(tx, r.SID)
	})
}

// ListRoles returns the roles of a service, oldest first.
func (a *API) ListRoles(ctx context.Context, scope Scope, q twilio.PageQuery) (twilio.Page[Role], error) {
	return listPage(ctx, a, q, func(tx store.Tx) (twilio.Listing[roleDoc, Role], error) {
		service, err := a.service(tx, scope)
		return twilio.Listing[roleDoc, Role]{
			Table:    roles,
			Query:    store.Query{Index: byService, Prefix: store.Prefix(service.SID)},
			Resource: func(r roleDoc) (Role, error) { return r.Role, nil },
		}, err
	})
}

// role returns a role of the scope's service, or ErrNotFound.
func (a *API) role(tx store.Tx, scope Scope, roleSID string) (roleDoc, error) {
	service, err := a.service(tx, scope)
	if err != nil {
		return roleDoc{}, err
	}
	r, err := roles.Get(tx, roleSID)
	if err == nil && r.ChatServiceSID != service.SID {
		return roleDoc{}, store.ErrNotFound
	}
	return r, err
}

// checkRole refuses a RoleSid that is malformed (20001), unknown in the service (50100), or of another type (50105).
func checkRole(tx store.Tx, serviceSID, roleSID string, want RoleType) error {
	if !sid.Valid(roleSID, "RL") {
		return twilio.InvalidParameter("RoleSid")
	}
	r, err := roles.Get(tx, roleSID)
	switch {
	case store.IgnoreNotFound(err) != nil:
		return err
	case err != nil || r.ChatServiceSID != serviceSID:
		return errRoleUnknown
	case r.Type != want:
		return errRoleType
	}
	return nil
}

func (a *API) newRole(s serviceDoc, name string, t RoleType, permissions []string) roleDoc {
	now := a.now()
	return roleDoc{Created: now, Role: Role{SID: a.sids.New("RL"), AccountSID: s.AccountSID, ChatServiceSID: s.SID,
		FriendlyName: name, Type: t, Permissions: permissions, DateCreated: now, DateUpdated: now}}
}

func (p CreateRoleParams) check() error {
	switch {
	case twilio.Value(p.FriendlyName) == "":
		return errFriendlyNameMissing
	case utf8.RuneCountInString(*p.FriendlyName) > maxName: // documented as 64; the live API takes 256
		return errFriendlyNameTooLong
	case p.Type == nil:
		return twilio.MissingParameter("Type")
	case p.Permission == nil:
		return twilio.MissingParameter("Permission")
	}
	return nil
}

func parseRoleType(s string) (RoleType, error) {
	t, ok := parseName(s, []RoleType{RoleTypeService, RoleTypeConversation})
	if !ok {
		return "", errRoleType
	}
	return t, nil
}

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

// parsePermissions checks the names of permissions for a type of roles and returns each once. They are case-sensitive.
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

// addDefaultRoles adds the four roles of a new service. Three of them are the defaults of new users, participants and creators.
// Names and permissions: reference, Conversations API 8.
func (a *API) addDefaultRoles(tx store.Tx, s *serviceDoc) error {
	for _, d := range []struct {
		name        string
		roleType    RoleType
		permissions []string
		isDefault   *string // the default that it is; nil for none
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
