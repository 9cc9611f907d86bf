package whatsapp

import (
	"context"
	"errors"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// progressJob moves a message that was sent to delivered, and then to read.
type progressJob struct {
	MessageSID string
	Status     twilio.Status
}

// Kind is the type of the job.
func (progressJob) Kind() string { return "progress" }

// deliver is the worker of conversations.DeliveryJob: it carries a message of a conversation to one phone.
func (s *Sandbox) deliver(ctx context.Context, _ outbox.Job, args conversations.DeliveryJob) error {
	scope, conversation := args.Scope, args.ConversationSID
	m, err := s.conversations.FetchMessage(ctx, scope, conversation, args.MessageSID)
	if err != nil {
		return unlessGone(err)
	}
	p, err := s.conversations.FetchParticipant(ctx, scope, conversation, args.ParticipantSID)
	if err != nil || p.MessagingBinding == nil || p.MessagingBinding.Address == nil {
		return unlessGone(err)
	}
	c, err := s.conversations.FetchConversation(ctx, scope, conversation)
	if err != nil {
		return unlessGone(err)
	}
	return s.leg(ctx, args.From, c, m, p)
}

// leg makes the message on the channel, once, and submits it.
func (s *Sandbox) leg(ctx context.Context, from string, c conversations.Conversation, m conversations.Message, p conversations.Participant) error {
	return s.store.Update(ctx, func(tx store.Tx) error {
		_, err := messages.Lookup(tx, byLeg, store.Key(m.SID, p.SID))
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		leg := Message{AccountSID: m.AccountSID, Direction: DirectionOutboundAPI, From: from,
			To:              *p.MessagingBinding.Address,
			ConversationSID: m.ConversationSID, ConversationMessageSID: m.SID, ParticipantSID: p.SID}
		leg.MessagingServiceSID = c.MessagingServiceSID
		if leg.Phone, err = s.phoneBehind(tx, leg.To); err != nil {
			return err
		}
		leg.Template = m.ContentSID != nil
		if m.Body != nil {
			leg.Body = *m.Body
		}
		for _, f := range m.Media {
			leg.Media = append(leg.Media, fileOf(f))
		}
		return s.submit(tx, &leg)
	})
}

// phoneBehind is the phone that has a number, which may be another than the one that is written to: a switch.
func (s *Sandbox) phoneBehind(tx store.Tx, address string) (string, error) {
	phone, err := ParseNumber(address)
	if err != nil {
		return "", err
	}
	set, err := s.switches(tx)
	if err != nil {
		return "", err
	}
	for written, behind := range set.NumberAliases {
		if number, err := ParseNumber(written); err == nil && number == phone {
			return ParseNumber(behind)
		}
	}
	return phone, nil
}

// realistic is how long the steps of a delivery take then.
var realistic = map[twilio.Status]time.Duration{
	twilio.StatusDelivered: time.Second, twilio.StatusRead: 5 * time.Second,
}

// promise puts the next step of a delivery into the outbox, unless somebody wants to do it by hand. The steps of one
// phone's messages are in the order of the messages.
func (s *Sandbox) promise(tx store.Tx, m Message, to twilio.Status) error {
	set, err := s.switches(tx)
	if err != nil || set.Delivery == DeliveryManual {
		return err
	}
	due := s.clock.Now()
	if set.Delivery == DeliveryRealistic {
		due = due.Add(realistic[to])
	}
	return s.outbox.Put(tx, outbox.Job{Queue: "progress/" + string(to) + "/" + m.Phone, Due: due,
		Args: progressJob{MessageSID: m.SID, Status: to}})
}

// progress is the worker of progressJob. SMS ends with delivered; WhatsApp goes on to read. A phone that is offline gets
// nothing, until it is back.
func (s *Sandbox) progress(ctx context.Context, _ outbox.Job, args progressJob) error {
	var m Message
	to := args.Status
	err := s.store.Update(ctx, func(tx store.Tx) (err error) {
		if m, err = messages.Get(tx, args.MessageSID); err != nil {
			return err
		}
		if !m.Status.Precedes(to) {
			return nil // done before, or ended otherwise
		}
		phone, err := s.phoneDoc(tx, m.Phone)
		if err != nil || phone.Offline || (to == twilio.StatusRead && phone.Unread) {
			return err
		}
		if err := s.move(tx, &m, to, 0); err != nil {
			return err
		}
		if to == twilio.StatusDelivered && twilio.IsWhatsApp(m.To) {
			return s.promise(tx, m, twilio.StatusRead)
		}
		return nil
	})
	if err != nil {
		return unlessGone(err)
	}
	return s.report(ctx, m)
}

// report tells the conversation of a leg how far it is. It may be told again.
func (s *Sandbox) report(ctx context.Context, m Message) error {
	if m.ParticipantSID == "" || m.Status.IsUnsent() || m.Status == twilio.StatusCanceled {
		return nil
	}
	return s.conversations.ReportDelivery(ctx, conversations.DeliveryReport{ConversationSID: m.ConversationSID,
		MessageSID: m.ConversationMessageSID, ParticipantSID: m.ParticipantSID, ChannelMessageSID: m.SID,
		Status: m.Status, ErrorCode: m.ErrorCode})
}

// unlessGone makes nothing of an error that says that something was deleted meanwhile.
func unlessGone(err error) error {
	if err == nil || twilio.IsNotFound(err) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
