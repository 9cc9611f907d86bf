package conversations

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// PushType is the network of push notifications that a credential is for.
type PushType string

// Types of credentials.
const (
	PushAPN PushType = "apn"
	PushGCM PushType = "gcm"
	PushFCM PushType = "fcm"
)

// maxCredentialName is the greatest length of a credential's name, in characters.
const maxCredentialName = 64

// Credential is Twilio's Credential resource, without url. Its secrets are required and not stored: the emulator sends no push
// notifications, and no operation returns them. Reference, Conversations API 8.
type Credential struct {
	SID          string   `json:"sid"`
	AccountSID   string   `json:"account_sid"`
	FriendlyName *string  `json:"friendly_name"`
	Type         PushType `json:"type"`
	// Sandbox is the text "True" or "False" for APN; nil for the others.
	Sandbox     *string   `json:"sandbox"`
	DateCreated time.Time `json:"date_created"`
	DateUpdated time.Time `json:"date_updated"`
}

// CredentialParams is the form of creating or updating a credential. Creating requires Type, and Certificate and PrivateKey for
// APN, ApiKey for GCM, or Secret for FCM; so does an update that changes the type.
type CredentialParams struct {
	Type         *string // in any case
	FriendlyName *string
	Certificate  *string
	PrivateKey   *string
	Sandbox      *bool
	ApiKey       *string //nolint:revive // Twilio's form name
	Secret       *string
}

// credentialDoc is the stored form of a credential. Ordinal is its number in the order of creation.
type credentialDoc struct {
	Credential
	Ordinal int64
}

var credentials = store.NewTable[credentialDoc]("credential").
	Ordered(byAccount, func(d credentialDoc) (string, bool) {
		return store.Key(d.AccountSID, store.Ordinal(d.Ordinal)), true
	})

// CreateCredential adds a credential to the account. Errors: 20001, 50003.
func (a *API) CreateCredential(ctx context.Context, scope Scope, p CredentialParams) (Credential, error) {
	if twilio.Value(p.Type) == "" {
		return Credential{}, twilio.MissingParameter("Type")
	}
	now := a.now()
	created := credentialDoc{Credential: Credential{SID: a.sids.New("CR"), AccountSID: scope.AccountSID,
		DateCreated: now, DateUpdated: now}}
	if err := created.apply(p); err != nil {
		return Credential{}, err
	}
	err := a.update(ctx, func(tx store.Tx) (err error) {
		if created.Ordinal, err = store.Next(tx, "credential"); err != nil {
			return err
		}
		return credentials.Put(tx, created.SID, created)
	})
	return created.Credential, err
}

// FetchCredential returns a credential by SID, or a 404.
func (a *API) FetchCredential(ctx context.Context, scope Scope, credentialSID string) (Credential, error) {
	var found credentialDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		found, err = credential(tx, scope, credentialSID)
		return err
	})
	return found.Credential, err
}

// UpdateCredential changes a credential. Errors: 20001, 50003, and 404.
func (a *API) UpdateCredential(ctx context.Context, scope Scope, credentialSID string, p CredentialParams) (Credential, error) {
	var updated credentialDoc
	err := a.update(ctx, func(tx store.Tx) error {
		d, err := credential(tx, scope, credentialSID)
		if err != nil {
			return err
		}
		d.DateUpdated = a.now()
		if err := d.apply(p); err != nil {
			return err
		}
		updated = d
		return credentials.Put(tx, d.SID, d)
	})
	return updated.Credential, err
}

// DeleteCredential removes a credential. Bindings keep its SID.
func (a *API) DeleteCredential(ctx context.Context, scope Scope, credentialSID string) error {
	return a.update(ctx, func(tx store.Tx) error {
		if _, err := credential(tx, scope, credentialSID); err != nil {
			return err
		}
		return credentials.Delete(tx, credentialSID)
	})
}

// ListCredentials returns the account's credentials, oldest first.
func (a *API) ListCredentials(ctx context.Context, scope Scope, q twilio.PageQuery) (twilio.Page[Credential], error) {
	return listPage(ctx, a, q, func(store.Tx) (twilio.Listing[credentialDoc, Credential], error) {
		return twilio.Listing[credentialDoc, Credential]{
			Table:    credentials,
			Query:    store.Query{Index: byAccount, Prefix: store.Prefix(scope.AccountSID)},
			Resource: func(d credentialDoc) (Credential, error) { return d.Credential, nil },
		}, nil
	})
}

// credential returns a credential of the account, or ErrNotFound.
func credential(tx store.Tx, scope Scope, credentialSID string) (credentialDoc, error) {
	d, err := credentials.Get(tx, credentialSID)
	if err == nil && d.AccountSID != scope.AccountSID {
		return credentialDoc{}, store.ErrNotFound
	}
	return d, err
}

// apply checks the fields that create and update share and sets those that were sent.
func (d *credentialDoc) apply(p CredentialParams) error {
	oldType := d.Type
	if p.Type != nil {
		var ok bool
		if d.Type, ok = parseName(*p.Type, []PushType{PushAPN, PushGCM, PushFCM}); !ok {
			return twilio.InvalidParameter("Type")
		}
	}
	if err := p.checkSecrets(d.Type, d.Type != oldType); err != nil {
		return err
	}
	if name := twilio.Value(p.FriendlyName); name != "" {
		if utf8.RuneCountInString(name) > maxCredentialName {
			return errFriendlyNameTooLong
		}
		d.FriendlyName = &name
	}
	d.setSandbox(p.Sandbox)
	return nil
}

// checkSecrets refuses an empty secret of the type, and a missing one when they are required.
func (p CredentialParams) checkSecrets(pushType PushType, required bool) error {
	type secret struct {
		name string
		sent *string
	}
	var secrets []secret
	switch pushType {
	case PushAPN:
		secrets = []secret{{"Certificate", p.Certificate}, {"PrivateKey", p.PrivateKey}}
	case PushGCM:
		secrets = []secret{{"ApiKey", p.ApiKey}}
	case PushFCM:
		secrets = []secret{{"Secret", p.Secret}}
	}
	for _, s := range secrets {
		switch {
		case s.sent == nil && required:
			return twilio.MissingParameter(s.name)
		case s.sent != nil && *s.sent == "":
			return twilio.InvalidParameter(s.name)
		}
	}
	return nil
}

// setSandbox sets Sandbox, which only APN has. The default is production.
func (d *credentialDoc) setSandbox(sent *bool) {
	no, yes := "False", "True"
	switch {
	case d.Type != PushAPN:
		d.Sandbox = nil
	case sent != nil && *sent:
		d.Sandbox = &yes
	case sent != nil || d.Sandbox == nil:
		d.Sandbox = &no
	}
}
