package tui

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// topLine is the title, where the emulator is, whether it answers, and its clock.
func (m *Model) topLine() string {
	link, short := "● live", "● live"
	switch m.linkState() {
	case linkConnecting:
		link, short = "○ connecting", "○ connecting"
	case linkDown:
		link, short = "○ no answer, trying again", "○ no answer"
	}
	clock := ""
	title, sign := m.config.Title, joined("  ", m.alerts.sign())
	if m.clock.known {
		clock = m.clockText(m.width - cells(title+m.url+link+sign) - 10)
	}
	room := m.width - cells(clock) - 3
	left := firstFit(room, title+joined(", ", m.config.Note)+"  "+m.url+"  "+link+sign, title+"  "+m.url+"  "+link+sign,
		title+"  "+m.url+"  "+short+sign, title+"  "+short+sign, short+sign, short+joined("  ", m.alerts.count()))
	return spread(" "+left, clock+" ", m.width)
}

// clockText is the emulator's time, and its difference from real time.
func (m *Model) clockText(width int) string {
	now, setting := m.clock.now(m.real).In(m.config.Location), m.clock.setting()
	return firstFit(width, now.Format("Mon 2 Jan 2006 15:04:05 MST")+", "+cmp.Or(setting, "real time"),
		now.Format("Mon 2 Jan 15:04:05")+joined(", ", setting), now.Format("2 Jan 15:04:05")+joined(", ", setting))
}

// chatHead is the phone and the sandbox that it is in.
func (m *Model) chatHead(width int) []string {
	who := m.phone.Number
	if m.phone.Username != "" {
		who = m.phone.Shown() + " (" + who + ")"
	}
	if name := oneLine(m.phone.ProfileName, 40); name != "" {
		who += " · " + name
	}
	return []string{
		m.headTitle(sideChat, who, width),
		headState(&m.chat, width, m.styles, m.phoneState),
	}
}

// phoneState returns a line about the phone: its sandbox, and anything unusual.
func (m *Model) phoneState(width int) string {
	var unusual []string
	if m.phone.Offline {
		unusual = append(unusual, "offline")
	}
	if m.phone.Blocked {
		unusual = append(unusual, "blocking")
	}
	if m.thread.loaded && !m.phone.ReadReceipts {
		unusual = append(unusual, "no receipts")
	}
	if len(unusual) == 0 {
		return m.membership(width)
	}
	said := oneLine(strings.Join(unusual, ", "), width)
	rest := width - cells(said) - 2
	if rest < shortState {
		return m.styles.warn.Render(said)
	}
	return m.styles.warn.Render(said) + "  " + m.membership(rest)
}

// shortState is the least room, in cells, for a membership beside something else.
const shortState = 16

// membership is the sandbox that the phone is in, and until when.
func (m *Model) membership(width int) string {
	in := m.phone.Membership
	if !m.thread.loaded {
		return ""
	}
	if in == nil {
		hint := cmp.Or(m.config.JoinCode, "CODE")
		return m.styles.warn.Render(firstFit(width, "○ not connected to a sandbox: /join "+hint, "○ not connected: /join "+hint, "○ not connected"))
	}
	left := in.ExpiresAt.Sub(m.clock.now(m.real))
	style := m.styles.good
	if left < time.Hour {
		style = m.styles.warn
	}
	account, end := shortSIDs(in.AccountSID), in.ExpiresAt.In(m.config.Location)
	code := cmp.Or(oneLine(m.sandbox.JoinCode, 40), account)
	return style.Render(firstFit(width,
		"● in sandbox "+code+" ("+account+") until "+end.Format("Mon 2 Jan 15:04")+", "+countdown(left)+" left",
		"● in "+code+" until "+end.Format("Mon 15:04")+", "+countdown(left)+" left",
		"● in "+code+" until "+end.Format("Mon 15:04")+", "+countdown(left),
		"● in "+code+", "+countdown(left)+" left",
		"● "+code+", "+countdown(left)+" left",
		"● "+code+", "+span(left.Truncate(time.Minute))))
}

// liveHead is the head of the activity.
func (m *Model) liveHead(width int) []string {
	return []string{
		m.headTitle(sideLive, "Behind the chat", width),
		headState(&m.live, width, m.styles, func(width int) string {
			return m.styles.dim.Render(firstFit(width, "API calls, webhooks, events, Studio, alerts", "API calls, webhooks, events"))
		}),
	}
}

// headTitle marks the side that the keys scroll, and names the key that leads to the other.
func (m *Model) headTitle(of side, title string, width int) string {
	if m.width < bothSides {
		other := "behind the chat"
		if of == sideLive {
			other = "the chat"
		}
		return spread(" "+m.styles.title.Render(title), m.styles.dim.Render(m.keys.OtherPane.Help().Key+": "+other+" "), width)
	}
	if m.side == of {
		return " " + m.styles.chosen.Render("▸ "+title+" ")
	}
	return "   " + m.styles.title.Render(title)
}

// headState is the second line of a head, with a blank before and behind it; it says when there is more below.
func headState(p *pane, width int, s styles, state func(width int) string) string {
	more := ""
	if below := p.below(); below > 0 {
		more = s.warn.Render("↓ " + strconv.Itoa(below) + " more ")
	}
	return spread(" "+state(width-2-ansi.StringWidth(more)), more, width)
}

// joined is text with something between it and what stands before; nothing for an empty text.
func joined(between, text string) string {
	if text == "" {
		return ""
	}
	return between + text
}
