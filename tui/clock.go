package tui

import (
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// clockView runs the emulator's clock on between two snapshots.
type clockView struct {
	known bool
	state control.ClockState
	read  time.Time // the real time at which state was read
}

// now is the emulator's time at a real time.
func (c clockView) now(real time.Time) time.Time {
	if c.state.Frozen || real.Before(c.read) {
		return c.state.Now
	}
	return c.state.Now.Add(real.Sub(c.read))
}

// setting returns whether the clock stands still, and how far it is from real time; empty for real time.
func (c clockView) setting() string {
	if c.state.Frozen {
		return "frozen"
	}
	offset, err := time.ParseDuration(c.state.Offset)
	switch {
	case err != nil || offset.Abs() < jump:
		return ""
	case offset < 0:
		return span(-offset) + " behind"
	}
	return span(offset) + " ahead"
}

// jump is the least difference between two clocks that counts as one.
const jump = 2 * time.Second

// moved returns what was done to the clock between two snapshots; empty for nothing.
func (c clockView) moved(to clockView) string {
	if !c.known {
		return ""
	}
	var said []string
	switch by := to.state.Now.Sub(c.now(to.read)).Round(time.Second); {
	case by >= jump:
		said = append(said, "advanced by "+span(by))
	case by <= -jump:
		said = append(said, "set back by "+span(-by))
	}
	switch {
	case to.state.Frozen && !c.state.Frozen:
		said = append(said, "frozen")
	case c.state.Frozen && !to.state.Frozen:
		said = append(said, "started again")
	}
	return strings.Join(said, " and ")
}
