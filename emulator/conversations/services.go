package conversations

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Service is Twilio's Service resource, a Conversation Service, without url and links. Reference, Conversations API 8.
type Service struct {
	AccountSID   string    `json:"account_sid"`
	SID          string    `json:"sid"`
	FriendlyName string    `json:"friendly_name"`
	DateCreated  time.Time `json:"date_created"`
	DateUpdated  time.Time `json:"date_updated"`
}

// serviceDoc is the stored form of a service and its configuration.
type serviceDoc struct {
	Service
	Created time.Time
	// The roles of new users, participants and creators.
	DefaultChatServiceRoleSID         string
	DefaultConversationRoleSID        string
	DefaultConversationCreatorRoleSID string
	// ReachabilityEnabled shows is_online and is_notifiable of users.
	ReachabilityEnabled bool
}

// defaultRoles returns the SIDs of the roles that cannot be deleted.
func (s serviceDoc) defaultRoles() []string {
	return []string{s.DefaultChatServiceRoleSID, s.DefaultConversationRoleSID, s.DefaultConversationCreatorRoleSID}
}

const byAccount = "account" // Key(account, created, SID)

var services = store.NewTable[serviceDoc]("service").
	Ordered(byAccount, func(s serviceDoc) (string, bool) {
		return store.Key(s.AccountSID, store.Instant(s.Created)), true
	})

// CreateServiceParams is the form of creating a service.
type CreateServiceParams struct {
	// FriendlyName is required; 256 characters at most. It need not be unique.
	FriendlyName *string
}

// CreateService creates a Conversation Service. Errors: 50000 and 50003.
func (a *API) CreateService(ctx context.Context, scope Scope, p CreateServiceParams) (Service, error) {
	name := twilio.Value(p.FriendlyName)
	switch {
	case name == "":
		return Service{}, errFriendlyNameMissing
	case utf8.RuneCountInString(name) > maxName:
		return Service{}, errFriendlyNameTooLong
	}
	var created serviceDoc
	err := a.update(ctx, func(tx store.Tx) (err error) {
		created, err = a.addService(tx, scope.AccountSID, "", name)
		return err
	})
	return created.Service, err
}

// addService creates a service with its default roles in a transaction. An empty serviceSID is generated.
func (a *API) addService(tx store.Tx, accountSID, serviceSID, friendlyName string) (serviceDoc, error) {
	if serviceSID == "" {
		serviceSID = a.sids.New("IS")
	}
	now := a.now()
	s := serviceDoc{
		Service: Service{AccountSID: accountSID, SID: serviceSID, FriendlyName: friendlyName,
			DateCreated: now, DateUpdated: now},
		Created: now,
	}
	if err := a.addDefaultRoles(tx, &s); err != nil {
		return s, err
	}
	return s, services.Put(tx, s.SID, s)
}

// FetchService returns a service of the account by its SID, or a 404.
func (a *API) FetchService(ctx context.Context, scope Scope, serviceSID string) (Service, error) {
	var found serviceDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		found, err = a.service(tx, Scope{AccountSID: scope.AccountSID, ServiceSID: serviceSID})
		return err
	})
	return found.Service, err
}

// ListServices returns the account's services, oldest first.
func (a *API) ListServices(ctx context.Context, scope Scope, q twilio.PageQuery) (twilio.Page[Service], error) {
	return listPage(ctx, a, q, func(store.Tx) (twilio.Listing[serviceDoc, Service], error) {
		return twilio.Listing[serviceDoc, Service]{
			Table:    services,
			Query:    store.Query{Index: byAccount, Prefix: store.Prefix(scope.AccountSID)},
			Resource: func(s serviceDoc) (Service, error) { return s.Service, nil },
		}, nil
	})
}

// service returns the service of a scope, or ErrNotFound.
func (a *API) service(tx store.Tx, scope Scope) (serviceDoc, error) {
	serviceSID := scope.ServiceSID
	if serviceSID == "" {
		account, err := accounts.Get(tx, scope.AccountSID)
		if err != nil {
			return serviceDoc{}, err
		}
		serviceSID = account.DefaultServiceSID
	}
	s, err := services.Get(tx, serviceSID)
	if err == nil && s.AccountSID != scope.AccountSID {
		return serviceDoc{}, store.ErrNotFound
	}
	return s, err
}

// DeleteService removes a service with all its resources. The account's default service cannot be deleted (409/20409). An address
// configuration keeps the SID of a deleted service, as on Twilio (reference, Conversations API 7.2).
func (a *API) DeleteService(ctx context.Context, scope Scope, serviceSID string) error {
	return a.update(ctx, func(tx store.Tx) error {
		s, err := a.service(tx, Scope{AccountSID: scope.AccountSID, ServiceSID: serviceSID})
		if err != nil {
			return err
		}
		account, err := accounts.Get(tx, s.AccountSID)
		if err != nil {
			return err
		}
		if account.DefaultServiceSID == s.SID {
			return twilio.Conflict("The default Conversation Service of an account cannot be deleted")
		}
		return a.deleteService(tx, s.SID)
	})
}

// deleteService removes a service in a transaction. It fires no webhooks, since their settings are removed too. Media that are
// attached to no message are deleted by their job.
func (a *API) deleteService(tx store.Tx, serviceSID string) error {
	for c, err := range conversationDocs.Each(tx, store.Query{Index: byActivity, Prefix: store.Prefix(serviceSID)}) {
		if err != nil {
			return err
		}
		if err := a.deleteConversation(tx, c.SID); err != nil {
			return err
		}
	}
	if err := store.IgnoreNotFound(webhookSettingsDocs.Delete(tx, serviceSID)); err != nil {
		return err
	}
	if err := store.IgnoreNotFound(notifications.Delete(tx, serviceSID)); err != nil {
		return err
	}
	if err := deleteBindings(tx, serviceSID); err != nil {
		return err
	}
	if err := deleteUsers(tx, serviceSID); err != nil {
		return err
	}
	if err := deleteRoles(tx, serviceSID); err != nil {
		return err
	}
	return services.Delete(tx, serviceSID)
}
