package conversations

import (
	"context"
	"errors"

	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// MessagingBinding is the addresses of a participant outside chat. Type follows from the prefix of the address.
// Reference, Conversations API 4.2.
type MessagingBinding struct {
	Type             string  `json:"type"`
	Address          *string `json:"address,omitempty"`
	ProxyAddress     *string `json:"proxy_address,omitempty"`
	ProjectedAddress *string `json:"projected_address,omitempty"`
}

// newBinding checks the identity and the addresses of a new participant and returns its binding; nil for a chat participant.
// Reference, Conversations API 4.1.
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

// proxiedBinding checks the address and the proxy address of a participant. An SMS address without a proxy is a member of a
// group.
func (a *API) proxiedBinding(tx store.Tx, accountSID string, b BindingParams) (*MessagingBinding, error) {
	address, proxy := twilio.Value(b.Address), twilio.Value(b.ProxyAddress)
	if address == "" {
		return nil, errAddressEmpty
	}
	channel, ok := twilio.Channel(address)
	sender, err := a.isSender(tx, address)
	if err != nil {
		return nil, err
	}
	if !ok || b.ProjectedAddress != nil || sender { // a sender cannot be a participant
		return nil, errBindingAddress
	}
	if b.ProxyAddress == nil && channel == twilio.ChannelSMS {
		return a.memberBinding(tx, accountSID, address)
	}
	if proxy == "" {
		return nil, errProxyEmpty
	}
	proxyChannel, _ := twilio.Channel(proxy)
	switch {
	case !twilio.IsNumber(proxy): // a business has no ExternalUserId
		return nil, errProxyAddress
	case address == proxy:
		return nil, errSameAddress
	case channel != proxyChannel:
		return nil, errAddressChannel
	}
	return &MessagingBinding{Type: channel, Address: &address, ProxyAddress: &proxy}, a.checkProxy(tx, accountSID, proxy)
}

// bindingKey returns the pair of addresses of a binding. It is unique within the account, and on a shared sender over all
// accounts.
func (a *API) bindingKey(accountSID string, b *MessagingBinding) string {
	if b == nil || b.Address == nil || b.ProxyAddress == nil {
		return ""
	}
	if a.sharedSenders[*b.ProxyAddress] {
		accountSID = "*"
	}
	return store.Key(accountSID, *b.ProxyAddress, *b.Address)
}

// updateBinding applies the identity and the addresses of a form, where Twilio allows the change. Reference, Conversations API
// 4.4.
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
			return errAddProxy // also for the same address; observed on the live API
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

// updateProjectedAddress sets the projected address of a participant with an identity, or removes it for the text "null". A
// participant without an identity keeps its projected address.
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

// countParticipant adds to the conversation's counts for a participant; by is negative for one that leaves.
func (c *conversationDoc) countParticipant(p participantDoc, by int) {
	c.Participants += by
	if p.MessagingBinding != nil {
		c.NonChat += by
	}
}

// freeBindings frees the bindings of all participants of a conversation that is closed or deleted. Their users no longer count
// it.
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

// FindBinding returns the participant of an account that holds a pair of addresses, and its scope, or a 404. A pair on a shared
// sender that another account holds is a 404 too.
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

// FindSharedBinding is FindBinding over all accounts, for a shared sender. For any other sender it returns a 404.
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

// hideForeignConversation removes the SID of another account's conversation from error 50416, when Config.HidesForeignSID says
// so.
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
