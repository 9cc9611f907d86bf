package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// Alerts are counted in the top line until somebody has looked at them; the page has the newest first.
func TestAlerts(t *testing.T) {
	t.Parallel()
	m := connected(t, 80, 24)
	alert := func(n int) newsMsg {
		return newsMsg{event(conversations.Alerted, time.Duration(n)*time.Second, "ErrorCode", "11200", "Text", fmt.Sprintf("failure %d", n), "ResourceSid", "SM1", "Url", "http://ada:lovelace@127.0.0.1/")}
	}
	m.Update(alert(1))
	if !strings.Contains(m.topLine(), "1 alert: /alerts") {
		t.Errorf("one alert is not told: %q", m.topLine())
	}
	m.Update(alert(2))
	if !strings.Contains(m.topLine(), "2 alerts: /alerts") {
		t.Errorf("two alerts are not told: %q", m.topLine())
	}
	press(m, "/alerts", "<enter>")
	m.Update(alert(3))
	view := m.View()
	if strings.Contains(view, "lovelace") {
		t.Errorf("the password of a URL is shown:\n%s", view)
	}
	if strings.Contains(m.topLine(), "alert") {
		t.Errorf("alerts that are looked at are told: %q", m.topLine())
	}
	if third, first := strings.Index(view, "failure 3"), strings.Index(view, "failure 1"); third < 0 || first < third || !strings.Contains(view, "docs/errors/11200") {
		t.Errorf("the page is\n%s", view)
	}
	press(m, "<esc>")
	m.Update(newsMsg{linkMsg{stream: streamEvents, anew: true}})
	if len(m.alerts.list) != 0 {
		t.Error("alerts of another life of the emulator stay")
	}
	for n := range maxAlerts + 10 {
		m.Update(alert(n))
	}
	if len(m.alerts.list) != maxAlerts || m.alerts.unseen != maxAlerts {
		t.Errorf("%d alerts are kept, %d unseen", len(m.alerts.list), m.alerts.unseen)
	}
}
