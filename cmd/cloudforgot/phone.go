package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// defaultPhone is the phone of the chat and of all examples.
const defaultPhone = "+15558675310"

const phoneLong = `Be a phone: join the sandbox, write to it, leave it, read what arrived, and be out of reach.

Any number will do, 555 numbers too, with "whatsapp:" or without.`

const phoneExample = `  cloudforgot phone join --from +15558675310 cloud-forgot
  cloudforgot phone send --from +15558675310 "Hola"
  cloudforgot phone inbox +15558675310
  cloudforgot phone set +15558675310 --offline
  cloudforgot phone stop --from +15558675310`

func (p process) phoneCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:     "phone",
		Short:   "Be a phone: join, write, read, leave",
		Long:    phoneLong,
		Example: phoneExample,
	}, p.phoneJoinCommand(), p.phoneSendCommand(), p.phoneInboxCommand(), p.phoneStopCommand(),
		p.phoneListCommand(), p.phoneShowCommand(), p.phoneSetCommand())
}

func (p process) phoneJoinCommand() *cobra.Command {
	return p.onPhone(&cobra.Command{
		Use:   "join CODE",
		Short: "Join a sandbox",
		Long: `Send "join CODE" from a phone. It is in that sandbox for 72 hours then, and in no other.
A code that no sandbox has gets no answer, as from Twilio; the command says so and fails.`,
		Example: "  cloudforgot phone join --from +15558675310 cloud-forgot",
		Args:    oneArgument("a join code", "cloud-forgot"),
	}, func(ctx context.Context, client *control.Client, number string, args []string) (whatsapp.Phone, error) {
		return client.Join(ctx, number, strings.TrimSpace(strings.TrimPrefix(args[0], "join ")))
	})
}

func (p process) phoneStopCommand() *cobra.Command {
	return p.onPhone(&cobra.Command{
		Use:     "stop",
		Short:   "Leave the sandbox",
		Long:    `Send "stop" from a phone: it leaves the sandbox that it is in.`,
		Example: "  cloudforgot phone stop --from +15558675310",
		Args:    noArguments(),
	}, func(ctx context.Context, client *control.Client, number string, _ []string) (whatsapp.Phone, error) {
		return client.Stop(ctx, number)
	})
}

// onPhone makes a command of an operation of a phone: it prints where the phone is then.
func (p process) onPhone(c *cobra.Command,
	operate func(ctx context.Context, client *control.Client, number string, args []string) (whatsapp.Phone, error),
) *cobra.Command {
	from := fromFlag(c)
	return asking(p, c, func(ctx context.Context, client *control.Client, args []string) (whatsapp.Phone, error) {
		number, err := from()
		if err != nil {
			return whatsapp.Phone{}, err
		}
		return operate(ctx, client, number, args)
	}, func(phone whatsapp.Phone) error { return p.printLine("%s", phoneText(phone)) })
}

// phoneText says where a phone is.
func phoneText(phone whatsapp.Phone) string {
	if m := phone.Membership; m != nil {
		return phone.Number + " is in the sandbox of " + m.AccountSID + " until " + instant(m.ExpiresAt) + "."
	}
	return phone.Number + " is in no sandbox."
}
