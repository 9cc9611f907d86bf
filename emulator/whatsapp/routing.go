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
	// captureJob adds the message to its conversation, when that is to happen late.
	captureJob struct{ MessageSID string }
)

// Kind is the type of the job.
func (inboundJob) Kind() string { return "inbound" }

// Kind is the type of the job.
func (captureJob) Kind() string { return "capture" }

// route hands a message to the conversation that holds its pair of numbers, or to a new one where an address
// configuration asks for it, and promises the call of the account's URL. Reference, WhatsApp 1.8: the conversation has it
// before the webhook is called, and the webhook is called in any case; both are switches.
func (s *Sandbox) route(ctx context.Context, m Message, file *InboundFile) (Message, error) {
	set, err := s.FetchSwitches(ctx)
	if err != nil {
		return m, err
	}
	if !set.CaptureBeforeWebhook {
		return m, s.store.Update(ctx, func(tx store.Tx) error {
			if err := s.callBack(tx, m); err != nil {
				return err
			}
			return s.outbox.Put(tx, outbox.Job{Queue: "capture/" + m.Phone,
				Due: s.clock.Now().Add(time.Duration(set.CaptureDelay)), Args: captureJob{m.SID}})
		})
	}
	captured, err := s.capture(ctx, &m, file)
	if err != nil {
		return m, err
	}
	return m, s.store.Update(ctx, func(tx store.Tx) error {
		if captured {
			if err := messages.Put(tx, m.SID, m); err != nil {
				return err
			}
			if set.InboundWebhookWhenBound == Never {
				return nil
			}
		}
		return s.callBack(tx, m)
	})
}

// callBack promises the call of the account's URL.
func (s *Sandbox) callBack(tx store.Tx, m Message) error {
	return s.outbox.Put(tx, outbox.Job{Args: inboundJob{MessageSID: m.SID, Token: s.sids.Token()}})
}

// captureLate is the worker of captureJob.
func (s *Sandbox) captureLate(ctx context.Context, _ outbox.Job, args captureJob) error {
	m, err := s.FetchMessage(ctx, args.MessageSID)
	if err != nil || m.ConversationMessageSID != "" {
		return unlessGone(err)
	}
	var file *InboundFile
	if len(m.Media) > 0 {
		f, err := s.conversations.FetchMedia(ctx, m.AccountSID, m.Media[0].SID)
		if err != nil {
			return unlessGone(err)
		}
		file = &InboundFile{Filename: m.Media[0].Filename, ContentType: f.ContentType, Content: f.Content}
	}
	captured, err := s.capture(ctx, &m, file)
	if err != nil || !captured {
		return err
	}
	return s.store.Update(ctx, func(tx store.Tx) error { return messages.Put(tx, m.SID, m) })
}

// capture adds a message to the conversation that holds the pair, and says in the message which that is.
func (s *Sandbox) capture(ctx context.Context, m *Message, file *InboundFile) (bool, error) {
	bound, scope, err := s.binding(ctx, *m)
	if twilio.IsNotFound(err) {
		return s.autoCreate(ctx, m, file)
	}
	if err != nil {
		return false, err
	}
	scope.Source = conversations.SourceWhatsApp
	body := m.textInConversation()
	p := conversations.MessageParams{Author: &m.From, Body: &body}
	if file != nil {
		media, err := s.conversations.CreateMedia(ctx, conversations.MediaFile{
			AccountSID: scope.AccountSID, ServiceSID: scope.ServiceSID, Content: file.Content,
			Media: conversations.Media{ContentType: file.ContentType, Filename: optional(file.Filename)}})
		if err != nil {
			return false, err
		}
		p.MediaSid = &media.SID
	}
	added, err := s.conversations.CreateMessage(ctx, scope, bound.ConversationSID, p)
	var refused *twilio.Error
	if errors.As(err, &refused) && refused.Status < 500 {
		return false, nil // closed or deleted at this moment: not captured
	}
	m.ConversationSID, m.ConversationMessageSID = added.ConversationSID, added.SID
	return err == nil, err
}

// binding finds who holds the pair of a message: its account, or where a switch says so any account on a shared number.
// Membership decides otherwise, not the binding: reference, WhatsApp 1.8, recommends it for an open question.
func (s *Sandbox) binding(ctx context.Context, m Message) (conversations.Participant, conversations.Scope, error) {
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

// textInConversation is what a conversation has of a message beside its file: its text, and of a location a link.
func (m Message) textInConversation() string {
	if m.Location != nil {
		return m.Location.text()
	}
	return m.Body
}

// autoCreate opens a conversation for a message to a registered sender whose address configuration says so. The sandbox
// number cannot have one. Reference, Conversations API 7.
func (s *Sandbox) autoCreate(ctx context.Context, m *Message, file *InboundFile) (bool, error) {
	if m.To == SandboxNumber {
		return false, nil
	}
	in := conversations.InboundMessage{From: m.From, To: m.To, Body: optional(m.textInConversation())}
	if file != nil {
		in.Media = &conversations.MediaFile{Content: file.Content,
			Media: conversations.Media{ContentType: file.ContentType, Filename: optional(file.Filename)}}
	}
	added, err := s.conversations.AutoCreate(ctx, conversations.Scope{AccountSID: m.AccountSID, Source: conversations.SourceWhatsApp}, in)
	var refused *twilio.Error
	if errors.As(err, &refused) && refused.Status < 500 {
		return false, nil // no configuration, or a hook has refused: the message is in no conversation
	}
	m.ConversationSID, m.ConversationMessageSID = added.ConversationSID, added.SID
	return err == nil, err
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func fileOf(m conversations.Media) File {
	f := File{SID: m.SID, ContentType: m.ContentType, Size: m.Size}
	if m.Filename != nil {
		f.Filename = *m.Filename
	}
	return f
}
