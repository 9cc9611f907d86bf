package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// What matters least gives way first in the top line: the note, then the address, then the title; never how the emulator
// is, and what went wrong.
func TestTopLine(t *testing.T) {
	t.Parallel()
	const note = "cloudforgot, an emulator of its own  http://127.0.0.1:4155  ● live"
	tests := []struct {
		width  int
		alerts int
		want   string
	}{
		{120, 0, note},
		{120, 12, "cloudforgot  http://127.0.0.1:4155  ● live  12 alerts: /alerts"},
		{140, 12, note + "  12 alerts: /alerts"},
		{80, 0, "cloudforgot  http://127.0.0.1:4155  ● live"},
		{80, 1, "cloudforgot  http://127.0.0.1:4155  ● live  1 alert: /alerts"},
		{60, 0, "cloudforgot  http://127.0.0.1:4155  ● live"},
		{60, 1, "cloudforgot  ● live  1 alert: /alerts"},
		{40, 0, "cloudforgot  ● live"},
		{40, 1, "● live  1 alert"},
	}
	for _, test := range tests {
		m := connected(t, test.width, 24)
		m.config.Note = "an emulator of its own"
		for range test.alerts {
			m.Update(newsMsg{event(conversations.Alerted, time.Second, "ErrorCode", "11200")})
		}
		if line := m.topLine(); !strings.HasPrefix(line, " "+test.want+" ") || !strings.Contains(line[len(test.want)+1:], " 14:03:00") {
			t.Errorf("%d cells, %d alerts: %q, want %q and the time", test.width, test.alerts, line, test.want)
		}
	}
}
