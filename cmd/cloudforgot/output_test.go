package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

func plainStyles() styles {
	return process{stdout: new(bytes.Buffer), lookupEnv: os.LookupEnv}.styles()
}

func TestTable(t *testing.T) {
	t.Parallel()
	got := plainStyles().table([]string{"WHO", "WHAT"}, []string{"Ana 🙂", "two\nlines"}, []string{"Bo", ""}, []string{"Carmen", "one"})
	want := "WHO     WHAT\n" +
		"Ana 🙂  two\n" +
		"        lines\n" +
		"Bo      \n" +
		"Carmen  one\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTrafficLine(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 17, 0, 0, 5e6, time.UTC)
	for name, test := range map[string]struct {
		exchange traffic.Exchange
		want     string
	}{
		"API call": {
			traffic.Exchange{Time: at, Direction: "in", Method: "POST", Status: 201, Duration: 2 * time.Millisecond, URL: "https://conversations.twilio.com/v1/Conversations?x=1"},
			"17:00:00.005  in   POST    201        2ms  /v1/Conversations?x=1",
		},
		"webhook": {
			traffic.Exchange{Time: at, Direction: "out", Method: "GET", Status: 500, Duration: 1500 * time.Millisecond, URL: "http://127.0.0.1:1/x", Fault: "fault-1"},
			"17:00:00.005  out  GET     500       1.5s  http://127.0.0.1:1/x  (fault-1)",
		},
		"no answer": {
			traffic.Exchange{Time: at, Direction: "out", Method: "POST", URL: "http://127.0.0.1:1/x", Error: "refused"},
			"17:00:00.005  out  POST    none        0s  http://127.0.0.1:1/x  (no answer: refused)",
		},
		"not emulated": {
			traffic.Exchange{Time: at, Direction: "in", Method: "DELETE", Status: 404, URL: "http://e/v1/Nothing", Unhandled: "DELETE /v1/Nothing"},
			"17:00:00.005  in   DELETE  404         0s  /v1/Nothing  (not emulated: DELETE /v1/Nothing)",
		},
	} {
		if got := trafficLine(plainStyles(), test.exchange); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, test.want)
		}
	}
}

func TestClockText(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)
	for want, state := range map[string]control.ClockState{
		"2026-11-23 17:00:00 UTC":                                {Now: now, Offset: "0s"},
		"2026-11-23 17:00:00 UTC, 72h0m0s ahead of real time":    {Now: now, Offset: "72h0m0s"},
		"2026-11-23 17:00:00 UTC, 1h0m0s behind real time":       {Now: now, Offset: "-1h0m0s"},
		"2026-11-23 17:00:00 UTC, 5s ahead of real time, frozen": {Now: now, Offset: "5s", Frozen: true},
	} {
		if got := clockText(state); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// FuzzPrintable: nothing that a stranger writes can command the terminal.
func FuzzPrintable(f *testing.F) {
	f.Add("Hola\r\n\tamigo")
	f.Add("\x1b[31mred\x07\u009b2J")
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range strings.ReplaceAll(printable(text), "\n", "") {
			if unicode.IsControl(r) {
				t.Errorf("%q is let through in %q", r, text)
			}
		}
	})
}
