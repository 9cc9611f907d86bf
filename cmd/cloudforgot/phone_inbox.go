package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

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
		number, err := phoneNumber(args[0])
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
		rows[i] = []string{instant(m.DateCreated), from, m.Status, messageText(m)}
	}
	return p.printTable([]string{"TIME", "FROM", "STATUS", "MESSAGE"}, rows...)
}

// messageText is a message as a phone shows it, with a line for each file.
func messageText(m whatsapp.Message) string {
	text := printable(m.Body)
	for _, f := range m.Media {
		if text != "" {
			text += "\n"
		}
		text += fmt.Sprintf("[%s %s, %d bytes]", printable(f.Filename), f.ContentType, f.Size)
	}
	return text
}
