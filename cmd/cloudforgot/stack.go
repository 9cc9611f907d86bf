package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"syscall"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/emulator"
)

// stackConfig is the configuration of startStack.
type stackConfig struct {
	// listen is the emulator's address, bridgeListen the bridges'; port 0 picks a free one.
	listen, bridgeListen string
	accounts             []emulator.Account // empty: the default one
	// allowHosts and corsOrigins are those of emulator.Config.
	allowHosts, corsOrigins []string
	bridge                  bool
	policy                  bridge.Policy
	flowSID                 string
	seed                    uint64
	logger                  *slog.Logger
}

// stack is an emulator and, beside it in this process, one bridge for each account as its "when a message comes in" URL.
type stack struct {
	url      string // where the emulator is reached
	emulator *emulator.Server
	bridges  []*bridge.Handler
	web      *http.Server // in front of the bridges; nil without bridges
}

// bridgePath is where the bridge of an account is mounted.
func bridgePath(accountSID string) string { return "/whatsapp/" + accountSID }

// startStack starts both. The bridges' port is opened first, as the accounts are made with its URLs, so that a reset of
// the emulator sets them again.
func startStack(ctx context.Context, c stackConfig) (*stack, error) {
	if len(c.accounts) == 0 {
		c.accounts = []emulator.Account{emulator.DefaultAccount()}
	}
	var listener net.Listener
	if c.bridge {
		var err error
		if listener, err = new(net.ListenConfig).Listen(ctx, "tcp", c.bridgeListen); err != nil {
			return nil, explainListen("--bridge-listen", c.bridgeListen, err)
		}
		for i := range c.accounts {
			c.accounts[i].InboundURL = "http://" + reachable(listener.Addr()) + bridgePath(c.accounts[i].SID)
		}
	}
	s, err := startEmulator(c) //nolint:contextcheck // it runs until stop, whatever becomes of ctx
	if err == nil && listener != nil {
		err = s.startBridges(c, listener) //nolint:contextcheck // likewise
	}
	if err == nil {
		return s, nil
	}
	if listener != nil {
		err = errors.Join(err, listener.Close())
	}
	if s != nil {
		err = errors.Join(err, s.emulator.Close()) //nolint:contextcheck // it has a time limit of its own
	}
	return nil, err
}

// hosts returns the names of --allow-host and that of --listen, unless it listens at an address.
func (c stackConfig) hosts() []string {
	name, _, err := net.SplitHostPort(c.listen)
	if err != nil || name == "" || net.ParseIP(name) != nil {
		return c.allowHosts
	}
	return append(slices.Clone(c.allowHosts), name)
}

func startEmulator(c stackConfig) (*stack, error) {
	emu, err := emulator.New(emulator.Config{Accounts: c.accounts, Seed: c.seed, AllowHosts: c.hosts(), CORSOrigins: c.corsOrigins,
		Logger: c.logger, Version: version()})
	if err != nil {
		return nil, &usageError{err} // nothing but the accounts and the names can be wrong
	}
	s := &stack{emulator: emu}
	if err := emu.Listen(c.listen); err != nil {
		return s, explainListen("--listen", c.listen, err)
	}
	s.url = emu.URL
	if address, err := net.ResolveTCPAddr("tcp", emu.URL[len("http://"):]); err == nil {
		s.url = "http://" + reachable(address)
	}
	return s, nil
}

func (s *stack) startBridges(c stackConfig, listener net.Listener) error {
	mux := http.NewServeMux()
	for _, account := range c.accounts {
		handler, err := bridge.New(bridge.Config{AccountSID: account.SID, AuthToken: account.AuthToken, FlowSID: c.flowSID,
			Policy: c.policy, APIURL: s.url, Logger: c.logger.With("account", account.SID)})
		if err != nil {
			return err
		}
		mux.Handle(bridgePath(account.SID), handler)
		s.bridges = append(s.bridges, handler)
		s.emulator.SettleWith(handler.Wait)
	}
	s.web = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(c.logger.Handler(), slog.LevelWarn)}
	go func() {
		if err := s.web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			c.logger.Error("the bridges' listener failed", "error", err)
		}
	}()
	return nil
}

// stop finishes what is under way, at most until ctx ends, and closes the bridges and then the emulator that they call.
func (s *stack) stop(ctx context.Context) error {
	err := s.emulator.Settle(ctx)
	if s.web != nil {
		err = errors.Join(err, s.web.Shutdown(ctx))
	}
	waiting := 0
	for _, handler := range s.bridges {
		stats, failed := handler.Stats(context.WithoutCancel(ctx))
		waiting += stats.Waiting
		err = errors.Join(err, failed, handler.Close(ctx))
	}
	if err != nil && ctx.Err() != nil {
		err = errors.New("stopped before everything was finished")
		if waiting > 0 {
			err = fmt.Errorf("%w; messages that had not reached a conversation: %d", err, waiting)
		}
	}
	return errors.Join(err, s.emulator.Close()) //nolint:contextcheck // it has a time limit of its own
}

// reachable is the address to connect to: for one that listens on all interfaces, that of loopback.
func reachable(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return address.String()
}

// explainListen makes an error of why a port cannot be opened, with what to do.
func explainListen(flag, address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return &inUseError{flag: flag, address: address}
	}
	if malformed := new(net.AddrError); errors.As(err, &malformed) {
		return badUsage("%s %q: it must be a host and a port, such as %s", flag, address, defaultListen)
	}
	if failed := new(net.OpError); errors.As(err, &failed) {
		err = failed.Err
	}
	return fmt.Errorf("cannot listen on %s (%s): %w", address, flag, err)
}

// inUseError says that another program has the port of an address.
type inUseError struct{ flag, address string }

func (e *inUseError) Error() string {
	return fmt.Sprintf("%s is in use, perhaps by another emulator: stop that program, or choose another port with %s "+
		"(port 0 picks a free one)", e.address, e.flag)
}

func (e *inUseError) Unwrap() error { return syscall.EADDRINUSE }
