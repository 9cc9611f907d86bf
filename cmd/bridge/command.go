package main

import (
	"log/slog"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/bridge"
)

const longHelp = `bridge answers the "when a message comes in" webhook of a WhatsApp sandbox on POST and GET /whatsapp,
and sees to it that every message stands in a Twilio Conversation that your Studio flow hears.

Credentials come from the environment, or from a file .env in the current directory:
  TWILIO_ACCOUNT_SID  the account (AC…)
  TWILIO_AUTH_TOKEN   its primary auth token; it also checks X-Twilio-Signature
  STUDIO_FLOW_SID     the Studio flow (FW…) for new conversations

A flag wins over the environment, the environment over .env.

Exit codes: 0 stopped as asked, 1 failed while running, 2 wrong flags or configuration, 3 cannot listen.`

const examples = `  # against Twilio, behind a proxy or tunnel
  bridge --public-url https://bridge.example.com/whatsapp

  # against an emulator on this machine
  bridge --api-url http://127.0.0.1:4155

  # what the Function of Twilio's guide would do
  bridge --policy classic`

// flag describes one setting: a flag, its variable, its default.
type flag struct{ name, variable, value, usage string }

var serveFlags = []flag{
	{"listen", "BRIDGE_LISTEN", "127.0.0.1:8080", "`address` to listen on"},
	{"policy", "BRIDGE_POLICY", string(bridge.PolicyStandard), "`standard`, or classic: the published Function with its defects"},
	{"public-url", "BRIDGE_PUBLIC_URL", "", "the `URL` that Twilio requests and signs; empty: taken from each request"},
	{"api-url", "TWILIO_API_URL", "", "`URL` of an emulator in place of Twilio; empty: Twilio itself"},
}

func newCommand() *cobra.Command {
	command := &cobra.Command{
		Use:           "bridge",
		Short:         "Turn WhatsApp sandbox messages into Twilio Conversations",
		Long:          longHelp,
		Example:       examples,
		Version:       version(),
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	for _, f := range serveFlags {
		command.Flags().String(f.name, f.value, f.usage+" ("+f.variable+")")
	}
	command.RunE = func(command *cobra.Command, _ []string) error {
		set, err := readSettings(command.Flags(), dotEnvFile)
		if err != nil {
			return err
		}
		log := slog.New(slog.NewTextHandler(command.ErrOrStderr(), nil))
		handler, err := bridge.New(set.bridge(log))
		if err != nil {
			return err
		}
		return serve(command.Context(), server{listen: set["listen"], path: publicPath(set["public-url"]), handler: handler, log: log})
	}
	return command
}

// publicPath is the path of the public URL where it differs from /whatsapp, so that a proxy need not rewrite it.
func publicPath(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil || strings.Trim(u.Path, "/") == "" || u.Path == webhookPath {
		return ""
	}
	return u.Path
}

// version is the module's version, or the commit of a build from a checkout.
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
