package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const sandboxExample = `  cloudforgot sandbox show

  # your own handler hears what comes in, by GET
  cloudforgot sandbox set --inbound-url http://127.0.0.1:8080/whatsapp --inbound-method GET

  # somebody hears how far messages have got that name no URL of their own
  cloudforgot sandbox set --status-callback-url http://127.0.0.1:8080/status

  # nobody hears what comes in
  cloudforgot sandbox set --inbound-url ""`

func (p process) sandboxCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "sandbox",
		Short: "Show and change an account's sandbox",
		Long: "Show and change the WhatsApp sandbox of an account: its join code, and who is called when a message comes\n" +
			"in and when one that was sent gets on.",
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
	}, func(_ context.Context, _ *control.Client, account control.Account) (whatsapp.Settings, error) {
		return account.Sandbox, nil
	}, p.printSandbox)
}

func (p process) sandboxSetCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "set",
		Short:   "Change a sandbox",
		Long:    "Change what is given of an account's sandbox, and show it. What is not given stays as it is.",
		Example: sandboxExample,
		Args:    noArguments(),
	}
	inboundURL := optionalFlag(c, "inbound-url", "`URL` that is called when a message comes in; \"\": nobody is called")
	method := optionalFlag(c, "inbound-method", "`method` of the call: POST or GET")
	statusURL := optionalFlag(c, "status-callback-url", "`URL` that is called with the statuses of messages; \"\": nobody is called")
	code := optionalFlag(c, "join-code", "`code` that phones join with, such as cloud-forgot")
	complete(c, "inbound-method", "POST", "GET")
	return accountCommand(p, c, func(ctx context.Context, client *control.Client, account control.Account) (whatsapp.Settings, error) {
		params := whatsapp.SettingsParams{InboundURL: inboundURL(), InboundMethod: method(), JoinCode: code(), StatusCallbackURL: statusURL()}
		if params == (whatsapp.SettingsParams{}) {
			return whatsapp.Settings{}, badUsage("nothing to set: give --inbound-url, --inbound-method, --status-callback-url or --join-code")
		}
		return client.UpdateSandbox(ctx, account.SID, params)
	}, p.printSandbox)
}

func (p process) printSandbox(s whatsapp.Settings) error {
	inbound, status := "nobody is called", "nobody is called"
	if s.InboundURL != "" {
		inbound = s.InboundMethod + " " + webhook.Redacted(s.InboundURL)
	}
	if s.StatusCallbackURL != "" {
		status = "POST " + webhook.Redacted(s.StatusCallbackURL)
	}
	return p.printTable(nil, []string{"Account", s.AccountSID}, []string{"Number", s.Number}, []string{"Join code", s.JoinCode},
		[]string{"Inbound URL", inbound}, []string{"Status callback", status})
}
