package tui

import (
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// frozen is the setting of a clock that stands still.
const frozen = "frozen"

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

// setting says whether the clock is frozen, and how far it is from real time; empty for real time.
func (f face) setting() string {
	offset, err := time.ParseDuration(f.state.Offset)
	shift := ""
	switch {
	case err != nil:
	case offset >= 2*time.Second:
		shift = "+" + span(offset)
	case offset <= -2*time.Second:
		shift = "−" + span(-offset)
	}
	switch {
	case f.state.Frozen:
		return frozen
	case shift != "":
		return shift
	}
	return ""
}
