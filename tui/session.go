package tui

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// session is the program's way out: all input and output is its commands and streams, and all of them end with ctx.
type session struct {
	ctx     context.Context //nolint:containedctx // commands of Bubble Tea take none
	control *control.Client
	news    chan tea.Msg
	retry   time.Duration
	running sync.WaitGroup
}

func newSession(ctx context.Context, c *control.Client) *session {
	return &session{ctx: ctx, control: c, news: make(chan tea.Msg, maxNews), retry: retryAfter}
}

// wait returns when the streams have ended, after ctx has.
func (s *session) wait() { s.running.Wait() }

// askLimit is how long the emulator may take to say how things stand.
const askLimit = 10 * time.Second

// tickMsg comes once a second, with the real time.
type tickMsg time.Time

func (s *session) tick() tea.Msg {
	t := time.NewTimer(time.Second)
	defer t.Stop()
	select {
	case now := <-t.C:
		return tickMsg(now)
	case <-s.ctx.Done():
		return nil
	}
}

// snapshotMsg is how things stand for one phone.
type snapshotMsg struct {
	number string
	at     time.Time // real time
	clock  control.ClockState
	phone  whatsapp.Phone
	// sandbox is the one that the phone is in; zero if none.
	sandbox whatsapp.Settings
	// messages are the thread from somewhere before its newest known message, or all of it when whole is true.
	messages []whatsapp.Message
	whole    bool
	err      error
}

// known is what the chat has of a thread already: the SID of its first message, and a number above which the emulator is
// to be asked again.
type known struct {
	first string
	after int64
}

// look asks how things stand for a phone. When the thread does not begin as it did, the emulator has been reset or
// started anew, and the whole thread is fetched.
func (s *session) look(number string, k known) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(s.ctx, askLimit)
		defer cancel()
		m := snapshotMsg{number: number}
		m.err = inWords(m.fetch(ctx, s.control, k), askLimit)
		return m
	}
}

func (m *snapshotMsg) fetch(ctx context.Context, c *control.Client, k known) (err error) {
	if m.clock, err = c.FetchClock(ctx); err != nil {
		return err
	}
	m.at = time.Now()
	if m.phone, err = c.FetchPhone(ctx, m.number); err != nil {
		return err
	}
	if in := m.phone.Membership; in != nil {
		if m.sandbox, err = c.FetchSandbox(ctx, in.AccountSID); err != nil {
			return err
		}
	}
	head, err := c.ListMessages(ctx, m.number, 0, 1)
	if err != nil {
		return err
	}
	if len(head) == 0 || head[0].SID != k.first {
		m.whole, k.after = true, 0
	}
	m.messages, err = c.ListMessages(ctx, m.number, k.after, 0)
	return err
}

// inWords says in a person's words that a time limit has passed; other errors it returns as they are.
func inWords(err error, limit time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the emulator has not answered within %s", span(limit))
	}
	return err
}
