package whatsapp

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// callInboundURL is the worker of inboundJob: it tells the account of a message, and does what the answer says.
func (s *Sandbox) callInboundURL(ctx context.Context, _ outbox.Job, args inboundJob) error {
	m, err := s.FetchMessage(ctx, args.MessageSID)
	if err != nil {
		return err
	}
	target, err := s.inboundTarget(ctx, m)
	switch {
	case err != nil:
		return err
	case target.url == "":
		return nil
	case isDemo(target.url):
		return s.reply(ctx, m, reply{Body: demoReply(m.accountText())})
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
	request := webhook.Request{URL: target.url, Method: target.method, Params: s.params(m, set),
		AuthToken: account.AuthToken, IdempotencyToken: args.Token}
	if target.service != "" {
		request.Params.Set("MessagingServiceSid", target.service)
	}
	return c.run(ctx, request)
}

// inboundTarget is the URL that is told of a message; an empty url means that nobody is. service is the messaging service that has it.
type inboundTarget struct{ url, method, service string }

// inboundTarget returns the sandbox's URL, or that of the messaging service of a registered sender. Such a sender has no URL of its own, so
// a service that leaves it to the number (use_inbound_webhook_on_number) tells nobody.
func (s *Sandbox) inboundTarget(ctx context.Context, m Message) (target inboundTarget, err error) {
	if m.To == SandboxNumber {
		sandbox, err := s.FetchSettings(ctx, m.AccountSID)
		return inboundTarget{url: sandbox.InboundURL, method: sandbox.InboundMethod}, err
	}
	err = s.store.View(ctx, func(tx store.Tx) error {
		sender, found, err := s.conversations.LookupSender(tx, m.To)
		if err != nil || !found || sender.MessagingServiceSID == "" {
			return err
		}
		service, err := s.messagingService(tx, sender.AccountSID, sender.MessagingServiceSID)
		if err == nil && !service.UseInboundWebhookOnNumber {
			target = inboundTarget{url: twilio.Value(service.InboundRequestURL), method: service.InboundMethod, service: service.SID}
		}
		return err
	})
	return target, err
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
		if err := webhook.CheckCallback(r.StatusCallback); err != nil {
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

// maxTwiMLRedirects bounds <Redirect> in answers that lead to each other.
const maxTwiMLRedirects = 10

// inboundCall tells an account's server of one message, and does what it answers. What goes wrong is in the debugger.
type inboundCall struct {
	sandbox  *Sandbox
	message  Message
	switches Switches
}

// run makes the request, and those that <Redirect> leads to.
func (c inboundCall) run(ctx context.Context, request webhook.Request) error {
	for range maxTwiMLRedirects + 1 {
		said, ok := c.ask(ctx, request)
		if !ok {
			return nil
		}
		for _, r := range said.replies {
			if utf8.RuneCountInString(r.Body) > maxMessageText {
				c.alert(ctx, 21617, request.URL, fmt.Sprintf("a message of the answer is longer than %d characters, and is not sent", maxMessageText))
				continue
			}
			err := c.sandbox.reply(ctx, c.message, r.from(request.URL))
			var refused *twilio.Error
			if errors.As(err, &refused) {
				c.alert(ctx, refused.Code, request.URL, "a message of the answer is not sent: "+refused.Message)
				continue
			}
			if err != nil {
				return err
			}
		}
		if said.redirect == "" {
			return nil
		}
		next, err := resolve(request.URL, said.redirect)
		if err != nil {
			c.alert(ctx, 12100, request.URL, fmt.Sprintf("<Redirect> to %q, which is no URL", said.redirect))
			return nil //nolint:nilerr // the debugger has it
		}
		request.URL, request.Method = next, said.method
	}
	c.alert(ctx, webhook.CodeTooManyRedirects, request.URL, fmt.Sprintf("more than %d redirects in TwiML", maxTwiMLRedirects))
	return nil
}

// ask makes one request and reads the answer; ok is false when there is none that could be obeyed.
func (c inboundCall) ask(ctx context.Context, request webhook.Request) (said answer, ok bool) {
	response, err := c.send(ctx, request)
	if err != nil {
		c.alert(ctx, debuggerCode(err), request.URL, err.Error())
		return answer{}, false
	}
	said, problem := readAnswer(response, c.switches.EmptyTextPlain)
	if problem != nil {
		c.alert(ctx, problem.code, request.URL, problem.text)
	}
	return said, true
}

// send makes one request as its URL's connection overrides say, several times if need be.
func (c inboundCall) send(ctx context.Context, request webhook.Request) (webhook.Response, error) {
	limits, wrong := c.switches.connection().override(request.URL)
	for _, text := range wrong {
		c.alert(ctx, codeOverrides, request.URL, text)
	}
	sender := webhook.Sender{Transport: outward{c.sandbox, limits, c.sandbox.cookieJar(c.message)}}
	started := time.Now()
	for attempt := 0; ; attempt++ {
		request.Timeout = max(limits.total-time.Since(started), time.Millisecond)
		response, err := sender.Send(ctx, request)
		if attempt >= limits.retries || !limits.again(response, err) || time.Since(started) >= limits.total || ctx.Err() != nil {
			return response, err
		}
	}
}

// codeCertificate is for a server whose certificate cannot be trusted.
const codeCertificate = 11237

// debuggerCode is Twilio's code for a webhook that has no answer.
func debuggerCode(err error) int {
	var cookie *cookieError
	var failed *webhook.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return codeCertificate
	case errors.As(err, &cookie):
		return webhook.CodeProtocol
	case errors.As(err, &failed):
		return failed.Code
	}
	return webhook.CodeRetrievalFailure
}

func (c inboundCall) alert(ctx context.Context, code int, url, text string) {
	c.sandbox.alert(ctx, c.message, code, url, text)
}

// resolve returns the URL of a reference in an answer. A connection override of the reference stays with it.
func resolve(base, reference string) (string, error) {
	from, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	target, err := from.Parse(reference)
	if err != nil {
		return "", err
	}
	return target.String(), nil
}

// from is a reply whose URLs are absolute, as far as they are URLs.
func (r reply) from(base string) reply {
	media := make([]string, len(r.Media))
	for i, link := range r.Media {
		media[i] = link
		if absolute, err := resolve(base, link); err == nil {
			media[i] = absolute
		}
	}
	r.Media = media
	if absolute, err := resolve(base, r.StatusCallback); err == nil && r.StatusCallback != "" {
		r.StatusCallback = absolute
	}
	return r
}

// params is the form of an inbound webhook. Reference, WhatsApp 2.2 to 2.4.
func (s *Sandbox) params(m Message, set Switches) url.Values {
	v, body := url.Values{}, m.accountText()
	if set.LongTextWebhook == LongTextWhole {
		body = m.Body
	}
	for name, value := range map[string]string{
		"MessageSid": m.SID, "SmsSid": m.SID, "SmsMessageSid": m.SID, "AccountSid": m.AccountSID,
		"From": m.From, "To": m.To, "Body": body, "NumMedia": strconv.Itoa(len(m.Media)), "NumSegments": "1",
		"SmsStatus": string(twilio.StatusReceived), "ApiVersion": apiVersion, "ReferralNumMedia": "0", "MessageType": m.MessageType,
	} {
		v.Set(name, value)
	}
	for i, f := range m.Media {
		n := strconv.Itoa(i)
		v.Set("MediaContentType"+n, f.ContentType)
		v.Set("MediaUrl"+n, s.mediaURL()+"/2010-04-01/Accounts/"+m.AccountSID+"/Messages/"+m.SID+"/Media/"+f.SID)
	}
	mirrored := m.params(v)
	maps.Copy(mirrored, m.userParams(v, set))
	if m.ReplyToSender != "" {
		v.Set("OriginalRepliedMessageSid", m.ReplyTo)
		v.Set("OriginalRepliedMessageSender", m.ReplyToSender)
	}
	v.Set("ChannelMetadata", channelMetadata(mirrored))
	return v
}

// params sets the parameters of a message's details, and returns those that ChannelMetadata repeats.
func (d Details) params(v url.Values) (mirrored map[string]any) {
	mirrored = map[string]any{}
	interactive := d.Button != nil && d.Button.Interactive
	for name, is := range map[string]bool{"Forwarded": d.Forwarded, "FrequentlyForwarded": d.FrequentlyForwarded} {
		if is || interactive { // a tap says false, as recorded
			v.Set(name, strconv.FormatBool(is))
			mirrored[name] = is
		}
	}
	for _, k := range d.kinds() {
		k.params(v, mirrored)
	}
	if r := d.Referral; r != nil {
		setAll(v, map[string]string{"ReferralBody": r.Body, "ReferralHeadline": r.Headline, "ReferralSourceId": r.SourceID,
			"ReferralSourceType": r.SourceType, "ReferralSourceUrl": r.SourceURL, "ReferralMediaId": r.MediaID,
			"ReferralMediaContentType": r.MediaContentType, "ReferralMediaUrl": r.MediaURL, "ReferralCtwaClid": r.CtwaClid})
		if r.MediaURL != "" || r.MediaID != "" {
			v.Set("ReferralNumMedia", "1")
		}
	}
	return mirrored
}

// setAll sets the parameters that have a value.
func setAll(v url.Values, params map[string]string) {
	for name, value := range params {
		if value != "" {
			v.Set(name, value)
		}
	}
}

// channelMetadata is the parameter of that name, a JSON text with what WhatsApp itself said of the message.
func channelMetadata(context map[string]any) string {
	var metadata struct {
		Type string `json:"type"`
		Data struct {
			Context map[string]any `json:"context"`
		} `json:"data"`
	}
	metadata.Type, metadata.Data.Context = "whatsapp", context
	encoded, _ := json.Marshal(metadata) // cannot fail: texts and truths only
	return string(encoded)
}
