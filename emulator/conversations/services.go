package conversations

import (
	"context"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Service is a Conversation Service. Reference, Conversations API 8.
type Service struct {
	AccountSID   string `json:"account_sid"`
	SID          string `json:"sid"`
	FriendlyName string `json:"friendly_name"`
	DateCreated  Time   `json:"date_created"`
	DateUpdated  Time   `json:"date_updated"`
}

// serviceDoc is a service with what its other resources know of it.
type serviceDoc struct {
	Service
	Created time.Time
	// Roles that new users, participants and creators get.
	DefaultChatServiceRoleSID         string
	DefaultConversationRoleSID        string
	DefaultConversationCreatorRoleSID string
}

const byAccount = "account" // Key(account, created, SID)

var services = store.NewTable[serviceDoc]("service").
	Ordered(byAccount, func(s serviceDoc) (string, bool) {
		return store.Key(s.AccountSID, store.Instant(s.Created)), true
	})

func (a *API) newService(accountSID, friendlyName string) serviceDoc {
	now := a.now()
	return serviceDoc{
		Service: Service{AccountSID: accountSID, SID: a.sids.New("IS"), FriendlyName: friendlyName,
			DateCreated: Time{now}, DateUpdated: Time{now}},
		Created:                           now,
		DefaultChatServiceRoleSID:         a.sids.New("RL"),
		DefaultConversationRoleSID:        a.sids.New("RL"),
		DefaultConversationCreatorRoleSID: a.sids.New("RL"),
	}
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
func (a *API) ListServices(ctx context.Context, scope Scope, q PageQuery) (Page[Service], error) {
	return list(ctx, a, q, func(store.Tx) (listing[serviceDoc, Service], error) {
		return listing[serviceDoc, Service]{
			table: services,
			query: store.Query{Index: byAccount, Prefix: store.Prefix(scope.AccountSID)},
			show:  func(s serviceDoc) (Service, error) { return s.Service, nil },
		}, nil
	})
}

// service returns the service that a scope addresses, or ErrNotFound.
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
