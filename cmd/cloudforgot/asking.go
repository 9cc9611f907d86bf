package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// asking makes a command of an operation on the running emulator: ask gets the command's arguments, and what it returns is
// printed by show for people, and whole with -o json. The command gets the flags --url and --output.
func asking[T any](p process, c *cobra.Command, ask func(context.Context, *control.Client, []string) (T, error), show func(T) error) *cobra.Command {
	url := addURLFlag(c)
	output := outputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		client, err := url.client()
		if err != nil {
			return err
		}
		got, err := ask(c.Context(), client, args)
		if err != nil {
			return err
		}
		return p.print(output, got, func() error { return show(got) })
	}
	return c
}

// askingAccount is asking about one account, which --account names.
func askingAccount[T any](p process, c *cobra.Command, ask func(context.Context, *control.Client, control.Account) (T, error), show func(T) error) *cobra.Command {
	account := addAccountFlag(c)
	return asking(p, c, func(ctx context.Context, client *control.Client, _ []string) (got T, _ error) {
		chosen, err := fetchAccount(ctx, client, *account)
		if err != nil {
			return got, err
		}
		return ask(ctx, client, chosen)
	}, show)
}
