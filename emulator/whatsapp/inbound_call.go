package whatsapp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

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
			if utf8.RuneCountInString(r.Body) > maxOutboundText {
				c.alert(ctx, 21617, request.URL, fmt.Sprintf("a message of the answer is longer than %d characters, and is not sent", maxOutboundText))
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

// resolve is where a reference in an answer leads. A connection override of the reference stays with it.
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
