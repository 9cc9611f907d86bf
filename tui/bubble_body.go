package tui

import (
	"strconv"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// body is what a message says, wrapped: what it answers, where it comes from, its files or place, and its text. It has one
// line at least.
func (p page) body(m whatsapp.Message, room int) (lines []string) {
	for _, about := range p.origin(m) {
		lines = append(lines, p.styles.dim.Render(oneLine(about, room)))
	}
	for _, f := range m.Media {
		name := firstOf(f.Filename, "file")
		lines = append(lines, wrap("📎 "+oneLine(name, 200)+" ("+oneLine(f.ContentType, 60)+", "+size(f.Size)+")", room, "")...)
	}
	if l := m.Location; l != nil {
		for _, text := range nonEmpty(oneLine(l.Label, 200), oneLine(l.Address, 200), degrees(l.Latitude)+", "+degrees(l.Longitude)) {
			if lines == nil {
				text = "📍 " + text
			}
			lines = append(lines, wrap(text, room, "")...)
		}
	}
	if m.Body != "" || len(lines) == 0 {
		lines = append(lines, wrap(p.styles.format(strings.TrimRight(clean(m.Body), "\n ")), room, "")...)
	}
	return lines
}

// origin says what a message answers, what was tapped, and where it comes from.
func (p page) origin(m whatsapp.Message) (list []string) {
	if m.ReplyTo != "" {
		answered := "an earlier message"
		if original, found := p.find(m.ReplyTo); found {
			answered = quoted(original)
		}
		list = append(list, "↩ "+answered)
	}
	switch {
	case m.FrequentlyForwarded:
		list = append(list, "forwarded many times")
	case m.Forwarded:
		list = append(list, "forwarded")
	}
	switch {
	case m.Button != nil:
		list = append(list, "tapped a button")
	case m.ListChoice != nil:
		list = append(list, "picked from a list")
	case m.Referral != nil:
		list = append(list, "from an advertisement"+joined(": ", m.Referral.Headline))
	}
	return list
}

// quoted is a message in one line, as another one that answers it shows it.
func quoted(m whatsapp.Message) string {
	switch {
	case m.Body != "":
		return m.Body
	case len(m.Media) > 0:
		return firstOf(m.Media[0].Filename, "a file")
	case m.Location != nil:
		return firstOf(m.Location.Label, "a location")
	}
	return "a message"
}

func degrees(d float64) string { return strconv.FormatFloat(d, 'f', -1, 64) }
