package conversations

import (
	"context"
	"errors"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// InboundMessage is a message of a phone to an address of an account.
type InboundMessage struct {
	// From and To carry the prefix of their channel.
	From, To string
	// Body and Media are nil when the message has none; one of them is required. Of Media, the content, the type and the name are
	// used.
	Body  *string
	Media *MediaFile
}

// AutoCreate creates a conversation for a message that belongs to none, as the address configuration of its To says: the
// conversation in the configured service, its scoped webhook, the phone as participant, and the message. A pre-action webhook on
// onConversationAdd may refuse them all (50056). The events are onConversationAdded, onParticipantAdded and onMessageAdded, in
// this order; the last two have no pre-action. When another message has created the conversation meanwhile, the message is added
// to that.
//
// The error is a 404 when To has no enabled configuration, or one whose service was deleted; the latter is an alert too. Other
// errors are those of the four resources. Reference, Conversations API 6.6 and 7.1 to 7.3.
func (a *API) AutoCreate(ctx context.Context, scope Scope, in InboundMessage) (Message, error) {
	if err := in.check(); err != nil {
		return Message{}, err
	}
	c := autoCreation{api: a, scope: scope, in: in}
	err := a.view(ctx, func(tx store.Tx) error {
		d, err := address(tx, scope, in.To)
		if err == nil && !d.AutoCreation.Enabled {
			return store.ErrNotFound
		}
		c.address = d.Address
		return err
	})
	if err != nil {
		return Message{}, err
	}
	c.scope.ServiceSID = twilio.Value(c.address.AutoCreation.ConversationServiceSID)
	err = a.perform(ctx, action{scope: c.scope, pre: OnConversationAdd, do: c.create,
		event: func() Event { return c.event(OnConversationAdd) }})
	if twilio.IsNotFound(err) {
		a.Alert(ctx, Alert{AccountSID: scope.AccountSID, Code: 20404, ResourceSID: c.address.SID,
			Text: "a message to " + in.To + " made no conversation: Conversation Service " + c.scope.ServiceSID + " does not exist"})
	}
	return c.message.Message, err
}

// check refuses a malformed message.
func (in InboundMessage) check() error {
	switch {
	case len(twilio.Value(in.Body)) > maxBody:
		return errBodyTooLong
	case in.Media != nil:
		return in.Media.check()
	case twilio.Value(in.Body) == "":
		return errBodyMissing
	}
	return nil
}

// autoCreation is the state of one call of AutoCreate.
type autoCreation struct {
	api     *API
	scope   Scope
	address Address
	in      InboundMessage
	// The results.
	conversation conversationDoc
	message      messageDoc
}

// create creates the conversation and the rest in a transaction, with the reply of the pre-action webhook.
func (c *autoCreation) create(tx store.Tx, reply preActionReply) (err error) {
	a := c.api
	if held, err := c.addToHolder(tx); held || err != nil {
		return err
	}
	form := ConversationParams{FriendlyName: &c.in.From}
	twilio.Assign(&form.FriendlyName, reply.FriendlyName)
	if form.MessagingServiceSid, err = messagingService(tx, c.in.To); err != nil {
		return err
	}
	if c.conversation, err = a.addConversation(tx, c.scope, form); err != nil {
		return err
	}
	if err := a.emit(tx, c.scope, c.event(OnConversationAdded)); err != nil {
		return err
	}
	if w := c.address.AutoCreation.webhookParams(); w != nil {
		if _, err := a.addWebhook(tx, &c.conversation, *w); err != nil {
			return err
		}
	}
	_, err = a.addParticipant(tx, c.scope, &c.conversation,
		CreateParticipantParams{MessagingBinding: BindingParams{Address: &c.in.From, ProxyAddress: &c.in.To}})
	if err != nil {
		return err
	}
	return c.addMessage(tx)
}

// addToHolder adds the message to the conversation that holds the pair of addresses, if there is one, and reports whether there
// is.
func (c *autoCreation) addToHolder(tx store.Tx) (bool, error) {
	key := c.api.bindingKey(c.scope.AccountSID, &MessagingBinding{Address: &c.in.From, ProxyAddress: &c.in.To})
	holder, err := participants.Lookup(tx, byBinding, key)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if c.conversation, err = conversationDocs.Get(tx, holder.ConversationSID); err != nil {
		return false, err
	}
	c.scope.ServiceSID = c.conversation.ChatServiceSID
	return true, c.addMessage(tx)
}

// addMessage adds the message with its file to the conversation.
func (c *autoCreation) addMessage(tx store.Tx) error {
	p := MessageParams{Author: &c.in.From, Body: c.in.Body}
	if c.in.Media != nil {
		f, err := c.api.PutMedia(tx, MediaFile{AccountSID: c.conversation.AccountSID, ServiceSID: c.conversation.ChatServiceSID,
			Content: c.in.Media.Content, Media: Media{ContentType: c.in.Media.ContentType, Filename: c.in.Media.Filename}})
		if err != nil {
			return err
		}
		p.MediaSid = &f.SID
	}
	var err error
	c.message, err = c.api.addMessage(tx, c.scope, &c.conversation, p)
	return err
}

// messagingService returns the messaging service of a sender; nil for the account's default.
func messagingService(tx store.Tx, address string) (*string, error) {
	s, err := senders.Get(tx, address)
	if err != nil || s.MessagingServiceSID == "" {
		return nil, store.IgnoreNotFound(err)
	}
	return &s.MessagingServiceSID, nil
}

// event returns an event of the conversation with the pair of addresses, and for the pre-action with the message.
func (c *autoCreation) event(t EventType) Event {
	e := conversationEvent(t, c.conversation)
	e.Params.Set("MessagingBinding.Address", c.in.From)
	e.Params.Set("MessagingBinding.ProxyAddress", c.in.To)
	if t == OnConversationAdd {
		twilio.SetOptional(e.Params, "MessageBody", c.in.Body)
		if len(c.message.Media) > 0 {
			e.Params.Set("Media", webhookMedia(c.message.Media))
		}
	}
	return e
}
