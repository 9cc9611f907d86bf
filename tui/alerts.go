package tui

import (
	"strconv"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// maxAlerts bounds the entries of the debugger that are kept; the oldest ones go.
const maxAlerts = 200

// alerts are the entries of Twilio's debugger, newest last.
type alerts struct {
	list   []alert
	unseen int // those that came since the page was open
}

// alert is an entry of the debugger. Its texts are clean.
type alert struct {
	time time.Time // the emulator's
	// code is Twilio's, text says what happened; url and resource are where and to what, and may be empty.
	code, text, url, resource string
}

func (a *alerts) add(e conversations.Event) {
	p := e.Params
	a.list = append(a.list, alert{e.Time, oneLine(p.Get("ErrorCode"), 10), oneLine(p.Get("Text"), 500), shownURL(p.Get("Url")), oneLine(p.Get("ResourceSid"), 40)})
	if over := len(a.list) - maxAlerts; over > 0 {
		a.list = a.list[over:]
	}
	a.unseen = min(a.unseen+1, len(a.list))
}

// sign is the part of the top line about alerts that nobody has looked at; empty for none.
func (a *alerts) sign() string {
	if a.unseen == 0 {
		return ""
	}
	return a.count() + ": /alerts"
}

// count returns the number of alerts that nobody has looked at, as a text; empty for none.
func (a *alerts) count() string {
	switch a.unseen {
	case 0:
		return ""
	case 1:
		return "1 alert"
	}
	return strconv.Itoa(a.unseen) + " alerts"
}

// alertLines are the page of the alerts, newest first.
func (m *Model) alertLines() []string {
	lines := []string{" " + m.styles.title.Render("Alerts: Twilio's debugger, newest first"), ""}
	if len(m.alerts.list) == 0 {
		for _, line := range wrap("Nothing went wrong. Webhooks that fail are listed here, and messages that do not arrive.", m.width-6, "") {
			lines = append(lines, "   "+line)
		}
		return lines
	}
	const column = "   15:04:05  63016  "
	for i := len(m.alerts.list) - 1; i >= 0; i-- {
		a := m.alerts.list[i]
		head := "   " + m.styles.dim.Render(a.time.In(m.config.Location).Format(time.TimeOnly)) + "  " + m.styles.bad.Render(fit(a.code, 5)) + "  "
		for _, text := range nonEmpty(a.text, a.resource, a.url, "https://www.twilio.com/docs/errors/"+a.code) {
			for _, line := range wrap(text, m.width-len(column)-1, "/?&") {
				lines = append(lines, head+line)
				head = strings.Repeat(" ", len(column))
			}
		}
		lines = append(lines, "")
	}
	return lines
}

func nonEmpty(texts ...string) (list []string) {
	for _, s := range texts {
		if s != "" {
			list = append(list, s)
		}
	}
	return list
}
