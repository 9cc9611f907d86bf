package conversations

import (
	"context"
	"errors"

	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// MessagingBinding is how a participant outside chat is reached. Type follows from the prefix of the address.
// Reference, Conversations API 4.2.
type MessagingBinding struct {
	Type             string  `json:"type"`
	Address          *string `json:"address,omitempty"`
	ProxyAddress     *string `json:"proxy_address,omitempty"`
	ProjectedAddress *string `json:"projected_address,omitempty"`
}

// binding checks who a new participant of an account is, and returns its binding; nil for a chat participant. Reference,
// Conversations API 4.1.
func (a *API) newBinding(tx store.Tx, accountSID string, p CreateParticipantParams) (*MessagingBinding, error) {
	b := p.MessagingBinding
	switch {
	case b.Address != nil || b.ProxyAddress != nil:
		if p.Identity != nil {
			return nil, errIdentityNotAcceptable
		}
		return a.proxiedBinding(tx, accountSID, b)
	case p.Identity == nil && b.ProjectedAddress == nil:
		return nil, twilio.MissingParameter("Identity or MessagingBinding.Address")
	case p.Identity != nil:
		if err := checkIdentity(*p.Identity); err != nil {
			return nil, err
		}
	}
	if b.ProjectedAddress == nil {
		return nil, nil
	}
	return a.businessBinding(tx, accountSID, *b.ProjectedAddress)
}

func checkIdentity(identity string) error {
	switch {
	case identity == "":
		return errIdentityMissing
	case len([]rune(identity)) > maxIdentity:
		return errIdentityTooLong
	case sid.Valid(identity, "US"):
		return errIdentitySID
	}
	return nil
}

// proxiedBinding checks the two addresses of a participant on a messaging channel; an SMS address alone is a member of a group.
func (a *API) proxiedBinding(tx store.Tx, accountSID string, b BindingParams) (*MessagingBinding, error) {
	address, proxy := twilio.Value(b.Address), twilio.Value(b.ProxyAddress)
	if address == "" {
		return nil, errAddressEmpty
	}
	of, ok := twilio.Channel(address)
	sender, err := a.isSender(tx, address)
	if err != nil {
		return nil, err
	}
	if !ok || b.ProjectedAddress != nil || sender { // a sender is nobody to write to
		return nil, errBindingAddress
	}
	if b.ProxyAddress == nil && of == twilio.ChannelSMS {
		return a.memberBinding(tx, accountSID, address)
	}
	if proxy == "" {
		return nil, errProxyEmpty
	}
	through, ok := twilio.Channel(proxy)
	switch {
	case !ok:
		return nil, errProxyAddress
	case address == proxy:
		return nil, errSameAddress
	case of != through:
		return nil, errAddressChannel
	}
	return &MessagingBinding{Type: of, Address: &address, ProxyAddress: &proxy}, a.checkProxy(tx, accountSID, proxy)
}

// bindingKey is the pair that a binding takes: within its account, or on a shared sender over all accounts.
func (a *API) bindingKey(accountSID string, b *MessagingBinding) string {
	if b == nil || b.Address == nil || b.ProxyAddress == nil {
		return ""
	}
	if a.sharedSenders[*b.ProxyAddress] {
		accountSID = "*"
	}
	return store.Key(accountSID, *b.ProxyAddress, *b.Address)
}

// updateBinding changes the addresses and identity of a participant as far as Twilio lets it. Reference, Conversations API 4.4.
func (a *API) updateBinding(tx store.Tx, p *participantDoc, u UpdateParticipantParams) error {
	if u.Identity != nil {
		if p.MessagingBinding != nil && p.MessagingBinding.ProxyAddress != nil || p.Identity != nil && *p.Identity != *u.Identity {
			return errAddIdentity
		}
		if err := checkIdentity(*u.Identity); err != nil {
			return err
		}
		p.Identity = u.Identity
	}
	if proxy := u.MessagingBinding.ProxyAddress; proxy != nil {
		if *proxy != "null" {
			return errAddProxy // also for the one it has already; observed on the live API
		}
		if p.MessagingBinding == nil || p.MessagingBinding.ProxyAddress == nil {
			return errRemoveProxy
		}
		b := *p.MessagingBinding
		b.ProxyAddress = nil
		p.MessagingBinding = &b
	}
	if projected := u.MessagingBinding.ProjectedAddress; projected != nil {
		return a.updateProjectedAddress(tx, p, *projected)
	}
	return nil
}

// updateProjectedAddress gives a participant with an identity a projected address, or takes it away with the text "null". One that is
// nothing but a projected address keeps it.
func (a *API) updateProjectedAddress(tx store.Tx, p *participantDoc, projected string) (err error) {
	switch {
	case projected == "null" && (!p.isBusiness() || p.Identity == nil):
		return errRemoveProjected
	case projected == "null":
		p.MessagingBinding = nil
		return nil
	case p.MessagingBinding != nil:
		return errAddProjected
	}
	p.MessagingBinding, err = a.businessBinding(tx, p.AccountSID, projected)
	return err
}

// countParticipant keeps the conversation's numbers of participants.
func (c *conversationDoc) countParticipant(p participantDoc, by int) {
	c.Participants += by
	if p.MessagingBinding != nil {
		c.NonChat += by
	}
}

// freeBindings is what closing a conversation does to its participants: they let go of the pairs that they hold, and
// their users do not count it any more.
func (a *API) freeBindings(tx store.Tx, conversationSID string) error {
	for p, err := range participants.Each(tx, store.Query{Prefix: store.Prefix(conversationSID)}) {
		if err != nil {
			return err
		}
		if err := leaveUser(tx, p); err != nil {
			return err
		}
		p.BindingKey, p.Closed = "", true
		if err := putParticipant(tx, p); err != nil {
			return err
		}
	}
	return nil
}

// FindBinding returns the participant of an account that holds a pair of addresses, and its service, or a 404. On a
// shared sender the holder may belong to another account: that is a 404 too.
func (a *API) FindBinding(ctx context.Context, accountSID, address, proxyAddress string) (Participant, Scope, error) {
	var found participantDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		key := a.bindingKey(accountSID, &MessagingBinding{Address: &address, ProxyAddress: &proxyAddress})
		found, err = participants.Lookup(tx, byBinding, key)
		if err == nil && found.AccountSID != accountSID {
			return store.ErrNotFound
		}
		return err
	})
	return found.Participant, Scope{AccountSID: accountSID, ServiceSID: found.ServiceSID}, err
}

// FindSharedBinding is FindBinding over all accounts, for a shared sender; the scope is that of the holder. For any other
// sender it is a 404.
func (a *API) FindSharedBinding(ctx context.Context, address, proxyAddress string) (Participant, Scope, error) {
	var found participantDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		if !a.sharedSenders[proxyAddress] {
			return store.ErrNotFound
		}
		key := a.bindingKey("", &MessagingBinding{Address: &address, ProxyAddress: &proxyAddress})
		found, err = participants.Lookup(tx, byBinding, key)
		return err
	})
	return found.Participant, Scope{AccountSID: found.AccountSID, ServiceSID: found.ServiceSID}, err
}

// hideForeignConversation leaves the SID of another account's conversation out of the refusal of a participant, where that is wanted.
func (a *API) hideForeignConversation(tx store.Tx, refused participantDoc, err error) error {
	var reason *twilio.Error
	if a.hidesForeignSID == nil || !errors.As(err, &reason) || reason.Code != errBindingExists("").Code {
		return err
	}
	holder, lookupErr := participants.Lookup(tx, byBinding, refused.BindingKey)
	if lookupErr != nil {
		return lookupErr
	}
	if holder.AccountSID == refused.AccountSID {
		return err
	}
	hide, switchErr := a.hidesForeignSID(tx)
	if switchErr != nil {
		return switchErr
	}
	if hide {
		return errBindingExists("")
	}
	return err
}
