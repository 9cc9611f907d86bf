package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twilio/twilio-go/client"
	twilio "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const (
	// stepTime is Options.StepTime when that is 0.
	stepTime = 30 * time.Second
	// closeTime bounds the end of a scenario.
	closeTime = 5 * time.Second
)

// World is the state of one scenario: an emulator, the accounts, phones and servers that the scenario has named so far,
// and the way to Twilio's API and to the control API. The methods that godog calls are those of the package comment's
// table; a step of one's own may call them too. A World is for one scenario and one goroutine.
type World struct {
	options Options
	emu     *emulator.Server // nil when the emulator runs elsewhere
	control *control.Client
	servers *servers
	bridges []*bridge.Handler
	// bridgeClock is that of all bridges; nil, and they go by real time, when the emulator runs elsewhere.
	bridgeClock *bridgeClock

	accounts  map[string]*account
	phones    map[string]*phone
	endpoints map[string]*endpoint

	exchanges []traffic.Exchange // what the emulator recorded in this scenario
	cursor    int64              // number of the newest of them
	events    int64              // number of the last event before the scenario
	answered  []byte             // what Twilio answered to the last request
	named     map[string]string  // fields of answers that the scenario has named
	refused   *refusal
	refusals  []*refusal     // of the steps of the last moment
	forged    *http.Response // the answer to a forged webhook
	longText  string         // the last that was too long to write down
}

// account is an account that the scenario has named.
type account struct {
	control.Account
	name          string
	key           string // SID of the API key that the scenario has given it
	requester     client.BaseClient
	sdk           *twilio.ApiService
	bridge        *deployedBridge   // nil when it has none
	conversations map[string]string // SIDs of the conversations that the scenario has named
}

type phone struct {
	name, number string
	read         int64        // number of the last message that the scenario has spoken of
	known        atomic.Value // string: the address by which the account of its sandbox knows it; empty for its number
}

// address is the address by which the account of the phone's sandbox knows it.
func (p *phone) address() string { return cmp.Or(p.knownAddress(), p.byNumber()) }

// knownAddress returns the address that learnAddress has found, which several messages at the same moment may do; empty before.
func (p *phone) knownAddress() string {
	address, _ := p.known.Load().(string)
	return address
}

func (p *phone) byNumber() string { return "whatsapp:" + p.number }

func newWorld(o Options) *World {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.StepTime == 0 {
		o.StepTime = stepTime
	}
	return &World{options: o, servers: newServers(o.Logger), accounts: map[string]*account{}, phones: map[string]*phone{},
		endpoints: map[string]*endpoint{}, named: map[string]string{}}
}

// open starts the emulator, or resets the one that runs elsewhere, and stops its clock.
func (w *World) open(ctx context.Context) error {
	standing := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	if w.options.URL == "" {
		w.servers.serve()
		switches := whatsapp.DefaultSwitches()
		switches.RateInterval = 0                                                                                    // the clock stands: a scenario about the rate sets it
		emu, err := emulator.New(emulator.Config{Seed: 1, Clock: clock.State{Frozen: &standing}, Switches: switches, //nolint:contextcheck // New outlives ctx
			Transport: w.servers, Logger: w.options.Logger})
		if err != nil {
			return err
		}
		w.emu, w.control = emu, emu.Control()
		w.bridgeClock = newBridgeClock(emu)
		return nil
	}
	w.control = control.NewClient(w.options.URL, nil)
	if err := w.servers.listen(ctx); err != nil {
		return err
	}
	if err := w.control.Reset(ctx); err != nil {
		return err
	}
	if _, err := w.control.Freeze(ctx, true); err != nil {
		return err
	}
	if _, err := w.control.UpdateClock(ctx, control.ClockChange{Set: standing.Format(time.RFC3339)}); err != nil {
		return err
	}
	if _, err := w.control.UpdateSwitches(ctx, map[string]any{"rate_interval": "0s"}); err != nil {
		return err
	}
	return w.skipHistory(ctx)
}

// skipHistory leaves out what a running emulator recorded before the scenario.
func (w *World) skipHistory(ctx context.Context) error {
	before, err := w.control.ListTraffic(ctx, 0, 0)
	if err != nil {
		return err
	}
	if len(before) > 0 {
		w.cursor = before[len(before)-1].Seq
	}
	events, err := w.control.ListEvents(ctx, 0, 0)
	if len(events) > 0 {
		w.events = events[len(events)-1].Seq
	}
	return err
}

// close ends everything that open and the steps have started.
func (w *World) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	var errs []error
	if w.control != nil {
		errs = append(errs, w.control.ClearFaults(ctx))
	}
	for _, b := range w.bridges {
		errs = append(errs, b.Close(ctx))
	}
	if w.bridgeClock != nil {
		w.bridgeClock.close()
	}
	switch {
	case w.emu != nil:
		errs = append(errs, w.emu.Close()) //nolint:contextcheck // it takes none, and bounds itself
	case w.control != nil:
		errs = append(errs, w.control.Reset(ctx))
	}
	return errors.Join(append(errs, w.servers.close())...)
}

// Control returns the client of the control API.
func (w *World) Control() *control.Client { return w.control }

// SDK returns twilio-go's Conversations service with the credentials of an account that the scenario has named.
func (w *World) SDK(accountName string) (*twilio.ApiService, error) {
	a, err := w.account(accountName)
	if err != nil {
		return nil, err
	}
	return a.sdk, nil
}

// Requester returns twilio-go's HTTP client with the credentials of an account that the scenario has named, for any
// service of the SDK.
func (w *World) Requester(accountName string) (client.BaseClient, error) {
	a, err := w.account(accountName)
	if err != nil {
		return nil, err
	}
	return a.requester, nil
}

// Address returns the WhatsApp address of a phone that the scenario has named, by which the account of its sandbox knows it: its number
// ("whatsapp:+15558675310"), or its ExternalUserId when it has a username.
func (w *World) Address(phoneName string) (string, error) {
	p, err := w.phone(phoneName)
	if err != nil {
		return "", err
	}
	return p.address(), nil
}

// Handle mounts a handler, such as an application under test, and returns the URL at which webhooks reach it. The name
// is of small letters, digits and hyphens; steps that name a server ("Acme sends what comes in to "shop"") know it too.
func (w *World) Handle(name string, h http.Handler) (string, error) { return w.servers.handle(name, h) }

func (w *World) account(name string) (*account, error) {
	if a, ok := w.accounts[name]; ok {
		return a, nil
	}
	return nil, fmt.Errorf("the scenario knows no account %s: begin with \"Given account %s\"%s", name, name, known(w.accounts))
}

func (w *World) phone(name string) (*phone, error) {
	if p, ok := w.phones[name]; ok {
		return p, nil
	}
	return nil, fmt.Errorf("the scenario knows no phone of %s: begin with \"Given %s's phone\"%s", name, name, known(w.phones))
}

// known lists names for an error.
func known[T any](names map[string]T) string {
	if len(names) == 0 {
		return ""
	}
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return " (known: " + strings.Join(list, ", ") + ")"
}
