package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/lmittmann/tint"
	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
	"github.com/cloudforgot/cloudforgot/tui"
)

const upLong = `Start the emulator and, beside it in the same process, the bridge: the handler that turns what a phone writes to
the sandbox into a conversation. It is every account's "when a message comes in" URL, unless --bridge=false.

Without --account there is one account, with a documented token and API key and the join code cloud-forgot. The state is in
memory and ends with the command. Ctrl-C, SIGTERM or the end of the terminal stops it when what is under way is
finished; a second one at once.`

const upExample = `  # one account, the bridge, port 4155
  cloudforgot up

  # two accounts with sandboxes of their own
  cloudforgot up --account AC00000000000000000000000000000001:token1:red-fox \
    --account AC00000000000000000000000000000002:token2:blue-owl

  # a program that logs in with an API key
  cloudforgot up --api-key SK00000000000000000000000000000001:secret1

  # your own handler in the bridge's place
  cloudforgot up --bridge=false
  cloudforgot sandbox set --inbound-url http://127.0.0.1:8080/whatsapp

  # in a script: a free port, and a file that appears when it is ready
  cloudforgot up --listen 127.0.0.1:0 --ready-file url.txt`

// drainTime is the time limit for what is under way when up is stopped.
const drainTime = 10 * time.Second

// upFlags are the flags of up.
type upFlags struct {
	listen, bridgeListen, flowSID, readyFile string
	accounts, apiKeys                        []string
	allowHosts, corsOrigins                  []string
	bridge                                   bool
	seed                                     uint64
	policy, output                           *choice
}

func (p process) upCommand() *cobra.Command {
	var flags upFlags
	c := &cobra.Command{
		Use:     "up",
		Short:   "Start the emulator, and the bridge beside it",
		Long:    upLong,
		Example: upExample,
		Args:    noArguments(),
	}
	f := c.Flags()
	f.StringVar(&flags.listen, "listen", defaultListen, "`address` of the emulator; port 0 picks a free one")
	f.StringSliceVar(&flags.accounts, "account", nil, "`SID:TOKEN[:JOIN-CODE]` of an account; may be repeated")
	f.StringSliceVar(&flags.apiKeys, "api-key", nil,
		"`[SID:]KEY:SECRET` of an API key, with the account's SID where there are several; may be repeated")
	f.StringSliceVar(&flags.allowHosts, "allow-host", nil,
		"`name` that the emulator answers to beside localhost and the address of --listen; may be repeated")
	f.StringSliceVar(&flags.corsOrigins, "cors-origin", nil,
		"`origin` of web pages that may use Twilio's API from a browser, such as http://localhost:3000, or *; may be repeated")
	f.BoolVar(&flags.bridge, "bridge", true, "run the bridge as every account's inbound URL")
	f.StringVar(&flags.bridgeListen, "bridge-listen", "127.0.0.1:0", "`address` of the bridge")
	flags.policy = policyFlag(c)
	f.StringVar(&flags.flowSID, "flow-sid", emulator.DefaultFlowSID, "`SID` of the Studio flow that new conversations get")
	f.Uint64Var(&flags.seed, "seed", 0, "`number` that makes the same SIDs in every run; 0: different ones")
	f.StringVar(&flags.readyFile, "ready-file", "", "`file` that holds the emulator's URL while it is ready")
	flags.output = outputFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error { return p.up(c.Context(), flags) }
	return c
}

// policyFlag adds the flag that chooses the bridge's policy.
func policyFlag(c *cobra.Command) *choice {
	var names, summaries []string
	for _, p := range bridge.Policies() {
		names, summaries = append(names, string(p)), append(summaries, string(p)+", "+p.Summary())
	}
	return choiceFlag(c, "policy", "policy of the bridge: "+strings.Join(summaries, "; "), names...)
}

// up runs until a signal stops it.
func (p process) up(ctx context.Context, flags upFlags) (err error) {
	config, err := flags.stack(p.logger())
	if err != nil {
		return err
	}
	ready := readyFile(flags.readyFile)
	if err := ready.prepare(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ready.remove()) }()
	signals := make(chan os.Signal, 2) // the one that stops, and the one that stops at once
	signal.Notify(signals, stopSignals()...)
	defer signal.Stop(signals)
	p.warnOpen(flags.listen, flags.bridgeListen)
	s, err := startStack(ctx, config)
	if err != nil {
		return err
	}
	if err := errors.Join(p.printUp(ctx, s, flags), ready.write(s.url)); err != nil {
		return errors.Join(err, drain(ctx, s, signals))
	}
	<-signals
	p.note("Stopping when what is under way is finished; Ctrl-C again stops at once.")
	return drain(ctx, s, signals)
}

// stopSignals are the signals that stop a command: those of Ctrl-C, of kill, and of the end of the terminal unless nohup ignores it.
func stopSignals() []os.Signal {
	stop := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		stop = append(stop, syscall.SIGHUP)
	}
	return stop
}

// stack checks the flags and makes a configuration of them.
func (f upFlags) stack(logger *slog.Logger) (stackConfig, error) {
	accounts, err := parseAccounts(f.accounts)
	if err != nil {
		return stackConfig{}, err
	}
	if accounts, err = addAPIKeys(accounts, f.apiKeys); err != nil {
		return stackConfig{}, err
	}
	if !sid.Valid(f.flowSID, "FW") {
		return stackConfig{}, badUsage("--flow-sid %q: it must be FW and 32 hexadecimal digits", f.flowSID)
	}
	return stackConfig{listen: f.listen, bridgeListen: f.bridgeListen, accounts: accounts, bridge: f.bridge,
		policy: bridge.Policy(f.policy.value), flowSID: f.flowSID, seed: f.seed,
		allowHosts: f.allowHosts, corsOrigins: f.corsOrigins, logger: logger}, nil
}

// drain stops a stack within drainTime, or at once when another signal comes.
func drain(ctx context.Context, s *stack, signals <-chan os.Signal) error {
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop(ctx) }()
	select {
	case err := <-stopped:
		return err
	case <-signals:
		return errors.New("stopped at once, before everything was finished")
	}
}

// logger writes to stderr, in colour where that is a terminal.
func (p process) logger() *slog.Logger {
	return slog.New(tint.NewTextHandler(p.stderr, &tint.Options{TimeFormat: time.TimeOnly, NoColor: !p.colours(p.stderr)}))
}

// warnOpen prints a warning for an address that can be reached from other machines: the control API needs no password.
func (p process) warnOpen(addresses ...string) {
	for _, address := range addresses {
		host, _, err := net.SplitHostPort(address)
		ip := net.ParseIP(host)
		if err == nil && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			p.note("Warning: %s can be reached from other machines, and the control API asks for no password.", address)
		}
	}
}

// running is what up prints with -o json.
type running struct {
	URL      string            `json:"url"`
	Accounts []control.Account `json:"accounts"`
}

// printUp prints where the emulator listens, what to export and what to try.
func (p process) printUp(ctx context.Context, s *stack, flags upFlags) error {
	accounts, err := s.emulator.Control().ListAccounts(ctx)
	if err != nil {
		return err
	}
	return p.print(flags.output, running{URL: s.url, Accounts: accounts}, func() error {
		return p.printStart(s, accounts)
	})
}

func (p process) printStart(s *stack, accounts []control.Account) error {
	style := p.styles()
	rows := make([][]string, 0, 1+3*len(accounts))
	rows = append(rows, []string{"Twilio's API", s.url})
	for _, a := range accounts {
		rows = append(rows, []string{"Account", a.SID}, []string{"  sandbox", "send \"join " + a.Sandbox.JoinCode + "\" to " + strings.TrimPrefix(a.Sandbox.Number, "whatsapp:")},
			[]string{"  inbound URL", webhook.Redacted(a.Sandbox.InboundURL)})
	}
	first := accounts[0]
	return p.printText(strings.Join([]string{
		style.heading.Render("cloudforgot " + version() + " is up."),
		"",
		style.table(nil, rows...),
		style.heading.Render("Export this for an SDK, and for the other commands:"),
		"",
		tui.Clean(exports(s.url, first).shell("sh")),
		style.heading.Render("Try it in another terminal:"),
		"",
		"cloudforgot phone join --from " + defaultPhone + " " + tui.Clean(first.Sandbox.JoinCode),
		"cloudforgot phone send --from " + defaultPhone + ` "Hola"`,
		"",
		style.faint.Render("Ctrl-C stops it."),
		"",
	}, "\n"))
}

// readyFile is the path of a file that holds the emulator's URL, in one line, while it is ready; empty means none.
type readyFile string

// prepare makes sure that the file can be written and is not there yet. A file that a killed
// run has left is removed, so that no script takes it for the new one; that of a running emulator, and a file with something
// else in it, are refused.
func (f readyFile) prepare(ctx context.Context) error {
	if f == "" {
		return nil
	}
	content, err := os.ReadFile(string(f))
	old := strings.TrimSpace(string(content))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("the ready file cannot be written: %w", err)
	case old != "" && (!strings.HasPrefix(old, "http://") || strings.ContainsAny(old, " \n")):
		return fmt.Errorf("%s is no ready file, as it holds something else: choose another name for --ready-file", f)
	case answers(ctx, old):
		return fmt.Errorf("the ready file %s belongs to the emulator that runs at %s: stop that, or choose another name for --ready-file", f, old)
	}
	if err := f.remove(); err != nil {
		return err
	}
	return f.put("")
}

// answers reports whether an emulator runs at a URL.
func answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err := control.NewClient(url, nil).Health(ctx)
	return err == nil
}

// write makes the file appear with its whole content.
func (f readyFile) write(url string) error {
	if f == "" {
		return nil
	}
	if err := f.put(url + "\n"); err != nil {
		return err
	}
	if err := os.Rename(f.unfinished(), string(f)); err != nil {
		return fmt.Errorf("the ready file cannot be written: %w", err)
	}
	return nil
}

func (f readyFile) unfinished() string { return string(f) + ".tmp" }

func (f readyFile) put(content string) error {
	if err := os.WriteFile(f.unfinished(), []byte(content), 0o644); err != nil { //nolint:gosec // meant to be read by others
		return fmt.Errorf("the ready file cannot be written: %w", err)
	}
	return nil
}

// remove makes the file disappear; one that is not there is fine.
func (f readyFile) remove() error {
	if f == "" {
		return nil
	}
	for _, name := range []string{string(f), f.unfinished()} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("the ready file cannot be removed: %w", err)
		}
	}
	return nil
}
