package tui

import (
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// page has the settings with which messages are drawn.
type page struct {
	width int // cells
	// frames draws a frame around each message; without, there is a bar at its side, which takes less room.
	frames bool
	styles styles
	where  *time.Location
	// find finds the message that another one answers.
	find func(sid string) (whatsapp.Message, bool)
}

// drawing is a message that was drawn, and the settings and state it was drawn with.
type drawing struct {
	width        int
	frames       bool
	status       twilio.Status
	conversation string
	lines        []string
}

// lines draws the messages with the days between them.
func (t *thread) lines(p page) []string {
	t.changed = false
	drawn := make(map[string]drawing, len(t.drawn))
	var lines []string
	var day string
	for i, m := range t.shown() {
		if d := m.DateCreated.In(p.where).Format("Mon 2 Jan 2006"); d != day {
			if i > 0 {
				lines = append(lines, p.day(d))
			}
			day = d
		}
		have, found := t.drawn[m.SID]
		if !found || have.width != p.width || have.frames != p.frames || have.status != m.Status || have.conversation != m.ConversationSID {
			have = drawing{p.width, p.frames, m.Status, m.ConversationSID, p.message(m)}
		}
		drawn[m.SID] = have
		lines = append(lines, have.lines...)
	}
	t.drawn = drawn
	return lines
}

func (p page) day(name string) string {
	return p.styles.dim.Render(strings.Repeat(" ", max(0, (p.width-len(name)-6)/2)) + "── " + name + " ──")
}

// message draws one message: mine at the right, theirs at the left.
func (p page) message(m whatsapp.Message) []string {
	mine := m.Direction == whatsapp.DirectionInbound
	style := p.styles.theirs
	if mine {
		style = p.styles.mine
	}
	if m.Status.IsFailure() {
		style = p.styles.bad
	}
	room := max(10, min(p.width-p.width/8, 76)-4)
	body, meta := p.body(m, room), ansi.Truncate(p.meta(m), room, "…")
	var block []string
	if p.frames {
		block = frame(body, meta, style)
	} else {
		block = bar(body, meta, style, mine)
	}
	margin := 1
	if mine {
		margin = max(0, p.width-widest(block)-1)
	}
	for i, line := range block {
		block[i] = strings.Repeat(" ", margin) + line
	}
	return block
}

// meta is the line under a message: its conversation, the time, and its status.
func (p page) meta(m whatsapp.Message) string {
	parts := make([]string, 0, 3)
	if m.ConversationSID != "" {
		parts = append(parts, shortSIDs(m.ConversationSID))
	}
	parts = append(parts, m.DateCreated.In(p.where).Format("15:04"))
	return strings.Join(append(parts, ticks(m)), " ")
}

// ticks are WhatsApp's: one for a message that was sent, two when it has arrived. "read" is a word here, not a colour.
func ticks(m whatsapp.Message) string {
	switch m.Status {
	case twilio.StatusRead:
		return "✓✓ read"
	case twilio.StatusFailed, twilio.StatusUndelivered:
		if m.ErrorCode != 0 {
			return "✗ " + strconv.Itoa(m.ErrorCode)
		}
		return "✗ " + string(m.Status)
	case twilio.StatusSent:
		return "✓"
	case twilio.StatusDelivered, twilio.StatusReceived:
		return "✓✓"
	}
	return string(m.Status)
}

// frame draws a frame around a message, with its meta in the lower line.
func frame(body []string, meta string, style lipgloss.Style) []string {
	b := lipgloss.RoundedBorder()
	width := max(widest(body), ansi.StringWidth(meta)+1)
	lines := make([]string, 0, len(body)+2)
	lines = append(lines, style.Render(b.TopLeft+strings.Repeat(b.Top, width+2)+b.TopRight))
	for _, line := range body {
		lines = append(lines, style.Render(b.Left)+" "+fit(line, width)+" "+style.Render(b.Right))
	}
	rest := width - ansi.StringWidth(meta)
	return append(lines, style.Render(b.BottomLeft+strings.Repeat(b.Bottom, rest)+" "+meta+" "+b.BottomRight))
}

// bar draws a bar at the outer side of a message, with its meta in the last line, or under it.
func bar(body []string, meta string, style lipgloss.Style, mine bool) []string {
	width := max(widest(body), ansi.StringWidth(meta))
	last := body[len(body)-1]
	if both := ansi.StringWidth(last) + 2 + ansi.StringWidth(meta); len(body) == 1 || both <= width {
		width = max(width, both)
		body = append(body[:len(body)-1:len(body)-1], last+strings.Repeat(" ", width-ansi.StringWidth(last)-ansi.StringWidth(meta))+style.Render(meta))
	} else {
		body = append(body, strings.Repeat(" ", width-ansi.StringWidth(meta))+style.Render(meta))
	}
	lines := make([]string, len(body))
	for i, line := range body {
		if mine {
			lines[i] = fit(line, width) + " " + style.Render("▐")
		} else {
			lines[i] = style.Render("▌") + " " + fit(line, width)
		}
	}
	return lines
}
