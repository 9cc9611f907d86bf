package conversations

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// User is Twilio's User resource of a service, without url and links. Reference, Conversations API 8.
type User struct {
	SID            string `json:"sid"`
	AccountSID     string `json:"account_sid"`
	ChatServiceSID string `json:"chat_service_sid"`
	RoleSID        string `json:"role_sid"`
	// Identity is unique in the service and case-sensitive.
	Identity     string  `json:"identity"`
	FriendlyName *string `json:"friendly_name"`
	Attributes   string  `json:"attributes"`
	// IsOnline and IsNotifiable are nil in lists, while reachability is off in the service, and before the first report of the
	// user's client SDK.
	IsOnline     *bool     `json:"is_online"`
	IsNotifiable *bool     `json:"is_notifiable"`
	DateCreated  time.Time `json:"date_created"`
	DateUpdated  time.Time `json:"date_updated"`
}

// UserParams is the form of creating or updating a user.
type UserParams struct {
	// Identity is required for creating; it cannot be updated.
	Identity     *string
	FriendlyName *string
	Attributes   *string
	// RoleSid is a role of type service; the default is DefaultChatServiceRoleSID of the service's configuration.
	RoleSid *string
}

// userDoc is the stored form of a user. IsOnline and IsNotifiable have the last report.
type userDoc struct {
	User
	Created time.Time
	// Open is the number of its conversations that are not closed.
	Open int
}

var users = store.NewTable[userDoc]("user").
	Unique(byIdentity, func(u userDoc) (string, bool) { return store.Key(u.ChatServiceSID, u.Identity), true }).
	Ordered(byService, func(u userDoc) (string, bool) {
		return store.Key(u.ChatServiceSID, store.Instant(u.Created)), true
	})

// CreateUser adds a user to a service. Errors: 20001, 50003, 50100, 50105, 50201, 50204, 50206, 50207, 50303, 50304, and
// 404 for an unknown service.
func (a *API) CreateUser(ctx context.Context, scope Scope, p UserParams) (created User, err error) {
	if err := checkIdentity(twilio.Value(p.Identity)); err != nil {
		return User{}, err
	}
	err = a.update(ctx, func(tx store.Tx) error {
		service, err := a.service(tx, scope)
		if err != nil {
			return err
		}
		u, err := a.addUser(tx, scope, service.SID, p)
		created = u.User // a new user has no reachability to hide
		return err
	})
	return created, err
}

// addUser adds a user in a transaction. Its identity must have been checked.
func (a *API) addUser(tx store.Tx, scope Scope, serviceSID string, p UserParams) (userDoc, error) {
	service, err := services.Get(tx, serviceSID)
	if err != nil {
		return userDoc{}, err
	}
	now := a.now()
	u := userDoc{
		User: User{SID: a.sids.New("US"), AccountSID: service.AccountSID, ChatServiceSID: service.SID,
			RoleSID: service.DefaultChatServiceRoleSID, Identity: *p.Identity, Attributes: "{}",
			DateCreated: now, DateUpdated: now},
		Created: now,
	}
	if err := u.apply(tx, p); err != nil {
		return u, err
	}
	err = users.Put(tx, u.SID, u)
	var taken *store.ConflictError
	if errors.As(err, &taken) {
		return u, errUserExists
	}
	if err != nil {
		return u, err
	}
	return u, a.emit(tx, scope, userEvent(OnUserAdded, u))
}

// joinUser finds or creates the user of a participant and counts the conversation: a user has 1,000 open ones at most (50214).
// The count is stored because counting made joining ten times as slow.
func (a *API) joinUser(tx store.Tx, scope Scope, p *participantDoc) error {
	if p.Identity == nil || p.UserSID != "" {
		return nil
	}
	u, err := users.Lookup(tx, byIdentity, store.Key(p.ServiceSID, *p.Identity))
	if errors.Is(err, store.ErrNotFound) {
		u, err = a.addUser(tx, scope, p.ServiceSID, UserParams{Identity: p.Identity})
	}
	if err != nil {
		return err
	}
	if u.Open >= maxUserConversations {
		return errUserConversationLimit
	}
	p.UserSID = u.SID
	u.Open++
	return users.Put(tx, u.SID, u)
}

// leaveUser takes the conversation of a participant off the count of its user. That of a closed conversation is off already.
func leaveUser(tx store.Tx, p participantDoc) error {
	if p.UserSID == "" || p.Closed {
		return nil
	}
	u, err := users.Get(tx, p.UserSID)
	if err != nil {
		return err
	}
	u.Open--
	return users.Put(tx, u.SID, u)
}

// FetchUser returns a user by SID or identity, or a 404.
func (a *API) FetchUser(ctx context.Context, scope Scope, id string) (found User, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		service, u, err := a.user(tx, scope, id)
		found = u.withReachability(service).User
		return err
	})
	return found, err
}

// UpdateUser changes a user. A pre-action webhook may refuse (50056); its reply changes no field. Other errors are those of
// CreateUser, and 404.
func (a *API) UpdateUser(ctx context.Context, scope Scope, id string, p UserParams) (User, error) {
	var updated userDoc
	err := a.perform(ctx, action{
		scope: scope, pre: OnUserUpdate,
		do: func(tx store.Tx, _ preActionReply) error {
			service, u, err := a.user(tx, scope, id)
			if err != nil {
				return err
			}
			u.DateUpdated = a.now()
			if err := u.apply(tx, p); err != nil {
				return err
			}
			if err := users.Put(tx, u.SID, u); err != nil {
				return err
			}
			updated = u.withReachability(service)
			return a.emit(tx, scope, userEvent(OnUserUpdated, updated))
		},
		event: func() Event { return userEvent(OnUserUpdate, updated) },
	})
	return updated.User, err
}

// DeleteUser removes a user from its service and from all its conversations, open and closed. Its messages stay.
func (a *API) DeleteUser(ctx context.Context, scope Scope, id string) error {
	return a.update(ctx, func(tx store.Tx) error {
		_, u, err := a.user(tx, scope, id)
		if err != nil {
			return err
		}
		for p, err := range participants.Each(tx, store.Query{Index: byUser, Prefix: store.Prefix(u.SID)}) {
			if err != nil {
				return err
			}
			c, err := conversationDocs.Get(tx, p.ConversationSID)
			if err != nil {
				return err
			}
			if err := a.removeParticipant(tx, scope, c, p); err != nil {
				return err
			}
		}
		return users.Delete(tx, u.SID)
	})
}

// ListUsers returns the users of a service, oldest first.
func (a *API) ListUsers(ctx context.Context, scope Scope, q twilio.PageQuery) (twilio.Page[User], error) {
	return listPage(ctx, a, q, func(tx store.Tx) (twilio.Listing[userDoc, User], error) {
		service, err := a.service(tx, scope)
		return twilio.Listing[userDoc, User]{
			Table:    users,
			Query:    store.Query{Index: byService, Prefix: store.Prefix(service.SID)},
			Resource: func(u userDoc) (User, error) { return u.withoutReachability().User, nil },
		}, err
	})
}

// user returns a user of the scope's service by SID or identity, with the service, or ErrNotFound.
func (a *API) user(tx store.Tx, scope Scope, id string) (serviceDoc, userDoc, error) {
	service, err := a.service(tx, scope)
	if err != nil {
		return service, userDoc{}, err
	}
	u, err := users.Get(tx, id)
	if errors.Is(err, store.ErrNotFound) {
		u, err = users.Lookup(tx, byIdentity, store.Key(service.SID, id))
	}
	if err == nil && u.ChatServiceSID != service.SID {
		return service, userDoc{}, store.ErrNotFound
	}
	return service, u, err
}

// deleteUsers removes all users of a service. Its conversations must have been deleted.
func deleteUsers(tx store.Tx, serviceSID string) error {
	_, err := users.DeleteAll(tx, store.Query{Index: byService, Prefix: store.Prefix(serviceSID)})
	return err
}

// apply checks the fields of a form and sets those that were sent.
func (u *userDoc) apply(tx store.Tx, p UserParams) error {
	if name := twilio.Value(p.FriendlyName); name != "" {
		if utf8.RuneCountInString(name) > maxName {
			return errFriendlyNameTooLong
		}
		u.FriendlyName = p.FriendlyName
	}
	if p.RoleSid != nil {
		if err := checkRole(tx, u.ChatServiceSID, *p.RoleSid, RoleTypeService); err != nil {
			return err
		}
		u.RoleSID = *p.RoleSid
	}
	return setAttributes(&u.Attributes, p.Attributes, maxAttributes)
}

// Reachability is the state of a user that its chat SDK reports to Twilio. Nil fields stay as they were.
type Reachability struct {
	Online     *bool `json:"online,omitempty"`     // it is connected
	Notifiable *bool `json:"notifiable,omitempty"` // it has registered for push notifications
}

// ReportReachability sets is_online and is_notifiable of a user, by SID or identity, as its chat SDK does: Twilio's REST API can
// read them and cannot set them. A change fires onUserUpdated. While reachability is off in the service, a report
// changes nothing. Errors: 404.
func (a *API) ReportReachability(ctx context.Context, scope Scope, id string, r Reachability) (User, error) {
	scope.Source = SourceSDK
	var reported userDoc
	err := a.update(ctx, func(tx store.Tx) error {
		service, u, err := a.user(tx, scope, id)
		if err != nil || !service.ReachabilityEnabled {
			reported = u.withReachability(service)
			return err
		}
		twilio.Assign(&u.IsOnline, r.Online)
		twilio.Assign(&u.IsNotifiable, r.Notifiable)
		reported = u.withReachability(service)
		if err := users.Put(tx, u.SID, u); err != nil {
			return err
		}
		return a.emit(tx, scope, userEvent(OnUserUpdated, reported))
	})
	return reported.User, err
}

// withReachability returns the user as FetchUser shows it.
func (u userDoc) withReachability(s serviceDoc) userDoc {
	if !s.ReachabilityEnabled {
		return u.withoutReachability()
	}
	return u
}

// withoutReachability returns the user as lists show it.
func (u userDoc) withoutReachability() userDoc {
	u.IsOnline, u.IsNotifiable = nil, nil
	return u
}

// userEvent returns onUserAdded, onUserUpdate or onUserUpdated. Reference, Conversations API 6.5.
func userEvent(t EventType, u userDoc) Event {
	v := url.Values{}
	v.Set("ChatServiceSid", u.ChatServiceSID)
	v.Set("UserSid", u.SID)
	v.Set("Identity", u.Identity)
	v.Set("RoleSid", u.RoleSID)
	v.Set("Attributes", u.Attributes)
	twilio.SetOptional(v, "FriendlyName", u.FriendlyName)
	if t != OnUserUpdate {
		v.Set("DateCreated", twilio.WebhookDate(u.Created))
	}
	if t != OnUserAdded {
		v.Set("DateUpdated", twilio.WebhookDate(u.DateUpdated))
	}
	if t == OnUserUpdated {
		setFlag(v, "isOnline", u.IsOnline)
		setFlag(v, "isNotifiable", u.IsNotifiable)
	}
	return Event{Type: t, Params: v}
}

func setFlag(v url.Values, name string, flag *bool) {
	if flag != nil {
		v.Set(name, strconv.FormatBool(*flag))
	}
}
