package tui

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/exp/teatest"
	twilio "github.com/twilio/twilio-go/rest/conversations/v1"
	"go.uber.org/goleak"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// terminalOf is a chat that runs in a terminal of a test.
type terminalOf struct {
	*teatest.TestModel
	t    *testing.T
	seen string // all that was ever drawn
}

func chatWith(t *testing.T, c *control.Client) *terminalOf {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	config, err := Config{Control: c, Phone: ada, JoinCode: emulator.DefaultJoinCode, Location: time.UTC, Renderer: lipgloss.NewRenderer(io.Discard)}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(ctx, c)
	s.retry = time.Millisecond
	s.follow()
	t.Cleanup(func() { cancel(); s.wait() })
	return &terminalOf{t: t, TestModel: teatest.NewTestModel(t, newModel(config, s), teatest.WithInitialTermSize(110, 30))}
}

// enter types a line.
func (c *terminalOf) enter(line string) {
	c.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(line)})
	c.Send(tea.KeyMsg{Type: tea.KeyEnter})
}

// await returns when a text has been drawn, now or before.
func (c *terminalOf) await(text string) {
	c.t.Helper()
	var now string
	teatest.WaitFor(c.t, c.Output(), func(b []byte) bool {
		now = string(b)
		return strings.Contains(c.seen+now, text)
	}, teatest.WithDuration(patience), teatest.WithCheckInterval(time.Millisecond))
	c.seen += now
}

// quit ends the chat and returns what it was at last.
func (c *terminalOf) quit() *Model {
	c.t.Helper()
	c.Send(tea.KeyMsg{Type: tea.KeyCtrlC})
	m, ok := c.FinalModel(c.t, teatest.WithFinalTimeout(patience)).(*Model)
	if !ok {
		c.t.Fatal("the chat did not end")
	}
	return m
}

// A whole session: the empty chat, join, the first message, an agent's answer, a file, 72 hours.
func TestSession(t *testing.T) {
	t.Parallel()
	emu := emulator.RunT(t, emulator.Config{Seed: 1})
	sdk := twilio.NewApiServiceWithClient(emu.Requester())
	chat := chatWith(t, emu.Control())
	chat.await("Type /join cloud-forgot")
	chat.enter("/name Ada")
	chat.enter("/join")
	chat.await("*Twilio Sandbox*")
	chat.await("in cloud-forgot")
	chat.enter("Hola")
	chat.await("You said :Hola.")

	conversation, err := sdk.CreateConversation((&twilio.CreateConversationParams{}).SetFriendlyName("Ada"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sdk.CreateConversationParticipant(*conversation.Sid, (&twilio.CreateConversationParticipantParams{}).
		SetMessagingBindingAddress("whatsapp:"+ada).SetMessagingBindingProxyAddress(whatsapp.SandboxNumber)); err != nil {
		t.Fatal(err)
	}
	chat.await("onParticipantAdded")
	if _, err := sdk.CreateConversationMessage(*conversation.Sid, (&twilio.CreateConversationMessageParams{}).SetAuthor("ana").SetBody("Good morning")); err != nil {
		t.Fatal(err)
	}
	chat.await("✓✓ read")
	chat.enter("/username ada")
	chat.await("@ada (" + ada + ")")
	chat.enter("Who am I?")
	chat.await("@ada wrote “Who am I?”")
	chat.await("You said :Who am I?.")
	chat.enter("/username")
	chat.await("Your number is shown again.")
	file := filepath.Join(t.TempDir(), "note 1.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	chat.enter(`/attach "` + file + `" a note`)
	chat.await("note 1.pdf")
	chat.await("│ You said :a note.") // in the thread, not only behind it
	chat.enter("/advance 73h")
	chat.await("The clock was advanced by 73h")
	chat.await("not connected")
	chat.enter("/attach nowhere.png")
	chat.await("There is no file nowhere.png.")

	m := chat.quit()
	shown := bodies(m.thread.shown())
	for i, b := range shown {
		shown[i], _, _ = strings.Cut(b, " ")
	}
	if want := []string{"join", "*Twilio", "Hola", "You", "Good", "Who", "You", "a", "You"}; !slices.Equal(shown, want) {
		t.Errorf("the thread begins its messages with %q, want %q", shown, want)
	}
	if m.phone.ProfileName != "Ada" {
		t.Errorf("the phone's name is %q", m.phone.ProfileName)
	}
}

// restartable leads to an emulator that can go away and come back as another one.
type restartable struct {
	mu  sync.Mutex
	now http.RoundTripper
}

func (r *restartable) lead(to http.RoundTripper) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = to
}

func (r *restartable) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	to := r.now
	r.mu.Unlock()
	if to == nil {
		return nil, errors.New("connection refused")
	}
	return to.RoundTrip(req)
}

// An emulator that goes away and comes back: the chat says so, follows the new one, and forgets what that has forgotten.
// The second emulator makes the same SIDs as the first.
func TestRestart(t *testing.T) {
	t.Parallel()
	first := emulator.RunT(t, emulator.Config{Seed: 7})
	network := &restartable{now: first.Client().Transport}
	chat := chatWith(t, control.NewClient("http://emulator", &http.Client{Transport: network}))
	chat.enter("join cloud-forgot")
	chat.await("*Twilio Sandbox*")
	chat.enter("to the first")
	chat.await("You said :to the first.")

	network.lead(nil)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	chat.await("no answer, trying again")
	chat.await("No emulator answers at http://emulator")
	chat.enter("to nobody")
	chat.await("Not sent (↑ brings the text back)")

	network.lead(emulator.RunT(t, emulator.Config{Seed: 7}).Client().Transport)
	chat.await("The emulator was restarted.")
	chat.await("This phone is in no sandbox yet.")
	chat.enter("join cloud-forgot")
	chat.enter("to the second")
	chat.await("│ You said :to the second.") // in the thread, not only behind it

	m := chat.quit()
	var mine []string
	for _, message := range m.thread.shown() {
		if message.Direction == whatsapp.DirectionInbound {
			mine = append(mine, message.Body)
		}
	}
	if want := []string{"join cloud-forgot", "to the second"}; !slices.Equal(mine, want) {
		t.Errorf("after the restart the phone's messages are %q, want %q", mine, want)
	}
	if m.linkState() != linkUp {
		t.Error("the chat is not connected at the end")
	}
}

// A stream that breaks is taken up where it was: nothing twice, nothing missing.
func TestStreamResumes(t *testing.T) {
	t.Parallel()
	emu := emulator.RunT(t, emulator.Config{})
	breaking := &breaking{next: emu.Client().Transport}
	c := control.NewClient("http://emulator", &http.Client{Transport: breaking})
	chat := chatWith(t, c)
	for _, text := range []string{"join cloud-forgot", "one", "two", "three"} {
		chat.enter(text)
		chat.await("wrote “" + text + "”")
		breaking.cut()
	}
	chat.await("You said :three.")
	m := chat.quit()
	var wrote []string
	for _, e := range m.activity.entries {
		if _, text, found := strings.Cut(e.text, " wrote "); found {
			wrote = append(wrote, text)
		}
		if e.kind == kindNote {
			t.Errorf("the chat takes a broken stream for a restart: %s", e.text)
		}
	}
	if want := []string{"“join cloud-forgot”", "“one”", "“two”", "“three”"}; !slices.Equal(wrote, want) {
		t.Errorf("the activity tells of %q, want %q", wrote, want)
	}
}

// breaking breaks the streams that are open when cut is called.
type breaking struct {
	next http.RoundTripper
	mu   sync.Mutex
	open []io.Closer
}

func (b *breaking) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/stream") {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.open = append(b.open, res.Body)
	}
	return res, err
}

func (b *breaking) cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.open {
		_ = c.Close()
	}
	b.open = nil
}

// Run ends with the user's wish or with its context, and nothing of it stays.
func TestRunEnds(t *testing.T) { //nolint:paralleltest // it counts goroutines
	emu := emulator.RunT(t, emulator.Config{})
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	for _, by := range []string{"key", "context", "key without an emulator"} {
		t.Run(by, func(t *testing.T) { //nolint:paralleltest // as above
			before := goleak.IgnoreCurrent()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			transport := &http.Transport{}
			c := control.NewClient(emu.URL, &http.Client{Transport: transport})
			if by == "key without an emulator" {
				c = control.NewClient("http://emulator", &http.Client{Transport: &restartable{}})
			}
			in, keys := io.Pipe()
			ended := make(chan error, 1)
			go func() { ended <- Run(ctx, Config{Control: c, Phone: ada, Input: in, Output: io.Discard}) }()
			if by == "context" {
				cancel()
			} else if _, err := keys.Write([]byte{3}); err != nil { // Ctrl-C
				t.Fatal(err)
			}
			if err := <-ended; err != nil {
				t.Errorf("Run: %v", err)
			}
			if by != "context" && ctx.Err() != nil {
				t.Error("Run did not end by the key")
			}
			if err := errors.Join(keys.Close(), in.Close()); err != nil {
				t.Error(err)
			}
			transport.CloseIdleConnections()
			goleak.VerifyNone(t, before)
		})
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	if err := Run(t.Context(), Config{Phone: ada}); err == nil || !strings.Contains(err.Error(), "Control is not set") {
		t.Errorf("without a client: %v", err)
	}
	if err := Run(t.Context(), Config{Phone: "me", Control: control.NewClient("http://x", nil)}); err == nil || !strings.Contains(err.Error(), "not a phone number") {
		t.Errorf("with a bad number: %v", err)
	}
}
