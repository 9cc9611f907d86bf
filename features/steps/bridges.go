package steps

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

func (w *World) bridgeSteps() []definition {
	return []definition{
		{form: "account {account} with a {policy} bridge", run: w.AccountWithBridge},
		{form: "account {account} with a {policy} bridge of these settings:", run: w.AccountWithBridgeSettings},
		{form: "{account} cannot start a {policy} bridge of these settings:", run: w.BridgeDoesNotStart},
		{form: "{account} has the flow of its bridge", run: w.HasFlowOfBridge},
		{form: "checking the configuration of {account}'s bridge finds:", run: w.CheckFinds},
		{form: "{account}'s bridge was called {count} time(s)", run: w.BridgeWasCalled},
		{form: "{account}'s bridge answered {number} {type}", run: w.BridgeAnswered},
		{form: "{account}'s bridge said {text}", run: w.BridgeSaid},
		{form: "{account}'s bridge said:", run: w.BridgeSaidText},
		{form: "{account}'s bridge answered with these headers:", run: w.BridgeAnsweredWithHeaders},
		{form: "{account}'s bridge answered before its attempt to {call} ended", run: w.BridgeAnsweredFirst},
		{form: "{account}'s bridge has called Twilio:", run: w.BridgeHasCalled},
		{form: "{account}'s bridge has not called Twilio", run: w.BridgeHasCalledNobody},
		{form: "{phone}'s phone sends {text} just before {account}'s bridge attempts to {call}", run: w.SendsMeanwhile},
		{form: "{account}'s bridge has {count} dead letter(s)", run: w.HasDeadLetters},
		{form: "a dead letter of {account}'s bridge says {text}", run: w.DeadLetterSays},
		{form: "the dead letters of {account}'s bridge are replayed", run: w.DeadLettersAreReplayed},
		{form: "{account}'s bridge has counted {count} message(s) as {text}", run: w.BridgeHasCounted},
		{form: "{account} tells its bridge of deliveries", run: w.TellsOfDeliveries},
		{form: "{account}'s bridge knows of these failed deliveries:", run: w.BridgeKnowsOfFailures},
		{form: "{account}'s bridge knows of no failed delivery", run: w.BridgeKnowsOfNoFailures},
		{form: "{account}'s bridge gets a signed {method} with:", run: w.GetsWebhook},
		{form: "{phone}'s phone sends a text of {number} characters", run: w.SendsLongText},
		{form: "{conversation} has that text in {number} messages of {number} characters at most", run: w.HasLongText},
		{form: "that webhook is answered {number} {type}", run: w.WebhookAnswered},
		{form: "that webhook is told {text}", run: w.WebhookTold},
		{form: "somebody forges a message {text} from {phone}'s phone to {account}'s bridge", run: w.Forge},
		{form: "somebody sends {account}'s bridge a message {text} from {phone}'s phone without a signature", run: w.SendUnsigned},
		{form: "the forger gets {number}", run: w.ForgerGets},
	}
}

// bridgeOf returns the bridge of an account.
func (w *World) bridgeOf(name string) (*deployedBridge, error) {
	a, err := w.account(name)
	if err != nil {
		return nil, err
	}
	if a.bridge == nil {
		return nil, fmt.Errorf("account %s has no bridge: begin with \"Given account %s with a standard bridge\"", name, name)
	}
	return a.bridge, nil
}

// bridgeCalls are the webhooks that an account's bridge got from Twilio.
func (w *World) bridgeCalls(name string) ([]traffic.Exchange, error) {
	b, err := w.bridgeOf(name)
	if err != nil {
		return nil, err
	}
	var calls []traffic.Exchange
	for _, x := range w.exchanges {
		if x.Direction == traffic.Out && strings.HasPrefix(x.URL, b.url) {
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

// lastAnswer returns the exchange with the last answer of an account's bridge.
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

// BridgeSaidText is BridgeSaid for a text that has quotes.
func (w *World) BridgeSaidText(ctx context.Context, name string, body DocString) error {
	return w.BridgeSaid(ctx, name, string(body))
}

// BridgeAnsweredWithHeaders compares headers of what an account's bridge answered last. Columns: name, value. There may be
// others.
func (w *World) BridgeAnsweredWithHeaders(_ context.Context, name string, table Table) error {
	header, rows, err := table.columns("name", "value")
	if err != nil {
		return err
	}
	x, err := w.lastAnswer(name)
	if err != nil {
		return err
	}
	got := make([][]string, len(rows))
	for i, row := range rows {
		got[i] = []string{row[0], x.Response.Header.Get(row[0])}
	}
	return w.compare(header, rows, got)
}

// BridgeAnsweredFirst checks that an account's bridge answered its first webhook before the first call of a kind was over.
func (w *World) BridgeAnsweredFirst(_ context.Context, name, what string) error {
	webhooks, err := w.bridgeCalls(name)
	if err != nil {
		return err
	}
	match, ok := apiCalls[what]
	if !ok {
		return unknownCall(what)
	}
	for _, x := range w.exchanges { // in the order in which they ended
		u, err := url.Parse(x.URL)
		if err != nil {
			return err
		}
		if x.Direction != traffic.In || x.Method != match.Method || !matches(match.Path, u.Path) {
			continue
		}
		if len(webhooks) == 0 || webhooks[0].Seq > x.Seq {
			return fmt.Errorf("%s's bridge had not answered when its attempt to %s was over", name, what)
		}
		return nil
	}
	return fmt.Errorf("nobody has attempted to %s", what)
}
