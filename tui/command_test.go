package tui

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// reading is a line of input and what it is read as.
type reading struct {
	line string
	want command
	err  string // a part of it
}

func checkReadings(t *testing.T, tests []reading) {
	t.Helper()
	for _, test := range tests {
		got, err := parse(test.line)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("parse(%q): error %v, want one with %q", test.line, err, test.err)
			}
			continue
		}
		if err != nil || got != test.want {
			t.Errorf("parse(%q) = %+v, %v, want %+v", test.line, got, err, test.want)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	checkReadings(t, []reading{
		{line: "Hola", want: command{text: "Hola"}},
		{line: " two\nlines ", want: command{text: " two\nlines "}},
		{line: "//slash", want: command{text: "/slash"}},
		{line: "1/2", want: command{text: "1/2"}},
		{line: "/join", want: command{name: "join"}},
		{line: "/JOIN  cloud-forgot ", want: command{name: "join", argument: "cloud-forgot"}},
		{line: "/join two words", err: "a code alone"},
		{line: "/stop", want: command{name: "stop"}},
		{line: "/stop now", err: "/stop stands alone"},
		{line: "/advance 72h", want: command{name: "advance", duration: 72 * time.Hour}},
		{line: "/advance 1d12h", want: command{name: "advance", duration: 36 * time.Hour}},
		{line: "/advance", err: "/advance needs a duration"},
		{line: "/advance -1h", err: "negative"},
		{line: "/advance soon", err: "not a duration"},
		{line: "/phone +1 (555) 867-5310", want: command{name: "phone", argument: "+15558675310"}},
		{line: "/phone", err: "/phone needs a number"},
		{line: "/phone 12", err: "not a phone number"},
		{line: "/name Ada  Lovelace", want: command{name: "name", argument: "Ada Lovelace"}},
		{line: "/name", err: "/name needs a name"},
		{line: "/receipts off", want: command{name: "receipts"}},
		{line: "/receipts on", want: command{name: "receipts", on: true}},
		{line: "/receipts", err: "/receipts takes on or off"},
		{line: "/offline", want: command{name: "offline"}},
		{line: "/unblock me", err: "/unblock stands alone"},
		{line: "/alerts", want: command{name: "alerts"}},
		{line: "/clear", want: command{name: "clear"}},
		{line: "/help", want: command{name: "help"}},
		{line: "/quit", want: command{name: "quit"}},
		{line: "/", err: "there is no command /"},
		{line: "/nothing here", err: "there is no command /nothing: /help lists them"},
	})
}

func TestParseMessages(t *testing.T) {
	t.Parallel()
	place := func(latitude, longitude float64, label string) command {
		return command{name: "location", location: whatsapp.Location{Latitude: latitude, Longitude: longitude, Label: label}}
	}
	grace := command{name: "contact", contact: whatsapp.Contact{Name: "Grace Hopper", Phone: "+15558675312"}}
	checkReadings(t, []reading{
		{line: "/attach a.png", want: command{name: "attach", argument: "a.png"}},
		{line: "/attach a.png look at this", want: command{name: "attach", argument: "a.png", text: "look at this"}},
		{line: `/attach "a b.png" look`, want: command{name: "attach", argument: "a b.png", text: "look"}},
		{line: `/attach 'a "b".png'`, want: command{name: "attach", argument: `a "b".png`}},
		{line: `/attach a\ b.png look`, want: command{name: "attach", argument: "a b.png", text: "look"}},
		{line: `/attach C:\dir\a.png`, want: command{name: "attach", argument: `C:\dir\a.png`}},
		{line: "/attach", err: "/attach needs a file"},
		{line: `/attach ""`, err: "/attach needs a file"},
		{line: `/attach "a`, err: "is not closed"},
		{line: "/location -33.4372,-70.6506", want: place(-33.4372, -70.6506, "")},
		{line: "/location -33.4372 , -70.6506 Plaza  de Armas", want: place(-33.4372, -70.6506, "Plaza de Armas")},
		{line: "/location", err: "/location needs degrees"},
		{line: "/location here, there", err: "/location needs degrees"},
		{line: `/location 1,"2`, err: "is not closed"},
		{line: "/contact Grace  Hopper +1 555 867 5312", want: grace},
		{line: "/contact Grace Hopper, whatsapp:+15558675312", want: grace},
		{line: "/contact +15558675312", err: "/contact needs a name and a number"},
		{line: "/contact whatsapp:+15558675312", err: "/contact needs a name and a number"},
		{line: "/contact Grace", err: "/contact needs a name and a number"},
		{line: "/contact Grace +1", err: "not a phone number"},
		{line: "/reply Yes, 2 of them", want: command{name: "reply", text: "Yes, 2 of them", back: 1}},
		{line: "/reply ^2  Yes", want: command{name: "reply", text: "Yes", back: 2}},
		{line: "/reply ^0 Yes", err: "count from the last message"},
		{line: "/reply ^x Yes", err: "count from the last message"},
		{line: "/reply", err: "/reply needs a text"},
		{line: "/reply ^2", err: "/reply needs a text"},
		{line: "/button Confirm it", want: command{name: "button", text: "Confirm it"}},
		{line: "/button", err: "/button needs a text"},
		{line: "/forward News", want: command{name: "forward", text: "News"}},
	})
}

// Whatever is typed is a message, a command with all it needs, or an error that can be shown.
func FuzzParse(f *testing.F) {
	for _, line := range []string{"Hola", "/join x", `/attach "a b" c`, `/attach a\ b`, "//", "/advance 9999999999h", "/phone +1", "/\x00", "/name \xff", "/location 1,2 x", "/contact a +15558675312", "/reply ^2 x"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c, err := parse(line)
		if err != nil {
			if s := sentence(err); s == "" || !utf8.ValidString(s) {
				t.Fatalf("parse(%q): the error is %q", line, s)
			}
			return
		}
		switch c.name {
		case "":
			if !strings.HasPrefix(strings.TrimSpace(line), "/") && c.text != line {
				t.Errorf("the message %q becomes %q", line, c.text)
			}
		case "attach", "name":
			if c.argument == "" {
				t.Errorf("parse(%q) lacks its argument", line)
			}
		case "reply":
			if c.text == "" || c.back < 1 {
				t.Errorf("parse(%q) answers message %d with %q", line, c.back, c.text)
			}
		case "contact":
			if number, err := whatsapp.ParseNumber(c.contact.Phone); err != nil || number != c.contact.Phone {
				t.Errorf("parse(%q) gives the number %q", line, c.contact.Phone)
			}
		case "phone":
			if number, err := whatsapp.ParseNumber(c.argument); err != nil || number != c.argument {
				t.Errorf("parse(%q) gives the number %q", line, c.argument)
			}
		case "advance":
			if c.duration < 0 {
				t.Errorf("parse(%q) gives %s", line, c.duration)
			}
		}
	})
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	tests := map[string]string{"": "", "text": "", "/jo": "join", "/join x": "join", "/a": "attach advance alerts", "/x": "", "//": "", "/J": "join", "/jo x": "", "/reply ^2 x": "reply", "/on": "online"}
	for line, want := range tests {
		var names []string
		for _, f := range suggest(line) {
			names = append(names, f.name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("suggest(%q) = %q, want %q", line, got, want)
		}
	}
}
