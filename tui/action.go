package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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

// action is something the user asked for. Actions run one after the other, in the order in which they were typed.
type action struct {
	doing string // "Sending"
	limit time.Duration
	run   func(context.Context, *control.Client) (doneMsg, error)
}

// doneMsg is the end of an action.
type doneMsg struct {
	said string            // for the status line; may be empty
	sent *whatsapp.Message // what was sent
	err  error             // what went wrong, for a person
}

func (s *session) do(a action) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(s.ctx, a.limit)
		defer cancel()
		done, err := a.run(ctx, s.control)
		done.err = inWords(err, a.limit)
		return done
	}
}

func send(number string, wanted control.NewMessage) action {
	return action{"Sending", sendLimit, func(ctx context.Context, c *control.Client) (doneMsg, error) {
		m, err := c.SendMessage(ctx, number, wanted)
		if err != nil {
			return doneMsg{}, fmt.Errorf("not sent (↑ brings the text back): %w", inWords(err, sendLimit))
		}
		return doneMsg{sent: &m}, nil
	}}
}

// attach reads a file and sends it.
func attach(number, path string, wanted control.NewMessage) action {
	name := filepath.Base(path)
	return action{"Sending " + name, sendLimit, func(ctx context.Context, c *control.Client) (doneMsg, error) {
		content, err := readFile(path)
		if err != nil {
			return doneMsg{}, err
		}
		wanted.File = &control.NewFile{Filename: name, Content: content}
		return send(number, wanted).run(ctx, c)
	}}
}

// readFile reads a file that can be sent. It asks what the file is before it opens it, as opening a pipe waits.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s", path)
	case err != nil:
		return nil, fmt.Errorf("the file %s cannot be read: %w", path, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file that can be sent", path)
	case info.Size() > whatsapp.MaxFile:
		return nil, fmt.Errorf("%s has %s, and WhatsApp takes %s at most", path, size(info.Size()), size(whatsapp.MaxFile))
	}
	f, err := os.Open(path) //nolint:gosec // the user names the file
	if err != nil {
		return nil, fmt.Errorf("the file %s cannot be read: %w", path, err)
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, whatsapp.MaxFile+1)) // one more, so that the emulator refuses what has grown
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

// behave changes how a phone takes what is written to it.
func behave(number string, p whatsapp.BehaviourParams, said string) action {
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
