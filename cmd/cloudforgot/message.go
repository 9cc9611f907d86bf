package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const messageLong = `Show a message between a phone and a sender, whichever way it went, and move a delivery on by hand.

A message is named by its SID: SM, or MM when it has files. ` + "`cloudforgot phone inbox NUMBER --all -o json`" + ` has those of a
phone. One that has not reached its phone is not among them; its SID is in the answer of Twilio's API, in its receipt, or in
what ` + "`cloudforgot phone send`" + ` printed.`

const messageStatusLong = `Move a message to a phone on by hand: to sent, delivered, read, failed or undelivered. A message never goes back, and
one that has arrived does not fail any more.

With the switch delivery=manual no delivery moves on by itself.`

const messageStatusExample = `  # every step by hand
  cloudforgot switches set delivery=manual
  cloudforgot message status SM0123456789abcdef0123456789abcdef delivered
  cloudforgot message status SM0123456789abcdef0123456789abcdef read

  # it fails: outside the 24-hour window
  cloudforgot message status SM0123456789abcdef0123456789abcdef failed --error-code 63016`

func (p process) messageCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:     "message",
		Short:   "Show a message, and deliver it by hand",
		Long:    messageLong,
		Example: "  cloudforgot message show SM0123456789abcdef0123456789abcdef\n\n" + messageStatusExample,
	}, p.messageShowCommand(), p.messageStatusCommand())
}

func (p process) messageShowCommand() *cobra.Command {
	return p.onMessage(&cobra.Command{
		Use:     "show SID",
		Short:   "Show a message",
		Long:    "Show a message: who wrote it to whom, how far it has got, and the conversation that it is part of.",
		Example: "  cloudforgot message show SM0123456789abcdef0123456789abcdef",
		Args:    oneArgument("the SID of a message", "SM0123456789abcdef0123456789abcdef"),
	}, func(ctx context.Context, client *control.Client, args []string) (whatsapp.Message, error) {
		return client.FetchMessage(ctx, args[0])
	})
}

func (p process) messageStatusCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "status SID STATUS",
		Short:   "Move a delivery on by hand",
		Long:    messageStatusLong,
		Example: messageStatusExample,
		Args:    arguments(2, 2, "the SID of a message and its new status", "SM0123456789abcdef0123456789abcdef delivered"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return []string{"sent", "delivered", "read", "failed", "undelivered"}, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
	}
	code := c.Flags().Int("error-code", 0, "Twilio's `code` that says why, for failed and undelivered")
	return p.onMessage(c, func(ctx context.Context, client *control.Client, args []string) (whatsapp.Message, error) {
		return client.UpdateStatus(ctx, args[0], whatsapp.StatusChange{Status: twilio.Status(args[1]), ErrorCode: *code})
	})
}

// onMessage makes a command of an operation on a message: it prints the message afterwards.
func (p process) onMessage(c *cobra.Command, operate func(context.Context, *control.Client, []string) (whatsapp.Message, error)) *cobra.Command {
	return clientCommand(p, c, operate, p.printMessage)
}

func (p process) printMessage(m whatsapp.Message) error {
	conversation := "none"
	if m.ConversationSID != "" {
		conversation = strings.TrimSpace(m.ConversationSID + " " + m.ConversationMessageSID)
	}
	return p.printTable(nil, []string{"Message", m.SID + kindText(m)}, []string{"Created", instant(m.DateCreated)}, []string{"From", m.From},
		[]string{"To", m.To}, []string{"Status", statusText(m)}, []string{"Conversation", conversation}, []string{"Text", messageText(m)})
}

// statusText is the status of a message, with Twilio's code and its meaning when it has failed.
func statusText(m whatsapp.Message) string {
	if m.ErrorCode == 0 {
		return string(m.Status)
	}
	return string(m.Status) + " " + strconv.Itoa(m.ErrorCode) + " " + whatsapp.ErrorMessage(m.ErrorCode)
}
