package conversations

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Account is a Twilio account of the emulator.
type Account struct {
	SID string
	// AuthToken is the primary token. It authenticates requests and signs webhooks. It has letters and digits only: Twilio's SDKs
	// send no others.
	AuthToken string
	// FriendlyName defaults to the SID.
	FriendlyName string
	// DefaultServiceSID and DefaultMessagingServiceSID are created with the account. Reference, Conversations API 8.
	DefaultServiceSID          string
	DefaultMessagingServiceSID string
	// DefaultInactiveTimer and DefaultClosedTimer are the timers of new conversations, as ISO 8601 durations; nil means none.
	DefaultInactiveTimer, DefaultClosedTimer *string
	DateCreated, DateUpdated                 time.Time
}

// maxAuthToken is the greatest length of a token, in bytes. Twilio's have 32.
const maxAuthToken = 128

// maxAccountName is the greatest length of an account's name, in characters.
const maxAccountName = 64

var accounts = store.NewTable[Account]("account")

// CreateAccount creates an account with its default services. SID and AuthToken must be set; SIDs of default services that are
// empty are generated. The error is an *invalid.Error for a malformed account and for one that exists already.
func (a *API) CreateAccount(ctx context.Context, account Account) (created Account, err error) {
	err = a.store.Update(ctx, func(tx store.Tx) error {
		created, err = a.AddAccount(tx, account)
		return err
	})
	return created, err
}

// AddAccount is CreateAccount in a transaction.
func (a *API) AddAccount(tx store.Tx, account Account) (Account, error) {
	if !sid.Valid(account.SID, "AC") {
		return Account{}, invalid.Errorf("account SID %q: it must be AC and 32 hexadecimal digits", account.SID)
	}
	if account.AuthToken == "" || len(account.AuthToken) > maxAuthToken || !alphanumeric(account.AuthToken) {
		return Account{}, invalid.Errorf("auth token of %s: it must be letters and digits only, %d at most: Twilio's SDKs refuse others",
			account.SID, maxAuthToken)
	}
	if _, _, err := account.timers(); err != nil {
		return Account{}, fmt.Errorf("default timers of %s: %w", account.SID, err)
	}
	if account.FriendlyName == "" {
		account.FriendlyName = account.SID
	}
	switch exists, err := accounts.Has(tx, account.SID); {
	case err != nil:
		return Account{}, err
	case exists:
		return Account{}, invalid.Errorf("account %s exists already", account.SID)
	}
	account.DateCreated = a.now()
	account.DateUpdated = account.DateCreated
	if account.DefaultMessagingServiceSID == "" {
		account.DefaultMessagingServiceSID = a.sids.New("MG")
	}
	service, err := a.addService(tx, account.SID, account.DefaultServiceSID, "Default Conversations Service")
	if err != nil {
		return Account{}, err
	}
	account.DefaultServiceSID = service.SID
	return account, accounts.Put(tx, account.SID, account)
}

// FetchAccount returns an account, or a 404.
func (a *API) FetchAccount(ctx context.Context, accountSID string) (account Account, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		account, err = accounts.Get(tx, accountSID)
		return err
	})
	return account, err
}

// UpdateAccount gives an account another name, if one was sent. The error is 400/20001 for a name of more than 64 characters.
func (a *API) UpdateAccount(ctx context.Context, accountSID string, name *string) (account Account, err error) {
	if utf8.RuneCountInString(twilio.Value(name)) > maxAccountName {
		return account, twilio.InvalidParameter("FriendlyName")
	}
	err = a.update(ctx, func(tx store.Tx) error {
		if account, err = accounts.Get(tx, accountSID); err != nil {
			return err
		}
		if twilio.Value(name) != "" {
			account.FriendlyName, account.DateUpdated = *name, a.now()
		}
		return accounts.Put(tx, accountSID, account)
	})
	return account, err
}

// LookupAccount is FetchAccount in a transaction; it returns store.ErrNotFound as it is.
func (a *API) LookupAccount(tx store.Tx, accountSID string) (Account, error) {
	return accounts.Get(tx, accountSID)
}

// ListAccounts returns all accounts, in the order of their SIDs.
func (a *API) ListAccounts(ctx context.Context) (list []Account, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		list = nil
		for account, err := range accounts.Each(tx, store.Query{}) {
			if err != nil {
				return err
			}
			list = append(list, account)
		}
		return nil
	})
	return list, err
}

func alphanumeric(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
