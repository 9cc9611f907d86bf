package whatsapp

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// callInboundURL is the worker of jobInbound: it tells the account of a message, and does what the answer says.
func (s *Sandbox) callInboundURL(ctx context.Context, job conversations.Job) error {
	m, err := s.FetchMessage(ctx, job.Args["MessageSid"])
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
	account, err := s.Conversations.FetchAccount(ctx, m.AccountSID)
	if err != nil {
		return err
	}
	request := webhook.Request{URL: sandbox.InboundURL, Method: sandbox.InboundMethod, Params: s.params(m),
		AuthToken: account.AuthToken, IdempotencyToken: job.Args["Token"]}
	for range maxTwiMLRedirects {
		next, err := s.call(ctx, m, request)
		if err != nil || next == "" {
			return err
		}
		request.URL, request.Method = next, "POST"
	}
	s.alert(ctx, m, 11215, request.URL, fmt.Sprintf("more than %d redirects in TwiML", maxTwiMLRedirects))
	return nil
}

// maxTwiMLRedirects bounds <Redirect> in answers that lead to each other.
const maxTwiMLRedirects = 10

// call makes one request and does what the answer says; next is where a <Redirect> leads.
func (s *Sandbox) call(ctx context.Context, m Message, request webhook.Request) (next string, _ error) {
	answer, err := s.sender.Send(ctx, request)
	if err != nil {
		code := 11200
		if failed, ok := err.(*webhook.Error); ok { //nolint:errorlint // Send returns this type, unwrapped
			code = failed.Code
		}
		s.alert(ctx, m, code, request.URL, err.Error())
		return "", nil
	}
	said, problem := readAnswer(answer)
	if problem != nil {
		s.alert(ctx, m, problem.code, request.URL, problem.text)
	}
	for _, r := range said.replies {
		if err := s.reply(ctx, m, r); err != nil {
			return "", err
		}
	}
	if said.redirect == "" {
		return "", nil
	}
	base, err := url.Parse(request.URL)
	if err != nil {
		return "", err
	}
	target, err := base.Parse(said.redirect)
	if err != nil {
		s.alert(ctx, m, 12100, request.URL, fmt.Sprintf("<Redirect> to %q, which is no URL", said.redirect))
		return "", nil
	}
	return target.String(), nil
}

func (s *Sandbox) alert(ctx context.Context, m Message, code int, url, text string) {
	s.Conversations.Alert(ctx, conversations.Alert{AccountSID: m.AccountSID, Code: code, ResourceSID: m.SID, URL: url, Text: text})
}

// reply sends what a webhook answered to the phone. Such a message does not enter a conversation.
func (s *Sandbox) reply(ctx context.Context, m Message, r reply) error {
	return s.Conversations.Update(ctx, func(tx store.Tx) error {
		out := Message{AccountSID: m.AccountSID, Direction: DirectionOutboundReply, From: m.To, To: m.From, Phone: m.Phone,
			Body: r.Body, Status: string(conversations.StatusDelivered)}
		for i, link := range r.Media {
			out.Body = strings.TrimSpace(out.Body + "\n[file " + strconv.Itoa(i+1) + ": " + link + "]")
		}
		return s.put(tx, &out, nil)
	})
}
