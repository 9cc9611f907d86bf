package conversations

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// APIKey is Twilio's Key resource: credentials of an account that can be revoked. A program logs in with its SID and its secret in place
// of the account's SID and token. Webhooks are signed with the token, never with a secret.
type APIKey struct {
	SID          string    `json:"sid"`
	AccountSID   string    `json:"account_sid"`
	FriendlyName string    `json:"friendly_name"`
	DateCreated  time.Time `json:"date_created"`
	DateUpdated  time.Time `json:"date_updated"`
}

// Limits of keys.
const (
	maxKeyName = 64  // characters, as the Console has it
	maxSecret  = 128 // bytes; Twilio's have 32
)

// apiKeyDoc is the stored form of a key.
type apiKeyDoc struct {
	APIKey
	Secret string
	// Configured is the number of the key among those that came with its account, whose secrets may be shown to whoever sees the token; 0
	// for the others.
	Configured int
}

var apiKeys = store.NewTable[apiKeyDoc]("api key").
	Ordered(byAccount, func(k apiKeyDoc) (string, bool) {
		return store.Key(k.AccountSID, store.Instant(k.DateCreated), k.SID), true
	})

// APIKeyParams makes a key. SID and Secret are made up when they are empty; Twilio's API takes neither.
type APIKeyParams struct {
	// SID is SK and 32 hexadecimal digits; Secret letters and digits, 128 at most.
	SID, Secret  string
	FriendlyName *string
}

// CreateAPIKey creates a key of an account and returns its secret, which no other operation returns. The error is 400/20001 for a name of
// more than 64 characters, and an *invalid.Error for a malformed SID or secret, and for a SID that is in use.
func (a *API) CreateAPIKey(ctx context.Context, accountSID string, p APIKeyParams) (key APIKey, secret string, err error) {
	err = a.update(ctx, func(tx store.Tx) error {
		key, secret, err = a.addAPIKey(tx, accountSID, p, 0)
		return err
	})
	return key, secret, err
}

// AddConfiguredAPIKey is CreateAPIKey in a transaction, for a key that comes with its account: FetchConfiguredAPIKey returns it with its
// secret.
func (a *API) AddConfiguredAPIKey(tx store.Tx, accountSID string, p APIKeyParams) error {
	given, err := configuredAPIKeys(tx, accountSID)
	if err == nil {
		_, _, err = a.addAPIKey(tx, accountSID, p, len(given)+1)
	}
	return err
}

func (a *API) addAPIKey(tx store.Tx, accountSID string, p APIKeyParams, configured int) (APIKey, string, error) {
	if _, err := accounts.Get(tx, accountSID); err != nil {
		return APIKey{}, "", err
	}
	k := apiKeyDoc{Secret: p.Secret, Configured: configured}
	k.APIKey = APIKey{SID: p.SID, AccountSID: accountSID, DateCreated: a.now(), DateUpdated: a.now()}
	if k.SID == "" {
		k.SID = a.sids.New("SK")
	}
	if k.Secret == "" {
		k.Secret = a.sids.New("SK")[len("SK"):]
	}
	switch {
	case !sid.Valid(k.SID, "SK"):
		return APIKey{}, "", invalid.Errorf("API key %q: it must be SK and 32 hexadecimal digits", k.SID)
	case len(k.Secret) > maxSecret || !alphanumeric(k.Secret):
		return APIKey{}, "", invalid.Errorf("secret of %s: it must be letters and digits only, %d at most", k.SID, maxSecret)
	}
	if err := k.rename(p.FriendlyName); err != nil {
		return APIKey{}, "", err
	}
	switch exists, err := apiKeys.Has(tx, k.SID); {
	case err != nil:
		return APIKey{}, "", err
	case exists:
		return APIKey{}, "", invalid.Errorf("API key %s exists already", k.SID)
	}
	return k.APIKey, k.Secret, apiKeys.Put(tx, k.SID, k)
}

// rename sets the name of a key, if one was sent.
func (k *apiKeyDoc) rename(name *string) error {
	if utf8.RuneCountInString(twilio.Value(name)) > maxKeyName {
		return twilio.InvalidParameter("FriendlyName")
	}
	if name != nil {
		k.FriendlyName = *name
	}
	return nil
}

// FetchAPIKey returns a key of an account, or a 404.
func (a *API) FetchAPIKey(ctx context.Context, accountSID, keySID string) (APIKey, error) {
	var k apiKeyDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		k, err = apiKeyOf(tx, accountSID, keySID)
		return err
	})
	return k.APIKey, err
}

// apiKeyOf returns a key of an account, or ErrNotFound.
func apiKeyOf(tx store.Tx, accountSID, keySID string) (apiKeyDoc, error) {
	k, err := apiKeys.Get(tx, keySID)
	if err == nil && k.AccountSID != accountSID {
		return apiKeyDoc{}, store.ErrNotFound
	}
	return k, err
}

// UpdateAPIKey gives a key another name. Errors: 404, and 400/20001 for a name of more than 64 characters.
func (a *API) UpdateAPIKey(ctx context.Context, accountSID, keySID string, name *string) (APIKey, error) {
	var k apiKeyDoc
	err := a.update(ctx, func(tx store.Tx) (err error) {
		if k, err = apiKeyOf(tx, accountSID, keySID); err != nil {
			return err
		}
		if err := k.rename(name); err != nil {
			return err
		}
		k.DateUpdated = a.now()
		return apiKeys.Put(tx, k.SID, k)
	})
	return k.APIKey, err
}

// DeleteAPIKey revokes a key: from then on it is refused like one that never was. The error is a 404 for a key that the account has not.
func (a *API) DeleteAPIKey(ctx context.Context, accountSID, keySID string) error {
	return a.update(ctx, func(tx store.Tx) error {
		k, err := apiKeyOf(tx, accountSID, keySID)
		if err != nil {
			return err
		}
		return apiKeys.Delete(tx, k.SID)
	})
}

// ListAPIKeys returns the keys of an account, oldest first, without their secrets.
func (a *API) ListAPIKeys(ctx context.Context, accountSID string, q twilio.PageQuery) (twilio.Page[APIKey], error) {
	return listPage(ctx, a, q, func(store.Tx) (twilio.Listing[apiKeyDoc, APIKey], error) {
		return twilio.Listing[apiKeyDoc, APIKey]{
			Table:    apiKeys,
			Query:    store.Query{Index: byAccount, Prefix: store.Prefix(accountSID)},
			Resource: func(k apiKeyDoc) (APIKey, error) { return k.APIKey, nil },
		}, nil
	})
}

// FetchConfiguredAPIKey returns the first key that came with an account and was not revoked, with its secret; both are empty when there is
// none.
func (a *API) FetchConfiguredAPIKey(ctx context.Context, accountSID string) (keySID, secret string, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		given, err := configuredAPIKeys(tx, accountSID)
		if len(given) > 0 {
			keySID, secret = given[0].SID, given[0].Secret
		}
		return err
	})
	return keySID, secret, err
}

// configuredAPIKeys are the keys that came with an account, in the order in which they were given.
func configuredAPIKeys(tx store.Tx, accountSID string) (list []apiKeyDoc, err error) {
	for k, err := range apiKeys.Each(tx, store.Query{Index: byAccount, Prefix: store.Prefix(accountSID)}) {
		if err != nil {
			return nil, err
		}
		if k.Configured > 0 {
			list = append(list, k)
		}
	}
	slices.SortFunc(list, func(a, b apiKeyDoc) int { return cmp.Compare(a.Configured, b.Configured) })
	return list, nil
}

// Authenticate returns the account of a user name and password of HTTP Basic authentication: the SID and the token of an account, or the
// SID and the secret of a key. The error is 401/20003.
func (a *API) Authenticate(ctx context.Context, user, password string) (account Account, err error) {
	known := false
	err = a.view(ctx, func(tx store.Tx) error {
		accountSID, secret := user, ""
		if strings.HasPrefix(user, "SK") {
			key, err := apiKeys.Get(tx, user)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			accountSID, secret = key.AccountSID, key.Secret // empty for an unknown key: no account has that SID
		}
		account, err = accounts.Get(tx, accountSID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		secret = cmp.Or(secret, account.AuthToken)
		// The comparison comes in any case, so that an unknown user takes as long as a wrong password.
		known = subtle.ConstantTimeCompare([]byte(secret), []byte(password)) == 1 && err == nil
		return nil
	})
	if err == nil && !known {
		return Account{}, twilio.ErrAuthenticate
	}
	return account, err
}
