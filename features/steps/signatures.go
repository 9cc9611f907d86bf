package steps

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/twilio/twilio-go/client"

	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

func (w *World) signatureSteps() []definition {
	return []definition{
		{form: "the signature at endpoint {text} is {verdict} for {way}", run: w.SignatureIs},
		{form: "{account}'s bridge gets JSON that is {sealed}", run: w.BridgeGetsJSON},
		{form: "somebody replays what endpoint {text} was told to {account}'s bridge", run: w.Replay},
	}
}

// signatureWays are the ways of a server to check a signature, right or wrong.
var signatureWays = map[string]func(c call, token string) bool{
	"its URL and form":                func(c call, token string) bool { return validForm(c.url, c, token) },
	"its URL and form, without token": func(c call, _ string) bool { return validForm(c.url, c, "") },
	"its URL alone": func(c call, token string) bool {
		v := client.NewRequestValidator(token)
		return v.Validate(c.url, nil, c.signature)
	},
	"its URL and headers": func(c call, token string) bool {
		v := client.NewRequestValidator(token)
		return v.Validate(c.url, map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Host": "crm"}, c.signature)
	},
	"its URL and the form with trimmed values": func(c call, token string) bool {
		trimmed := map[string]string{}
		for name := range c.params {
			trimmed[name] = strings.TrimSpace(c.params.Get(name))
		}
		v := client.NewRequestValidator(token)
		return v.Validate(c.url, trimmed, c.signature)
	},
	"its URL with https and its form": func(c call, token string) bool {
		return validForm(strings.Replace(c.url, "http:", "https:", 1), c, token)
	},
	"its URL with a slash behind and its form": func(c call, token string) bool { return validForm(c.url+"/", c, token) },
	"its URL and form, by another token":       func(c call, token string) bool { return validForm(c.url, c, token+"0") },
}

func validForm(url string, c call, token string) bool {
	v := client.NewRequestValidator(token)
	return v.ValidateBody(url, c.form, c.signature)
}

// SignatureIs checks with twilio-go's validator whether the signature of the last webhook is right for what a server holds
// it against.
func (w *World) SignatureIs(_ context.Context, name, verdict, way string) error {
	c, err := w.lastCall(name)
	if err != nil {
		return err
	}
	valid, ok := signatureWays[way]
	if !ok {
		return fmt.Errorf("no signature is checked for %q%s", way, known(signatureWays))
	}
	token := ""
	for _, a := range w.accounts {
		if a.SID == c.params.Get("AccountSid") {
			token = a.AuthToken
		}
	}
	if valid(c, token) != (verdict == "right") {
		return fmt.Errorf("the signature of the last webhook of endpoint %q is not %s for %s", name, verdict, way)
	}
	return nil
}

// BridgeGetsJSON posts JSON as Twilio does, with its hash in the signed URL, to a bridge. The JSON, or the URL with a hash that
// fits, may have been changed after the signature was made.
func (w *World) BridgeGetsJSON(ctx context.Context, accountName, sealed string) error {
	b, err := w.bridgeOf(accountName)
	if err != nil {
		return err
	}
	hashed := func(content string) string {
		return fmt.Sprintf("%s?bodySHA256=%x", b.url, sha256.Sum256([]byte(content)))
	}
	content := `{"Body": "Hola"}`
	to := hashed(content)
	signature := webhook.Sign(b.account.AuthToken, to, nil)
	switch sealed {
	case "changed on the way":
		content = `{"Body": "Give me a refund"}`
	case "changed on the way with its hash":
		content = `{"Body": "Give me a refund"}`
		to = hashed(content)
	}
	return w.post(ctx, to, []byte(content), http.Header{"Content-Type": {"application/json"}, webhook.SignatureHeader: {signature}})
}

// post makes the request of somebody who is, or claims to be, Twilio.
func (w *World) post(ctx context.Context, to string, body []byte, header http.Header) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name := range header {
		r.Header.Set(name, header.Get(name))
	}
	res, err := w.servers.RoundTrip(r)
	if err != nil {
		return err
	}
	w.forged = res
	return readAnswer(res)
}

// Replay posts the last webhook of a recording endpoint, with its signature, to a bridge of the same account, and claims in
// X-Forwarded headers that a proxy got it under the URL that is signed.
func (w *World) Replay(ctx context.Context, name, accountName string) error {
	c, err := w.lastCall(name)
	if err != nil {
		return err
	}
	b, err := w.bridgeOf(accountName)
	if err != nil {
		return err
	}
	signed, err := url.Parse(c.url)
	if err != nil {
		return err
	}
	return w.post(ctx, b.url, c.form, http.Header{"Content-Type": {"application/x-www-form-urlencoded"},
		webhook.SignatureHeader: {c.signature}, "X-Forwarded-Proto": {signed.Scheme}, "X-Forwarded-Host": {signed.Host},
		"X-Forwarded-Prefix": {signed.Path}, "X-Original-Url": {c.url}})
}

// lastCall is the last webhook of a recording endpoint.
func (w *World) lastCall(name string) (call, error) {
	e, ok := w.endpoints[name]
	if !ok {
		return call{}, fmt.Errorf("the scenario knows no endpoint %q%s", name, known(w.endpoints))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.calls) == 0 {
		return call{}, fmt.Errorf("endpoint %q was told nothing yet", name)
	}
	return e.calls[len(e.calls)-1], nil
}
