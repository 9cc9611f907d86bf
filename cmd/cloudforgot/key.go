package main

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

const keyExample = `  cloudforgot key add --name n8n
  cloudforgot key list
  cloudforgot key remove SK00000000000000000000000000000001`

func (p process) keyCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "key",
		Short: "Create and revoke API keys of an account",
		Long: "Create and revoke API keys of an account, as Twilio's Console does. A program logs in with a key and its secret in place of the\n" +
			"account's SID and token; webhooks are signed with the token all the same.",
		Example: keyExample,
	}, p.keyAddCommand(), p.keyListCommand(), p.keyRemoveCommand())
}

func (p process) keyAddCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "add",
		Short:   "Create a key",
		Long:    "Create an API key and print it with its secret, which cannot be shown again.",
		Example: keyExample,
		Args:    noArguments(),
	}
	name := c.Flags().String("name", "", "`name` of the key")
	return accountCommand(p, c, func(ctx context.Context, client *control.Client, account control.Account, _ []string) (control.CreatedAPIKey, error) {
		return client.CreateAPIKey(ctx, account.SID, control.NewAPIKey{FriendlyName: *name})
	}, func(k control.CreatedAPIKey) error {
		return p.printLine("%s with the secret %s, which is not shown again.", k.SID, k.Secret)
	})
}

func (p process) keyListCommand() *cobra.Command {
	return accountCommand(p, &cobra.Command{
		Use:     "list",
		Short:   "List an account's keys",
		Long:    "List the API keys of an account, without their secrets.",
		Example: "  cloudforgot key list\n  cloudforgot key list -o json",
		Args:    noArguments(),
	}, func(ctx context.Context, client *control.Client, account control.Account, _ []string) ([]conversations.APIKey, error) {
		return client.ListAPIKeys(ctx, account.SID)
	}, func(keys []conversations.APIKey) error {
		if len(keys) == 0 {
			p.note("The account has no API key. Programs log in with its SID and token.")
			return nil
		}
		rows := make([][]string, len(keys))
		for i, k := range keys {
			rows[i] = []string{k.SID, cmp.Or(k.FriendlyName, "-"), instant(k.DateCreated)}
		}
		return p.printTable([]string{"KEY", "NAME", "CREATED"}, rows...)
	})
}

func (p process) keyRemoveCommand() *cobra.Command {
	return accountCommand(p, &cobra.Command{
		Use:     "remove KEY",
		Short:   "Revoke a key",
		Long:    "Revoke an API key: who logs in with it is refused from then on.",
		Example: "  cloudforgot key remove SK00000000000000000000000000000001",
		Args:    oneArgument("the key", "SK00000000000000000000000000000001"),
	}, func(ctx context.Context, client *control.Client, account control.Account, args []string) (none, error) {
		return none{}, client.DeleteAPIKey(ctx, account.SID, args[0])
	}, printNothing)
}
