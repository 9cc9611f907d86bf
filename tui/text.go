package tui

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/cellbuf"
	"github.com/mattn/go-runewidth"

	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// Clean makes a text of somebody else's safe to print: no escape sequences, and no characters that move the cursor or turn
// the direction of writing. Line breaks stay, tabs become blanks. Emoji that are put together of several are taken apart,
// and lose their variations (the colour of a skin, the emoji form of a sign), as terminals do not agree on their width.
func Clean(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD")
	runes := []rune(s)
	var b strings.Builder
	for i, r := range runes {
		joiner := r == 0x200d && i+1 < len(runes) && unicode.Is(unicode.So, runes[i+1])
		if shown := drawable(r); shown >= 0 && !joiner {
			b.WriteRune(shown)
		}
	}
	return b.String()
}

// drawable returns the rune that is drawn for r; negative for none.
func drawable(r rune) rune {
	switch {
	case r == '\n':
		return r
	case r == '\t':
		return ' '
	case r < 0x20:
		return 0x2400 + r // ␛ and the like
	case r == 0x7f:
		return 0x2421 // ␡
	case r >= 0x80 && r < 0xa0:
		return unicode.ReplacementChar
	case unicode.Is(unicode.Variation_Selector, r), r >= 0x1f3fb && r <= 0x1f3ff, r >= 0xe0000 && r <= 0xe007f, r == 0x20e3:
		return -1
	case unicode.Is(unicode.Bidi_Control, r), r == 0x2028, r == 0x2029:
		return -1
	}
	return r
}

// oneLine is clean text with its line breaks shown as ↵, of at most width cells.
func oneLine(s string, width int) string {
	return ansi.Truncate(strings.ReplaceAll(Clean(strings.TrimSpace(s)), "\n", " ↵ "), width, "…")
}

// shownURL is a URL in one line, without the password that may be in it.
func shownURL(s string) string { return oneLine(webhook.Redacted(s), 200) }

// sids are Twilio's identifiers.
var sids = regexp.MustCompile(`\b([A-Z]{2}[0-9a-f]{4})[0-9a-f]{28}\b`)

// shortSIDs shortens the identifiers in a text: CH3f2a… has the prefix and enough digits to be recognised.
func shortSIDs(s string) string { return sids.ReplaceAllString(s, "$1…") }

// fit makes s exactly width cells wide, with an ellipsis or with blanks.
func fit(s string, width int) string {
	if width <= 0 {
		return ""
	}
	s = ansi.Truncate(s, width, "…")
	return s + strings.Repeat(" ", max(0, width-ansi.StringWidth(s)))
}

// fitLine makes a whole line of the screen width cells wide, as fit does. Some terminals draw each code point by itself; what would be too wide
// there is cut, since it would break the screen.
func fitLine(s string, width int) string {
	s = fit(s, width)
	for n := width; columns(s) > width && n >= 0; n-- {
		s = ansi.Truncate(s, n, "")
	}
	return s
}

// columns is the width of a line in a terminal that draws each code point by itself.
func columns(s string) (width int) {
	var c runewidth.Condition // not by the language of the environment
	for _, r := range ansi.Strip(s) {
		width += c.RuneWidth(r)
	}
	return width
}

// spread puts left and right at the ends of a line of width cells; left gives way.
func spread(left, right string, width int) string {
	if right == "" {
		return fit(left, width)
	}
	right = ansi.Truncate(right, width, "…")
	room := width - ansi.StringWidth(right)
	if room < 2 {
		return fit(right, width)
	}
	return fit(left, room-1) + " " + right
}

// wrap breaks text into lines of at most width cells, within words that are longer. Styles go on in the next line.
func wrap(s string, width int, breakpoints string) []string {
	return strings.Split(cellbuf.Wrap(s, max(1, width), breakpoints), "\n")
}

// widest is the width of the widest line, in cells.
func widest(lines []string) (width int) {
	for _, line := range lines {
		width = max(width, ansi.StringWidth(line))
	}
	return width
}

// firstFit returns the first of the texts that has at most width cells, or the last, to be cut.
func firstFit(width int, texts ...string) string {
	for _, text := range texts {
		if ansi.StringWidth(text) <= width {
			return text
		}
	}
	return texts[len(texts)-1]
}

// size writes a number of bytes.
func size(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1000_000:
		return fmt.Sprintf("%.0f KB", float64(bytes)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1000_000)
}

// took writes a duration in six cells at most: "0.4ms".
func took(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1fms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1fs", d.Seconds())
}

// span writes a length of time: "72h", "71h 59m 41s", "30d 2h".
func span(d time.Duration) string {
	return strings.TrimSuffix(strings.TrimSuffix(countdown(d), " 00s"), " 00m")
}

// countdown is span with all its digits, for what runs.
func countdown(d time.Duration) string {
	d = max(0, d).Truncate(time.Second)
	hours, minutes, seconds := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case hours >= 100:
		return strings.TrimSuffix(fmt.Sprintf("%dd %dh", hours/24, hours%24), " 0h")
	case hours > 0:
		return fmt.Sprintf("%dh %02dm %02ds", hours, minutes, seconds)
	case minutes > 0:
		return fmt.Sprintf("%dm %02ds", minutes, seconds)
	}
	return fmt.Sprintf("%ds", seconds)
}

// sentence is an error as a sentence of its own.
func sentence(err error) string {
	text := strings.TrimSpace(Clean(err.Error()))
	first, size := utf8.DecodeRuneInString(text)
	if first == utf8.RuneError {
		return text
	}
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.ContainsAny(text[len(text)-1:], ".!?") {
		text += "."
	}
	return text
}
