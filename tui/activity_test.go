package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// Entries stand by the time at which things began, however late they are told.
func TestActivityOrder(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration, rank int, text string) entry {
		return entry{time: start().Add(d), rank: rank, kind: kindEvent, text: text}
	}
	tests := []struct {
		name string
		add  []entry
		want string
	}{
		{"a request ends after what it caused", []entry{at(2*time.Millisecond, 2, "event"), at(time.Millisecond, 1, "request")}, "request event"},
		{"in one millisecond: phone, request, event", []entry{at(900*time.Microsecond, 2, "event"), at(100*time.Microsecond, 1, "request"), at(0, 0, "phone")}, "phone request event"},
		{"alike, as they come", []entry{at(0, 2, "a"), at(0, 2, "b")}, "a b"},
		{"a clock that was set back does not turn the order", []entry{at(time.Hour, 2, "before"), at(0, 2, "after")}, "before after"},
	}
	for _, test := range tests {
		var a activity
		for _, e := range test.add {
			a.add(e)
		}
		var texts []string
		for _, e := range a.entries {
			texts = append(texts, e.text)
		}
		if got := strings.Join(texts, " "); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestActivityBound(t *testing.T) {
	t.Parallel()
	var a activity
	for i := range maxEntries + 10 {
		a.add(entry{time: start().Add(time.Duration(i) * time.Second), kind: kindEvent, text: fmt.Sprint(i)})
	}
	if len(a.entries) != maxEntries || len(a.drawn) != maxEntries || a.entries[0].text != "10" {
		t.Errorf("%d entries from %s on are kept", len(a.entries), a.entries[0].text)
	}
}

// No line of the activity is wider than its pane, and a change of width draws all anew.
func TestActivityWidth(t *testing.T) {
	t.Parallel()
	var a activity
	a.add(exchangeEntry(request(traffic.In, "GET", "http://x/v1/Conversations/"+thread1+"/Messages?Order=desc&PageSize=50", 200, 0)))
	a.add(entry{time: start(), kind: kindAlert, text: strings.Repeat("日本語", 30), detail: strings.Repeat("x", 200)})
	s := newStyles(lipgloss.NewRenderer(nil))
	for width := 24; width < 130; width++ {
		for _, line := range a.lines(width, s, time.UTC) {
			if ansi.StringWidth(line) > width {
				t.Fatalf("%q is wider than %d", line, width)
			}
		}
	}
}

func TestEntries(t *testing.T) {
	t.Parallel()
	refused := request(traffic.In, "POST", "http://127.0.0.1/v1/Conversations", 401, 0)
	refused.Response.Body = `{"code":20003,"message":"Authenticate"}`
	unread := request(traffic.In, "POST", "http://127.0.0.1/v1/Users", 400, 0)
	unread.Ignored, unread.Response.Body = "a body without a Content-Type", `{"code":50204,"message":"no"}`
	faulty := request(traffic.Out, "POST", "http://localhost:9/hook", 500, 0)
	faulty.Fault, faulty.Request.Body = "fault-1", "EventType=onMessageAdded"
	tests := []struct {
		got          entry
		kind         kind
		text, detail string
		level        level
	}{
		{exchangeEntry(refused), kindAPI, "POST /v1/Conversations", "20003 Authenticate", levelWarn},
		{exchangeEntry(faulty), kindWebhook, "POST /hook", "onMessageAdded, made to fail by fault-1", levelBad},
		{exchangeEntry(request(traffic.Out, "GET", "https://example.com/a?b=c", 200, 0)), kindWebhook, "GET example.com/a", "", levelGood},
		{exchangeEntry(request(traffic.Out, "POST", "https://ada:lovelace@example.com/a", 200, 0)), kindWebhook, "POST example.com/a", "", levelGood},
		{exchangeEntry(request(traffic.Out, "POST", "https://ada:love%lace@example.com/a", 200, 0)), kindWebhook, "POST xxxxx@example.com/a", "", levelGood},
		{entryOf(t, event(conversations.Alerted, 0, "ErrorCode", "11200", "Text", "no", "Url", "https://ada:lovelace@example.com/a")),
			kindAlert, "11200 no", "https://ada:xxxxx@example.com/a", levelBad},
		{exchangeEntry(request(traffic.In, "GET", "::bad", 200, 0)), kindAPI, "GET ::bad", "", levelGood},
		{entryOf(t, event(whatsapp.TypingStarted, 0, "From", whatsapp.SandboxNumber, "To", "whatsapp:"+ada)),
			kindPhone, ada + " sees " + whatsapp.SandboxNumber + " typing", "", levelNone},
		{exchangeEntry(unread), kindAPI, "POST /v1/Users", "ignored: a body without a Content-Type, 50204 no", levelWarn},
		{entryOf(t, event(conversations.SandboxLeft, 0, "From", "whatsapp:"+ada)), kindSandbox, ada + " left AC0123…", "", levelNone},
		{entryOf(t, event(conversations.OnConversationStateUpdated, 0, "ConversationSid", thread1, "StateFrom", "active", "StateTo", "closed")),
			kindEvent, "onConversationStateUpdated CH3f2a… active → closed", "", levelNone},
		{entryOf(t, event(conversations.OnMessageAdded, 0, "ConversationSid", thread1, "Index", "2", "Author", "ana", "Media", "[]")),
			kindEvent, "onMessageAdded CH3f2a… #2 ana: with a file", "", levelNone},
		{entryOf(t, event(conversations.OnParticipantAdded, 0, "ConversationSid", thread1, "Identity", "ana")), kindEvent, "onParticipantAdded CH3f2a… ana", "", levelNone},
		{entryOf(t, event(conversations.ExecutionResumed, 0, "ExecutionSid", "FN1", "FlowSid", "FW1")), kindStudio, "execution resumed FN1 of FW1", "", levelNone},
		{entryOf(t, event(conversations.MessageStatus, 0, "MessageSid", "SM1", "Status", "failed", "ErrorCode", "63016")), kindPhone, "SM1 failed", "63016 Failed to send freeform message because you are outside the allowed window", levelBad},
		{entryOf(t, event("onSomethingNew", 0, "ConversationSid", thread1)), kindEvent, "onSomethingNew CH3f2a…", "", levelNone},
		{entryOf(t, event(conversations.MessageReceived, 0, "From", "whatsapp:"+ada, "Body", "", "MessageType", "audio")), kindPhone, ada + " sent audio", "", levelNone},
		{entryOf(t, event(conversations.MessageReceived, 0, "From", "whatsapp:"+ada, "Body", "Look", "MessageType", "image")), kindPhone, ada + " sent image: “Look”", "", levelNone},
		{entryOf(t, event(conversations.MessageReceived, 0, "From", "whatsapp:"+ada, "Body", "Hola", "MessageType", "text")), kindPhone, ada + " wrote “Hola”", "", levelNone},
		{entryOf(t, event(conversations.MessageReceived, 0, "From", adaID, "Phone", ada, "Username", "ada", "Body", "Hola")), kindPhone, "@ada wrote “Hola”", "", levelNone},
		{entryOf(t, event(conversations.MessageSent, 0, "To", adaID, "Phone", ada, "Username", "ada", "Body", "Hola")), kindPhone, "@ada got “Hola”", "", levelNone},
		{entryOf(t, event(conversations.SandboxJoined, 0, "From", adaID, "Phone", ada, "Username", "ada")), kindSandbox, "@ada joined AC0123…", "", levelGood},
		{entryOf(t, event(conversations.SandboxLeft, 0, "From", adaID, "Phone", ada, "Username", "ada")), kindSandbox, "@ada left AC0123…", "", levelNone},
		{entryOf(t, event(conversations.MessageReceived, 0, "From", "whatsapp:"+ada, "Body", "")), kindPhone, ada + " wrote “”", "", levelNone},
		{entryOf(t, event(conversations.MessageReceived, 0, "From", "whatsapp:"+ada, "Body", "a\n\x1b[31mb")), kindPhone, ada + " wrote “a ↵ ␛[31mb”", "", levelNone},
	}
	for _, test := range tests {
		if g := test.got; g.kind != test.kind || g.text != test.text || g.detail != test.detail || g.level != test.level {
			t.Errorf("got %s %q, %q, level %d; want %s %q, %q, level %d", g.kind, g.text, g.detail, g.level, test.kind, test.text, test.detail, test.level)
		}
	}
	if _, ok := eventEntry(event(conversations.MessageStatus, 0, "ConversationSid", thread1, "Status", "read"), time.UTC); ok {
		t.Error("a status has an entry beside that of onDeliveryUpdated")
	}
}

func entryOf(t *testing.T, x conversations.Event) entry {
	t.Helper()
	e, ok := eventEntry(x, time.UTC)
	if !ok {
		t.Errorf("%s has no entry", x.Type)
	}
	return e
}

// The clock runs between two looks, and its changes are noticed.
func TestFace(t *testing.T) {
	t.Parallel()
	m := connected(t, 110, 30)
	m.Update(tickMsg(start().Add(5 * time.Second)))
	if !strings.Contains(m.View(), "14:03:05 UTC, real time") {
		t.Errorf("the clock does not run:\n%s", m.topLine())
	}
	look := func(now, real time.Duration, frozen bool, offset string) {
		s := member()
		s.at, s.clock.Now, s.clock.Frozen, s.clock.Offset = start().Add(real), start().Add(now), frozen, offset
		m.Update(s)
	}
	look(72*time.Hour+6*time.Second, 6*time.Second, false, "72h0m0s")
	look(72*time.Hour+7*time.Second, 7*time.Second, true, "72h0m0s")
	m.Update(tickMsg(start().Add(20 * time.Second)))
	if view := m.View(); !strings.Contains(view, "Thu 26 Nov 2026 14:03:07 UTC, frozen") {
		t.Errorf("the clock does not stand still:\n%s", m.topLine())
	}
	look(10*time.Second, 21*time.Second, false, "-11s")
	var notes []string
	for _, e := range m.activity.entries {
		notes = append(notes, e.text)
	}
	if want := []string{"was advanced by 72h", "was frozen", "was set back by 71h 59m 57s and started again"}; !slices.Equal(notes, want) {
		t.Errorf("the activity tells %q, want %q", notes, want)
	}
	if !strings.Contains(m.View(), "11s behind") {
		t.Errorf("the clock is not said to be behind:\n%s", m.topLine())
	}
}
