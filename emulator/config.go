package emulator

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/browser"
	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// The account that there is when none is configured. SID and token are letters and digits only, as the SDKs refuse
// others.
const (
	DefaultAccountSID = "AC0123456789abcdef0123456789abcdef"
	DefaultAuthToken  = "0123456789abcdef0123456789abcdef" // documented, and of no account of Twilio's
	DefaultJoinCode   = "cloud-forgot"
	// DefaultAPIKeySID and DefaultAPIKeySecret are the account's API key.
	DefaultAPIKeySID    = "SK0123456789abcdef0123456789abcdef"
	DefaultAPIKeySecret = "fedcba9876543210fedcba9876543210"
	// DefaultFlowSID is a Studio flow SID for whoever needs one; an account that has registered no flow takes any.
	DefaultFlowSID = "FW0123456789abcdef0123456789abcdef"
)

// Config of an emulator. The zero Config works: one account, one sandbox, state in memory, real time.
type Config struct {
	// Accounts that exist from the start; empty means one with the default credentials.
	Accounts []Account
	// Seed other than 0 makes the same SIDs in every run.
	Seed uint64
	// Clock sets the clock at the start; zero means real time.
	Clock clock.State
	// Switches choose between readings of what Twilio leaves open about WhatsApp; the zero value means
	// whatsapp.DefaultSwitches, which is also what to begin with for others: New refuses what is set in part. They can be
	// changed while the emulator runs.
	Switches whatsapp.Switches
	// Webhooks choose between readings of what Twilio leaves open about the webhooks of Conversations; the zero value is
	// the recommended ones.
	Webhooks conversations.WebhookConfig
	// KeepEvents and KeepTraffic are the numbers of entries that the logs keep; 0 means 1,000.
	KeepEvents, KeepTraffic int
	// BodyTimeout is the real time in which the body of a request must have arrived; 0 means one minute. What is left then
	// is not read, and the request is answered with an error.
	BodyTimeout time.Duration
	// CloseTimeout is the real time that Close waits for what is under way; 0 means five seconds.
	CloseTimeout time.Duration
	// AllowHosts are names, without a port, that the emulator answers to beside localhost, loopback addresses and the address
	// at which it listens. They are for requests over the network; Server.Client needs none.
	AllowHosts []string
	// CORSOrigins are the origins ("http://localhost:3000", or "*" for all) whose pages may use Twilio's API from a browser
	// under the emulator's own address. Under Twilio's host names all may, as with Twilio. The control API takes no pages.
	CORSOrigins []string
	// Transport leads webhooks to the customers' servers; nil means the network, without a proxy.
	Transport http.RoundTripper
	// Logger gets what no caller can be told; nil means none.
	Logger *slog.Logger
	// Version of the program, for the control API; "devel" when empty.
	Version string
}

// browsers returns the policy for requests from web pages.
func (c Config) browsers() browser.Policy {
	return browser.Policy{Hosts: c.AllowHosts, Origins: c.CORSOrigins}
}

// Account is one account of a Config.
type Account struct {
	// SID is AC and 32 hexadecimal digits; AuthToken letters and digits.
	SID, AuthToken string
	// JoinCode of its sandbox; made up when empty.
	JoinCode string
	// InboundURL is "when a message comes in"; empty means Twilio's demo reply. InboundMethod is POST when empty.
	InboundURL, InboundMethod string
	// APIKeys of the account, beside the token. Their secrets are shown as the token is.
	APIKeys []APIKey
}

// APIKey is an API key of an Account: SK and 32 hexadecimal digits, and a secret of letters and digits. What is empty is made up.
type APIKey struct{ SID, Secret string }

// DefaultAccount returns the account of the zero Config.
func DefaultAccount() Account {
	return Account{SID: DefaultAccountSID, AuthToken: DefaultAuthToken, JoinCode: DefaultJoinCode,
		APIKeys: []APIKey{{DefaultAPIKeySID, DefaultAPIKeySecret}}}
}

func (c Config) withDefaults() Config {
	if len(c.Accounts) == 0 {
		c.Accounts = []Account{DefaultAccount()}
	}
	if c.Transport == nil {
		// Webhooks go where they are addressed, never through a proxy of the environment: the proxy may be the emulator.
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.Proxy = nil
		t.MaxIdleConnsPerHost = 64
		c.Transport = t
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.BodyTimeout = cmp.Or(c.BodyTimeout, time.Minute)
	c.CloseTimeout = cmp.Or(c.CloseTimeout, 5*time.Second)
	if c.Version == "" {
		c.Version = "devel"
	}
	return c
}

// addAccounts opens the accounts of the Config.
func (s *Server) addAccounts(tx store.Tx) error {
	for _, a := range s.config.Accounts {
		if _, err := s.addAccount(tx, a); err != nil {
			return err
		}
	}
	return nil
}

// addAccount opens an account with its sandbox.
func (s *Server) addAccount(tx store.Tx, a Account) (control.Account, error) {
	account, err := s.api.AddAccount(tx, conversations.Account{SID: a.SID, AuthToken: a.AuthToken})
	if err != nil {
		return control.Account{}, err
	}
	for _, k := range a.APIKeys {
		if err := s.api.AddConfiguredAPIKey(tx, account.SID, conversations.APIKeyParams{SID: k.SID, Secret: k.Secret}); err != nil {
			return control.Account{}, err
		}
	}
	sandbox, err := s.sandbox.AddSettings(tx, account.SID, whatsapp.SettingsParams{
		JoinCode: twilio.Optional(a.JoinCode), InboundURL: twilio.Optional(a.InboundURL), InboundMethod: twilio.Optional(a.InboundMethod)})
	return control.Account{SID: account.SID, AuthToken: account.AuthToken, FriendlyName: account.FriendlyName,
		DefaultServiceSID: account.DefaultServiceSID, Sandbox: sandbox}, err
}

// createAccount opens an account for the control API.
func (s *Server) createAccount(ctx context.Context, wanted control.NewAccount) (created control.Account, err error) {
	err = s.outbox.Update(ctx, func(tx store.Tx) error {
		created, err = s.addAccount(tx, Account{SID: wanted.SID, AuthToken: wanted.AuthToken, JoinCode: wanted.JoinCode})
		return err
	})
	return created, err
}

// kinds are the documents of all packages.
func kinds() []store.Kind {
	return slices.Concat(content.Kinds(), conversations.Kinds(), whatsapp.Kinds(), studio.Kinds(), []store.Kind{clockStates.Kind()},
		outbox.Kinds(slices.Concat(conversations.Jobs(), whatsapp.Jobs())...))
}

// clockStates holds one document: the clock's setting, so that it survives with the rest of the state.
var clockStates = store.NewTable[clock.State]("clock")

const theClock = "clock"

func (s *Server) keepClock(ctx context.Context) error {
	return s.outbox.Update(ctx, func(tx store.Tx) error { return clockStates.Put(tx, theClock, s.clock.State()) })
}

// reset forgets all state, faults and records, and opens the accounts of the Config again, in one transaction: whoever asks
// meanwhile finds the state before or the one after. Numbers go on, so that who follows a live stream misses nothing.
func (s *Server) reset(ctx context.Context) error {
	before := s.clock.State()
	s.clock.Restore(s.config.Clock) // first, as it dates the accounts
	err := s.outbox.Update(ctx, func(tx store.Tx) error {
		for _, kind := range kinds() {
			if kind.Name == store.SequenceKind {
				continue
			}
			if err := tx.Clear(kind.Name); err != nil {
				return err
			}
		}
		return s.addAccounts(tx)
	})
	if err != nil {
		s.clock.Restore(before)
		return err
	}
	s.traffic.ClearFaults()
	s.traffic.Clear()
	return nil
}
