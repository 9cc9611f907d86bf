package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/joho/godotenv"
	"github.com/spf13/pflag"

	"github.com/cloudforgot/cloudforgot/bridge"
)

// dotEnvFile is read from the current directory, as Twilio's Functions toolkit does.
const dotEnvFile = ".env"

// options are the settings. Credentials have no flags, because other users can read a command line.
type options struct {
	accountSID, authToken, flowSID string

	listen, policy, publicURL, apiURL string
	deliveriesURL                     string
	queue                             string
	workers                           int
	retryFor                          time.Duration
	order                             string
	timerInactive, timerClosed        string
	conflictReply                     string
	logFormat                         string
	logBodies                         bool
}

// variables maps flags to environment variables.
var variables = map[string]string{
	"listen": "BRIDGE_LISTEN", "policy": "BRIDGE_POLICY", "public-url": "BRIDGE_PUBLIC_URL", "api-url": "TWILIO_API_URL",
	"deliveries-url": "BRIDGE_DELIVERIES_URL",
	"queue":          "BRIDGE_QUEUE", "workers": "BRIDGE_WORKERS", "retry-for": "BRIDGE_RETRY_FOR", "order": "BRIDGE_ORDER",
	"timer-inactive": "BRIDGE_TIMER_INACTIVE", "timer-closed": "BRIDGE_TIMER_CLOSED", "conflict-reply": "BRIDGE_CONFLICT_REPLY",
	"log-format": "BRIDGE_LOG_FORMAT", "log-bodies": "BRIDGE_LOG_BODIES",
}

// shared adds the flags that every command has.
func (o *options) shared(flags *pflag.FlagSet) {
	flags.StringVar(&o.queue, "queue", "bridge.db", "where accepted messages are kept: an SQLite `FILE`, a postgres:// URL (a build with -tags postgres), or memory")
}

// serving adds the flags of the server.
func (o *options) serving(flags *pflag.FlagSet) {
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`address` to listen on")
	flags.StringVar(&o.policy, "policy", string(bridge.PolicyStandard), policyHelp())
	flags.StringVar(&o.publicURL, "public-url", "", "the `URL` that Twilio requests and signs; empty: taken from each request")
	flags.StringVar(&o.deliveriesURL, "deliveries-url", "", "`URL` that the account's Conversations webhooks tell of deliveries; empty: nobody is told")
	flags.StringVar(&o.apiURL, "api-url", "", "`URL` of an emulator in place of Twilio; empty: Twilio itself")
	flags.IntVar(&o.workers, "workers", 16, "how many customers are served at once")
	flags.DurationVar(&o.retryFor, "retry-for", time.Hour, "how long a message is tried again before it is a dead letter")
	flags.StringVar(&o.order, "order", string(bridge.OrderCustomer), "what a new conversation gets first: customer, flow or message")
	flags.StringVar(&o.timerInactive, "timer-inactive", "", "ISO 8601 `duration` after which a new conversation is inactive, e.g. PT1H")
	flags.StringVar(&o.timerClosed, "timer-closed", "", "ISO 8601 `duration` after which it is closed, e.g. P1D")
	flags.StringVar(&o.conflictReply, "conflict-reply", "", "`text` for a customer whose binding another account holds")
	flags.StringVar(&o.logFormat, "log-format", "text", "text or json")
	flags.BoolVar(&o.logBodies, "log-bodies", false, "write the text of messages to the log")
}

// policyHelp lists the policies.
func policyHelp() string {
	var all []string
	for _, p := range bridge.Policies() {
		all = append(all, string(p)+": "+p.Summary())
	}
	return strings.Join(all, "; ")
}

// readEnvironment sets the flags that were not given from the environment, and what is not there from the .env file,
// which may be missing. Credentials come from there alone; the file may name them as that of a Twilio Function does,
// ACCOUNT_SID and AUTH_TOKEN, which in the environment could belong to another program.
func (o *options) readEnvironment(flags *pflag.FlagSet, dotEnv string) error {
	fromFile, err := godotenv.Read(dotEnv)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s cannot be read: %w", dotEnv, err)
	}
	lookup := func(variable string) string {
		if value, ok := os.LookupEnv(variable); ok {
			return value
		}
		return fromFile[variable]
	}
	var errs []error
	flags.VisitAll(func(f *pflag.Flag) {
		variable := variables[f.Name]
		value := lookup(variable)
		if f.Changed || variable == "" || value == "" {
			return
		}
		if err := f.Value.Set(value); err != nil {
			errs = append(errs, fmt.Errorf("%s is %q: %w", variable, value, err))
		}
	})
	o.accountSID = cmp.Or(lookup("TWILIO_ACCOUNT_SID"), fromFile["ACCOUNT_SID"])
	o.authToken = cmp.Or(lookup("TWILIO_AUTH_TOKEN"), fromFile["AUTH_TOKEN"])
	o.flowSID = lookup("STUDIO_FLOW_SID")
	return errors.Join(errs...)
}

// bridge returns the configuration of the handler.
func (o *options) bridge(log *slog.Logger, queue queue) bridge.Config {
	config := bridge.Config{
		AccountSID: o.accountSID, AuthToken: o.authToken, FlowSID: o.flowSID,
		Policy: bridge.Policy(o.policy), PublicURL: o.publicURL, DeliveriesURL: o.deliveriesURL, APIURL: o.apiURL,
		Workers: o.workers, RetryFor: o.retryFor, Order: bridge.Order(o.order),
		TimerInactive: o.timerInactive, TimerClosed: o.timerClosed, ConflictReply: o.conflictReply,
		Logger: log, LogBodies: o.logBodies,
	}
	if queue != nil {
		config.Queue = queue
	}
	return config
}

func (o *options) logger(w io.Writer) (*slog.Logger, error) {
	switch o.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(w, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil)), nil
	}
	return nil, fmt.Errorf("--log-format %q is unknown: use text or json", o.logFormat)
}
