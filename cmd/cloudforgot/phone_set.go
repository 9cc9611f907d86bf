package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const phoneSetLong = `Change how a phone takes what is written to it, and its owner's name, and show it. What is not given stays as it is.

A phone that is offline gets its messages when it is back; until then they are sent, not delivered. To one that has
blocked the business messages fail with 63014. One without read receipts never says that it has read.`

const phoneSetExample = `  # out of reach, and back again
  cloudforgot phone set +15558675310 --offline
  cloudforgot phone set +15558675310 --offline=false

  # it has blocked the business; it reads unseen
  cloudforgot phone set +15558675310 --blocked
  cloudforgot phone set +15558675310 --read-receipts=false

  # another name
  cloudforgot phone set +15558675310 --profile-name "Ada Lovelace"`

func (p process) phoneSetCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "set NUMBER",
		Short:   "Change how a phone takes messages, and its name",
		Long:    phoneSetLong,
		Example: phoneSetExample,
		Args:    oneArgument("a phone number", defaultPhone),
	}
	offline := optionalBool(c, "offline", "the phone cannot be reached; =false: it is back")
	blocked := optionalBool(c, "blocked", "it has blocked the business; =false: no more")
	receipts := optionalBool(c, "read-receipts", "it says what it has read; =false: it reads unseen")
	name := optionalFlag(c, "profile-name", "`name` of its owner from now on")
	return p.onOnePhone(c, func(ctx context.Context, client *control.Client, number string) (whatsapp.Phone, error) {
		params := whatsapp.BehaviourParams{Offline: offline(), Blocked: blocked(), ReadReceipts: receipts(), ProfileName: name()}
		if params == (whatsapp.BehaviourParams{}) {
			return whatsapp.Phone{}, badUsage("nothing to set: give --offline, --blocked, --read-receipts or --profile-name")
		}
		return client.UpdateBehaviour(ctx, number, params)
	})
}

func (p process) phoneShowCommand() *cobra.Command {
	return p.onOnePhone(&cobra.Command{
		Use:     "show NUMBER",
		Short:   "Show a phone",
		Long:    "Show a phone: its owner's name, the sandbox that it is in, and how it takes what is written to it.",
		Example: "  cloudforgot phone show +15558675310\n  cloudforgot phone show +15558675310 -o json",
		Args:    oneArgument("a phone number", defaultPhone),
	}, func(ctx context.Context, client *control.Client, number string) (whatsapp.Phone, error) {
		return client.FetchPhone(ctx, number)
	})
}

// onOnePhone makes a command of an operation on the phone that its argument names: it prints the phone as it is then.
func (p process) onOnePhone(c *cobra.Command, operate func(context.Context, *control.Client, string) (whatsapp.Phone, error)) *cobra.Command {
	return asking(p, c, func(ctx context.Context, client *control.Client, args []string) (whatsapp.Phone, error) {
		number, err := phoneNumber(args[0])
		if err != nil {
			return whatsapp.Phone{}, err
		}
		return operate(ctx, client, number)
	}, p.printPhone)
}

func (p process) printPhone(phone whatsapp.Phone) error {
	sandbox := "none"
	if m := phone.Membership; m != nil {
		sandbox = "of " + m.AccountSID + " until " + instant(m.ExpiresAt)
	}
	reached, business, receipts := "online", "not blocked", "sent"
	if phone.Offline {
		reached = "offline: messages wait until it is back"
	}
	if phone.Blocked {
		business = "blocked: messages fail with 63014"
	}
	if !phone.ReadReceipts {
		receipts = "not sent"
	}
	return p.printTable(nil, []string{"Number", phone.Number}, []string{"Name", printable(phone.ProfileName)}, []string{"Sandbox", sandbox},
		[]string{"Reached", reached}, []string{"Business", business}, []string{"Read receipts", receipts})
}

func (p process) phoneListCommand() *cobra.Command {
	return asking(p, &cobra.Command{
		Use:     "list",
		Short:   "List the phones",
		Long:    "List the phones that the emulator has met, by number: all that have written, or that something was set of.",
		Example: "  cloudforgot phone list\n  cloudforgot phone list -o json",
		Args:    noArguments(),
	}, func(ctx context.Context, client *control.Client, _ []string) ([]whatsapp.Phone, error) {
		return client.ListPhones(ctx)
	}, p.printPhones)
}

func (p process) printPhones(phones []whatsapp.Phone) error {
	if len(phones) == 0 {
		p.note("The emulator has met no phone yet.")
		return nil
	}
	rows := make([][]string, len(phones))
	for i, phone := range phones {
		account, until := "none", ""
		if m := phone.Membership; m != nil {
			account, until = m.AccountSID, instant(m.ExpiresAt)
		}
		rows[i] = []string{phone.Number, printable(phone.ProfileName), account, until, strings.Join(remarkable(phone.Behaviour), ", ")}
	}
	return p.printTable([]string{"NUMBER", "NAME", "SANDBOX OF", "UNTIL", "STATE"}, rows...)
}

// remarkable is how a phone differs from one that takes everything.
func remarkable(b whatsapp.Behaviour) (words []string) {
	if b.Offline {
		words = append(words, "offline")
	}
	if b.Blocked {
		words = append(words, "blocked")
	}
	if !b.ReadReceipts {
		words = append(words, "no read receipts")
	}
	return words
}
