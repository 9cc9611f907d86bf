package whatsapp

import (
	"cmp"
	"context"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// callInboundURL is the worker of inboundJob: it tells the account of a message, and does what the answer says.
func (s *Sandbox) callInboundURL(ctx context.Context, _ outbox.Job, args inboundJob) error {
	m, err := s.FetchMessage(ctx, args.MessageSID)
	if err != nil {
		return err
	}
	sandbox, err := s.FetchSettings(ctx, m.AccountSID)
	if err != nil {
		return err
	}
	switch {
	case m.To != SandboxNumber: // a registered sender has no URL of its own here
		return nil
	case sandbox.InboundURL == "":
		return nil
	case isDemo(sandbox.InboundURL):
		return s.reply(ctx, m, reply{Body: demoReply(m.Body)})
	}
	account, err := s.conversations.FetchAccount(ctx, m.AccountSID)
	if err != nil {
		return err
	}
	set, err := s.FetchSwitches(ctx)
	if err != nil {
		return err
	}
	c := inboundCall{sandbox: s, message: m, switches: set}
	request := webhook.Request{URL: sandbox.InboundURL, Method: sandbox.InboundMethod, Params: s.params(m),
		AuthToken: account.AuthToken, IdempotencyToken: args.Token}
	return c.run(ctx, request)
}

func (s *Sandbox) alert(ctx context.Context, m Message, code int, url, text string) {
	s.conversations.Alert(ctx, conversations.Alert{AccountSID: m.AccountSID, Code: code, ResourceSID: m.SID, URL: url, Text: text})
}

// reply sends what a webhook answered, with the files that it names, which are fetched first: to the phone that wrote, or
// where the answer says. Such a message does not enter a conversation. The error is a *twilio.Error, as of
// CreateMessage, when the answer asks for what cannot be.
func (s *Sandbox) reply(ctx context.Context, m Message, r reply) error {
	out := Message{AccountSID: m.AccountSID, Direction: DirectionOutboundReply, From: m.To, To: m.From, Phone: m.Phone, Body: r.Body}
	out.MediaURLs, out.StatusCallback, out.StatusCallbackMethod = r.Media, r.StatusCallback, r.StatusCallbackMethod
	if r.StatusCallback != "" {
		if _, err := webhook.ParseURL(r.StatusCallback); err != nil {
			return errStatusCallback
		}
	}
	return s.store.Update(ctx, func(tx store.Tx) error {
		sent := out // anew, as the transaction may run again
		if r.To != "" || r.From != "" {
			sent.To = cmp.Or(r.To, sent.To)
			from := cmp.Or(r.From, sent.From)
			if err := s.address(tx, &sent, MessageParams{From: &from}); err != nil {
				return err
			}
		}
		if len(sent.MediaURLs) > maxMediaURLs {
			return errTooManyFiles
		}
		sent.MediaURLs = firstFiles(sent.MediaURLs, sent.To)
		return s.submit(tx, &sent)
	})
}
