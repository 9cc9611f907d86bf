package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// Forge posts a webhook that Twilio did not send to an account's bridge, signed with a token that is not the account's.
func (w *World) Forge(ctx context.Context, body, owner, accountName string) error {
	return w.forge(ctx, forgery{accountName, owner, body, "the forger's own token"})
}

// SendUnsigned posts a webhook that Twilio did not send to an account's bridge, without X-Twilio-Signature.
func (w *World) SendUnsigned(ctx context.Context, accountName, body, owner string) error {
	return w.forge(ctx, forgery{accountName, owner, body, ""})
}

// forgery is a webhook that Twilio did not send; without a token it is not signed.
type forgery struct{ account, phone, body, token string }

func (w *World) forge(ctx context.Context, f forgery) error {
	b, err := w.bridgeOf(f.account)
	if err != nil {
		return err
	}
	from, err := w.Address(f.phone)
	if err != nil {
		return err
	}
	form := url.Values{"From": {from}, "To": {sandboxNumber}, "Body": {f.body}, "AccountSid": {b.account.SID},
		"MessageSid": {"SM00000000000000000000000000000bad"}, "NumMedia": {"0"}}
	return w.webhook(ctx, b, http.MethodPost, signed{form: form, token: f.token})
}

// signed has the parts of a webhook that does not come from the emulator; without a token it is not signed.
type signed struct {
	form   url.Values
	token  string
	header http.Header // further ones; may be nil
}

// GetsWebhook sends a webhook that Twilio could have sent: it is signed. The table has the columns name and value; there
// are no other parameters. A name that begins with I-Twilio- is that of a header.
func (w *World) GetsWebhook(ctx context.Context, accountName, method string, table Table) error {
	b, err := w.bridgeOf(accountName)
	if err != nil {
		return err
	}
	_, rows, err := table.columns("name", "value")
	if err != nil {
		return err
	}
	if rows, err = w.values(rows); err != nil {
		return err
	}
	s := signed{form: url.Values{}, header: http.Header{}, token: b.account.AuthToken}
	for _, row := range rows {
		if strings.HasPrefix(row[0], "I-Twilio-") {
			s.header.Set(row[0], row[1])
			continue
		}
		s.form.Add(row[0], row[1])
	}
	return w.webhook(ctx, b, method, s)
}

// webhook sends a request to a bridge, signed for its public URL.
func (w *World) webhook(ctx context.Context, b *deployedBridge, method string, s signed) error {
	public, _, _ := strings.Cut(b.publicURL, "#")
	target, body, form := b.url, s.form.Encode(), s.form
	if method == http.MethodGet {
		target, public, body, form = target+"?"+body, public+"?"+body, "", nil // signed over the URL alone
	}
	r, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	if err != nil {
		return err
	}
	for name, values := range s.header {
		r.Header[name] = values
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if s.token != "" {
		r.Header.Set(webhook.SignatureHeader, webhook.Sign(s.token, public, form))
	}
	res, err := w.servers.RoundTrip(r)
	if err != nil {
		return err
	}
	w.forged = res
	return readAnswer(res)
}

// WebhookAnswered checks status and type of the answer to the last webhook that did not come from the emulator.
func (w *World) WebhookAnswered(ctx context.Context, status int, contentType string) error {
	if err := w.ForgerGets(ctx, status); err != nil {
		return err
	}
	if got := w.forged.Header.Get("Content-Type"); got != contentType {
		return fmt.Errorf("the answer is of type %s, not %s", got, contentType)
	}
	return nil
}

// WebhookTold checks the body of that answer.
func (w *World) WebhookTold(_ context.Context, text string) error {
	if w.forged == nil {
		return errors.New("no webhook has been sent yet")
	}
	body, err := io.ReadAll(w.forged.Body)
	if err == nil && string(body) != text {
		err = fmt.Errorf("the answer is %q, not %q", body, text)
	}
	return err
}

// ForgerGets checks the status of the answer to the last forged webhook.
func (w *World) ForgerGets(_ context.Context, status int) error {
	switch {
	case w.forged == nil:
		return errors.New("nobody has forged a message yet")
	case w.forged.StatusCode != status:
		return fmt.Errorf("the answer was %d, not %d", w.forged.StatusCode, status)
	}
	return nil
}

// longText is n different characters in words.
func longText(n int) string {
	var b strings.Builder
	for word := 1; b.Len() < n; word++ {
		fmt.Fprintf(&b, "%d ", word)
	}
	return b.String()[:n-1] + "."
}

// SendsLongText sends a text that is too long to write into a scenario.
func (w *World) SendsLongText(ctx context.Context, owner string, length int) error {
	if length < 1 {
		return errors.New("a text has one character at least")
	}
	w.longText = longText(length)
	return w.PhoneSends(ctx, owner, w.longText)
}

// HasLongText checks that the messages of a conversation together are the last long text, and how many they are.
func (w *World) HasLongText(ctx context.Context, ref string, count, most int) error {
	_, all, err := w.messages(ctx, ref)
	if err != nil {
		return err
	}
	var joined strings.Builder
	for i := range all {
		body := deref(all[i].Body)
		if len(body) > most {
			return fmt.Errorf("message %d has %d characters", i, len(body))
		}
		joined.WriteString(body)
	}
	if len(all) != count || joined.String() != w.longText {
		return fmt.Errorf("the %d messages are not the text that was sent: %s", len(all), joined.String())
	}
	return nil
}
