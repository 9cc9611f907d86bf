package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

func (w *World) bridgeSteps() []definition {
	return []definition{
		{form: "account {account} with a {policy} bridge", run: w.AccountWithBridge},
		{form: "{account}'s bridge was called {count} time(s)", run: w.BridgeWasCalled},
		{form: "{account}'s bridge answered {number} {type}", run: w.BridgeAnswered},
		{form: "{account}'s bridge said {text}", run: w.BridgeSaid},
		{form: "somebody forges a message {text} from {phone}'s phone to {account}'s bridge", run: w.Forge},
		{form: "somebody sends {account}'s bridge a message {text} from {phone}'s phone without a signature", run: w.SendUnsigned},
		{form: "the forger gets {number}", run: w.ForgerGets},
	}
}

// AccountWithBridge opens an account whose "when a message comes in" is a bridge with a policy. The bridge's Studio flow is
// emulator.DefaultFlowSID.
func (w *World) AccountWithBridge(ctx context.Context, name, policy string) error {
	if err := w.Account(ctx, name); err != nil {
		return err
	}
	a := w.accounts[name]
	server := slug(name) + "-bridge"
	a.bridge = w.servers.url(server)
	config := bridge.Config{AccountSID: a.SID, AuthToken: a.AuthToken, FlowSID: emulator.DefaultFlowSID,
		Policy: bridge.Policy(policy), PublicURL: a.bridge, APIURL: w.options.URL, Logger: w.options.Logger}
	if w.emu != nil {
		config.HTTPClient = w.emu.Client()
	}
	handler, err := bridge.New(config) //nolint:contextcheck // its workers outlive the step
	if err != nil {
		return err
	}
	w.bridges = append(w.bridges, handler)
	if w.emu != nil {
		w.emu.SettleWith(handler.Wait) // also while the clock advances
	}
	if _, err := w.servers.handle(server, handler); err != nil {
		return err
	}
	return w.setInboundURL(ctx, name, a.bridge, http.MethodPost)
}

// bridgeOf returns an account that has a bridge.
func (w *World) bridgeOf(name string) (*account, error) {
	a, err := w.account(name)
	if err == nil && a.bridge == "" {
		err = fmt.Errorf("account %s has no bridge: begin with \"Given account %s with a standard bridge\"", name, name)
	}
	return a, err
}

// bridgeCalls are the webhooks that an account's bridge got from Twilio.
func (w *World) bridgeCalls(name string) ([]traffic.Exchange, error) {
	a, err := w.bridgeOf(name)
	if err != nil {
		return nil, err
	}
	var calls []traffic.Exchange
	for _, x := range w.exchanges {
		if x.Direction == traffic.Out && strings.HasPrefix(x.URL, a.bridge) {
			calls = append(calls, x)
		}
	}
	return calls, nil
}

// BridgeWasCalled checks how many webhooks an account's bridge got in the scenario.
func (w *World) BridgeWasCalled(_ context.Context, name string, count int) error {
	calls, err := w.bridgeCalls(name)
	if err == nil && len(calls) != count {
		err = fmt.Errorf("%s's bridge was called %d times, not %d", name, len(calls), count)
	}
	return err
}

// lastAnswer is what an account's bridge answered last.
func (w *World) lastAnswer(name string) (traffic.Exchange, error) {
	calls, err := w.bridgeCalls(name)
	if err != nil {
		return traffic.Exchange{}, err
	}
	if len(calls) == 0 {
		return traffic.Exchange{}, fmt.Errorf("%s's bridge was not called", name)
	}
	return calls[len(calls)-1], nil
}

// BridgeAnswered checks status and type of what an account's bridge answered last.
func (w *World) BridgeAnswered(_ context.Context, name string, status int, contentType string) error {
	x, err := w.lastAnswer(name)
	if err != nil {
		return err
	}
	if got := x.Response.Header.Get("Content-Type"); x.Status != status || got != contentType {
		return fmt.Errorf("%s's bridge answered %d %s, not %d %s", name, x.Status, got, status, contentType)
	}
	return nil
}

// BridgeSaid checks the body of what an account's bridge answered last.
func (w *World) BridgeSaid(_ context.Context, name, body string) error {
	x, err := w.lastAnswer(name)
	if err == nil && x.Response.Body != body {
		err = fmt.Errorf("%s's bridge said %q, not %q", name, x.Response.Body, body)
	}
	return err
}

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
	a, err := w.bridgeOf(f.account)
	if err != nil {
		return err
	}
	from, err := w.Address(f.phone)
	if err != nil {
		return err
	}
	form := url.Values{"From": {from}, "To": {sandboxNumber}, "Body": {f.body}, "AccountSid": {a.SID},
		"MessageSid": {"SM00000000000000000000000000000bad"}, "NumMedia": {"0"}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.bridge, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if f.token != "" {
		r.Header.Set(webhook.SignatureHeader, webhook.Sign(f.token, a.bridge, form))
	}
	res, err := w.servers.RoundTrip(r)
	if err != nil {
		return err
	}
	w.forged = res
	return res.Body.Close()
}

// ForgerGets checks the status of the answer to the last forged webhook.
func (w *World) ForgerGets(_ context.Context, status int) error {
	switch {
	case w.forged == nil:
		return errors.New("nobody has forged a message yet")
	case w.forged.StatusCode != status:
		return fmt.Errorf("the forger got %d, not %d", w.forged.StatusCode, status)
	}
	return nil
}
