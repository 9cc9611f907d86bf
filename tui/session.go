package tui

import (
	"context"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// session does all input and output, in commands and streams that end with ctx.
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

// snapshotLimit is the time limit for a snapshot.
const snapshotLimit = 10 * time.Second

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

// snapshotMsg is the state of the emulator for one phone.
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

// known is the part of a thread that the chat has already: the SID of its first message, and the number above which it
// fetches the messages again.
type known struct {
	first string
	after int64
}

// fetchSnapshot fetches the state for a phone. When the thread does not begin as it did, the emulator has been reset or
// restarted, and the whole thread is fetched.
func (s *session) fetchSnapshot(number string, k known) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(s.ctx, snapshotLimit)
		defer cancel()
		m := snapshotMsg{number: number}
		m.err = explainTimeout(m.fetch(ctx, s.control, k), snapshotLimit)
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
