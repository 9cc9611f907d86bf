package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/tui"
)

// defaultPhone is the phone of the chat and of all examples.
const defaultPhone = "+15558675310"

const phoneLong = `Act as a phone: join the sandbox, write to it, leave it, read what arrived, and be offline.

Any number will do, 555 numbers too, with "whatsapp:" or without. A phone that has a username can be named by it, as @ada, and
one that has written by the ExternalUserId of the webhook.`

const phoneExample = `  cloudforgot phone join --from +15558675310 cloud-forgot
  cloudforgot phone send --from +15558675310 "Hola"
  cloudforgot phone inbox +15558675310
  cloudforgot phone set +15558675310 --offline
  cloudforgot phone stop --from +15558675310`

func (p process) phoneCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:     "phone",
		Short:   "Act as a phone: join, write, read, leave",
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

// onPhone makes a command of an operation of a phone: it prints the phone's sandbox afterwards.
func (p process) onPhone(c *cobra.Command,
	operate func(ctx context.Context, client *control.Client, number string, args []string) (whatsapp.Phone, error),
) *cobra.Command {
	from := fromFlag(c)
	return clientCommand(p, c, func(ctx context.Context, client *control.Client, args []string) (whatsapp.Phone, error) {
		number, err := from()
		if err != nil {
			return whatsapp.Phone{}, err
		}
		return operate(ctx, client, number, args)
	}, func(phone whatsapp.Phone) error { return p.printLine("%s", phoneText(phone)) })
}

// phoneText is the sandbox that a phone is in, as a sentence.
func phoneText(phone whatsapp.Phone) string {
	if m := phone.Membership; m != nil {
		return phone.Shown() + " is in the sandbox of " + m.AccountSID + " until " + instant(m.ExpiresAt) + "."
	}
	return phone.Shown() + " is in no sandbox."
}

const inboxLong = `Show what arrived at a phone, oldest first: what conversations and the sandbox sent to it. With --all it is the
whole thread, with what the phone wrote.

With -o json it is a list of messages as in the control API; an empty list is [].`

func (p process) phoneInboxCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "inbox NUMBER",
		Short:   "Show what arrived at a phone",
		Long:    inboxLong,
		Example: "  cloudforgot phone inbox +15558675310\n  cloudforgot phone inbox +15558675310 --all\n  cloudforgot phone inbox +15558675310 -o json",
		Args:    oneArgument("a phone number", defaultPhone),
	}
	url := addURLFlag(c)
	all := c.Flags().Bool("all", false, "the whole thread, with what the phone wrote")
	output := outputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		client, err := url.client()
		if err != nil {
			return err
		}
		number, err := phoneName(args[0])
		if err != nil {
			return err
		}
		list, err := client.ListMessages(c.Context(), number, 0, 0)
		if err != nil {
			return err
		}
		if !*all {
			list = arrived(list)
		}
		return p.print(output, list, func() error {
			if len(list) == 0 {
				p.note("Nothing has arrived at %s.", number)
				return nil
			}
			return p.printThread(list)
		})
	}
	return c
}

// arrived are the messages that a phone got, without those that it wrote.
func arrived(thread []whatsapp.Message) []whatsapp.Message {
	return slices.DeleteFunc(thread, func(m whatsapp.Message) bool { return m.Direction == whatsapp.DirectionInbound })
}

func (p process) printThread(list []whatsapp.Message) error {
	rows := make([][]string, len(list))
	for i, m := range list {
		from := m.From
		if m.Direction == whatsapp.DirectionInbound {
			from = "the phone"
		}
		rows[i] = []string{instant(m.DateCreated), from, string(m.Status), messageText(m)}
	}
	return p.printTable([]string{"TIME", "FROM", "STATUS", "MESSAGE"}, rows...)
}

// messageText is a message as the cell of a table, with a line for each thing in it.
func messageText(m whatsapp.Message) string { return strings.Join(tui.MessageLines(m), "\n") }

const phoneSetLong = `Change whether a phone is offline, has blocked the business and sends read receipts, its owner's name and username; then
show it. A flag that is not given changes nothing.

A phone that is offline gets its messages when it is back; until then they are sent, not delivered. To one that has
blocked the business messages fail with 63014. Messages to one without read receipts are never read.

A phone with a username shows no number: in what comes from it From is its ExternalUserId, such as
whatsapp:US.13491208655302741918, and WaId is missing. Messages and conversations take that ID as an address. The other commands
name the phone by its number or by its username, as @ada.`

const phoneSetExample = `  # offline, and online again
  cloudforgot phone set +15558675310 --offline
  cloudforgot phone set +15558675310 --offline=false

  # it has blocked the business; it sends no read receipts
  cloudforgot phone set +15558675310 --blocked
  cloudforgot phone set +15558675310 --read-receipts=false

  # another name
  cloudforgot phone set +15558675310 --profile-name "Ada Lovelace"

  # a username, so that no number is shown, and none again
  cloudforgot phone set +15558675310 --username ada
  cloudforgot phone set +15558675310 --username ""`

func (p process) phoneSetCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "set NUMBER",
		Short:   "Change the state of a phone, and its name",
		Long:    phoneSetLong,
		Example: phoneSetExample,
		Args:    oneArgument("a phone number", defaultPhone),
	}
	offline := optionalBool(c, "offline", "the phone is offline; =false: it is online")
	blocked := optionalBool(c, "blocked", "the phone has blocked the business; =false: it has not")
	receipts := optionalBool(c, "read-receipts", "it sends read receipts; =false: it sends none")
	name := optionalFlag(c, "profile-name", "`name` of its owner from now on")
	username := optionalFlag(c, "username", "`username` that it shows in place of its number; empty: it shows the number")
	return p.onOnePhone(c, func(ctx context.Context, client *control.Client, number string) (whatsapp.Phone, error) {
		params := whatsapp.BehaviourParams{Offline: offline(), Blocked: blocked(), ReadReceipts: receipts(), ProfileName: name(),
			Username: username()}
		if params == (whatsapp.BehaviourParams{}) {
			return whatsapp.Phone{}, badUsage("nothing to set: give --offline, --blocked, --read-receipts, --profile-name or --username")
		}
		return client.UpdateBehaviour(ctx, number, params)
	})
}

func (p process) phoneShowCommand() *cobra.Command {
	return p.onOnePhone(&cobra.Command{
		Use:     "show NUMBER",
		Short:   "Show a phone",
		Long:    "Show a phone: its owner's name and username, the sandbox that it is in, the ID by which that sandbox's account\nknows it, and its state.",
		Example: "  cloudforgot phone show +15558675310\n  cloudforgot phone show +15558675310 -o json",
		Args:    oneArgument("a phone number", defaultPhone),
	}, func(ctx context.Context, client *control.Client, number string) (whatsapp.Phone, error) {
		return client.FetchPhone(ctx, number)
	})
}

// onOnePhone makes a command of an operation on the phone that its argument names: it prints the phone afterwards.
func (p process) onOnePhone(c *cobra.Command, operate func(context.Context, *control.Client, string) (whatsapp.Phone, error)) *cobra.Command {
	return clientCommand(p, c, func(ctx context.Context, client *control.Client, args []string) (whatsapp.Phone, error) {
		number, err := phoneName(args[0])
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
	rows := [][]string{{"Number", phone.Number}, {"Name", phone.ProfileName}, {"Sandbox", sandbox}}
	if phone.Username != "" {
		rows[0][1] += " (hidden)"
		rows = slices.Insert(rows, 2, []string{"Username", "@" + phone.Username})
	}
	if phone.ExternalUserID != "" {
		rows = append(rows, []string{"ExternalUserId", phone.ExternalUserID})
	}
	return p.printTable(nil, append(rows, []string{"Reached", reached}, []string{"Business", business}, []string{"Read receipts", receipts})...)
}

func (p process) phoneListCommand() *cobra.Command {
	return clientCommand(p, &cobra.Command{
		Use:     "list",
		Short:   "List the phones",
		Long:    "List the phones that the emulator knows, by number: those that have written, and those that were changed.\nA username stands behind the name.",
		Example: "  cloudforgot phone list\n  cloudforgot phone list -o json",
		Args:    noArguments(),
	}, func(ctx context.Context, client *control.Client, _ []string) ([]whatsapp.Phone, error) {
		return client.ListPhones(ctx)
	}, p.printPhones)
}

func (p process) printPhones(phones []whatsapp.Phone) error {
	if len(phones) == 0 {
		p.note("The emulator knows no phone yet.")
		return nil
	}
	rows := make([][]string, len(phones))
	for i, phone := range phones {
		account, until := "none", ""
		if m := phone.Membership; m != nil {
			account, until = m.AccountSID, instant(m.ExpiresAt)
		}
		name := phone.ProfileName
		if phone.Username != "" {
			name += " (@" + phone.Username + ")"
		}
		rows[i] = []string{phone.Number, name, account, until, strings.Join(unusual(phone.Behaviour), ", ")}
	}
	return p.printTable([]string{"NUMBER", "NAME", "SANDBOX OF", "UNTIL", "STATE"}, rows...)
}

// unusual are the states of a phone that change what it receives or sends.
func unusual(b whatsapp.Behaviour) (words []string) {
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
