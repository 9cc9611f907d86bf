package tui

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// Time limits of actions. Advancing runs everything that falls due on the way.
const (
	sendLimit    = time.Minute
	advanceLimit = 10 * time.Minute
)

// action is a request of the user's to the emulator. Actions run one after the other, in the order in which they were
// typed.
type action struct {
	doing string // for the status line: "Sending"
	limit time.Duration
	run   func(context.Context, *control.Client) (doneMsg, error)
}

// doneMsg is the end of an action.
type doneMsg struct {
	said string            // for the status line; may be empty
	sent *whatsapp.Message // what was sent
	err  error             // a sentence for the status line
}

// queue puts an action behind those that are under way.
func (m *Model) queue(a action) tea.Cmd {
	m.actions = append(m.actions, a)
	if len(m.actions) > 1 {
		return nil
	}
	return m.session.run(a)
}

// finish notes the end of an action and starts the next.
func (m *Model) finish(msg doneMsg) tea.Cmd {
	m.actions = m.actions[min(1, len(m.actions)):]
	switch {
	case msg.err != nil:
		m.showError(msg.err)
	case msg.said != "":
		m.notice = notice{text: Clean(msg.said), level: levelGood}
	}
	if msg.sent != nil && msg.sent.Phone == m.number {
		m.thread.merge([]whatsapp.Message{*msg.sent})
		m.chat.end()
	}
	if len(m.actions) == 0 {
		return m.fetch()
	}
	return tea.Batch(m.session.run(m.actions[0]), m.fetch())
}

func (s *session) run(a action) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(s.ctx, a.limit)
		defer cancel()
		done, err := a.run(ctx, s.control)
		done.err = explainTimeout(err, a.limit)
		return done
	}
}

// explainTimeout says that the emulator was too slow where a time limit has passed; other errors it returns as they are.
func explainTimeout(err error, limit time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the emulator has not answered within %s", span(limit))
	}
	return err
}

func send(number string, wanted control.NewMessage) action {
	return action{"Sending", sendLimit, func(ctx context.Context, c *control.Client) (doneMsg, error) {
		m, err := c.SendMessage(ctx, number, wanted)
		if err != nil {
			return doneMsg{}, fmt.Errorf("not sent (↑ brings the text back): %w", explainTimeout(err, sendLimit))
		}
		return doneMsg{sent: &m}, nil
	}}
}

func sendFile(number, path string, wanted control.NewMessage) action {
	return action{"Sending " + filepath.Base(path), sendLimit, func(ctx context.Context, c *control.Client) (doneMsg, error) {
		file, err := control.ReadFile(path)
		if err != nil {
			return doneMsg{}, err
		}
		wanted.File = &file
		return send(number, wanted).run(ctx, c)
	}}
}

func join(number, code string) action {
	return action{"Joining", sendLimit, func(ctx context.Context, c *control.Client) (doneMsg, error) {
		_, err := c.Join(ctx, number, code)
		return doneMsg{}, err
	}}
}

func stop(number string) action {
	return action{"Leaving", sendLimit, func(ctx context.Context, c *control.Client) (doneMsg, error) {
		_, err := c.Stop(ctx, number)
		return doneMsg{}, err
	}}
}

func updateBehaviour(number string, p whatsapp.BehaviourParams, said string) action {
	return action{"Changing the phone", sendLimit, func(ctx context.Context, c *control.Client) (doneMsg, error) {
		_, err := c.UpdateBehaviour(ctx, number, p)
		return doneMsg{said: said}, err
	}}
}

func advance(d time.Duration, where *time.Location) action {
	return action{"Advancing the clock by " + span(d), advanceLimit, func(ctx context.Context, c *control.Client) (doneMsg, error) {
		state, err := c.Advance(ctx, d)
		now := state.Now.In(where).Format("Mon 2 Jan 15:04:05")
		return doneMsg{said: "The clock was advanced by " + span(d) + ". It is " + now + " now."}, err
	}}
}
