package tui

import (
	"strconv"
	"time"
)

// topLine is the title, where the emulator is, whether it answers, and its clock.
func (m *Model) topLine() string {
	link, short := "● live", "● live"
	switch m.linked() {
	case linkConnecting:
		link, short = "○ connecting", "○ connecting"
	case linkDown:
		link, short = "○ no answer, trying again", "○ no answer"
	}
	clock := ""
	if m.clock.known {
		now := m.clock.now(m.real).In(m.config.Location)
		setting := m.clock.setting()
		long := map[string]string{"": "real time", frozen: frozen}[setting]
		if long == "" {
			long = setting + " from real time"
		}
		clock = firstFit(m.width-len(m.config.Title)-16, now.Format("Mon 2 Jan 2006 15:04:05 MST")+", "+long,
			now.Format("Mon 2 Jan 15:04:05")+joined(", ", setting), now.Format("2 Jan 15:04:05")+joined(" ", setting))
		if room := m.width - cells(m.config.Title) - cells(m.url) - cells(link) - 10; cells(clock) > room {
			clock = now.Format("Mon 2 Jan 15:04:05") + joined(", ", setting)
		}
	}
	room := m.width - cells(clock) - 3
	left := firstFit(room, m.config.Title+"  "+m.url+"  "+link, m.config.Title+"  "+m.url+"  "+short, m.config.Title+"  "+short, short)
	return spread(" "+left, clock+" ", m.width)
}

// chatHead says who the phone is and which sandbox it is in.
func (m *Model) chatHead(width int) []string {
	who := m.phone.Number
	if name := oneLine(firstOf(m.name, m.phone.ProfileName), 40); name != "" {
		who += " · " + name
	}
	return []string{
		m.headTitle(sideChat, who, width),
		m.headState(" "+m.membership(width-2), &m.chat, width),
	}
}

// membership says which sandbox the phone is in, and for how long.
func (m *Model) membership(width int) string {
	in := m.phone.Membership
	if !m.thread.loaded {
		return ""
	}
	if in == nil {
		hint := firstOf(m.config.JoinCode, "CODE")
		return m.styles.warn.Render(firstFit(width, "○ not connected to a sandbox: /join "+hint, "○ not connected: /join "+hint, "○ not connected"))
	}
	left := in.ExpiresAt.Sub(m.clock.now(m.real))
	style := m.styles.good
	if left < time.Hour {
		style = m.styles.warn
	}
	account, end := shortSIDs(in.AccountSID), in.ExpiresAt.In(m.config.Location)
	code := firstOf(m.sandbox.JoinCode, account)
	return style.Render(firstFit(width,
		"● in sandbox "+code+" ("+account+") until "+end.Format("Mon 2 Jan 15:04")+", "+countdown(left)+" left",
		"● in "+code+" until "+end.Format("Mon 15:04")+", "+countdown(left)+" left",
		"● in "+code+", "+countdown(left)+" left",
		"● "+code+", "+span(left.Truncate(time.Minute))))
}

// liveHead names the activity.
func (m *Model) liveHead(width int) []string {
	return []string{
		m.headTitle(sideLive, "Behind the chat", width),
		m.headState(" "+m.styles.dim.Render("API calls, webhooks, events, Studio, alerts"), &m.live, width),
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

// headState is the second line of a head; it says when there is more below.
func (m *Model) headState(state string, p *pane, width int) string {
	if below := p.below(); below > 0 {
		return spread(state, m.styles.warn.Render("↓ "+strconv.Itoa(below)+" more "), width)
	}
	return fit(state, width)
}

func joined(between, text string) string {
	if text == "" {
		return ""
	}
	return between + text
}
