package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// clientCommand makes a command of an operation on the running emulator: ask gets the command's arguments, and show prints its
// result, unless -o json prints it whole. The command gets the flags --url and --output.
func clientCommand[T any](p process, c *cobra.Command, ask func(context.Context, *control.Client, []string) (T, error), show func(T) error) *cobra.Command {
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

// none is the result of an operation that has none.
type none struct{}

func printNothing(none) error { return nil }

// accountCommand is clientCommand for an operation on one account, which --account names.
func accountCommand[T any](p process, c *cobra.Command,
	ask func(ctx context.Context, client *control.Client, account control.Account, args []string) (T, error), show func(T) error,
) *cobra.Command {
	account := addAccountFlag(c)
	return clientCommand(p, c, func(ctx context.Context, client *control.Client, args []string) (got T, _ error) {
		chosen, err := fetchAccount(ctx, client, *account)
		if err != nil {
			return got, err
		}
		return ask(ctx, client, chosen, args)
	}, show)
}

// group makes a command that only has subcommands: alone it shows its help, and it refuses an unknown word.
func group(c *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		c.SuggestionsMinimumDistance = 2
		if similar := c.SuggestionsFor(args[0]); len(similar) > 0 {
			return badUsage("%q is no command of %s; did you mean %s?", args[0], c.CommandPath(), strings.Join(similar, " or "))
		}
		return badUsage("%q is no command of %s", args[0], c.CommandPath())
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	c.AddCommand(commands...)
	return c
}

func noArguments() cobra.PositionalArgs { return arguments(0, 0, "no arguments", "") }

// oneArgument refuses a command line that has not one argument; the error says what that is, with an example.
func oneArgument(what, example string) cobra.PositionalArgs { return arguments(1, 1, what, example) }

func arguments(least, most int, what, example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return badUsage("%s is missing, such as %s", what, example)
		case len(args) > most && most > 0:
			return badUsage("%q is too much: the command takes %s; a text with blanks needs quotes", args[most], what)
		case len(args) > most:
			return badUsage("%q is too much: the command takes %s", args[most], what)
		}
		return nil
	}
}

func missingFlag(c *cobra.Command, name, what string) error {
	return badUsage("--%s is missing: %s (or set %s)", name, what, variable(c.Flags().Lookup(name)))
}
