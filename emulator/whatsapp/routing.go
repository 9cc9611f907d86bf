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

// Jobs of a message that has come in.
type (
	// inboundJob calls the account's "when a message comes in" URL. Token is the same for every attempt.
	inboundJob struct{ MessageSID, Token string }
	// captureJob adds the message to the conversation that holds its pair of numbers. With Webhook it promises the call of
	// the account's URL afterwards, unless a switch says otherwise.
	captureJob struct {
		MessageSID string
		Webhook    bool
	}
)

// Kind is the type of the job.
func (inboundJob) Kind() string { return "inbound" }

// Kind is the type of the job.
func (captureJob) Kind() string { return "capture" }

// route promises that a message comes to the conversation that holds its pair of numbers, or to a new one where an address
// configuration asks for it, and that the account's URL is called. Reference, WhatsApp 1.8: the conversation has it before
// the webhook is called, and the webhook is called in any case; both are switches.
func (s *Sandbox) route(tx store.Tx, m Message) error {
	set, err := s.switches(tx)
	if err != nil {
		return err
	}
	job := outbox.Job{ID: captureID(m.SID), Queue: "capture/" + m.Phone, Args: captureJob{m.SID, set.CaptureBeforeWebhook}}
	if set.CaptureBeforeWebhook {
		return s.outbox.Put(tx, job)
	}
	job.Due = s.clock.Now().Add(time.Duration(set.CaptureDelay))
	return errors.Join(s.callBack(tx, m), s.outbox.Put(tx, job))
}

func captureID(messageSID string) string { return "capture/" + messageSID }

// awaitRouting returns the message as it is when it has been routed. It does not wait for a conversation that is to have it
// late.
func (s *Sandbox) awaitRouting(ctx context.Context, m Message) (Message, error) {
	for {
		committed := s.outbox.Committed()
		var pending bool
		err := s.store.View(ctx, func(tx store.Tx) error {
			set, err := s.switches(tx)
			if err != nil || !set.CaptureBeforeWebhook {
				return err
			}
			if stored, err := messages.Get(tx, m.SID); err == nil { // it may have been deleted meanwhile
				m = stored
			}
			pending, err = s.outbox.Pending(tx, captureID(m.SID))
			return err
		})
		if err != nil || !pending {
			return m, err
		}
		select {
		case <-committed:
		case <-ctx.Done():
			return m, ctx.Err()
		}
	}
}

// callBack promises the call of the account's URL, unless the message was too long and a switch says that nobody is told of it.
func (s *Sandbox) callBack(tx store.Tx, m Message) error {
	if m.tooLong() {
		if set, err := s.switches(tx); err != nil || set.LongTextWebhook == LongTextNone {
			return err
		}
	}
	return s.outbox.Put(tx, outbox.Job{Args: inboundJob{MessageSID: m.SID, Token: s.sids.Token()}})
}

// runCapture is the worker of captureJob. What keeps a message out of its conversation keeps no webhook from being called.
func (s *Sandbox) runCapture(ctx context.Context, job outbox.Job, args captureJob) error {
	m, err := s.FetchMessage(ctx, args.MessageSID)
	if err != nil {
		return store.IgnoreNotFound(err)
	}
	failed := s.captureOnce(ctx, &m)
	if ctx.Err() != nil {
		return ctx.Err() // the emulator stops: the job stays
	}
	err = s.store.Update(ctx, func(tx store.Tx) error {
		set, err := s.switches(tx)
		if err != nil {
			return err
		}
		if err := s.outbox.Complete(tx, job); err != nil {
			return err
		}
		stored, err := messages.Get(tx, m.SID) // it may have changed while it was captured
		if err != nil {
			return err
		}
		if m.ConversationSID != "" {
			stored.ConversationSID, stored.ConversationMessageSID = m.ConversationSID, m.ConversationMessageSID
			if err := messages.Put(tx, m.SID, stored); err != nil {
				return err
			}
		}
		if !args.Webhook || (m.ConversationSID != "" && set.InboundWebhookWhenBound == WebhookNever) {
			return nil
		}
		return s.callBack(tx, m)
	})
	return errors.Join(failed, store.IgnoreNotFound(err))
}

// captureOnce adds a message to its conversation with its file, unless it is there already.
func (s *Sandbox) captureOnce(ctx context.Context, m *Message) error {
	if m.ConversationMessageSID != "" {
		return nil
	}
	var file *InboundFile
	if len(m.Media) > 0 {
		f, err := s.conversations.FetchMedia(ctx, m.AccountSID, m.Media[0].SID)
		if err != nil {
			return unlessGone(err)
		}
		file = &InboundFile{Filename: m.Media[0].Filename, ContentType: f.ContentType, Content: f.Content}
	}
	return s.capture(ctx, m, file)
}

// capture adds a message to the conversation that holds the pair, if there is one, and says in the message which that is.
func (s *Sandbox) capture(ctx context.Context, m *Message, file *InboundFile) error {
	bound, scope, err := s.binding(ctx, *m)
	if twilio.IsNotFound(err) {
		return s.autoCreate(ctx, m, file)
	}
	if err != nil {
		return err
	}
	scope.Source = conversations.SourceWhatsApp
	body, err := s.textInConversation(ctx, *m)
	if err != nil {
		return err
	}
	p := conversations.MessageParams{Author: bound.MessagingBinding.Address, Body: &body}
	if file != nil {
		media, err := s.conversations.CreateMedia(ctx, conversations.MediaFile{
			AccountSID: scope.AccountSID, ServiceSID: scope.ServiceSID, Content: file.Content,
			Media: conversations.Media{ContentType: file.ContentType, Filename: twilio.Optional(file.Filename)}})
		if err != nil {
			return err
		}
		p.MediaSid = &media.SID
	}
	added, err := s.conversations.CreateMessage(ctx, scope, bound.ConversationSID, p)
	var refused *twilio.Error
	if errors.As(err, &refused) && refused.Status < 500 {
		return nil // closed or deleted at this moment: not captured
	}
	m.ConversationSID, m.ConversationMessageSID = added.ConversationSID, added.SID
	return err
}

// binding finds who holds the pair of a message: that of its From, or where a switch says so that of a number which the phone does
// not show any more. How Conversations knows a customer who has taken a username is open.
func (s *Sandbox) binding(ctx context.Context, m Message) (conversations.Participant, conversations.Scope, error) {
	bound, scope, err := s.bindingOf(ctx, m)
	if !twilio.IsNotFound(err) || !twilio.IsExternalUserID(m.From) {
		return bound, scope, err
	}
	set, switchErr := s.FetchSwitches(ctx)
	if switchErr != nil || !set.NumberBindingCaptures {
		return bound, scope, errors.Join(err, switchErr)
	}
	m.From = "whatsapp:" + m.Phone
	return s.bindingOf(ctx, m)
}

// bindingOf finds who holds the pair of From and To: the message's account, or where a switch says so any account on a shared number.
// Membership decides otherwise, not the binding: reference, WhatsApp 1.8, recommends it for an open question.
func (s *Sandbox) bindingOf(ctx context.Context, m Message) (conversations.Participant, conversations.Scope, error) {
	bound, scope, err := s.conversations.FindBinding(ctx, m.AccountSID, m.From, m.To)
	if !twilio.IsNotFound(err) {
		return bound, scope, err
	}
	set, switchErr := s.FetchSwitches(ctx)
	switch {
	case switchErr != nil:
		return bound, scope, switchErr
	case !set.ForeignBindingCaptures:
		return bound, scope, err
	}
	return s.conversations.FindSharedBinding(ctx, m.From, m.To)
}

// textInConversation returns the body of a message in its conversation: its text, or a link for a location. Whether a conversation, whose
// limit is higher, has all of a text that is too long for a Message is open: a switch.
func (s *Sandbox) textInConversation(ctx context.Context, m Message) (string, error) {
	if m.Location != nil {
		return m.Location.text(), nil
	}
	set, err := s.FetchSwitches(ctx)
	if set.LongTextInConversation == LongTextCut {
		return m.accountText(), err
	}
	return m.Body, err
}

// autoCreate opens a conversation for a message to a registered sender whose address configuration says so. The sandbox
// number cannot have one. Reference, Conversations API 7.
func (s *Sandbox) autoCreate(ctx context.Context, m *Message, file *InboundFile) error {
	if m.To == SandboxNumber {
		return nil
	}
	body, err := s.textInConversation(ctx, *m)
	if err != nil {
		return err
	}
	in := conversations.InboundMessage{From: m.From, To: m.To, Body: twilio.Optional(body)}
	if file != nil {
		in.Media = &conversations.MediaFile{Content: file.Content,
			Media: conversations.Media{ContentType: file.ContentType, Filename: twilio.Optional(file.Filename)}}
	}
	added, err := s.conversations.AutoCreate(ctx, conversations.Scope{AccountSID: m.AccountSID, Source: conversations.SourceWhatsApp}, in)
	var refused *twilio.Error
	if errors.As(err, &refused) && refused.Status < 500 {
		return nil // no configuration, or a hook has refused: the message is in no conversation
	}
	m.ConversationSID, m.ConversationMessageSID = added.ConversationSID, added.SID
	return err
}

func fileOf(m conversations.Media) File {
	f := File{SID: m.SID, ContentType: m.ContentType, Size: m.Size}
	if m.Filename != nil {
		f.Filename = *m.Filename
	}
	return f
}
