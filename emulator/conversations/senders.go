package conversations

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Sender is a number or a registered WhatsApp sender that an account owns. On Twilio the Console registers one; the Conversations
// API has no such resource.
type Sender struct {
	// SID is PN and 32 hexadecimal digits for a number, and XE for a sender of another channel.
	SID        string `json:"sid"`
	AccountSID string `json:"account_sid"`
	// Address is an E.164 number with the prefix of its channel ("whatsapp:+13115552368"), or without one for SMS.
	Address string `json:"address"`
	// MessagingServiceSID is the messaging service of the sender; empty means the account's default.
	MessagingServiceSID string    `json:"messaging_service_sid,omitempty"`
	DateCreated         time.Time `json:"date_created"`
}

const byChannel = "channel" // Key(account, channel)

// senders have their address as their key: one address belongs to one account.
var senders = store.NewTable[Sender]("sender").
	Ordered(byAccount, func(s Sender) (string, bool) { return store.Key(s.AccountSID), true }).
	Ordered(byChannel, func(s Sender) (string, bool) {
		channel, _ := twilio.Channel(s.Address)
		return store.Key(s.AccountSID, channel), true
	})

// CreateSender adds a sender to an account. The error is an *invalid.Error for a malformed sender and for one that has an owner.
func (a *API) CreateSender(ctx context.Context, s Sender) (Sender, error) {
	if !twilio.IsNumber(s.Address) {
		return Sender{}, invalid.Errorf("sender %q: it must be an E.164 number, with the prefix whatsapp: or rcs: unless it is for SMS, "+
			"such as whatsapp:+13115552368", s.Address)
	}
	if a.sharedSenders[s.Address] {
		return Sender{}, invalid.Errorf("sender %s: it is the sandbox number, which all accounts share", s.Address)
	}
	if s.MessagingServiceSID != "" && !sid.Valid(s.MessagingServiceSID, "MG") {
		return Sender{}, invalid.Errorf("messaging service %q of sender %s: it must be MG and 32 hexadecimal digits",
			s.MessagingServiceSID, s.Address)
	}
	s.SID, s.DateCreated = a.sids.New(senderPrefix(s.Address)), a.now()
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

// senderPrefix is the kind of SID of a sender.
func senderPrefix(address string) string {
	if strings.HasPrefix(address, "+") {
		return "PN"
	}
	return "XE"
}

// DeleteSender removes a sender of an account. Bindings and address configurations with its address stay. The error is an
// *invalid.Error when the account has no such sender.
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

// FindSender returns the sender with an address, or a 404. Its account gets the messages that phones write to the address.
func (a *API) FindSender(ctx context.Context, address string) (found Sender, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		found, err = senders.Get(tx, address)
		return err
	})
	return found, err
}

// ListSenders returns the senders of an account, in the order of their addresses.
func (a *API) ListSenders(ctx context.Context, accountSID string) (list []Sender, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		list, err = a.SendersOf(tx, accountSID)
		return err
	})
	return list, err
}

// checkProxy refuses a proxy address that an account cannot use. On WhatsApp it must be a sender (50415); checkOwner has the
// rules for its owner.
func (a *API) checkProxy(tx store.Tx, accountSID, proxy string) error {
	if a.sharedSenders[proxy] {
		return nil
	}
	switch known, err := senders.Has(tx, proxy); {
	case err != nil:
		return err
	case !known && twilio.IsWhatsApp(proxy):
		return errProxyNotSender
	}
	return checkOwner(tx, accountSID, proxy)
}

// checkOwner refuses with 50413 an address of another account. It also refuses an address that nobody owns when the account has
// any sender on the channel; an account without senders may use every such address.
func checkOwner(tx store.Tx, accountSID, address string) error {
	switch s, err := senders.Get(tx, address); {
	case err == nil && s.AccountSID == accountSID:
		return nil
	case err == nil:
		return errProxyNotOwned
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	channel, _ := twilio.Channel(address)
	hasSenders, err := senders.HasAny(tx, store.Query{Index: byChannel, Prefix: store.Prefix(accountSID, channel)})
	if hasSenders {
		return errProxyNotOwned
	}
	return err
}

// isSender reports whether an address is a sender of any account.
func (a *API) isSender(tx store.Tx, address string) (bool, error) {
	if a.sharedSenders[address] {
		return true, nil
	}
	return senders.Has(tx, address)
}

// orMissing returns an *invalid.Error with a text in place of store.ErrNotFound, and any other error unchanged.
func orMissing(err error, format string, args ...any) error {
	if errors.Is(err, store.ErrNotFound) {
		return invalid.Errorf(format, args...)
	}
	return err
}

// LookupSender is FindSender in a transaction. It reports whether the sender exists in place of a 404.
func (a *API) LookupSender(tx store.Tx, address string) (s Sender, found bool, err error) {
	s, err = senders.Get(tx, address)
	if errors.Is(err, store.ErrNotFound) {
		return s, false, nil
	}
	return s, err == nil, err
}

// PutSender stores a sender that exists, with another messaging service, in a transaction.
func (a *API) PutSender(tx store.Tx, s Sender) error { return senders.Put(tx, s.Address, s) }

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
