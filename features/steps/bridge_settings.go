package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
)

// deployedBridge is the bridge of an account.
type deployedBridge struct {
	account   *account
	url       string // "when a message comes in"
	publicURL string // what it believes that to be
	config    bridge.Config
	handler   *bridge.Handler
	queue     *bridge.MemoryQueue
	calls     *bridgeCalls

	mu          sync.Mutex // guards what follows
	results     map[bridge.Result]int
	undelivered []bridge.Undelivered
}

// Webhook, Message, Call, Retry and Media implement bridge.Metrics.
func (b *deployedBridge) Webhook(int, bool) {}

func (b *deployedBridge) Message(result bridge.Result, _ time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.results[result]++
}

func (b *deployedBridge) Call(string, int, time.Duration) {}

func (b *deployedBridge) Retry() {}

func (b *deployedBridge) Media(bool) {}

// bridgeSetting is something about a bridge that a scenario can choose, by the name of its flag or variable.
type bridgeSetting func(*bridge.Config, *deployedBridge, string) error

var bridgeSettings = map[string]bridgeSetting{
	"STUDIO_FLOW_SID":    func(c *bridge.Config, _ *deployedBridge, v string) error { c.FlowSID = v; return nil },
	"TWILIO_ACCOUNT_SID": func(c *bridge.Config, _ *deployedBridge, v string) error { c.AccountSID = v; return nil },
	"TWILIO_AUTH_TOKEN":  func(c *bridge.Config, _ *deployedBridge, v string) error { c.AuthToken = v; return nil },
	"order":              func(c *bridge.Config, _ *deployedBridge, v string) error { c.Order = bridge.Order(v); return nil },
	"conflict-reply":     func(c *bridge.Config, _ *deployedBridge, v string) error { c.ConflictReply = v; return nil },
	"timer-inactive":     func(c *bridge.Config, _ *deployedBridge, v string) error { c.TimerInactive = v; return nil },
	"timer-closed":       func(c *bridge.Config, _ *deployedBridge, v string) error { c.TimerClosed = v; return nil },
	"public-url":         func(c *bridge.Config, _ *deployedBridge, v string) error { c.PublicURL = v; return nil },
	"retry-for": func(c *bridge.Config, _ *deployedBridge, v string) (err error) {
		c.RetryFor, err = time.ParseDuration(v)
		return err
	},
	"call-timeout": func(_ *bridge.Config, b *deployedBridge, v string) (err error) {
		b.calls.timeout, err = time.ParseDuration(v)
		return err
	},
	"function-timeout": func(c *bridge.Config, _ *deployedBridge, v string) (err error) {
		c.FunctionTimeout, err = time.ParseDuration(v)
		return err
	},
}

// set changes one setting.
func (b *deployedBridge) set(config *bridge.Config, name, value string) error {
	change, ok := bridgeSettings[name]
	if !ok {
		names := make([]string, 0, len(bridgeSettings))
		for known := range bridgeSettings {
			names = append(names, known)
		}
		slices.Sort(names)
		return fmt.Errorf("a bridge has no setting %q: use %s", name, strings.Join(names, ", "))
	}
	if err := change(config, b, value); err != nil {
		return fmt.Errorf("%s is %q: %w", name, value, err)
	}
	return nil
}

// AccountWithBridge opens an account whose "when a message comes in" is a bridge with a policy. The bridge's Studio flow is
// emulator.DefaultFlowSID.
func (w *World) AccountWithBridge(ctx context.Context, name, policy string) error {
	return w.AccountWithBridgeSettings(ctx, name, policy, Table{{"setting", "value"}})
}

// AccountWithBridgeSettings is AccountWithBridge with settings, a table of the columns setting and value.
func (w *World) AccountWithBridgeSettings(ctx context.Context, name, policy string, table Table) error {
	_, rows, err := table.columns("setting", "value")
	if err != nil {
		return err
	}
	if err := w.Account(ctx, name); err != nil {
		return err
	}
	a := w.accounts[name]
	b, config := w.newBridge(a, policy)
	for _, row := range rows {
		if err := b.set(&config, row[0], row[1]); err != nil {
			return err
		}
	}
	b.publicURL, b.config = config.PublicURL, config
	if b.handler, err = bridge.New(config); err != nil { //nolint:contextcheck // its workers outlive the step
		return err
	}
	a.bridge = b
	w.bridges = append(w.bridges, b.handler)
	if w.bridgeClock != nil {
		w.bridgeClock.add(b.handler)
	}
	if w.emu != nil {
		w.emu.SettleWith(b.handler.Wait) // also while the clock advances
	}
	for server, handler := range map[string]http.Handler{slug(name) + "-bridge": b.handler, slug(name) + "-deliveries": b.handler.Deliveries()} {
		if w.bridgeClock != nil {
			handler = w.bridgeClock.answers(handler)
		}
		if _, err := w.servers.handle(server, handler); err != nil {
			return err
		}
	}
	return w.setInboundURL(ctx, name, b.url, http.MethodPost)
}

// newBridge is a bridge that has not been started, and its configuration.
func (w *World) newBridge(a *account, policy string) (*deployedBridge, bridge.Config) {
	b := &deployedBridge{account: a, url: w.servers.url(slug(a.name) + "-bridge"), queue: bridge.NewMemoryQueue(),
		results: map[bridge.Result]int{}, calls: &bridgeCalls{next: w.servers.network, meanwhile: map[string]func(){}}}
	config := bridge.Config{AccountSID: a.SID, AuthToken: a.AuthToken, FlowSID: emulator.DefaultFlowSID, Policy: bridge.Policy(policy),
		PublicURL: b.url, DeliveriesURL: w.servers.url(slug(a.name) + "-deliveries"), APIURL: w.options.URL,
		HTTPClient: &http.Client{Transport: b.calls}, Queue: b.queue, Metrics: b, Logger: w.options.Logger,
		OnUndelivered: func(u bridge.Undelivered) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.undelivered = append(b.undelivered, u)
		}}
	if w.emu != nil {
		b.calls.next, b.calls.clock = w.emu.Client().Transport, w.bridgeClock
		b.queue.Clock, config.Clock = w.bridgeClock, w.bridgeClock
	}
	return b, config
}

// BridgeDoesNotStart checks that a bridge refuses settings. Columns: setting, value, and complaint, which the refusal
// must contain.
func (w *World) BridgeDoesNotStart(ctx context.Context, name, policy string, table Table) error {
	header, rows, err := table.columns("setting", "value", "complaint")
	if err != nil {
		return err
	}
	if len(header) != 3 {
		return errors.New("the table needs the columns setting, value and complaint")
	}
	a, err := w.account(name)
	if err != nil {
		return err
	}
	b, config := w.newBridge(a, policy)
	for _, row := range rows {
		if err := b.set(&config, row[0], row[1]); err != nil {
			return err
		}
	}
	started, refused := bridge.New(config) //nolint:contextcheck // its workers outlive the step
	if refused == nil {
		return errors.Join(errors.New("the bridge starts"), started.Close(ctx))
	}
	for _, row := range rows {
		if !strings.Contains(refused.Error(), row[2]) {
			return fmt.Errorf("%w: that does not contain %q", refused, row[2])
		}
	}
	return nil
}

// HasFlowOfBridge registers the flow of an account's bridge, published. Before that every flow is taken for one, and none
// can be fetched.
func (w *World) HasFlowOfBridge(ctx context.Context, name string) error {
	b, err := w.bridgeOf(name)
	if err == nil {
		_, err = w.control.RegisterFlow(ctx, b.account.SID, studio.NewFlow{SID: b.config.FlowSID})
	}
	return err
}

// CheckFinds compares what checking the configuration of an account's bridge finds. Columns: what, and wrong, which is empty
// where all is well.
func (w *World) CheckFinds(ctx context.Context, name string, table Table) error {
	header, rows, err := table.columns("what", "wrong")
	if err != nil {
		return err
	}
	b, err := w.bridgeOf(name)
	if err != nil {
		return err
	}
	var got [][]string
	for _, f := range bridge.Check(ctx, b.config) {
		found := map[string]string{"what": f.What}
		if f.Err != nil {
			found["wrong"] = f.Err.Error()
		}
		got = append(got, pick(header, found))
	}
	return w.compare(header, rows, got)
}
