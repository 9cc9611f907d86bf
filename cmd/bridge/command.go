package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/metrics"
)

const longHelp = `bridge answers the "when a message comes in" webhook of a WhatsApp sandbox on POST and GET /whatsapp,
and sees to it that every message stands in a Twilio Conversation that your Studio flow hears. It also serves /healthz,
/readyz and /metrics (Prometheus). With --deliveries-url it takes Twilio's onDeliveryUpdated too, and logs and counts what
did not reach a customer.

Credentials come from the environment, or from a file .env in the current directory:
  TWILIO_ACCOUNT_SID  the account (AC…)
  TWILIO_AUTH_TOKEN   its primary auth token; it also checks X-Twilio-Signature
  STUDIO_FLOW_SID     the Studio flow (FW…) for new conversations
A .env of Twilio Functions will do: in that file the first two may be called ACCOUNT_SID and AUTH_TOKEN.

Each flag has a variable, e.g. BRIDGE_LISTEN for --listen. A flag wins over the environment, that over .env.

Exit codes: 0 stopped as asked, 1 failed while running, 2 wrong flags or configuration, 3 cannot listen.`

const examples = `  # is everything right? asks Twilio and changes nothing there
  bridge --check

  # against Twilio, behind a proxy or tunnel
  bridge --public-url https://bridge.example.com/whatsapp

  # several bridges share the work (a build with -tags postgres)
  bridge --queue postgres://bridge@db.example.com/bridge

  # against an emulator on this machine
  bridge --api-url http://127.0.0.1:4155

  # what the Function of Twilio's guide would do
  bridge --policy classic`

func newCommand() *cobra.Command {
	o := &options{}
	check := false
	command := &cobra.Command{
		Use: "bridge", Short: "Turn WhatsApp sandbox messages into Twilio Conversations",
		Long: longHelp, Example: examples, Version: version(), Args: cobra.NoArgs,
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(command *cobra.Command, _ []string) error {
			return o.readEnvironment(command.Flags(), dotEnvFile)
		},
		RunE: func(command *cobra.Command, _ []string) error {
			if check {
				return runCheck(command.Context(), command.OutOrStdout(), o)
			}
			return runServer(command, o)
		},
	}
	o.shared(command.PersistentFlags())
	o.serving(command.Flags())
	command.Flags().BoolVar(&check, "check", false, "verify the configuration against the account, and stop")
	command.AddCommand(newDeadCommand(o))
	for _, flags := range []*pflag.FlagSet{command.Flags(), command.PersistentFlags()} {
		flags.VisitAll(func(f *pflag.Flag) {
			if variable := variables[f.Name]; variable != "" {
				f.Usage += " (" + variable + ")"
			}
		})
	}
	return command
}

// runServer serves until it is stopped.
func runServer(command *cobra.Command, o *options) (err error) {
	log, err := o.logger(command.ErrOrStderr())
	if err != nil {
		return err
	}
	s := server{listen: o.listen, log: log, registry: prometheus.NewRegistry()}
	if s.path, err = publicPath(o.publicURL); err != nil {
		return err
	}
	if s.deliveries, err = deliveriesPath(o.deliveriesURL, s.path); err != nil {
		return err
	}
	s.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	counted, err := metrics.New(s.registry)
	if err != nil {
		return err
	}
	opened, err := o.openQueue(command.Context())
	if err != nil {
		return err
	}
	if opened != nil {
		defer opened.Close()
	}
	config := o.bridge(log, opened)
	config.Metrics, config.OnUndelivered = counted, counted.Undelivered
	if s.handler, err = bridge.New(config); err != nil {
		return err
	}
	if err := counted.Watch(s.handler.Stats); err != nil {
		return err
	}
	return serve(command.Context(), s)
}

// runCheck prints what Check finds, one line each.
func runCheck(ctx context.Context, out io.Writer, o *options) error {
	log, err := o.logger(io.Discard)
	if err != nil {
		return err
	}
	opened, err := o.openQueue(ctx)
	if err != nil {
		return err
	}
	if opened != nil {
		defer opened.Close()
	}
	failed := false
	for _, f := range bridge.Check(ctx, o.bridge(log, opened)) {
		if f.Err != nil {
			failed = true
			fmt.Fprintf(out, "WRONG  %s: %v\n", f.What, f.Err)
			continue
		}
		fmt.Fprintf(out, "ok     %s\n", f.What)
	}
	if failed {
		return errors.New("the configuration is not right yet")
	}
	return nil
}

// version returns the module's version, or the commit of a build from a checkout.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel " + s.Value
		}
	}
	return "devel"
}
