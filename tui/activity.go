package tui

import (
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// maxEntries bounds the entries that are kept; the oldest ones go.
const maxEntries = 1000

// reorderWithin bounds how far back a late entry is put to its time: a request comes when it has ended, and stands where it
// began. A greater difference means that the clock was set back.
const reorderWithin = 30 * time.Second

// activity lists the entries of what happens behind the chat, the newest last.
type activity struct {
	entries []entry
	drawn   [][]string // the lines of each entry, at width; nil where they are not drawn yet
	width   int
	changed bool
}

// add puts an entry where its time is, among the newest.
func (a *activity) add(e entry) {
	at := len(a.entries)
	for ; at > 0; at-- {
		before := a.entries[at-1]
		ahead := before.time.Truncate(time.Millisecond).Sub(e.time.Truncate(time.Millisecond))
		if ahead < 0 || ahead > reorderWithin || (ahead == 0 && before.rank <= e.rank) || before.kind == kindNote {
			break
		}
	}
	a.entries = slices.Insert(a.entries, at, e)
	a.drawn = slices.Insert(a.drawn, at, nil)
	if over := len(a.entries) - maxEntries; over > 0 {
		a.entries, a.drawn = slices.Delete(a.entries, 0, over), slices.Delete(a.drawn, 0, over)
	}
	a.changed = true
}

func (a *activity) clear() { *a = activity{width: a.width, changed: true} }

// lines draws the activity, each line exactly width cells wide or less.
func (a *activity) lines(width int, s styles, where *time.Location) []string {
	if a.width != width {
		a.width = width
		clear(a.drawn)
	}
	a.changed = false
	var lines []string
	for i := range a.entries {
		if a.drawn[i] == nil {
			a.drawn[i] = a.entries[i].draw(width, s, where)
		}
		lines = append(lines, a.drawn[i]...)
	}
	return lines
}

// Columns of an entry, in cells, with the blank behind each. Narrow panes go without the time.
const (
	timeColumn  = len("15:04:05 ")
	labelColumn = len("webhook ")
	withTime    = 52  // from this width on
	maxEntry    = 110 // so that the result is not too far from what it belongs to
)

// draw lays out an entry: time, label, text, and the result at the right end.
func (e entry) draw(width int, s styles, where *time.Location) []string {
	width = min(width, maxEntry) - 1
	head := " " + s.labels[e.kind].Render(string(e.kind)) + strings.Repeat(" ", labelColumn-len(e.kind))
	indent := 1 + labelColumn
	if width >= withTime {
		head = " " + s.dim.Render(e.time.In(where).Format(time.TimeOnly)) + head
		indent += timeColumn
	}
	room := max(8, width-indent)
	textRoom := room
	if e.result != "" {
		textRoom = max(8, room-ansi.StringWidth(e.result)-1)
	}
	look := e.resultStyle(s)
	text := wrap(e.text, textRoom, "/?&")
	lines := []string{head + s.text(e).Render(text[0])}
	if e.result != "" {
		lines[0] = spread(lines[0], look.Render(e.result), width)
	}
	for _, more := range text[1:] {
		lines = append(lines, strings.Repeat(" ", indent)+s.text(e).Render(strings.TrimLeft(more, " ")))
	}
	if e.detail != "" {
		for _, more := range wrap(e.detail, room, "/?&") {
			lines = append(lines, strings.Repeat(" ", indent)+look.Render(more))
		}
	}
	return lines
}

// resultStyle is the style of an entry's result.
func (e entry) resultStyle(s styles) lipgloss.Style {
	switch e.level {
	case levelGood:
		return s.good
	case levelWarn:
		return s.warn
	case levelBad:
		return s.bad
	}
	return s.dim
}

func (s styles) text(e entry) lipgloss.Style {
	if e.kind == kindAlert {
		return s.bad
	}
	return s.base
}
