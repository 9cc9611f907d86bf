package tui

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// recorder is a network that answers every request with an empty object, and keeps the last one.
type recorder struct{ last string }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	path, _ := url.PathUnescape(strings.TrimPrefix(req.URL.Path, "/_emulator"))
	r.last = strings.TrimSpace(req.Method + " " + path + " " + string(bytes.TrimSpace(body)))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader("{}")), Request: req}, nil
}

// TestCommandsAsk types every command that asks the emulator for something, and looks at what it asks.
func TestCommandsAsk(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a b.txt")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	const messages = "POST /phones/+15558675310/messages "
	const behaviour = "POST /phones/+15558675310/behaviour "
	tests := []struct{ line, want string }{
		{"Hola", messages + `{"body":"Hola"}`},
		{" two\nlines ", messages + `{"body":" two\nlines"}`},
		{"//slash", messages + `{"body":"/slash"}`},
		{"1/2", messages + `{"body":"1/2"}`},
		{`/attach "` + file + `" look at this`, messages + `{"body":"look at this","file":{"filename":"a b.txt","content":"eA=="}}`},
		{`/attach '` + file + `'`, messages + `{"file":{"filename":"a b.txt","content":"eA=="}}`},
		{`/attach ` + strings.ReplaceAll(file, " ", `\ `) + ` look`, messages + `{"body":"look","file":{"filename":"a b.txt","content":"eA=="}}`},
		{"/location -33.4372,-70.6506", messages + `{"location":{"latitude":-33.4372,"longitude":-70.6506}}`},
		{"/location -33.4372 , -70.6506 Plaza  de Armas", messages + `{"location":{"latitude":-33.4372,"longitude":-70.6506,"label":"Plaza de Armas"}}`},
		{"/contact Grace  Hopper +1 555 867 5312", messages + `{"contact":{"name":"Grace Hopper","phone":"+15558675312"}}`},
		{"/contact Grace Hopper, whatsapp:+15558675312", messages + `{"contact":{"name":"Grace Hopper","phone":"+15558675312"}}`},
		{"/reply Yes, 2 of them", messages + `{"body":"Yes, 2 of them","reply_to":"SM00000000000000000000000000000002"}`},
		{"/reply ^2  Yes", messages + `{"body":"Yes","reply_to":"SM00000000000000000000000000000001"}`},
		{"/button Confirm it", messages + `{"button":{"text":"Confirm it"},"reply_to":"SM00000000000000000000000000000002"}`},
		{"/forward News", messages + `{"body":"News","forwarded":true}`},
		{"/join", `POST /phones/+15558675310/join {"code":"cloud-forgot"}`},
		{"/JOIN  red-fox ", `POST /phones/+15558675310/join {"code":"red-fox"}`},
		{"/stop", "POST /phones/+15558675310/stop"},
		{"/name Ada  Lovelace", behaviour + `{"profile_name":"Ada Lovelace"}`},
		{"/username ada", behaviour + `{"username":"ada"}`},
		{"/username", behaviour + `{"username":""}`},
		{"/offline", behaviour + `{"offline":true}`},
		{"/online", behaviour + `{"offline":false}`},
		{"/block", behaviour + `{"blocked":true}`},
		{"/unblock", behaviour + `{"blocked":false}`},
		{"/receipts on", behaviour + `{"read_receipts":true}`},
		{"/receipts off", behaviour + `{"read_receipts":false}`},
		{"/advance 72h", `POST /clock {"advance":"72h0m0s"}`},
		{"/advance 1d12h", `POST /clock {"advance":"36h0m0s"}`},
	}
	tried := map[string]bool{"phone": true, "alerts": true, "clear": true, "help": true, "quit": true} // these ask for nothing
	for _, test := range tests {
		m, network := connected(t, 100, 30), new(recorder)
		m.session.control = control.NewClient("http://emulator", &http.Client{Transport: network})
		m.Update(snapshot(wroteTwice()))
		cmd, err := m.carryOut(test.line)
		if err != nil || cmd == nil {
			t.Errorf("%q: %v", test.line, err)
			continue
		}
		if done, ok := cmd().(doneMsg); !ok || done.err != nil {
			t.Errorf("%q: %v", test.line, done.err)
		}
		if network.last != test.want {
			t.Errorf("%q asks\n%s, want\n%s", test.line, network.last, test.want)
		}
		if name, _, isCommand := splitCommand(test.line); isCommand {
			tried[strings.ToLower(name)] = true
		}
	}
	for _, c := range commands() {
		if !tried[c.name] {
			t.Errorf("/%s is not tried", c.name)
		}
	}
}

// TestRefusals: what cannot be meant is refused with what to do instead.
func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"/attach": "/attach needs a file", `/attach ""`: "/attach needs the name of a file", `/attach "a`: "is not closed",
		"/location": "/location needs degrees", "/location here, there": "a latitude and a longitude in degrees", "/location 91,0": "between -90 and 90", `/location 1,"2`: "is not closed",
		"/contact": "/contact needs a name and a number", "/contact +15558675312": "/contact needs a name and a number",
		"/contact whatsapp:+15558675312": "/contact needs a name and a number", "/contact Grace": "/contact needs a name and a number",
		"/contact Grace +1": "not a phone number",
		"/reply ^0 Yes":     "count from the last message", "/reply ^x Yes": "count from the last message", "/reply": "/reply needs a text",
		"/reply ^2": "/reply needs a text", "/reply ^9 Yes": "there is no such message",
		"/button": "/button needs a text", "/forward": "/forward needs a text",
		"/join two words": "a code alone", "/stop now": "/stop stands alone", "/unblock me": "/unblock stands alone",
		"/name": "/name needs a name", "/receipts": "/receipts needs on or off", "/receipts maybe": "/receipts takes on or off",
		"/phone": "/phone needs a number", "/phone 12": "not a phone number",
		"/advance": "/advance needs a duration", "/advance -1h": "negative", "/advance soon": "not a duration",
		"/": "there is no command /", "/nothing here": "there is no command /nothing: /help lists them",
	}
	for line, want := range tests {
		m := connected(t, 100, 30)
		if cmd, err := m.carryOut(line); err == nil || cmd != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", line, err, want)
		}
	}
	m := connected(t, 100, 30)
	m.config.JoinCode = ""
	if _, err := m.carryOut("/join"); err == nil || !strings.Contains(err.Error(), "which sandbox?") {
		t.Errorf("/join without a code: %v", err)
	}
}

// Whatever is typed is carried out, or refused with an error that can be shown.
func FuzzCarryOut(f *testing.F) {
	for _, line := range []string{"Hola", "/join x", `/attach "a b" c`, `/attach a\ b`, "//", "/advance 9999999999h", "/phone +1", "/\x00", "/name \xff", "/location 1,2 x", "/contact a +15558675312", "/reply ^2 x"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		m := connected(t, 80, 24)
		cmd, err := m.carryOut(line)
		if err != nil {
			if s := sentence(err); s == "" || !utf8.ValidString(s) || cmd != nil {
				t.Fatalf("%q: the error is %q", line, s)
			}
		}
		m.arrange()
		checkSize(t, m)
	})
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	tests := map[string]string{"": "", "text": "", "/jo": "join", "/join x": "join", "/a": "attach advance alerts", "/x": "", "//": "", "/J": "join", "/jo x": "", "/reply ^2 x": "reply", "/on": "online"}
	for line, want := range tests {
		var names []string
		for _, c := range suggest(line) {
			names = append(names, c.name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("suggest(%q) = %q, want %q", line, got, want)
		}
	}
}

// The status line shows the message that an answer is for.
func TestReplyHint(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"/reply": "to “b”", "/reply ^2": "to “a”", "/button Yes": "to “b”", "/reply ^9": "answer the last message"} {
		m := connected(t, 100, 30)
		m.Update(snapshot(wroteTwice()))
		m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(typed)})
		if status := strings.Join(m.status(), "\n"); !strings.Contains(status, want) {
			t.Errorf("%s: the status line is %q, want %q in it", typed, status, want)
		}
	}
}
