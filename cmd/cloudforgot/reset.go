package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

const resetLong = `Delete all that happened: conversations, messages, memberships, traffic, faults, and changes of sandbox and clock.
The accounts that the emulator was started with are there again, as they were.`

func (p process) resetCommand() *cobra.Command {
	return clientCommand(p, &cobra.Command{
		Use:     "reset",
		Short:   "Reset the emulator to where it started",
		Long:    resetLong,
		Example: "  cloudforgot reset",
		Args:    noArguments(),
	}, func(ctx context.Context, client *control.Client, _ []string) (none, error) {
		err := client.Reset(ctx)
		if err == nil {
			p.note("The emulator at %s is as it was when it started.", webhook.Redacted(client.URL()))
		}
		return none{}, err
	}, printNothing)
}
