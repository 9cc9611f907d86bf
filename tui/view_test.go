package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/muesli/termenv"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// lively fills a chat with a session: join, first message, the bridge, a flow, an agent, a file, an alert.
func lively(m *Model) {
	file := wrote(5, "Look at *this*")
	file.Media = []whatsapp.File{{SID: "ME1", Filename: "receipt 2026.pdf", ContentType: "application/pdf", Size: 48213}}
	file.ConversationSID = thread1
	agent := got(4, "read", "*Hola Ada!* 👋 ¿En qué te puedo _ayudar_? Escribe ```ayuda``` si quieres.")
	agent.ConversationSID = thread1
	m.Update(member(wrote(1, "join cloud-forgot"),
		got(2, "delivered", "*Twilio Sandbox*: ✅ You are all set! Reply ```stop``` to leave the sandbox any time."),
		wrote(3, "Hola"), agent, file))
	m.Update(newsMsg{
		event(conversations.MessageReceived, 1*time.Second, "From", "whatsapp:"+ada, "Body", "join cloud-forgot"),
		event(conversations.SandboxJoined, 1*time.Second, "From", "whatsapp:"+ada, "ExpiresAt", "2026-11-26T14:03:00Z"),
		event(conversations.MessageReceived, 3*time.Second, "From", "whatsapp:"+ada, "Body", "Hola"),
		event(conversations.OnConversationAdded, 3*time.Second+20*time.Millisecond, "ConversationSid", thread1, "FriendlyName", "Ada"),
		request(traffic.Out, "POST", "http://127.0.0.1:8080/whatsapp", 200, 3*time.Second+time.Millisecond),
		request(traffic.In, "POST", "http://127.0.0.1:4155/v1/Conversations", 201, 3*time.Second+19*time.Millisecond),
		request(traffic.In, "POST", "http://127.0.0.1:4155/v1/Conversations/"+thread1+"/Participants", 201, 3*time.Second+30*time.Millisecond),
		event(conversations.OnParticipantAdded, 3*time.Second+31*time.Millisecond, "ConversationSid", thread1, "MessagingBinding.Address", "whatsapp:"+ada),
		event(conversations.ExecutionStarted, 3*time.Second+40*time.Millisecond, "ExecutionSid", "FN77aa0000000000000000000000000001", "FlowSid", "FW0123456789abcdef0123456789abcdef"),
		event(conversations.OnMessageAdded, 4*time.Second, "ConversationSid", thread1, "Index", "1", "Author", "ana", "Body", "Hola Ada!\n¿En qué te puedo ayudar?"),
		event(conversations.OnDeliveryUpdated, 5*time.Second, "ConversationSid", thread1, "Status", "read"),
		event(conversations.Alerted, 6*time.Second, "ErrorCode", "11200", "Text", "the webhook answered 500 Internal Server Error", "Url", "http://127.0.0.1:8080/whatsapp"),
	})
}

func request(direction, method, url string, status int, after time.Duration) traffic.Exchange {
	return traffic.Exchange{Direction: direction, Method: method, URL: url, Status: status, Duration: 12340 * time.Microsecond, Time: start().Add(after)}
}

// Every screen at every size, as plain text. go test ./tui -update writes the files anew.
func TestView(t *testing.T) {
	t.Parallel()
	screens := []struct {
		name    string
		prepare func(*Model)
	}{
		{"empty", func(*Model) {}},
		{"lively", lively},
		{"lively-behind", func(m *Model) { lively(m); press(m, "<tab>") }},
		{"help", func(m *Model) { lively(m); press(m, "<f1>") }},
		{"unreachable", func(m *Model) {
			lively(m)
			m.Update(newsMsg{linkMsg{stream: streamEvents, err: &control.UnreachableError{URL: "http://127.0.0.1:4155"}}})
		}},
		{"odd-text", oddText},
		{"scrolled", func(m *Model) { lively(m); press(m, "<pgup>", "<tab>", "<pgup>") }},
		{"failures", failures},
		{"kinds", kinds},
		{"alerts", func(m *Model) { failures(m); press(m, "/alerts", "<enter>") }},
		{"unusual-phone", func(m *Model) {
			s := member(got(1, "delivered", "Are you there?"))
			s.phone.Behaviour = whatsapp.Behaviour{Offline: true, Blocked: true}
			m.Update(s)
			press(m, "/reply Yes")
		}},
		{"commands", func(m *Model) { lively(m); press(m, "/") }},
		{"writing", func(m *Model) {
			lively(m)
			press(m, strings.Repeat("a long message that takes more than a line ", 4), "<ctrl+j>", "of two paragraphs")
		}},
	}
	for _, size := range [][2]int{{40, 10}, {60, 16}, {80, 24}, {110, 30}, {200, 50}} {
		for _, screen := range screens {
			t.Run(fmt.Sprintf("%s-%dx%d", screen.name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				m := connected(t, size[0], size[1])
				screen.prepare(m)
				checkSize(t, m)
				var lines []string
				for _, line := range strings.Split(m.View(), "\n") {
					lines = append(lines, strings.TrimRight(line, " "))
				}
				golden.RequireEqual(t, []byte(strings.Join(lines, "\n")+"\n"))
			})
		}
	}
}

// oddText is text that is hard to lay out, or that would harm a terminal.
func oddText(m *Model) {
	m.Update(member(
		wrote(1, strings.Repeat("verylongword", 12)),
		got(2, "sent", "日本語のとても長い文章をここに書いて、行がどのように折り返されるかを見ます。"),
		got(3, "delivered", "👩‍💻 👍🏽 ⚠️ 1️⃣ 🇨🇱 emoji that are put together"),
		got(4, "read", "\x1b[31mred\x1b[0m \x07 bell, a\ttab and \u202eturned\u202c text"),
		got(5, "read", "```\nfunc main() {}\n```\n~old~ 2*3*4 snake_case_name"),
	))
}

// kinds are the kinds of message that a phone sends beside texts and files.
func kinds(m *Model) {
	asked := got(1, "read", "Shall we meet at the *Plaza*?")
	place, bare, answer, tap, row, news, ad := wrote(2, ""), wrote(3, ""), wrote(4, "Yes, at nine"), wrote(5, "Confirm"), wrote(6, "Tomorrow at 9"), wrote(7, "Have you heard?"), wrote(8, "Still on?")
	place.Location = &whatsapp.Location{Latitude: -33.4372, Longitude: -70.6506, Label: "Plaza de Armas", Address: "Santiago"}
	bare.Location = &whatsapp.Location{Latitude: 1, Longitude: -2.5}
	answer.ReplyTo, tap.ReplyTo, row.ReplyTo = asked.SID, "SMunknown", asked.SID
	tap.Button, row.ListChoice = &whatsapp.Button{Text: "Confirm"}, &whatsapp.ListChoice{ID: "slot_9", Title: "Tomorrow at 9"}
	news.FrequentlyForwarded = true
	ad.Forwarded, ad.Referral = true, &whatsapp.Referral{Headline: "Half price\n\x1b[31m"}
	m.Update(member(asked, place, bare, answer, tap, row, news, ad))
	m.Update(newsMsg{
		event(conversations.MessageReceived, 2*time.Second, "From", "whatsapp:"+ada, "Body", "", "MessageType", "location"),
		event(whatsapp.MessageDropped, 9*time.Second, "From", "whatsapp:"+ada, "Kind", "reaction"),
	})
}

// failures is a chat where much goes wrong.
func failures(m *Model) {
	lively(m)
	refused := request(traffic.In, "POST", "http://127.0.0.1:4155/v1/Conversations/"+thread1+"/Participants", 409, 8*time.Second)
	refused.Response.Body = `{"code":50416,"message":"A binding for this participant and proxy address already exists in Conversation ` + thread1 + `","status":409}`
	dropped := request(traffic.Out, "POST", "https://hooks.example.com/events", 0, 9*time.Second)
	dropped.Error, dropped.Request.Body = "connection refused", "EventType=onMessageAdded&Body=x"
	unknown := request(traffic.In, "GET", "http://127.0.0.1:4155/v2/Nothing", 404, 10*time.Second)
	unknown.Unhandled = "GET /v2/Nothing"
	m.Update(newsMsg{refused, dropped, unknown,
		event(conversations.MessageSent, 11*time.Second, "To", "whatsapp:"+ada, "Body", "Are you there?", "Status", "failed", "ErrorCode", "63015", "MessageSid", "SM9"),
		event(conversations.OnDeliveryUpdated, 11*time.Second, "ConversationSid", thread1, "Status", "failed", "ErrorCode", "63015"),
	})
	m.Update(doneMsg{err: errors.New("there is no file nowhere.png")})
}

// checkSize fails unless the screen is exactly as large as the terminal, also for terminals that draw each code point by
// itself.
func checkSize(t *testing.T, m *Model) {
	t.Helper()
	lines := strings.Split(m.View(), "\n")
	if len(lines) != m.height {
		t.Errorf("%d lines on a screen of %d", len(lines), m.height)
	}
	for i, line := range lines {
		if width := ansi.StringWidth(line); width > m.width || columns(line) > m.width {
			t.Errorf("line %d is %d wide on a screen of %d: %q", i, width, m.width, line)
		}
	}
}

// Every size there is gives a screen of that size.
func TestViewSizes(t *testing.T) {
	t.Parallel()
	m := connected(t, 80, 24)
	failures(m)
	oddText(m)
	press(m, strings.Repeat("much to say ", 40))
	for width := minWidth; width <= 240; width += 17 {
		for height := minHeight; height <= 60; height += 7 {
			m.width, m.height = width, height
			m.arrange()
			checkSize(t, m)
		}
	}
	for _, tiny := range [][2]int{{1, 1}, {10, 3}, {39, 24}, {80, 9}} {
		m.width, m.height = tiny[0], tiny[1]
		m.arrange()
		if view := m.View(); lipgloss.Width(view) > tiny[0] || lipgloss.Height(view) > tiny[1] {
			t.Errorf("a screen of %d×%d is overrun: %q", tiny[0], tiny[1], view)
		}
	}
	m.width, m.height = 0, 0
	if m.View() != "" {
		t.Error("something is drawn before the size is known")
	}
}

// With colours, the screen has the same text.
func TestViewColours(t *testing.T) {
	t.Parallel()
	plain := connected(t, 110, 30)
	failures(plain)
	r := lipgloss.NewRenderer(nil)
	r.SetColorProfile(termenv.TrueColor)
	r.SetHasDarkBackground(true)
	coloured := connected(t, 110, 30)
	coloured.styles = newStyles(r)
	failures(coloured)
	view := coloured.View()
	if !strings.Contains(view, "\x1b[") {
		t.Fatal("there are no colours")
	}
	want := strings.NewReplacer("*", "", "_", "", "```", "").Replace(plain.chatOnly(t))
	if got := strings.NewReplacer("*", "", "_", "", "```", "").Replace(ansi.Strip(coloured.chatOnly(t))); squeeze(got) != squeeze(want) {
		t.Errorf("with colours the chat is\n%s\nwithout\n%s", got, want)
	}
}

func (m *Model) chatOnly(t *testing.T) string {
	t.Helper()
	return strings.Join(m.chat.lines, "\n")
}

// squeeze leaves out what depends on the width of marks: blanks, frames and line breaks.
func squeeze(s string) string {
	return strings.NewReplacer(" ", "", "\n", "", "│", "", "─", "", "╭", "", "╮", "").Replace(s)
}
