package tui

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// MessageLines returns what a message says, safe to print: its text, and in brackets a line for each file and for each
// other thing in it.
func MessageLines(m whatsapp.Message) (lines []string) {
	if m.Body != "" {
		lines = append(lines, strings.Split(Clean(m.Body), "\n")...)
	}
	var others []string
	for _, f := range m.Media {
		others = append(others, fileText(f))
	}
	if m.Location != nil {
		others = append(others, "location "+strings.Join(locationLines(*m.Location), ", "))
	}
	if m.ReplyTo != "" {
		others = append(others, "answers "+m.ReplyTo)
	}
	others = append(others, remarks(m.Details)...)
	for _, b := range m.Buttons {
		others = append(others, buttonText(b))
	}
	for _, other := range others {
		lines = append(lines, "["+oneLine(other, 500)+"]")
	}
	return lines
}

// remarks returns the special features of a message: forwarded, a tap, an advertisement.
func remarks(d whatsapp.Details) (list []string) {
	switch {
	case d.FrequentlyForwarded:
		list = append(list, "forwarded many times")
	case d.Forwarded:
		list = append(list, "forwarded")
	}
	switch {
	case d.Button != nil && d.Button.Payload == d.Button.Text: // as WhatsApp has it without a payload
		list = append(list, "tapped a button")
	case d.Button != nil:
		list = append(list, "tapped a button"+parenthesis(d.Button.Payload))
	case d.ListChoice != nil:
		list = append(list, "picked from a list"+parenthesis(d.ListChoice.ID))
	case d.Referral != nil:
		list = append(list, "from an advertisement"+joined(": ", d.Referral.Headline))
	}
	return list
}

// buttonText returns a button of a template as one line: its text, what it opens or answers with, and of an option what it says.
func buttonText(b content.Button) string {
	kind := "button "
	if b.Option {
		kind = "option "
	}
	return kind + oneLine(b.Text, 100) + joined(": ", oneLine(b.Description, 100)) + parenthesis(oneLine(cmp.Or(b.Link, b.Payload), 200))
}

func parenthesis(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func fileText(f whatsapp.File) string {
	return oneLine(cmp.Or(f.Filename, "file"), 200) + " (" + strings.Join(nonEmpty(oneLine(f.ContentType, 60), size(f.Size)), ", ") + ")"
}

// locationLines are the name and the address of a place, if it has them, and its degrees.
func locationLines(l whatsapp.Location) []string {
	return nonEmpty(oneLine(l.Label, 200), oneLine(l.Address, 200), degrees(l.Latitude)+", "+degrees(l.Longitude))
}

func degrees(d float64) string { return strconv.FormatFloat(d, 'f', -1, 64) }

// summary is a message in one line, as another one that answers it shows it.
func summary(m whatsapp.Message) string {
	switch {
	case m.Body != "":
		return m.Body
	case len(m.Media) > 0:
		return cmp.Or(m.Media[0].Filename, "a file")
	case m.Location != nil:
		return cmp.Or(m.Location.Label, "a location")
	}
	return "a message"
}

// body is the content of a message, wrapped: the message that it answers, remarks, its files or place, and its text. It has
// one line at least.
func (p page) body(m whatsapp.Message, room int) (lines []string) {
	origin := remarks(m.Details)
	if m.ReplyTo != "" {
		answered := "an earlier message"
		if original, found := p.find(m.ReplyTo); found {
			answered = ansi.Strip(p.styles.format(Clean(summary(original)))) // without marks, where the message itself has none
		}
		origin = append([]string{"↩ " + answered}, origin...)
	}
	for _, text := range origin {
		lines = append(lines, p.styles.dim.Render(oneLine(text, room)))
	}
	for _, f := range m.Media {
		lines = append(lines, wrap("📎 "+fileText(f), room, "")...)
	}
	if m.Location != nil {
		place := locationLines(*m.Location)
		place[0] = "📍 " + place[0]
		for _, text := range place {
			lines = append(lines, wrap(text, room, "")...)
		}
	}
	if m.Body != "" || len(lines) == 0 {
		lines = append(lines, wrap(p.styles.format(strings.TrimRight(Clean(m.Body), "\n ")), room, "")...)
	}
	for _, b := range m.Buttons {
		lines = append(lines, wrap("▸ "+buttonText(b), room, "")...)
	}
	return lines
}
