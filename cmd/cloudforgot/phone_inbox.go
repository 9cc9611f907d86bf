package main

import (
	"fmt"
	"slices"
	"strings"

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

// messageText is a message as a phone shows it, with a line for each file and for what else is in it.
func messageText(m whatsapp.Message) string {
	var lines []string
	if m.Body != "" {
		lines = append(lines, printable(m.Body))
	}
	for _, f := range m.Media {
		lines = append(lines, fmt.Sprintf("[%s %s, %d bytes]", printable(f.Filename), f.ContentType, f.Size))
	}
	return strings.Join(append(lines, detailLines(m.Details)...), "\n")
}

// detailLines are what a message has beside a text and files.
func detailLines(d whatsapp.Details) (lines []string) {
	add := func(format string, args ...any) {
		lines = append(lines, "["+printable(fmt.Sprintf(format, args...))+"]")
	}
	if l := d.Location; l != nil {
		place := strings.Join(slices.DeleteFunc([]string{l.Label, l.Address}, func(s string) bool { return s == "" }), ", ")
		add("%s", strings.TrimSuffix(fmt.Sprintf("location %v,%v %s", l.Latitude, l.Longitude, place), " "))
	}
	if b := d.Button; b != nil {
		add("button with the payload %s", b.Payload)
	}
	if c := d.ListChoice; c != nil {
		add("row %s of a list", c.ID)
	}
	if d.ReplyTo != "" {
		add("answers %s", d.ReplyTo)
	}
	switch {
	case d.FrequentlyForwarded:
		add("forwarded many times")
	case d.Forwarded:
		add("forwarded")
	}
	if r := d.Referral; r != nil {
		add("%s", strings.TrimRight("from an advertisement: "+r.Headline, ": "))
	}
	return lines
}
