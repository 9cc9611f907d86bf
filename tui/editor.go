package tui

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// editor is a text that is being written, of one or more lines, with a cursor in it. It moves and deletes by grapheme
// clusters. (The text fields of bubbles need a clipboard library for one key, and their height does not
// follow their text.)
type editor struct {
	text string
	at   int // the cursor: a byte offset, between two characters
}

// edit is a key of the editor and what it does.
type edit struct {
	key key.Binding
	do  func(*editor)
}

func edits() []edit {
	on := func(do func(*editor), keys ...string) edit { return edit{key.NewBinding(key.WithKeys(keys...)), do} }
	return []edit{
		on(func(e *editor) { e.at = e.before() }, "left", "ctrl+b"),
		on(func(e *editor) { e.at = e.after() }, "right", "ctrl+f"),
		on(func(e *editor) { e.at = e.wordBefore() }, "alt+left", "ctrl+left", "alt+b"),
		on(func(e *editor) { e.at = e.wordAfter() }, "alt+right", "ctrl+right", "alt+f"),
		on(func(e *editor) { e.at = e.lineStart() }, "home", "ctrl+a"),
		on(func(e *editor) { e.at = e.lineEnd() }, "end", "ctrl+e"),
		on(func(e *editor) { e.delete(e.before(), e.at) }, "backspace", "ctrl+h"),
		on(func(e *editor) { e.delete(e.at, e.after()) }, "delete", "ctrl+d"),
		on(func(e *editor) { e.delete(e.wordBefore(), e.at) }, "ctrl+w", "alt+backspace"),
		on(func(e *editor) { e.delete(e.at, e.wordAfter()) }, "alt+d", "alt+delete"),
		on(func(e *editor) { e.delete(e.lineStart(), e.at) }, "ctrl+u"),
		on(func(e *editor) { e.delete(e.at, e.lineEnd()) }, "ctrl+k"),
	}
}

// press lets a key change the text, or does nothing.
func (e *editor) press(msg tea.KeyMsg) {
	switch {
	case msg.Type == tea.KeyRunes && !msg.Alt:
		e.insert(string(msg.Runes))
		return
	case msg.Type == tea.KeySpace && !msg.Alt:
		e.insert(" ")
		return
	}
	for _, known := range edits() {
		if key.Matches(msg, known.key) {
			known.do(e)
			return
		}
	}
}

// insert writes at the cursor. Line breaks are kept, other control characters are not.
func (e *editor) insert(s string) {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ").Replace(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	e.text = e.text[:e.at] + s + e.text[e.at:]
	e.at += len(s)
}

func (e *editor) set(s string) { e.text, e.at = s, len(s) }

func (e *editor) delete(from, to int) {
	e.text, e.at = e.text[:from]+e.text[to:], from
}

// before is the offset of the character before the cursor.
func (e *editor) before() (start int) {
	for _, c := range characters(e.text[:e.at]) {
		start = e.at - len(c)
	}
	return max(0, start)
}

// after is the offset behind the character at the cursor.
func (e *editor) after() int {
	for _, c := range characters(e.text[e.at:]) {
		return e.at + len(c)
	}
	return e.at
}

func (e *editor) wordBefore() int {
	head := strings.TrimRightFunc(e.text[:e.at], unicode.IsSpace)
	return strings.LastIndexFunc(head, unicode.IsSpace) + 1 // a blank is one byte, or followed by none of a character
}

func (e *editor) wordAfter() int {
	rest := e.text[e.at:]
	word := strings.TrimLeftFunc(rest, unicode.IsSpace)
	end := strings.IndexFunc(word, unicode.IsSpace)
	if end < 0 {
		return len(e.text)
	}
	return e.at + len(rest) - len(word) + end
}

func (e *editor) lineStart() int { return strings.LastIndexByte(e.text[:e.at], '\n') + 1 }

func (e *editor) lineEnd() int {
	if n := strings.IndexByte(e.text[e.at:], '\n'); n >= 0 {
		return e.at + n
	}
	return len(e.text)
}

// row is one line on the screen: the text from start to end.
type row struct{ start, end int }

// rows breaks the text for a screen, between words where that is possible. A row leaves one cell for the cursor.
func (e *editor) rows(width int) []row {
	limit := max(2, width-1)
	rows := []row{{}}
	at, used, blank := 0, 0, 0 // used: cells of the row; blank: where the part behind its last blank begins
	begin := func(end, start int) {
		rows[len(rows)-1].end = end
		rows = append(rows, row{start: start})
		used, blank = cells(e.text[start:max(start, at)]), start
	}
	for _, c := range characters(e.text) {
		if c == "\n" {
			begin(at, at+1)
			at++
			continue
		}
		wide := cells(c)
		for first := rows[len(rows)-1].start; used+wide > limit && at > first; first = rows[len(rows)-1].start {
			if blank > first && c != " " {
				begin(blank, blank)
			} else {
				begin(at, at)
			}
		}
		used += wide
		at += len(c)
		if c == " " {
			blank = at
		}
	}
	rows[len(rows)-1].end = len(e.text)
	return rows
}

// cursorRow is the row that the cursor is in.
func (e *editor) cursorRow(rows []row) int {
	for i := len(rows) - 1; i > 0; i-- {
		if e.at >= rows[i].start {
			return i
		}
	}
	return 0
}

// vertical moves the cursor by one row on a screen, and reports false where there is none.
func (e *editor) vertical(width, by int) bool {
	rows := e.rows(width)
	from := e.cursorRow(rows)
	to := from + by
	if to < 0 || to >= len(rows) {
		return false
	}
	column := cells(e.text[rows[from].start:e.at])
	e.at = rows[to].start
	last := rows[to].end
	if to+1 < len(rows) && rows[to+1].start == last {
		last-- // the end of a broken row is the start of the next
	}
	for _, c := range characters(e.text[rows[to].start:rows[to].end]) {
		if column -= cells(c); column < 0 || e.at+len(c) > last {
			break
		}
		e.at += len(c)
	}
	return true
}

// view draws at most height rows around the cursor.
func (e *editor) view(width, height int, cursor lipgloss.Style) []string {
	rows := e.rows(width)
	at := e.cursorRow(rows)
	first := max(0, min(at-height+1, len(rows)-height))
	var lines []string
	for i := first; i < min(len(rows), first+height); i++ {
		line := e.text[rows[i].start:rows[i].end]
		if i == at {
			before, rest := e.text[rows[i].start:e.at], e.text[e.at:rows[i].end]
			under := " "
			for _, c := range characters(rest) {
				under, rest = c, rest[len(c):]
				break
			}
			lines = append(lines, Clean(before)+cursor.Render(Clean(under))+Clean(rest))
			continue
		}
		lines = append(lines, Clean(line))
	}
	return lines
}

// characters splits a text into its grapheme clusters.
func characters(s string) (list []string) {
	for s != "" {
		c, _ := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		if c == "" {
			return append(list, s)
		}
		list = append(list, c)
		s = s[len(c):]
	}
	return list
}

// cells is the width of a text on the screen.
func cells(s string) int { return ansi.StringWidth(Clean(s)) }
