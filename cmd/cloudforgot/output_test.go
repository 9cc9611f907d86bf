package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
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
		"ignored": {
			traffic.Exchange{Time: at, Direction: "in", Method: "POST", Status: 400, URL: "http://e/v1/Users", Ignored: "a body of type text/plain"},
			"17:00:00.005  in   POST    400         0s  /v1/Users  (ignored: a body of type text/plain)",
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

// TestNothingControlsTheTerminal: what a stranger wrote is harmless in whatever a command prints, with its password left out.
func TestNothingControlsTheTerminal(t *testing.T) {
	t.Parallel()
	const hostile = "a\x1b[31m\u202eb\u009b2J\r\x07"
	message := whatsapp.Message{Body: hostile, From: hostile, Media: []whatsapp.File{{Filename: hostile, ContentType: hostile}}, Status: hostile,
		MessageType: hostile, Details: whatsapp.Details{Location: &whatsapp.Location{Label: hostile, Address: hostile}, Button: &whatsapp.Button{Payload: hostile},
			ReplyTo: hostile}}
	phone := whatsapp.Phone{Number: hostile, ProfileName: hostile, Membership: &whatsapp.Membership{AccountSID: hostile}}
	const secret = "http://ada:lovelace@127.0.0.1:1/" + hostile
	for name, show := range map[string]func(process) error{
		"alerts": func(p process) error { return p.printAlerts([]control.Alert{{Text: hostile}}) },
		"executions": func(p process) error {
			return p.printExecutions(studio.Execution{SID: hostile, FlowSID: hostile, Status: hostile})
		},
		"flows":   func(p process) error { return p.printFlows([]studio.Flow{{SID: hostile, FriendlyName: hostile}}) },
		"message": func(p process) error { return p.printMessage(message) },
		"thread":  func(p process) error { return p.printThread([]whatsapp.Message{message}) },
		"outcome": func(p process) error {
			return p.printOutcome(outcome{Message: whatsapp.Message{SID: hostile, Phone: hostile}, Answers: []whatsapp.Message{message}}, true)
		},
		"dropped": func(p process) error {
			return p.printOutcome(outcome{Message: whatsapp.Message{MessageType: hostile}}, true)
		},
		"phone":  func(p process) error { return p.printPhone(phone) },
		"phones": func(p process) error { return p.printPhones([]whatsapp.Phone{phone}) },
		"joined": func(p process) error { return p.printLine("%s", phoneText(phone)) },
		"sandbox": func(p process) error {
			return p.printSandbox(whatsapp.Settings{InboundURL: secret, StatusCallbackURL: secret, JoinCode: hostile})
		},
		"senders":  func(p process) error { return p.printSenders([]conversations.Sender{{Address: hostile}}) },
		"switches": func(p process) error { return p.printSwitches(whatsapp.Switches{Delivery: hostile}) },
		"traffic": func(p process) error {
			return p.printTraffic([]traffic.Exchange{{Direction: traffic.Out, Method: hostile, URL: secret, Error: hostile, Fault: hostile, Unhandled: hostile},
				{Direction: traffic.In, URL: secret}})
		},
		"JSON":           func(p process) error { return p.printJSON(message) },
		"JSON on a line": func(p process) error { return p.encodeJSON(message, "") },
		"note":           func(p process) error { p.note("%s", hostile); return nil },
		"error": func(p process) error {
			if code := run([]string{"phone", "show", hostile}, p); code != exitUsage {
				return fmt.Errorf("exit code %d", code)
			}
			return nil
		},
	} {
		var out bytes.Buffer
		if err := show(process{stdout: &out, stderr: &out, lookupEnv: func(string) (string, bool) { return "", false }}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, r := range out.String() {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
				t.Errorf("%s: %q is let through: %q", name, r, out.String())
				break
			}
		}
		if strings.Contains(out.String(), "lovelace") {
			t.Errorf("%s: the password of a URL is printed: %s", name, out.String())
		}
	}
}

// What is escaped in JSON is the same value.
func TestJSONIsLossless(t *testing.T) {
	t.Parallel()
	const text = "añ\u202e\u009b\x7f\u2066 👩\u200d💻 \U000e0001 \U0010ffff <&>"
	var out bytes.Buffer
	var got string
	if err := (process{stdout: &out}).printJSON(text); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got != text {
		t.Errorf("%s is %q, want %q, %v", out.String(), got, text, err)
	}
	if !strings.Contains(out.String(), "añ") || !strings.Contains(out.String(), "👩") || !strings.Contains(out.String(), "<&>") {
		t.Errorf("%s: what can be printed is not", out.String())
	}
}
