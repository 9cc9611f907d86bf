package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/tui"
)

const chatLong = `Open a chat in the terminal: a phone on one side, and on the other what happens behind it, live.

It attaches to the emulator at --url. Without --url, and when none answers at ` + defaultURL + `, the chat starts an
emulator and a bridge of its own, which end with it: at that address, or on a free port when another program has it.
The top line says where, so that SDKs and the other commands can use it too.`

const chatExample = `  # with an emulator of its own, unless one is running
  cloudforgot chat

  # another phone, at the same emulator
  cloudforgot chat --from +15558675311 --url http://127.0.0.1:4155

  # keep the logs of its own emulator and bridge
  cloudforgot chat --log-file chat.log`

// chatDrainTime is the time limit for stopping a chat's own emulator.
const chatDrainTime = 2 * time.Second

// chatFlags are the flags of chat.
type chatFlags struct {
	url           *urlFlag
	urlGiven      bool
	from, logFile string
}

func (p process) chatCommand() *cobra.Command {
	var flags chatFlags
	c := &cobra.Command{
		Use:     "chat",
		Short:   "Open a chat, with what happens behind it",
		Long:    chatLong,
		Example: chatExample,
		Args:    noArguments(),
	}
	flags.url = addURLFlag(c)
	c.Flags().StringVar(&flags.from, "from", defaultPhone, numberUsage)
	c.Flags().StringVar(&flags.logFile, "log-file", "", "`file` for the logs of an emulator of its own; none are kept without")
	c.RunE = func(c *cobra.Command, _ []string) error {
		flags.urlGiven = c.Flags().Changed("url")
		return p.chat(c.Context(), flags)
	}
	return c
}

func (p process) chat(ctx context.Context, flags chatFlags) error {
	number, err := phoneNumber(flags.from)
	if err != nil {
		return err
	}
	if !isTerminal(p.stdin) || !isTerminal(p.stdout) {
		return errors.New("the chat needs a terminal; in a script, use `cloudforgot phone send` and `cloudforgot phone inbox`")
	}
	logger, closeLog, err := openLog(flags.logFile)
	if err != nil {
		return err
	}
	defer closeLog()
	ctx, stop := signal.NotifyContext(ctx, stopSignals()...)
	defer stop()
	client, own, err := attach(ctx, flags, logger)
	if err != nil {
		return err
	}
	home, _ := p.lookupEnv("HOME")
	config := tui.Config{Control: client, Phone: number, HomeDir: home}
	if own != nil {
		defer own.stopOwn(context.WithoutCancel(ctx), logger)
		config.Note = "an emulator of its own"
	}
	if accounts, err := client.ListAccounts(ctx); err == nil && len(accounts) > 0 {
		config.JoinCode = accounts[0].Sandbox.JoinCode
	}
	return tui.Run(ctx, config)
}

// attach returns a client of the emulator at the URL. When no URL was given and none answers, it starts one there, where the
// other commands look for it, or else on a free port: own is that emulator.
func attach(ctx context.Context, flags chatFlags, logger *slog.Logger) (client *control.Client, own *stack, err error) {
	client, err = flags.url.client()
	if err != nil {
		return nil, nil, err
	}
	if _, err = client.Health(ctx); err == nil || flags.urlGiven {
		return client, nil, err
	}
	config := stackConfig{listen: strings.TrimPrefix(client.URL(), "http://"), bridgeListen: "127.0.0.1:0", bridge: true,
		policy: bridge.PolicyStandard, flowSID: emulator.DefaultFlowSID, logger: logger}
	own, err = startStack(ctx, config)
	if errors.Is(err, syscall.EADDRINUSE) {
		config.listen = "127.0.0.1:0"
		own, err = startStack(ctx, config)
	}
	if err != nil {
		return nil, nil, err
	}
	return control.NewClient(own.url, nil), own, nil
}

// stopOwn stops a chat's own emulator.
func (s *stack) stopOwn(ctx context.Context, logger *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, chatDrainTime)
	defer cancel()
	if err := s.stop(ctx); err != nil {
		logger.Warn("the emulator was stopped before everything was finished", "error", err)
	}
}

// openLog returns a logger to a file, so that logs do not disturb the screen; without a file it keeps nothing.
func openLog(path string) (*slog.Logger, func(), error) {
	if path == "" {
		return slog.New(slog.DiscardHandler), func() {}, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the user names it
	if err != nil {
		return nil, nil, fmt.Errorf("the log file cannot be written: %w", err)
	}
	return slog.New(slog.NewTextHandler(io.Writer(file), nil)), func() { _ = file.Close() }, nil
}
