package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

const senderExample = `  cloudforgot sender add whatsapp:+13115552368
  cloudforgot phone send --from +15558675310 --to +13115552368 "Hola"
  cloudforgot sender list`

func (p process) senderCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "sender",
		Short: "Register WhatsApp senders of an account's own",
		Long: "Register WhatsApp senders of an account's own, as Twilio's Console does. Phones write to them without joining a\n" +
			"sandbox, and an Address Configuration of the Conversations API can open a conversation for what they write.",
		Example: senderExample,
	}, p.senderAddCommand(), p.senderListCommand(), p.senderRemoveCommand())
}

func (p process) senderAddCommand() *cobra.Command {
	return accountCommand(p, &cobra.Command{
		Use:     "add ADDRESS",
		Short:   "Register a sender",
		Long:    "Register a sender of an account: a WhatsApp number, or a number for SMS when it has no prefix.",
		Example: senderExample,
		Args:    oneArgument("the address", "whatsapp:+13115552368"),
	}, func(ctx context.Context, client *control.Client, account control.Account, args []string) (conversations.Sender, error) {
		return client.CreateSender(ctx, account.SID, args[0])
	}, func(s conversations.Sender) error {
		return p.printLine("%s is a sender of %s.", s.Address, s.AccountSID)
	})
}

func (p process) senderListCommand() *cobra.Command {
	return accountCommand(p, &cobra.Command{
		Use:     "list",
		Short:   "List an account's senders",
		Long:    "List the senders that an account has registered. The sandbox number, which all accounts share, is not among them.",
		Example: "  cloudforgot sender list\n  cloudforgot sender list -o json",
		Args:    noArguments(),
	}, func(ctx context.Context, client *control.Client, account control.Account, _ []string) ([]conversations.Sender, error) {
		return client.ListSenders(ctx, account.SID)
	}, p.printSenders)
}

func (p process) printSenders(senders []conversations.Sender) error {
	if len(senders) == 0 {
		p.note("The account has no sender of its own. Phones write to the sandbox number, which all accounts share.")
		return nil
	}
	rows := make([][]string, len(senders))
	for i, s := range senders {
		rows[i] = []string{s.Address, instant(s.DateCreated)}
	}
	return p.printTable([]string{"ADDRESS", "REGISTERED"}, rows...)
}

func (p process) senderRemoveCommand() *cobra.Command {
	return accountCommand(p, &cobra.Command{
		Use:     "remove ADDRESS",
		Short:   "Remove a sender",
		Long:    "Remove a sender from its account. Conversations that it is part of stay.",
		Example: "  cloudforgot sender remove whatsapp:+13115552368",
		Args:    oneArgument("the address", "whatsapp:+13115552368"),
	}, func(ctx context.Context, client *control.Client, account control.Account, args []string) (none, error) {
		return none{}, client.DeleteSender(ctx, account.SID, args[0])
	}, printNothing)
}
