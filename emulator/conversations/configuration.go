package conversations

import (
	"context"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Configuration is Twilio's Configuration resource, without url and links: the defaults of an account's new conversations.
// Reference, Conversations API 8.
type Configuration struct {
	AccountSID string `json:"account_sid"`
	// DefaultChatServiceSID is the service of paths that name none (/v1/Conversations).
	DefaultChatServiceSID      string `json:"default_chat_service_sid"`
	DefaultMessagingServiceSID string `json:"default_messaging_service_sid"`
	// DefaultInactiveTimer and DefaultClosedTimer are ISO 8601 durations, unchanged; nil means none.
	DefaultInactiveTimer *string `json:"default_inactive_timer"`
	DefaultClosedTimer   *string `json:"default_closed_timer"`
}

// ConfigurationParams is the form of updating the Configuration. PT0S or an empty text removes a timer.
type ConfigurationParams struct {
	DefaultChatServiceSid      *string
	DefaultMessagingServiceSid *string
	DefaultInactiveTimer       *string
	DefaultClosedTimer         *string
}

// FetchConfiguration returns the account's Configuration.
func (a *API) FetchConfiguration(ctx context.Context, scope Scope) (Configuration, error) {
	account, err := a.FetchAccount(ctx, scope.AccountSID)
	return account.configuration(), err
}

// UpdateConfiguration changes the defaults of new conversations. Existing ones stay unchanged. Errors: 20001,
// 50050, 50341, 50375, 50376, 50379 and 50380.
func (a *API) UpdateConfiguration(ctx context.Context, scope Scope, p ConfigurationParams) (Configuration, error) {
	var updated Account
	err := a.update(ctx, func(tx store.Tx) error {
		account, err := accounts.Get(tx, scope.AccountSID)
		if err != nil {
			return err
		}
		if err := account.configure(tx, p); err != nil {
			return err
		}
		updated = account
		return accounts.Put(tx, account.SID, account)
	})
	return updated.configuration(), err
}

func (account Account) configuration() Configuration {
	return Configuration{AccountSID: account.SID, DefaultChatServiceSID: account.DefaultServiceSID,
		DefaultMessagingServiceSID: account.DefaultMessagingServiceSID,
		DefaultInactiveTimer:       account.DefaultInactiveTimer, DefaultClosedTimer: account.DefaultClosedTimer}
}

// configure checks the fields of a form and sets those that were sent.
func (account *Account) configure(tx store.Tx, p ConfigurationParams) error {
	if service := p.DefaultChatServiceSid; service != nil {
		if !sid.Valid(*service, "IS") {
			return twilio.InvalidParameter("DefaultChatServiceSid")
		}
		s, err := services.Get(tx, *service)
		if store.IgnoreNotFound(err) != nil {
			return err
		}
		if err != nil || s.AccountSID != account.SID {
			return errServiceUnknown
		}
		account.DefaultServiceSID = s.SID
	}
	if messaging := p.DefaultMessagingServiceSid; messaging != nil {
		if !sid.Valid(*messaging, "MG") {
			return errMessagingServiceSID
		}
		account.DefaultMessagingServiceSID = *messaging
	}
	if err := setTimer(&account.DefaultInactiveTimer, p.DefaultInactiveTimer, parseInactiveTimer); err != nil {
		return err
	}
	return setTimer(&account.DefaultClosedTimer, p.DefaultClosedTimer, parseClosedTimer)
}

// setTimer checks and sets a default timer. A duration of 0 removes it.
func setTimer(target **string, sent *string, parse func(string) (time.Duration, error)) error {
	switch {
	case sent == nil:
		return nil
	case *sent == "":
		*target = nil
		return nil
	}
	length, err := parse(*sent)
	if err != nil {
		return err
	}
	if *target = sent; length == 0 {
		*target = nil
	}
	return nil
}

// timers returns the durations of the default timers; 0 means none.
func (account Account) timers() (inactive, closed time.Duration, err error) {
	if account.DefaultInactiveTimer != nil {
		if inactive, err = parseInactiveTimer(*account.DefaultInactiveTimer); err != nil {
			return 0, 0, err
		}
	}
	if account.DefaultClosedTimer != nil {
		closed, err = parseClosedTimer(*account.DefaultClosedTimer)
	}
	return inactive, closed, err
}
