package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/charmbracelet/lipgloss"
	"github.com/mattn/go-isatty"
	"github.com/muesli/termenv"

	"github.com/cloudforgot/cloudforgot/tui"
)

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// colours reports whether w gets colour: it is a terminal, and neither NO_COLOR nor TERM=dumb is set.
func (p process) colours(w io.Writer) bool {
	noColor, _ := p.lookupEnv("NO_COLOR")
	term, _ := p.lookupEnv("TERM")
	return isTerminal(w) && noColor == "" && term != "dumb"
}

// styles are those of the command's output; all are plain where there is no colour.
type styles struct{ heading, good, warning, bad, faint lipgloss.Style }

func (p process) styles() styles {
	r := lipgloss.NewRenderer(p.stdout)
	r.SetColorProfile(termenv.Ascii)
	if p.colours(p.stdout) {
		r.SetColorProfile(termenv.ANSI)
	}
	s := r.NewStyle()
	return styles{heading: s.Bold(true), good: s.Foreground(lipgloss.Color("2")), warning: s.Foreground(lipgloss.Color("3")),
		bad: s.Foreground(lipgloss.Color("1")), faint: s.Faint(true)}
}

// status colours the text of an HTTP status; 0 means that there was no answer.
func (s styles) status(code int, text string) string {
	switch {
	case code >= 500 || code == 0:
		return s.bad.Render(text)
	case code >= 400:
		return s.warning.Render(text)
	}
	return s.good.Render(text)
}

// printJSON writes a value as indented JSON.
func (p process) printJSON(value any) error { return p.encodeJSON(value, "  ") }

// encodeJSON writes a value as JSON, on one line where indent is empty. What could control a terminal is escaped, which changes no value.
func (p process) encodeJSON(value any, indent string) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(value); err != nil {
		return err
	}
	return p.printText(escapeUnprintable(b.String()))
}

// escapeUnprintable escapes, in JSON, what is beyond ASCII and cannot be printed. Control characters below stand outside of strings only.
func escapeUnprintable(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x7f, unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// print writes a value as JSON with -o json, and calls table otherwise.
func (p process) print(output *choice, value any, table func() error) error {
	if output.value == "json" {
		return p.printJSON(value)
	}
	return table()
}

const columnGap = "  "

// table puts rows into columns under headings, which may be nil. A last cell of several lines goes on in its column. Cells
// are cleaned, so a text of somebody else's can stand in them.
func (s styles) table(headings []string, rows ...[]string) string {
	for i, row := range rows {
		cleaned := make([]string, len(row))
		for j, cell := range row {
			cleaned[j] = tui.Clean(cell)
			if j < len(row)-1 {
				cleaned[j] = strings.ReplaceAll(cleaned[j], "\n", " ")
			}
		}
		rows[i] = cleaned
	}
	if headings != nil {
		titles := make([]string, len(headings))
		for i, h := range headings {
			titles[i] = s.heading.Render(h)
		}
		rows = append([][]string{titles}, rows...)
	}
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], lipgloss.Width(cell))
		}
	}
	var text strings.Builder
	for _, row := range rows {
		indent, last := 0, len(row)-1
		for i, cell := range row[:last] {
			text.WriteString(cell + strings.Repeat(" ", widths[i]-lipgloss.Width(cell)) + columnGap)
			indent += widths[i] + len(columnGap)
		}
		text.WriteString(strings.ReplaceAll(row[last], "\n", "\n"+strings.Repeat(" ", indent)) + "\n")
	}
	return text.String()
}

// printTable writes rows in columns under headings.
func (p process) printTable(headings []string, rows ...[]string) error {
	return p.printText(p.styles().table(headings, rows...))
}

// printText writes a text as it is.
func (p process) printText(text string) error {
	_, err := io.WriteString(p.stdout, text)
	return err
}

// printLine writes one line of data, cleaned.
func (p process) printLine(format string, args ...any) error {
	return p.printText(tui.Clean(fmt.Sprintf(format, args...)) + "\n")
}

// note writes a line for the user that is no data, cleaned.
func (p process) note(format string, args ...any) {
	fmt.Fprintln(p.stderr, tui.Clean(fmt.Sprintf(format, args...)))
}

// instant shows a time of the emulator's clock.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
