package steps

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/cloudforgot/cloudforgot/bridge"
)

// deadLimit is more dead letters than a scenario makes.
const deadLimit = 1000

// HasDeadLetters checks how many messages and clean-ups an account's bridge has given up.
func (w *World) HasDeadLetters(ctx context.Context, name string, count int) error {
	dead, err := w.deadLetters(ctx, name)
	if err == nil && len(dead) != count {
		err = fmt.Errorf("%s's bridge has %d dead letters, not %d:%s", name, len(dead), count, reasons(dead))
	}
	return err
}

// DeadLetterSays checks that an account's bridge has a dead letter whose reason contains this text.
func (w *World) DeadLetterSays(ctx context.Context, name, text string) error {
	dead, err := w.deadLetters(ctx, name)
	if err != nil {
		return err
	}
	for _, d := range dead {
		if strings.Contains(d.Reason, text) {
			return nil
		}
	}
	return fmt.Errorf("no dead letter of %s's bridge says %q:%s", name, text, reasons(dead))
}

// DeadLettersAreReplayed lets all dead letters of an account's bridge be delivered again.
func (w *World) DeadLettersAreReplayed(ctx context.Context, name string) error {
	dead, err := w.deadLetters(ctx, name)
	if err != nil {
		return err
	}
	b := w.accounts[name].bridge
	for _, d := range dead {
		if err := b.queue.Replay(ctx, d.Key); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) deadLetters(ctx context.Context, name string) ([]bridge.DeadLetter, error) {
	b, err := w.bridgeOf(name)
	if err != nil {
		return nil, err
	}
	return b.queue.ListDead(ctx, deadLimit)
}

func reasons(dead []bridge.DeadLetter) string {
	var b strings.Builder
	for _, d := range dead {
		b.WriteString("\n  " + d.Reason)
	}
	return b.String()
}

// BridgeHasCounted checks how many messages ended in a way: opened, captured, appended, foreign or dead.
func (w *World) BridgeHasCounted(_ context.Context, name string, count int, result string) error {
	b, err := w.bridgeOf(name)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if got := b.results[bridge.Result(result)]; got != count {
		return fmt.Errorf("%s's bridge has counted %d messages as %s, not %d: %v", name, got, result, count, b.results)
	}
	return nil
}

// TellsOfDeliveries has an account's Conversations webhooks tell its bridge of deliveries.
func (w *World) TellsOfDeliveries(_ context.Context, name string) error {
	b, err := w.bridgeOf(name)
	if err != nil {
		return err
	}
	form := url.Values{"PostWebhookUrl": {w.servers.url(slug(name) + "-deliveries")}, "Filters": {"onDeliveryUpdated"}}
	headers := map[string]any{"Content-Type": "application/x-www-form-urlencoded"}
	res, err := b.account.requester.SendRequest("POST", "https://conversations.twilio.com/v1/Configuration/Webhooks", form, headers)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// BridgeKnowsOfFailures compares the failed deliveries that an account's bridge was told of. Columns: status, code, why.
func (w *World) BridgeKnowsOfFailures(_ context.Context, name string, table Table) error {
	header, rows, err := table.columns("status", "code", "why")
	if err != nil {
		return err
	}
	b, err := w.bridgeOf(name)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	got := make([][]string, len(b.undelivered))
	for i, u := range b.undelivered {
		got[i] = pick(header, map[string]string{"status": u.Status, "code": strconv.Itoa(u.ErrorCode), "why": u.Why()})
	}
	return w.compare(header, rows, got)
}

// BridgeKnowsOfNoFailures checks that an account's bridge was told of no failed delivery.
func (w *World) BridgeKnowsOfNoFailures(ctx context.Context, name string) error {
	return w.BridgeKnowsOfFailures(ctx, name, Table{{"status", "code"}})
}
