package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

func drawn() styles {
	r := lipgloss.NewRenderer(nil)
	r.SetColorProfile(termenv.ANSI)
	return newStyles(r)
}

func TestFormat(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"plain", "plain"},
		{"*bold* text", "\x1b[1mbold\x1b[0m text"},
		{"_italic_", "\x1b[3mitalic\x1b[0m"},
		{"*a _b_*", "\x1b[1ma \x1b[0m\x1b[1;3mb\x1b[0m"},
		{"2*3*4", "2*3*4"},
		{"snake_case_name", "snake_case_name"},
		{"* not bold*", "* not bold*"},
		{"*not bold *", "*not bold *"},
		{"*not\nbold*", "*not\nbold*"},
		{"**", "**"},
		{"*", "*"},
		{"(*bold*)!", "(\x1b[1mbold\x1b[0m)!"},
		{"*a\u00e9*x", "*aéx"},
		{"``` ```", "``` ```"},
	}
	for _, test := range tests {
		if test.in == "*a\u00e9*x" {
			test.want = test.in // the mark clings to a word
		}
		if got := drawn().format(test.in); got != test.want {
			t.Errorf("format(%q) = %q, want %q", test.in, got, test.want)
		}
	}
	if got := ansi.Strip(drawn().format("```a *b*\nc``` and `d`")); got != "a *b*\nc and d" {
		t.Errorf("fixed width is drawn as %q", got)
	}
	plain := newStyles(lipgloss.NewRenderer(nil))
	if got := plain.format("*bold*"); got != "*bold*" {
		t.Errorf("without attributes the marks are lost: %q", got)
	}
}

// Nothing but marks is lost, and every line stays one.
func FuzzFormat(f *testing.F) {
	for _, s := range []string{"*a* _b_ ~c~ ```d``` `e`", "*_~`", "*é*", "```\n```", "*a\nb*", "_*_*_"} {
		f.Add(s)
	}
	s := drawn()
	unmarked := strings.NewReplacer("*", "", "_", "", "~", "", "`", "")
	f.Fuzz(func(t *testing.T, in string) {
		in = Clean(in)
		out := ansi.Strip(s.format(in))
		if unmarked.Replace(out) != unmarked.Replace(in) {
			t.Errorf("format(%q) draws %q", in, out)
		}
	})
}
