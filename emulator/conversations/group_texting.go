package conversations

import (
	"errors"
	"regexp"
	"slices"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Group texting (group MMS) has several phones and a number of the account in one conversation, without proxy addresses. A member
// is a participant with an address only. The business is a participant with a projected address, with or without an identity.
// Reference, Conversations API 4.1 to 4.3.

// A group has maxGroup participants at most, and needs minGroup to be active. Reference, Conversations API 11.
const (
	maxGroup = 10
	minGroup = 3
)

// northAmerican matches a number of the United States or Canada. Group texting takes no others.
var northAmerican = regexp.MustCompile(`^\+1[2-9][0-9]{9}$`)

// isMember reports whether a participant is a phone in a group.
func (p participantDoc) isMember() bool {
	b := p.MessagingBinding
	return b != nil && b.Type == twilio.ChannelSMS && b.Address != nil && b.ProxyAddress == nil
}

// isBusiness reports whether a participant is a number of the account in a group.
func (p participantDoc) isBusiness() bool {
	return p.MessagingBinding != nil && p.MessagingBinding.ProjectedAddress != nil
}

// groupAddress returns the address of a participant in its group; empty for one that is not in a group.
func (p participantDoc) groupAddress() string {
	switch {
	case p.isMember():
		return *p.MessagingBinding.Address
	case p.isBusiness():
		return *p.MessagingBinding.ProjectedAddress
	}
	return ""
}

// memberBinding checks the address of a member.
func (a *API) memberBinding(tx store.Tx, accountSID, address string) (*MessagingBinding, error) {
	if err := a.checkGroupTexting(tx, accountSID); err != nil {
		return nil, err
	}
	if !northAmerican.MatchString(address) {
		return nil, errBindingAddress
	}
	return &MessagingBinding{Type: twilio.ChannelSMS, Address: &address}, nil
}

// businessBinding checks the projected address of the business.
func (a *API) businessBinding(tx store.Tx, accountSID, projected string) (*MessagingBinding, error) {
	if err := a.checkGroupTexting(tx, accountSID); err != nil {
		return nil, err
	}
	if !northAmerican.MatchString(projected) {
		return nil, errBindingAddress
	}
	err := checkOwner(tx, accountSID, projected)
	if errors.Is(err, errProxyNotOwned) {
		return nil, errProjectedNotOwned
	}
	return &MessagingBinding{Type: twilio.ChannelSMS, ProjectedAddress: &projected}, err
}

// checkGroupTexting refuses group texting where the account does not have it.
func (a *API) checkGroupTexting(tx store.Tx, accountSID string) error {
	if a.hasGroupTexting == nil {
		return nil
	}
	has, err := a.hasGroupTexting(tx, accountSID)
	if err == nil && !has {
		return errGroupMMS
	}
	return err
}

// groupParticipants returns the participants of a conversation that are in its group.
func groupParticipants(tx store.Tx, conversationSID string) (list []participantDoc, err error) {
	for p, err := range participants.Each(tx, store.Query{Index: byNonChat, Prefix: store.Prefix(conversationSID)}) {
		if err != nil {
			return nil, err
		}
		if p.groupAddress() != "" {
			list = append(list, p)
		}
	}
	return list, nil
}

// checkGroup refuses a new participant that the group has already, or when the group is full.
func checkGroup(tx store.Tx, p participantDoc) error {
	if p.groupAddress() == "" {
		return nil
	}
	list, err := groupParticipants(tx, p.ConversationSID)
	if err != nil {
		return err
	}
	if len(list) >= maxGroup {
		return errGroupLimit
	}
	for _, other := range list {
		if p.isMember() == other.isMember() && p.groupAddress() == other.groupAddress() &&
			twilio.Value(p.Identity) == twilio.Value(other.Identity) {
			return errGroupParticipantExists
		}
	}
	return nil
}

// updateGroupKey sets the GroupKey of a conversation after its participants have changed. A group is active, and holds its set of
// addresses within the account, when it has minGroup participants, one of them the business, and the conversation has no others.
func (c *conversationDoc) updateGroupKey(tx store.Tx) error {
	if c.NonChat == 0 {
		c.GroupKey = ""
		return nil
	}
	list, err := groupParticipants(tx, c.SID)
	if err != nil {
		return err
	}
	c.GroupKey = ""
	if c.Participants != len(list) || len(list) < minGroup || !slices.ContainsFunc(list, participantDoc.isBusiness) {
		return nil
	}
	addresses := []string{}
	for _, p := range list {
		addresses = append(addresses, p.groupAddress())
	}
	slices.Sort(addresses)
	c.GroupKey = store.Key(append([]string{c.AccountSID}, slices.Compact(addresses)...)...)
	return nil
}

// checkGroupList reports whether the participants of a new conversation are a group. It refuses a group that cannot be active:
// too small, or with participants that are not in it.
func checkGroupList(list []CreateParticipantParams) (isGroup bool, err error) {
	members := 0
	for _, p := range list {
		b := p.MessagingBinding
		switch {
		case b.ProjectedAddress != nil, b.Address != nil && b.ProxyAddress == nil && !twilio.IsWhatsApp(*b.Address):
			members++
		}
	}
	if members > 0 && (members < len(list) || members < minGroup) {
		return true, errGroupActivation
	}
	return members > 0, nil
}

// senderFor returns the number from which a message goes to a participant: its proxy address, or in a group the projected address
// of the author or of the first business. It is empty for a participant without a phone.
func senderFor(p participantDoc, m messageDoc, group []participantDoc) string {
	switch {
	case p.address() == "":
		return ""
	case !p.isMember():
		return twilio.Value(p.MessagingBinding.ProxyAddress)
	}
	sender := ""
	for _, other := range group {
		if !other.isBusiness() {
			continue
		}
		if sender == "" || twilio.Value(m.ParticipantSID) == other.SID {
			sender = *other.MessagingBinding.ProjectedAddress
		}
	}
	return sender
}

// putRegroupedConversation updates the GroupKey of a conversation and stores it.
func (a *API) putRegroupedConversation(tx store.Tx, c *conversationDoc) error {
	if err := c.updateGroupKey(tx); err != nil {
		return err
	}
	return a.putConversation(tx, *c)
}
