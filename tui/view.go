package tui

import (
	"cmp"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// Sizes of the screen, in cells and lines.
const (
	minWidth, minHeight = 40, 10 // below, there is only a request for room
	bothSides           = 76     // from this width on, chat and activity stand side by side
	framesFrom          = 12     // from this many lines on, messages have frames
	maxChat             = 76
	headLines           = 2
	maxNotice           = 3
	lowScreen           = 14 // below, the status line is one line
)

// layout is the sizes of the parts of the screen.
type layout struct {
	left, right int // widths of the sides; right is 0 where there is room for one only
	body        int // lines of the sides
}

func (m *Model) layout() layout {
	l := layout{left: m.width}
	if m.width >= bothSides {
		l.left = min(max(m.width*2/5, 34), maxChat)
		l.right = m.width - l.left - 1
	}
	// The top line, the heads, two rules, the status line, the input and the help line.
	l.body = max(1, m.height-1-headLines-2-len(m.status())-m.input.height()-1)
	return l
}

// arrange resizes the panes to the screen, and draws again what has changed.
func (m *Model) arrange() {
	if m.width < minWidth || m.height < minHeight {
		return
	}
	m.input.resize(m.width, m.height)
	l := m.layout()
	live := l.right
	if live == 0 {
		live = m.width
	}
	frames := l.body >= framesFrom
	redraw := m.thread.changed || m.chat.view.Width != l.left || m.frames != frames || m.thread.empty()
	m.frames = frames
	m.chat.resize(l.left, l.body)
	if redraw {
		m.chat.set(m.chatLines(l))
	}
	redraw = m.activity.changed || m.live.view.Width != live
	m.live.resize(live, l.body)
	if redraw {
		m.live.set(m.activity.lines(live, m.styles, m.config.Location))
	}
	m.page.resize(m.width, headLines+1+l.body)
	switch m.open {
	case openHelp:
		m.page.set(m.helpLines())
	case openAlerts:
		m.page.set(m.alertLines())
	}
}

// chatLines are the messages, or advice where there is none.
func (m *Model) chatLines(l layout) []string {
	lines := m.thread.lines(page{l.left, m.frames, m.styles, m.config.Location, m.thread.find})
	if len(lines) > 0 {
		return lines
	}
	for i, text := range m.advice() {
		if i > 0 && l.body >= lowScreen {
			lines = append(lines, "")
		}
		for _, line := range wrap(text, max(10, l.left-4), "") {
			lines = append(lines, "  "+line)
		}
	}
	return lines
}

// advice is shown in an empty chat: what to do next.
func (m *Model) advice() []string {
	code := cmp.Or(m.config.JoinCode, "CODE")
	switch {
	case m.linkState() == linkDown:
		return []string{"There is no emulator to talk to yet. The chat goes on as soon as there is one."}
	case !m.thread.loaded:
		return nil
	case m.phone.Membership == nil:
		return []string{"This phone is in no sandbox yet.", "Type /join " + code + " to join the sandbox, then write a message."}
	}
	return []string{"You are in the sandbox. Write a message, and watch what happens behind it."}
}

// View draws the screen.
func (m *Model) View() string {
	if m.width == 0 || m.height == 0 {
		return ""
	}
	if m.width < minWidth || m.height < minHeight {
		return lipgloss.NewStyle().MaxWidth(m.width).MaxHeight(m.height).Render("Please make the\nwindow larger.")
	}
	l := m.layout()
	rows := []string{m.styles.bar.Render(m.topLine())}
	switch {
	case m.open != openNone:
		rows = append(rows, m.page.rows()...)
		rows = append(rows, m.rule(l, "─"))
	case l.right > 0:
		rows = append(rows, joinSides(m.styles, l, m.chatHead(l.left), m.liveHead(l.right))...)
		rows = append(rows, m.rule(l, "┼"))
		rows = append(rows, joinSides(m.styles, l, m.chat.rows(), m.live.rows())...)
		rows = append(rows, m.rule(l, "┴"))
	default:
		head, body := m.chatHead(l.left), m.chat.rows()
		if m.side == sideLive {
			head, body = m.liveHead(l.left), m.live.rows()
		}
		rows = append(append(append(rows, head...), m.rule(l, "─")), body...)
		rows = append(rows, m.rule(l, "─"))
	}
	rows = append(rows, m.status()...)
	rows = append(rows, m.input.view(m.styles)...)
	rows = append(rows, m.helpLine())
	for i, row := range rows {
		rows[i] = fitLine(row, m.width)
	}
	return strings.Join(rows, "\n")
}

// rule is a line across, with a crossing between the sides.
func (m *Model) rule(l layout, crossing string) string {
	if l.right == 0 || crossing == "─" {
		return m.styles.rule.Render(strings.Repeat("─", m.width))
	}
	return m.styles.rule.Render(strings.Repeat("─", l.left) + crossing + strings.Repeat("─", l.right))
}

// joinSides puts the lines of the two sides beside each other.
func joinSides(s styles, l layout, left, right []string) []string {
	rows := make([]string, 0, len(left))
	for i := range left {
		rows = append(rows, fit(left[i], l.left)+s.rule.Render("│")+fit(right[i], l.right))
	}
	return rows
}

// status draws the status line: what the command that is being typed does, an error, or the action that is under way.
func (m *Model) status() []string {
	style, text := m.styles.dim, ""
	about := m.notice.typed
	switch {
	case m.leaving:
		text = "Esc once more quits."
	case len(suggest(m.input.text)) > 0 && (about == "" || about != m.input.text):
		return m.suggestion()
	case m.notice.text != "" && (about == "" || about == m.input.text):
		text, style = m.notice.text, entry{level: m.notice.level}.resultStyle(m.styles)
	case m.open != openNone && m.page.below() > 0:
		text = m.keys.PageDown.Help().Key + " shows the rest of the page, esc closes it."
	case m.open != openNone:
		text = "esc closes the page."
	case len(m.actions) > 0:
		text = m.actions[0].doing + "…"
	}
	lines := m.statusLines(text, "/")
	for i, line := range lines {
		lines[i] = " " + style.Render(line)
	}
	return lines
}

// statusLines breaks a text into the few lines that the status line may take.
func (m *Model) statusLines(text, breakpoints string) []string {
	lines, most := wrap(text, m.width-2, breakpoints), maxNotice
	if m.height < lowScreen {
		most = 1
	}
	if len(lines) > most {
		lines = append(lines[:most-1], oneLine(strings.Join(lines[most-1:], " "), m.width-2))
	}
	return lines
}

// suggestion shows the usage of the command that is being typed, or the commands that it may become.
func (m *Model) suggestion() []string {
	found := suggest(m.input.text)
	if len(found) == 1 {
		return []string{fit(" "+m.styles.key.Render(found[0].usage())+"  "+m.styles.dim.Render(m.explain(found[0])), m.width)}
	}
	names := make([]string, len(found))
	for i, c := range found {
		names[i] = "/" + c.name
	}
	lines := m.statusLines(strings.Join(names, "  "), "")
	for i, line := range lines {
		lines[i] = fit(" "+m.styles.dim.Render(strings.TrimSpace(line)), m.width)
	}
	return lines
}

// explain says what the command does that is being typed.
func (m *Model) explain(c command) string {
	if c.hint != nil {
		_, rest, _ := splitCommand(m.input.text)
		if hint := c.hint(m, rest); hint != "" {
			return hint
		}
	}
	return c.does
}

// helpLine shows the keys.
func (m *Model) helpLine() string {
	m.help.Width = m.width - 1
	return " " + m.help.ShortHelpView(m.keys.ShortHelp())
}

// path is the name of a file with "~/" replaced.
func (m *Model) path(file string) string {
	if rest, home := strings.CutPrefix(file, "~/"); home && m.config.HomeDir != "" {
		return filepath.Join(m.config.HomeDir, rest)
	}
	return file
}
