package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const sandboxExample = `  cloudforgot sandbox show

  # your own handler is called when a message comes in, by GET
  cloudforgot sandbox set --inbound-url http://127.0.0.1:8080/whatsapp --inbound-method GET

  # your own handler is called with the statuses of messages that name no URL for them
  cloudforgot sandbox set --status-callback-url http://127.0.0.1:8080/status

  # nothing is called when a message comes in
  cloudforgot sandbox set --inbound-url ""`

func (p process) sandboxCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "sandbox",
		Short: "Show and change an account's sandbox",
		Long: "Show and change the WhatsApp sandbox of an account: its join code, and the URLs that are called when a message\n" +
			"comes in and with the statuses of those that were sent.",
		Example: sandboxExample,
	}, p.sandboxShowCommand(), p.sandboxSetCommand())
}

func (p process) sandboxShowCommand() *cobra.Command {
	return accountCommand(p, &cobra.Command{
		Use:     "show",
		Short:   "Show a sandbox",
		Long:    "Show the number, the join code and the URLs of an account's sandbox.",
		Example: "  cloudforgot sandbox show\n  cloudforgot sandbox show -o json",
		Args:    noArguments(),
	}, func(_ context.Context, _ *control.Client, account control.Account, _ []string) (whatsapp.Settings, error) {
		return account.Sandbox, nil
	}, p.printSandbox)
}

func (p process) sandboxSetCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "set",
		Short:   "Change a sandbox",
		Long:    "Change an account's sandbox, and show it. A flag that is not given changes nothing.",
		Example: sandboxExample,
		Args:    noArguments(),
	}
	inboundURL := optionalFlag(c, "inbound-url", "`URL` that is called when a message comes in; \"\": none is called")
	method := optionalFlag(c, "inbound-method", "`method` of the call: POST or GET")
	statusURL := optionalFlag(c, "status-callback-url", "`URL` that is called with the statuses of messages; \"\": none is called")
	code := optionalFlag(c, "join-code", "`code` that phones join with, such as cloud-forgot")
	complete(c, "inbound-method", "POST", "GET")
	return accountCommand(p, c, func(ctx context.Context, client *control.Client, account control.Account, _ []string) (whatsapp.Settings, error) {
		params := whatsapp.SettingsParams{InboundURL: inboundURL(), InboundMethod: method(), JoinCode: code(), StatusCallbackURL: statusURL()}
		if params == (whatsapp.SettingsParams{}) {
			return whatsapp.Settings{}, badUsage("nothing to set: give --inbound-url, --inbound-method, --status-callback-url or --join-code")
		}
		return client.UpdateSandbox(ctx, account.SID, params)
	}, p.printSandbox)
}

func (p process) printSandbox(s whatsapp.Settings) error {
	inbound, status := "none", "none"
	if s.InboundURL != "" {
		inbound = s.InboundMethod + " " + webhook.Redacted(s.InboundURL)
	}
	if s.StatusCallbackURL != "" {
		status = "POST " + webhook.Redacted(s.StatusCallbackURL)
	}
	return p.printTable(nil, []string{"Account", s.AccountSID}, []string{"Number", s.Number}, []string{"Join code", s.JoinCode},
		[]string{"Inbound URL", inbound}, []string{"Status callback", status})
}
