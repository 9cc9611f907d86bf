package conversations

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// BindingType is the way to a device: a push network, or the connection of the client SDK (twilsock).
type BindingType string

// Types of bindings.
const (
	BindingAPN      BindingType = "apn"
	BindingGCM      BindingType = "gcm"
	BindingFCM      BindingType = "fcm"
	BindingTwilsock BindingType = "twilsock"
)

var bindingTypes = []BindingType{BindingAPN, BindingGCM, BindingFCM, BindingTwilsock}

// messageTypes are the notifications that a device may get.
var messageTypes = []string{"removed_from_conversation", "new_message", "added_to_conversation"}

// Binding is Twilio's Binding resource, without url: a device of a user that is registered for push notifications. It is not the
// MessagingBinding of a participant. Reference, Conversations API 8.
type Binding struct {
	SID            string `json:"sid"`
	AccountSID     string `json:"account_sid"`
	ChatServiceSID string `json:"chat_service_sid"`
	// CredentialSID is nil for twilsock.
	CredentialSID *string     `json:"credential_sid"`
	DateCreated   time.Time   `json:"date_created"`
	DateUpdated   time.Time   `json:"date_updated"`
	Endpoint      string      `json:"endpoint"`
	Identity      string      `json:"identity"`
	BindingType   BindingType `json:"binding_type"`
	MessageTypes  []string    `json:"message_types"`
}

// CreateBindingParams are the fields of a new binding. On Twilio only a client SDK registers one; the REST API has no such
// operation.
type CreateBindingParams struct {
	Identity string `json:"identity"` // required
	// Endpoint is the push network's name of the device, required; 1,024 characters at most.
	Endpoint    string `json:"endpoint"`
	BindingType string `json:"binding_type"` // in any case
	// CredentialSID is a credential of the account, of the same type; twilsock has none.
	CredentialSID string `json:"credential_sid,omitempty"`
	// MessageTypes is empty for all of them.
	MessageTypes []string `json:"message_types,omitempty"`
}

// maxEndpoint is the emulator's own limit of an Endpoint, in characters.
const maxEndpoint = 1024

// ListBindingsParams are the filters of a list of bindings. Each may have several values; empty means any.
type ListBindingsParams struct {
	BindingType []string
	Identity    []string
}

// bindingDoc is the stored form of a binding. Ordinal is its number in the order of registration.
type bindingDoc struct {
	Binding
	Ordinal int64
}

const byEndpoint = "endpoint" // Key(service, type, endpoint), unique

var pushBindings = store.NewTable[bindingDoc]("binding").
	Unique(byEndpoint, func(d bindingDoc) (string, bool) {
		return store.Key(d.ChatServiceSID, string(d.BindingType), d.Endpoint), true
	}).
	Ordered(byService, func(d bindingDoc) (string, bool) {
		return store.Key(d.ChatServiceSID, store.Ordinal(d.Ordinal)), true
	})

// CreateBinding registers a device of a user, as a client SDK does. A device that is registered already changes its binding.
// Errors: an *invalid.Error, 50204, 50206, 50207, and 404 for the service.
func (a *API) CreateBinding(ctx context.Context, scope Scope, p CreateBindingParams) (Binding, error) {
	wanted, err := p.binding()
	if err != nil {
		return Binding{}, err
	}
	var created bindingDoc
	err = a.update(ctx, func(tx store.Tx) error {
		service, err := a.service(tx, scope)
		if err != nil {
			return err
		}
		if err := checkCredential(tx, scope, wanted); err != nil {
			return err
		}
		created, err = pushBindings.Lookup(tx, byEndpoint, store.Key(service.SID, string(wanted.BindingType), wanted.Endpoint))
		now := a.now()
		if errors.Is(err, store.ErrNotFound) {
			created = bindingDoc{Binding: Binding{SID: a.sids.New("BS"), AccountSID: service.AccountSID, ChatServiceSID: service.SID,
				DateCreated: now}}
			created.Ordinal, err = store.Next(tx, "binding")
		}
		if err != nil {
			return err
		}
		wanted.SID, wanted.AccountSID, wanted.ChatServiceSID = created.SID, created.AccountSID, created.ChatServiceSID
		wanted.DateCreated, wanted.DateUpdated = created.DateCreated, now
		created.Binding = wanted
		return pushBindings.Put(tx, created.SID, created)
	})
	return created.Binding, err
}

// binding checks the fields and returns the binding that they describe.
func (p CreateBindingParams) binding() (b Binding, err error) {
	if err := checkIdentity(p.Identity); err != nil {
		return b, err
	}
	bindingType, ok := parseName(p.BindingType, bindingTypes)
	switch {
	case !ok:
		return b, invalid.Errorf("binding_type %.100q: it must be apn, gcm, fcm or twilsock", p.BindingType)
	case p.Endpoint == "":
		return b, invalid.Errorf("endpoint: it must be there; it is the push network's name of the device")
	case utf8.RuneCountInString(p.Endpoint) > maxEndpoint:
		return b, invalid.Errorf("endpoint has %d characters: it has %d at most", utf8.RuneCountInString(p.Endpoint), maxEndpoint)
	case p.CredentialSID == "" && bindingType != BindingTwilsock:
		return b, invalid.Errorf("credential_sid: a binding of type %s needs a credential of the account", bindingType)
	case p.CredentialSID != "" && bindingType == BindingTwilsock:
		return b, invalid.Errorf("credential_sid: a binding of type twilsock has none")
	}
	b = Binding{Identity: p.Identity, Endpoint: p.Endpoint, BindingType: bindingType}
	for _, t := range p.MessageTypes {
		switch {
		case !slices.Contains(messageTypes, t):
			return b, invalid.Errorf("message_types %.100q: it must be one of %s", t, strings.Join(messageTypes, ", "))
		case !slices.Contains(b.MessageTypes, t):
			b.MessageTypes = append(b.MessageTypes, t)
		}
	}
	if len(b.MessageTypes) == 0 {
		b.MessageTypes = slices.Clone(messageTypes)
	}
	if p.CredentialSID != "" {
		b.CredentialSID = &p.CredentialSID
	}
	return b, nil
}

// checkCredential refuses a credential of another account or of another push network.
func checkCredential(tx store.Tx, scope Scope, b Binding) error {
	if b.CredentialSID == nil {
		return nil
	}
	c, err := credential(tx, scope, *b.CredentialSID)
	if errors.Is(err, store.ErrNotFound) || err == nil && string(c.Type) != string(b.BindingType) {
		return invalid.Errorf("credential_sid %.100q: it must be a credential of the account, of type %s",
			*b.CredentialSID, b.BindingType)
	}
	return err
}

// FetchBinding returns a binding of the scope's service by SID, or a 404.
func (a *API) FetchBinding(ctx context.Context, scope Scope, bindingSID string) (Binding, error) {
	var found bindingDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		found, err = a.pushBinding(tx, scope, bindingSID)
		return err
	})
	return found.Binding, err
}

// DeleteBinding removes a binding, or returns a 404.
func (a *API) DeleteBinding(ctx context.Context, scope Scope, bindingSID string) error {
	return a.update(ctx, func(tx store.Tx) error {
		if _, err := a.pushBinding(tx, scope, bindingSID); err != nil {
			return err
		}
		return pushBindings.Delete(tx, bindingSID)
	})
}

// ListBindings returns the bindings of the scope's service, oldest first. Errors: 20001 for an unknown type, and 404 for
// the service.
func (a *API) ListBindings(ctx context.Context, scope Scope, p ListBindingsParams, q twilio.PageQuery) (twilio.Page[Binding], error) {
	types := make([]BindingType, len(p.BindingType))
	for i, name := range p.BindingType {
		var ok bool
		if types[i], ok = parseName(name, bindingTypes); !ok {
			return twilio.Page[Binding]{}, twilio.InvalidParameter("BindingType")
		}
	}
	return listPage(ctx, a, q, func(tx store.Tx) (twilio.Listing[bindingDoc, Binding], error) {
		service, err := a.service(tx, scope)
		return twilio.Listing[bindingDoc, Binding]{
			Table: pushBindings,
			Query: store.Query{Index: byService, Prefix: store.Prefix(service.SID)},
			Keep: func(d bindingDoc) bool {
				return (len(types) == 0 || slices.Contains(types, d.BindingType)) &&
					(len(p.Identity) == 0 || slices.Contains(p.Identity, d.Identity))
			},
			Resource: func(d bindingDoc) (Binding, error) { return d.Binding, nil },
		}, err
	})
}

// pushBinding returns a binding of the scope's service, or ErrNotFound.
func (a *API) pushBinding(tx store.Tx, scope Scope, bindingSID string) (bindingDoc, error) {
	service, err := a.service(tx, scope)
	if err != nil {
		return bindingDoc{}, err
	}
	d, err := pushBindings.Get(tx, bindingSID)
	if err == nil && d.ChatServiceSID != service.SID {
		return bindingDoc{}, store.ErrNotFound
	}
	return d, err
}

// deleteBindings removes the bindings of a service.
func deleteBindings(tx store.Tx, serviceSID string) error {
	_, err := pushBindings.DeleteAll(tx, store.Query{Index: byService, Prefix: store.Prefix(serviceSID)})
	return err
}
