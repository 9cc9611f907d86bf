package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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

// Time limits of what is asked of the emulator. Advancing runs everything that falls due on the way.
const (
	askLimit     = 10 * time.Second
	sendLimit    = time.Minute
	advanceLimit = 10 * time.Minute
)

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
		if m.clock, m.err = s.control.FetchClock(ctx); m.err != nil {
			return m
		}
		m.at = time.Now()
		if m.phone, m.err = s.control.FetchPhone(ctx, number); m.err != nil {
			return m
		}
		if in := m.phone.Membership; in != nil {
			if m.sandbox, m.err = s.control.FetchSandbox(ctx, in.AccountSID); m.err != nil {
				return m
			}
		}
		head, err := s.control.ListMessages(ctx, number, 0, 1)
		if m.err = err; err != nil {
			return m
		}
		if len(head) == 0 || head[0].SID != k.first {
			m.whole, k.after = true, 0
		}
		m.messages, m.err = s.control.ListMessages(ctx, number, k.after, 0)
		return m
	}
}

// action is something the user asked for. Actions run one after the other, in the order in which they were typed.
type action struct {
	doing string // "Sending"
	run   func(*session) doneMsg
}

// doneMsg is the end of an action.
type doneMsg struct {
	said string            // for the status line; may be empty
	sent *whatsapp.Message // what was sent
	err  error             // what went wrong, for a person
}

func (s *session) do(a action) tea.Cmd { return func() tea.Msg { return a.run(s) } }

func send(number string, wanted control.NewMessage) action {
	return action{"Sending", func(s *session) doneMsg {
		ctx, cancel := context.WithTimeout(s.ctx, sendLimit)
		defer cancel()
		m, err := s.control.SendMessage(ctx, number, wanted)
		if err != nil {
			return doneMsg{err: fmt.Errorf("not sent (↑ brings the text back): %w", err)}
		}
		return doneMsg{sent: &m}
	}}
}

// attach reads a file and sends it.
func attach(number, path string, wanted control.NewMessage) action {
	return action{"Sending " + filepath.Base(path), func(s *session) doneMsg {
		content, err := readFile(path)
		if err != nil {
			return doneMsg{err: err}
		}
		wanted.File = &control.NewFile{Filename: filepath.Base(path), Content: content}
		return send(number, wanted).run(s)
	}}
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the user names the file
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s", path)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("you may not read the file %s", path)
	case err != nil:
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file that can be sent", path)
	}
	content, err := io.ReadAll(io.LimitReader(f, whatsapp.MaxFile+1))
	if err == nil && len(content) > whatsapp.MaxFile {
		err = fmt.Errorf("%s is larger than the %s that WhatsApp takes", path, size(whatsapp.MaxFile))
	}
	return content, err
}

func join(number, code string) action {
	return action{"Joining", func(s *session) doneMsg {
		ctx, cancel := context.WithTimeout(s.ctx, sendLimit)
		defer cancel()
		_, err := s.control.Join(ctx, number, code)
		return doneMsg{err: err}
	}}
}

func stop(number string) action {
	return action{"Leaving", func(s *session) doneMsg {
		ctx, cancel := context.WithTimeout(s.ctx, sendLimit)
		defer cancel()
		_, err := s.control.Stop(ctx, number)
		return doneMsg{err: err}
	}}
}

func advance(d time.Duration, where *time.Location) action {
	return action{"Advancing the clock by " + span(d), func(s *session) doneMsg {
		ctx, cancel := context.WithTimeout(s.ctx, advanceLimit)
		defer cancel()
		state, err := s.control.Advance(ctx, d)
		if err != nil {
			return doneMsg{err: err}
		}
		return doneMsg{said: "The clock was advanced by " + span(d) + ". It is " + state.Now.In(where).Format("Mon 2 Jan 15:04:05") + " now."}
	}}
}
