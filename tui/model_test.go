package tui

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const (
	ada     = "+15558675310"
	adaID   = "whatsapp:US.13491208655302741918"
	account = "AC0123456789abcdef0123456789abcdef"
	thread1 = "CH3f2a0000000000000000000000000001"
)

// start is the time at which tests begin, real and of the emulator.
func start() time.Time { return time.Date(2026, 11, 23, 14, 3, 0, 0, time.UTC) }

// testModel is a chat without an emulator: tests bring its messages themselves.
func testModel(t *testing.T, width, height int) *Model {
	t.Helper()
	c, err := Config{Control: control.NewClient("http://127.0.0.1:4155", nil), Phone: ada, JoinCode: "cloud-forgot",
		Location: time.UTC, Renderer: lipgloss.NewRenderer(io.Discard)}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	m := newModel(c, newSession(t.Context(), c.Control))
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	return m
}

// connected is a chat that has seen an emulator, with the phone in no sandbox.
func connected(t *testing.T, width, height int) *Model {
	t.Helper()
	m := testModel(t, width, height)
	m.Update(newsMsg{linkMsg{stream: streamEvents}, linkMsg{stream: streamTraffic}})
	m.Update(snapshot(nil))
	return m
}

func snapshot(messages []whatsapp.Message) snapshotMsg {
	return snapshotMsg{number: ada, at: start(), clock: control.ClockState{Now: start(), Offset: "0s"}, whole: true, messages: messages,
		phone: whatsapp.Phone{Number: ada, ProfileName: "Ada Lovelace", Behaviour: whatsapp.Behaviour{ReadReceipts: true}}}
}

// member is a snapshot of a phone that is in a sandbox.
func member(messages ...whatsapp.Message) snapshotMsg {
	s := snapshot(messages)
	s.phone.Membership = &whatsapp.Membership{Phone: ada, AccountSID: account, JoinedAt: start(), ExpiresAt: start().Add(72 * time.Hour)}
	s.sandbox = whatsapp.Settings{AccountSID: account, JoinCode: "cloud-forgot"}
	return s
}

// wrote is a message of the phone, got one to it; seq numbers them and their seconds.
func wrote(seq int64, body string) whatsapp.Message {
	return whatsapp.Message{Seq: seq, SID: fmt.Sprintf("SM%032x", seq), Direction: whatsapp.DirectionInbound, Phone: ada, Body: body,
		Status: "received", DateCreated: start().Add(time.Duration(seq) * time.Second)}
}

func got(seq int64, status twilio.Status, body string) whatsapp.Message {
	m := wrote(seq, body)
	m.Direction, m.Status = whatsapp.DirectionOutboundAPI, status
	return m
}

// wroteTwice is a thread with two messages to the phone, a and b.
func wroteTwice() []whatsapp.Message {
	return []whatsapp.Message{got(1, "delivered", "a"), got(2, "delivered", "b")}
}

func event(t conversations.EventType, after time.Duration, params ...string) conversations.Event {
	v := url.Values{}
	for i := 0; i < len(params); i += 2 {
		v.Set(params[i], params[i+1])
	}
	return conversations.Event{Type: t, Time: start().Add(after), AccountSID: account, ConversationSID: v.Get("ConversationSid"), Params: v}
}

// press types keys: names in brackets, such as "<enter>", and texts.
func press(m *Model, keys ...string) (cmd tea.Cmd) {
	named := map[string]tea.KeyType{"<enter>": tea.KeyEnter, "<esc>": tea.KeyEsc, "<tab>": tea.KeyTab, "<up>": tea.KeyUp,
		"<down>": tea.KeyDown, "<left>": tea.KeyLeft, "<right>": tea.KeyRight, "<pgup>": tea.KeyPgUp, "<pgdn>": tea.KeyPgDown, "<f1>": tea.KeyF1,
		"<ctrl+c>": tea.KeyCtrlC, "<ctrl+j>": tea.KeyCtrlJ, "<ctrl+end>": tea.KeyCtrlEnd, "<home>": tea.KeyHome, "<end>": tea.KeyEnd,
		"<backspace>": tea.KeyBackspace, "<delete>": tea.KeyDelete, "<ctrl+w>": tea.KeyCtrlW, "<ctrl+u>": tea.KeyCtrlU,
		"<ctrl+k>": tea.KeyCtrlK, "<ctrl+left>": tea.KeyCtrlLeft, "<ctrl+right>": tea.KeyCtrlRight}
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		if special, ok := named[k]; ok {
			msg = tea.KeyMsg{Type: special}
		}
		_, cmd = m.Update(msg)
	}
	return cmd
}

// typing is what the user types, and what the chat makes of it.
type typing struct {
	name   string
	keys   []string
	doing  string // the action that is under way
	notice string // a part of the status line
	input  string // what is left in the input
	check  func(*Model) bool
}

func checkTyping(t *testing.T, tests []typing) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := connected(t, 100, 30)
			press(m, test.keys...)
			doing := ""
			if len(m.actions) > 0 {
				doing = m.actions[0].doing
			}
			if doing != test.doing {
				t.Errorf("doing %q, want %q", doing, test.doing)
			}
			if status := strings.Join(m.status(), "\n"); !strings.Contains(status, test.notice) {
				t.Errorf("the status line is %q, want %q in it", status, test.notice)
			}
			if m.input.text != test.input {
				t.Errorf("the input holds %q, want %q", m.input.text, test.input)
			}
			if test.check != nil && !test.check(m) {
				t.Errorf("the model is not as it should be:\n%s", m.View())
			}
		})
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	checkTyping(t, []typing{
		{name: "a text is sent", keys: []string{"Hola", "<enter>"}, doing: "Sending"},
		{name: "a blank line is not", keys: []string{"  ", "<enter>"}},
		{name: "join takes the hint", keys: []string{"/join", "<enter>"}, doing: "Joining"},
		{name: "stop", keys: []string{"/stop", "<enter>"}, doing: "Leaving"},
		{name: "attach names the file", keys: []string{`/attach "/tmp/a b.png" look`, "<enter>"}, doing: "Sending a b.png"},
		{name: "a location is sent", keys: []string{"/location 1,2", "<enter>"}, doing: "Sending"},
		{name: "a contact is sent", keys: []string{"/contact Grace +15558675312", "<enter>"}, doing: "Sending"},
		{name: "a button is tapped", keys: []string{"/button Yes", "<enter>"}, doing: "Sending"},
		{name: "an answer to nothing stays to be put right", keys: []string{"/reply Yes", "<enter>"}, notice: "There is no such message", input: "/reply Yes"},
		{name: "a name is set at once", keys: []string{"/name Grace  Hopper", "<enter>"}, doing: "Changing the phone"},
		{name: "offline", keys: []string{"/offline", "<enter>"}, doing: "Changing the phone"},
		{name: "advance", keys: []string{"/advance 3d", "<enter>"}, doing: "Advancing the clock by 72h"},
		{name: "a bad duration stays to be put right", keys: []string{"/advance soon", "<enter>"}, notice: "is not a duration", input: "/advance soon"},
		{name: "an unknown command too", keys: []string{"/foo", "<enter>"}, notice: "There is no command /foo", input: "/foo"},
		{name: "another phone", keys: []string{"/phone whatsapp:+1 555 000 1111", "<enter>"},
			check: func(m *Model) bool { return m.number == "+15550001111" && !m.thread.loaded }},
		{name: "help", keys: []string{"/help", "<enter>"}, notice: "esc closes",
			check: func(m *Model) bool { return m.open == openHelp }},
		{name: "alerts", keys: []string{"/alerts", "<enter>"}, notice: "esc closes",
			check: func(m *Model) bool { return m.open == openAlerts && strings.Contains(m.View(), "Nothing went wrong.") }},
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	checkTyping(t, []typing{
		{name: "esc closes the help", keys: []string{"<f1>", "<esc>"}, check: func(m *Model) bool { return m.open == openNone && !m.leaving }},
		{name: "so does the key that opened it", keys: []string{"<f1>", "<f1>"}, check: func(m *Model) bool { return m.open == openNone }},
		{name: "one page opens over the other", keys: []string{"/alerts", "<enter>", "<f1>"}, notice: "esc closes",
			check: func(m *Model) bool { return m.open == openHelp }},
		{name: "esc empties the input", keys: []string{"Hol", "<esc>"}, check: func(m *Model) bool { return !m.leaving }},
		{name: "esc asks before it quits", keys: []string{"<esc>"}, notice: "Esc once more quits"},
		{name: "any other key is no", keys: []string{"<esc>", "x"}, input: "x", check: func(m *Model) bool { return !m.leaving }},
		{name: "up brings the last input back", keys: []string{"/phone +15550001111", "<enter>", "/help", "<enter>", "dra", "<up>", "<up>"}, input: "/phone +15550001111"},
		{name: "and down the draft", keys: []string{"/help", "<enter>", "dra", "<up>", "<down>", "ft"}, input: "draft"},
		{name: "a new line is part of the text", keys: []string{"a", "<ctrl+j>", "b"}, input: "a\nb"},
		{name: "tab leads to the other side", keys: []string{"<tab>"}, check: func(m *Model) bool { return m.side == sideLive }},
		{name: "and back", keys: []string{"<tab>", "<tab>"}, check: func(m *Model) bool { return m.side == sideChat }},
		{name: "a command is explained while it is typed", keys: []string{"/adv"}, notice: "/advance DURATION", input: "/adv"},
		{name: "or those it may become", keys: []string{"/"}, notice: "/attach  /location", input: "/"},
		{name: "all of them", keys: []string{"/"}, notice: "/quit", input: "/"},
	})
}

func TestQuit(t *testing.T) {
	t.Parallel()
	for _, keys := range [][]string{{"<ctrl+c>"}, {"text", "<ctrl+c>"}, {"<esc>", "<esc>"}, {"/quit", "<enter>"}} {
		cmd := press(connected(t, 80, 24), keys...)
		if cmd == nil {
			t.Fatalf("%v does not quit", keys)
		}
		if _, quits := cmd().(tea.QuitMsg); !quits {
			t.Errorf("%v does not quit", keys)
		}
	}
}

// Actions run one after the other, so that messages keep their order.
func TestActionsQueue(t *testing.T) {
	t.Parallel()
	m := connected(t, 80, 24)
	if press(m, "one", "<enter>") == nil {
		t.Fatal("the first action does not start")
	}
	if press(m, "/advance 1h", "<enter>") != nil {
		t.Fatal("the second action starts before the first has ended")
	}
	sent := wrote(1, "one")
	if _, cmd := m.Update(doneMsg{sent: &sent}); cmd == nil || len(m.actions) != 1 {
		t.Fatal("the second action does not start when the first has ended")
	}
	if shown := m.thread.shown(); len(shown) != 1 || shown[0].Body != "one" {
		t.Errorf("the thread shows %v, want what was sent", shown)
	}
	m.Update(doneMsg{err: errors.New("the emulator failed")})
	if len(m.actions) != 0 || !strings.Contains(m.View(), "The emulator failed.") {
		t.Errorf("an action that failed is not told:\n%s", m.View())
	}
}

// Only one look at the emulator is under way, and what happens meanwhile is not missed.
func TestLooks(t *testing.T) {
	t.Parallel()
	m := connected(t, 80, 24)
	for m.fetching {
		m.Update(member())
	}
	received := event(conversations.MessageReceived, 0, "From", "whatsapp:"+ada, "Body", "Hola", "MessageSid", "SM1")
	m.Update(newsMsg{received})
	if !m.fetching || m.fetchAgain {
		t.Fatal("a message of the phone does not lead to a look")
	}
	m.Update(newsMsg{received})
	if !m.fetchAgain {
		t.Fatal("what happens during a look does not lead to another")
	}
	m.Update(member(wrote(1, "Hola")))
	if !m.fetching || m.fetchAgain {
		t.Fatal("the other look has not started")
	}
	m.Update(member(wrote(1, "Hola")))
	if m.fetching {
		t.Fatal("looks do not end")
	}
	hidden := event(conversations.MessageReceived, 0, "From", adaID, "Phone", "+15550001111")
	m.Update(newsMsg{event(conversations.MessageReceived, 0, "From", "whatsapp:+15550001111"), hidden})
	if m.fetching {
		t.Error("another phone's message leads to a look")
	}
	m.Update(newsMsg{event(conversations.MessageReceived, 0, "From", adaID, "Phone", ada)})
	if !m.fetching {
		t.Error("a message of the phone that shows no number does not lead to a look")
	}
}

// What comes for a phone that was left does not appear in the chat of the next.
func TestLateSnapshot(t *testing.T) {
	t.Parallel()
	m := connected(t, 80, 24)
	press(m, "/phone +15550001111", "<enter>")
	m.Update(member(wrote(1, "secret")))
	if m.thread.loaded || strings.Contains(m.View(), "secret") {
		t.Errorf("the old phone's messages are shown:\n%s", m.View())
	}
}
