// Package tui is the interactive chat in the terminal: a WhatsApp user's phone on the left, and on the right what happens
// behind it, as it happens: API calls, webhooks, events of conversations, Studio, alerts.
//
// It is a user of the emulator like any other: all it knows and does goes through the control API, so the emulator may
// run in this process or anywhere else. It holds no rules of WhatsApp or Twilio.
//
// A key press: tea.KeyMsg → [Model.Update] → an entry of commands (command.go) → an action (action.go), run by the session,
// which alone does input and output → control API → the result, or the news of the live streams (feed.go), come back as
// messages → View. There is one Bubble Tea model; its parts (thread, activity, pane, input) are plain structs that it calls.
//
// [Clean] and [MessageLines] make what others have written safe for a terminal; the commands use them too.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// Config of a chat. Control and Phone must be set.
type Config struct {
	Control *control.Client
	// Phone is the number that the chat begins with, with "whatsapp:" or without.
	Phone string
	// JoinCode is the code that /join takes when none is given, and that the chat of a phone in no sandbox advises. Empty:
	// the code must be given.
	JoinCode string
	// Title stands in the top line, and Note behind it where there is room. Empty Title: "cloudforgot".
	Title, Note string
	// HomeDir is the folder that "~/" in /attach stands for. Empty: "~" is an ordinary character.
	HomeDir string
	// Location is the time zone in which times are shown. Nil: time.Local.
	Location *time.Location
	// Renderer decides on colours. Nil: those of the terminal; with NO_COLOR there is bold and reverse, but no colour.
	Renderer *lipgloss.Renderer
	// Input and Output are the terminal. Nil: that of the process.
	Input  io.Reader
	Output io.Writer
}

func (c Config) withDefaults() (Config, error) {
	if c.Control == nil {
		return c, errors.New("tui: Config.Control is not set")
	}
	number, err := whatsapp.ParseNumber(c.Phone)
	if err != nil {
		return c, err
	}
	c.Phone = number
	if c.Title == "" {
		c.Title = "cloudforgot"
	}
	if c.Location == nil {
		c.Location = time.Local
	}
	return c, nil
}

// Run shows the chat until the user quits or ctx ends; both are no error. The emulator need not be there: the chat says
// that it is missing and waits for it. Run handles no signals: the caller ends ctx. The error is a sentence for the user.
func Run(ctx context.Context, c Config) error {
	c, err := c.withDefaults()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := newSession(ctx, c.Control)
	s.follow()
	defer s.wait()
	defer cancel()

	// Bubble Tea's signal handler blocks for ever when ctx ends by the same signal.
	options := []tea.ProgramOption{tea.WithAltScreen(), tea.WithContext(ctx), tea.WithoutSignalHandler()}
	if c.Input != nil {
		options = append(options, tea.WithInput(c.Input))
	}
	if c.Output != nil {
		options = append(options, tea.WithOutput(c.Output))
	}
	_, err = tea.NewProgram(newModel(c, s), options...).Run()
	switch {
	case errors.Is(err, tea.ErrProgramPanic):
		return err
	case err == nil, ctx.Err() != nil:
		return nil
	}
	return fmt.Errorf("the chat needs a terminal: %w", err)
}
