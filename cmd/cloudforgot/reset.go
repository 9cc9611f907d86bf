package main

import (
	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

const resetLong = `Delete all that happened: conversations, messages, memberships, traffic, faults, and changes of sandbox and clock.
The accounts that the emulator was started with are there again, as they were.`

func (p process) resetCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "reset",
		Short:   "Reset the emulator to where it started",
		Long:    resetLong,
		Example: "  cloudforgot reset",
		Args:    noArguments(),
	}
	url := addURLFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		client, err := url.client()
		if err != nil {
			return err
		}
		if err := client.Reset(c.Context()); err != nil {
			return err
		}
		p.note("The emulator at %s is as it was when it started.", webhook.Redacted(client.URL()))
		return nil
	}
	return c
}
