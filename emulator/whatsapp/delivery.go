package whatsapp

import (
	"context"
	"errors"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// jobProgress moves a message that was sent to delivered, and then to read.
const jobProgress = "progress"

// codeNotJoined: the sandbox writes only to phones that have joined it. Reference, WhatsApp 1.5.
const codeNotJoined = 63015

// deliver is the worker of conversations.JobDelivery: it carries a message of a conversation to one phone.
func (s *Sandbox) deliver(ctx context.Context, job conversations.Job) error {
	scope := conversations.Scope{AccountSID: job.Args["AccountSid"], ServiceSID: job.Args["ChatServiceSid"]}
	conversation := job.Args["ConversationSid"]
	m, err := s.Conversations.FetchMessage(ctx, scope, conversation, job.Args["MessageSid"])
	if err != nil {
		return unlessGone(err)
	}
	p, err := s.Conversations.FetchParticipant(ctx, scope, conversation, job.Args["ParticipantSid"])
	if err != nil || p.MessagingBinding == nil || p.MessagingBinding.Address == nil || p.MessagingBinding.ProxyAddress == nil {
		return unlessGone(err)
	}
	leg, err := s.leg(ctx, m, p)
	if err != nil {
		return err
	}
	return s.Conversations.ReportDelivery(ctx, leg.report())
}

// leg makes the message on the channel, once, and promises its progress. It fails at once when the phone is not in the
// account's sandbox.
func (s *Sandbox) leg(ctx context.Context, m conversations.Message, p conversations.Participant) (leg Message, err error) {
	err = s.Conversations.Update(ctx, func(tx store.Tx) error {
		leg, err = messages.Lookup(tx, byLeg, store.Key(m.SID, p.SID))
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		phone, err := ParseNumber(*p.MessagingBinding.Address)
		if err != nil {
			return err
		}
		leg = Message{AccountSID: m.AccountSID, Direction: DirectionOutboundAPI, From: *p.MessagingBinding.ProxyAddress,
			To: *p.MessagingBinding.Address, Phone: phone, Status: string(conversations.StatusSent),
			ConversationSID: m.ConversationSID, ConversationMessageSID: m.SID, ParticipantSID: p.SID}
		if m.Body != nil {
			leg.Body = *m.Body
		}
		for _, f := range m.Media {
			leg.Media = append(leg.Media, fileOf(f))
		}
		membership, member, err := s.membership(tx, phone)
		if err != nil {
			return err
		}
		if conversations.IsWhatsApp(leg.To) && (!member || membership.AccountSID != m.AccountSID) {
			leg.Status, leg.ErrorCode = string(conversations.StatusFailed), codeNotJoined
			return s.put(tx, &leg, nil)
		}
		if err := s.put(tx, &leg, nil); err != nil {
			return err
		}
		return s.promise(tx, leg, conversations.StatusDelivered)
	})
	return leg, err
}

// realistic is how long the steps of a delivery take then.
var realistic = map[conversations.Status]time.Duration{
	conversations.StatusDelivered: time.Second, conversations.StatusRead: 5 * time.Second,
}

// promise puts the next step of a delivery into the outbox, unless somebody wants to do it by hand.
func (s *Sandbox) promise(tx store.Tx, m Message, to conversations.Status) error {
	set, err := s.switches(tx)
	if err != nil || set.Delivery == Manual {
		return err
	}
	due := s.Clock.Now()
	if set.Delivery == Realistic {
		due = due.Add(realistic[to])
	}
	return s.Conversations.Outbox().Put(tx, conversations.Job{Type: jobProgress, Queue: "progress/" + m.SID, Due: due,
		Args: map[string]string{"MessageSid": m.SID, "Status": string(to)}})
}

// progress is the worker of jobProgress. SMS ends with delivered; WhatsApp goes on to read.
func (s *Sandbox) progress(ctx context.Context, job conversations.Job) error {
	var m Message
	err := s.Conversations.Update(ctx, func(tx store.Tx) (err error) {
		if m, err = messages.Get(tx, job.Args["MessageSid"]); err != nil {
			return err
		}
		if m.Status == job.Args["Status"] {
			return nil // done before
		}
		m.Status = job.Args["Status"]
		if err := messages.Put(tx, m.SID, m); err != nil {
			return err
		}
		if err := s.record(tx, conversations.MessageStatus, m); err != nil {
			return err
		}
		if m.Status == string(conversations.StatusDelivered) && conversations.IsWhatsApp(m.To) {
			return s.promise(tx, m, conversations.StatusRead)
		}
		return nil
	})
	if err != nil || m.ConversationMessageSID == "" {
		return unlessGone(err)
	}
	return s.Conversations.ReportDelivery(ctx, m.report())
}

// report is what a leg tells its conversation.
func (m Message) report() conversations.DeliveryReport {
	return conversations.DeliveryReport{ConversationSID: m.ConversationSID, MessageSID: m.ConversationMessageSID,
		ParticipantSID: m.ParticipantSID, ChannelMessageSID: m.SID,
		Status: conversations.Status(m.Status), ErrorCode: m.ErrorCode}
}

// unlessGone makes nothing of an error that says that something was deleted meanwhile.
func unlessGone(err error) error {
	if err == nil || conversations.IsNotFound(err) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
