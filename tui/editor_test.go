package tui

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
)

func TestEditor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		keys []string
		want string // with | at the cursor
	}{
		{"insert", []string{"ab", "<left>", "x"}, "ax|b"},
		{"one character of several code points", []string{"a👩‍💻b", "<left>", "<left>", "x"}, "ax|👩‍💻b"},
		{"is deleted as one", []string{"a👩‍💻", "<backspace>"}, "a|"},
		{"delete", []string{"日本", "<home>", "<delete>"}, "|本"},
		{"words", []string{"one two  three", "<ctrl+left>", "<ctrl+left>", "<ctrl+right>"}, "one two|  three"},
		{"delete a word", []string{"one two ", "<ctrl+w>"}, "one |"},
		{"to the start", []string{"one two", "<ctrl+left>", "<ctrl+u>"}, "|two"},
		{"to the end", []string{"one two", "<ctrl+left>", "<ctrl+k>"}, "one |"},
		{"lines", []string{"ab", "<ctrl+j>", "cd", "<home>", "x", "<up>", "y"}, "ay|b\nxcd"},
		{"down keeps to the end of a short line", []string{"long", "<ctrl+j>", "s", "<up>", "<end>", "<down>"}, "long\ns|"},
		{"a paste keeps its lines", []string{"a\r\nb\tc\x1bd"}, "a\nb cd|"},
		{"nothing before the start", []string{"<left>", "<backspace>", "<ctrl+w>", "<delete>"}, "|"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := connected(t, 80, 24)
			press(m, test.keys...)
			if got := m.input.text[:m.input.at] + "|" + m.input.text[m.input.at:]; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Rows cover the text, none is too wide, and the cursor is always seen, whatever is pressed.
func TestEditorRows(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"word", " ", "\n", "日本", "👩‍💻", "é", "averylongwordthatdoesnotfit"}
	keys := edits()
	for range 150 {
		var e editor
		width := 4 + random.IntN(30)
		for range 30 {
			switch random.IntN(4) {
			case 0:
				keys[random.IntN(len(keys))].do(&e)
			case 1:
				e.vertical(width, 1-2*random.IntN(2))
			default:
				e.insert(pieces[random.IntN(len(pieces))])
			}
			checkEditor(t, &e, width)
		}
	}
}

func checkEditor(t *testing.T, e *editor, width int) {
	t.Helper()
	if e.at < 0 || e.at > len(e.text) || !utf8.ValidString(e.text[:e.at]) {
		t.Fatalf("the cursor of %q is at %d", e.text, e.at)
	}
	var joined strings.Builder
	rows := e.rows(width)
	for i, r := range rows {
		if i > 0 && rows[i-1].end < r.start {
			joined.WriteString("\n")
		}
		joined.WriteString(e.text[r.start:r.end])
		if len(characters(e.text[r.start:r.end])) > 1 && cells(e.text[r.start:r.end]) >= width {
			t.Fatalf("row %q is too wide for %d", e.text[r.start:r.end], width)
		}
	}
	if joined.String() != e.text {
		t.Fatalf("the rows of %q make %q", e.text, joined.String())
	}
	mark := lipgloss.NewStyle().Transform(func(s string) string { return "[" + s + "]" })
	if view := strings.Join(e.view(width, 2, mark), "\n"); strings.Count(view, "[") != 1 {
		t.Fatalf("the cursor at %d of %q is not seen in %q", e.at, e.text, view)
	}
}
