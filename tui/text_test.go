package tui

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

func TestClean(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"plain":                 "plain",
		"two\r\nlines\nmore":    "two\nlines\nmore",
		"a\tb":                  "a b",
		"\x1b[2J\x1b]0;title\a": "␛[2J␛]0;title␇",
		"back\x08\x7f":          "back␈␡",
		"\u009b31m":             "\uFFFD31m",
		"bad \xff byte":         "bad \uFFFD byte",
		"abc\u202ecba\u2066x":   "abccbax",
		"👩‍💻":                   "👩💻",
		"👍🏽⚠️":                  "👍⚠",
		"क्‍ष":                  "क्‍ष", // a joiner between letters stays
	}
	for in, want := range tests {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

// Whatever a stranger writes, no rune of it controls the terminal or turns the direction of writing.
func FuzzClean(f *testing.F) {
	f.Add("Hola\r\n\tamigo")
	f.Add("\x1b[31mred\x07\u009b2J \u202eturned \u2066x\u2069")
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range strings.ReplaceAll(Clean(text), "\n", "") {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q is let through in %q", r, text)
			}
		}
	})
}

func TestShortSIDs(t *testing.T) {
	t.Parallel()
	in := "/v1/Conversations/CH3f2a0000000000000000000000000001/Messages/IM77770000000000000000000000000002?x=AC12"
	if got, want := shortSIDs(in), "/v1/Conversations/CH3f2a…/Messages/IM7777…?x=AC12"; got != want {
		t.Errorf("shortSIDs = %q, want %q", got, want)
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "abc", "日本語テスト", "👩‍💻👩‍💻", "\x1b[1mbold and long\x1b[0m", strings.Repeat("क्षि", 8)} {
		for width := range 12 {
			if got := ansi.StringWidth(fit(s, width)); got != width {
				t.Errorf("fit(%q, %d) is %d wide", s, width, got)
			}
			if got := ansi.StringWidth(spread(s, "right", width)); got != width {
				t.Errorf("spread(%q, right, %d) is %d wide", s, width, got)
			}
			if got := columns(fitLine(s, width)); got > width {
				t.Errorf("fitLine(%q, %d) takes up to %d columns", s, width, got)
			}
		}
	}
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		span(0): "0s", span(90 * time.Second): "1m 30s", span(72 * time.Hour): "72h", span(72*time.Hour + 30*time.Minute): "72h 30m",
		span(26*24*time.Hour + 2*time.Hour): "26d 2h", span(-time.Second): "0s", span(2 * time.Minute): "2m",
		countdown(71*time.Hour + 59*time.Minute): "71h 59m 00s", countdown(10 * 24 * time.Hour): "10d",
		took(123 * time.Microsecond): "0.1ms", took(12 * time.Millisecond): "12ms", took(15 * time.Second): "15.0s",
		size(5): "5 B", size(48213): "48 KB", size(2_500_000): "2.5 MB",
	}
	for got, want := range tests {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	tests := map[string]string{"there is no file x": "There is no file x.", "is it?": "Is it?", "": "", "éa": "Éa.", "\x1b[31m": "␛[31m."}
	for in, want := range tests {
		if got := sentence(errors.New(in)); got != want {
			t.Errorf("sentence(%q) = %q, want %q", in, got, want)
		}
	}
}
