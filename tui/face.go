package tui

import (
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// face shows the emulator's clock between two looks at it.
type face struct {
	known bool
	state control.ClockState
	read  time.Time // the real time at which state was read
}

// now is the emulator's time at a real time.
func (f face) now(real time.Time) time.Time {
	if f.state.Frozen || real.Before(f.read) {
		return f.state.Now
	}
	return f.state.Now.Add(real.Sub(f.read))
}

// setting says whether the clock stands still, and how far it is from real time; empty for real time.
func (f face) setting() string {
	if f.state.Frozen {
		return "frozen"
	}
	offset, err := time.ParseDuration(f.state.Offset)
	switch {
	case err != nil || offset.Abs() < jump:
		return ""
	case offset < 0:
		return span(-offset) + " behind"
	}
	return span(offset) + " ahead"
}

// jump is from what length on a difference between two clocks is not chance.
const jump = 2 * time.Second

// moved says what somebody did to the clock between two looks at it; empty for nothing.
func (f face) moved(to face) string {
	if !f.known {
		return ""
	}
	var said []string
	switch by := to.state.Now.Sub(f.now(to.read)).Round(time.Second); {
	case by >= jump:
		said = append(said, "advanced by "+span(by))
	case by <= -jump:
		said = append(said, "set back by "+span(-by))
	}
	switch {
	case to.state.Frozen && !f.state.Frozen:
		said = append(said, "frozen")
	case f.state.Frozen && !to.state.Frozen:
		said = append(said, "started again")
	}
	return strings.Join(said, " and ")
}
