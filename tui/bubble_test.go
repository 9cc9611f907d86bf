package tui

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// A message that says nothing is drawn as any other: it has its time.
func TestEmptyMessage(t *testing.T) {
	t.Parallel()
	for _, frames := range []bool{true, false} {
		p := page{width: 40, frames: frames, styles: newStyles(lipgloss.NewRenderer(io.Discard)), where: time.UTC,
			find: func(string) (whatsapp.Message, bool) { return whatsapp.Message{}, false }}
		if lines := p.message(wrote(1, "")); !strings.Contains(strings.Join(lines, "\n"), "14:03 ✓✓") {
			t.Errorf("with frames %t: %q", frames, lines)
		}
	}
}

// What an answer shows of the message that it answers.
func TestSummary(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]whatsapp.Message{
		"Hola":       {Body: "Hola", Media: []whatsapp.File{{Filename: "a.png"}}},
		"a.png":      {Media: []whatsapp.File{{Filename: "a.png"}}},
		"a file":     {Media: []whatsapp.File{{}}},
		"Plaza":      {Details: whatsapp.Details{Location: &whatsapp.Location{Label: "Plaza"}}},
		"a location": {Details: whatsapp.Details{Location: &whatsapp.Location{}}},
		"a message":  {},
	} {
		if got := summary(m); got != want {
			t.Errorf("%+v is quoted as %q, want %q", m, got, want)
		}
	}
}

// A message that is answered is quoted without WhatsApp's marks, which the terminal has drawn in the message itself.
func TestQuoteHasNoMarks(t *testing.T) {
	t.Parallel()
	find := func(string) (whatsapp.Message, bool) { return whatsapp.Message{Body: "*Well?* ```yes```"}, true }
	for want, s := range map[string]styles{"↩ Well? yes": drawn(), "↩ *Well?* ```yes```": newStyles(lipgloss.NewRenderer(io.Discard))} {
		p := page{width: 40, styles: s, where: time.UTC, find: find}
		answer := whatsapp.Message{Body: "Yes", Details: whatsapp.Details{ReplyTo: "SM1"}}
		if got := ansi.Strip(p.body(answer, 40)[0]); got != want {
			t.Errorf("the quote is %q, want %q", got, want)
		}
	}
}
