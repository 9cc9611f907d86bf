package conversations

import (
	"context"
	"errors"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Sender is an address that an account owns and may write from: a number, or a registered WhatsApp sender. Twilio has
// them in its Console, so no resource of this API makes one.
type Sender struct {
	AccountSID string `json:"account_sid"`
	// Address is an E.164 number with the prefix of its channel ("whatsapp:+13115552368"), or without one for SMS.
	Address string `json:"address"`
	// MessagingServiceSID is the messaging service that the sender is in; empty means the account's default.
	MessagingServiceSID string    `json:"messaging_service_sid,omitempty"`
	DateCreated         time.Time `json:"date_created"`
}

// byChannel: Key(account, channel).
const byChannel = "channel"

// senders stand under their addresses: one address belongs to one account.
var senders = store.NewTable[Sender]("sender").
	Ordered(byAccount, func(s Sender) (string, bool) { return store.Key(s.AccountSID), true }).
	Ordered(byChannel, func(s Sender) (string, bool) {
		of, _ := twilio.Channel(s.Address)
		return store.Key(s.AccountSID, of), true
	})

// CreateSender gives an address to an account. The error is in a person's words.
func (a *API) CreateSender(ctx context.Context, s Sender) (Sender, error) {
	if _, ok := twilio.Channel(s.Address); !ok {
		return Sender{}, invalid.Errorf("sender %q: it must be an E.164 number, with the prefix whatsapp: or rcs: unless it is for SMS, such as whatsapp:+13115552368", s.Address)
	}
	if a.sharedSenders[s.Address] {
		return Sender{}, invalid.Errorf("sender %s: it is the sandbox number, which all accounts share and none can own", s.Address)
	}
	if s.MessagingServiceSID != "" && !sid.Valid(s.MessagingServiceSID, "MG") {
		return Sender{}, invalid.Errorf("messaging service %q of sender %s: it must be MG and 32 hexadecimal digits", s.MessagingServiceSID, s.Address)
	}
	s.DateCreated = a.now()
	err := a.store.Update(ctx, func(tx store.Tx) error {
		if _, err := accounts.Get(tx, s.AccountSID); err != nil {
			return orMissing(err, "account %s does not exist", s.AccountSID)
		}
		switch holder, err := senders.Get(tx, s.Address); {
		case err == nil:
			return invalid.Errorf("sender %s belongs to account %s already", s.Address, holder.AccountSID)
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		return senders.Put(tx, s.Address, s)
	})
	return s, err
}

// DeleteSender takes an address away from its account. Bindings and address configurations on it stay. The error is in
// a person's words.
func (a *API) DeleteSender(ctx context.Context, accountSID, address string) error {
	return a.store.Update(ctx, func(tx store.Tx) error {
		s, err := senders.Get(tx, address)
		if err == nil && s.AccountSID != accountSID {
			err = store.ErrNotFound
		}
		if err != nil {
			return orMissing(err, "account %s has no sender %s", accountSID, address)
		}
		return senders.Delete(tx, address)
	})
}

// FindSender returns the sender with an address, whose account gets what phones write to it, or a 404.
func (a *API) FindSender(ctx context.Context, address string) (found Sender, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		found, err = senders.Get(tx, address)
		return err
	})
	return found, err
}

// ListSenders returns the senders of an account by address.
func (a *API) ListSenders(ctx context.Context, accountSID string) (list []Sender, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		list, err = a.SendersOf(tx, accountSID)
		return err
	})
	return list, err
}

// checkProxy refuses a proxy address that an account cannot write from: on WhatsApp anything but the shared senders and
// those of its own (50415), elsewhere as checkOwner says.
func (a *API) checkProxy(tx store.Tx, accountSID, proxy string) error {
	if a.sharedSenders[proxy] {
		return nil
	}
	_, err := senders.Get(tx, proxy)
	if errors.Is(err, store.ErrNotFound) && twilio.IsWhatsApp(proxy) {
		return errProxyNotSender
	}
	return checkOwner(tx, accountSID, proxy)
}

// checkOwner refuses with 50413 an address that is another account's, or that is missing in an account which lists its
// senders of this channel. An account that lists none is not checked.
func checkOwner(tx store.Tx, accountSID, address string) error {
	switch s, err := senders.Get(tx, address); {
	case err == nil && s.AccountSID == accountSID:
		return nil
	case err == nil:
		return errProxyNotOwned
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	of, _ := twilio.Channel(address)
	_, err := senders.First(tx, store.Query{Index: byChannel, Prefix: store.Prefix(accountSID, of)})
	switch {
	case err == nil:
		return errProxyNotOwned
	case errors.Is(err, store.ErrNotFound):
		return nil
	}
	return err
}

// isSender reports whether an address is one to write from, and so nobody to write to.
func (a *API) isSender(tx store.Tx, address string) (bool, error) {
	if a.sharedSenders[address] {
		return true, nil
	}
	_, err := senders.Get(tx, address)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// orMissing says in a person's words what does not exist; other errors stay as they are.
func orMissing(err error, format string, args ...any) error {
	if errors.Is(err, store.ErrNotFound) {
		return invalid.Errorf(format, args...)
	}
	return err
}

// LookupSender is FindSender in a transaction; found is false when nobody has the address.
func (a *API) LookupSender(tx store.Tx, address string) (s Sender, found bool, err error) {
	s, err = senders.Get(tx, address)
	if errors.Is(err, store.ErrNotFound) {
		return s, false, nil
	}
	return s, err == nil, err
}

// SendersOf is ListSenders in a transaction.
func (a *API) SendersOf(tx store.Tx, accountSID string) (list []Sender, err error) {
	for s, err := range senders.Each(tx, store.Query{Index: byAccount, Prefix: store.Prefix(accountSID)}) {
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}
