// Package clock is the emulator's one clock: real time plus an offset, or a time that stands still.
//
// Everything that expires, waits or is dated in the emulator asks this clock, so that 72 hours pass in a moment when a
// test or a user says so. The clock never goes backwards by itself, not even when the computer's does: only Set and
// Restore turn it back. It holds no timers of its own. What is due is documents in the store; an [Agenda] tells the clock
// about them, so that Advance runs them in due order on its way.
package clock

import (
	"fmt"
	"sync"
	"time"
)

// The clock shows the years that the store can keep in order, in nanoseconds since 1970.
const (
	firstYear = 1970
	lastYear  = 2261
)

// SettingError says why a clock cannot be set or advanced as its caller asked. The clock has not changed then.
type SettingError struct{ reason string }

func (e *SettingError) Error() string { return "clock: " + e.reason }

// State is a clock's setting, as it is kept over a restart. The zero State is the real time, running.
type State struct {
	// Offset is the difference to real time while the clock runs, positive when the clock is ahead.
	Offset time.Duration `json:"offset"`
	// Frozen is the time at which the clock stands still, or nil while it runs.
	Frozen *time.Time `json:"frozen,omitempty"`
}

// Validate returns a *SettingError when a clock of this state would show a year that it cannot show.
func (s State) Validate() error {
	if s.Frozen != nil {
		return possible(*s.Frozen)
	}
	return possible(time.Now().Add(s.Offset))
}

// Clock tells the emulator's time, always in UTC. Its methods may be called from any goroutine. Make one with New.
type Clock struct {
	mu      sync.Mutex
	state   State
	shown   time.Time     // the latest time shown since the setting changed, while the clock runs
	changed chan struct{} // closed and replaced when the setting changes

	advancing chan struct{} // holds one value while an Advance is under way
}

// New returns a clock that continues from state.
func New(state State) *Clock {
	return &Clock{state: state.copied(), changed: make(chan struct{}), advancing: make(chan struct{}, 1)}
}

// copied shares nothing with s, and its times are in UTC.
func (s State) copied() State {
	if s.Frozen != nil {
		at := s.Frozen.UTC().Round(0)
		s.Frozen = &at
	}
	return s
}

// Now is the emulator's time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

// now needs c.mu.
func (c *Clock) now() time.Time {
	if c.state.Frozen != nil {
		return *c.state.Frozen
	}
	t := time.Now().Add(c.state.Offset).UTC().Round(0)
	if t.Before(c.shown) { // the computer's clock was set back: go on from here
		c.state.Offset += c.shown.Sub(t)
		t = c.shown
	}
	c.shown = t
	return t
}

// State returns the setting, for keeping it and for New.
func (c *Clock) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.copied()
}

// Changed returns a channel that is closed at the next change of the setting. A waiter that wants to know all changes
// calls it before it reads the time.
func (c *Clock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// Until returns how long, in real time, the clock takes from now to t, and false when it never gets there by itself
// because it stands still. It is 0 when t has passed.
func (c *Clock) Until(t time.Time) (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := max(0, t.Sub(c.now()))
	return d, d == 0 || c.state.Frozen == nil
}

// Set moves the clock to t, forwards or backwards, without running what lies between: see Advance. It returns a
// *SettingError when t lies outside the years that the clock can show.
func (c *Clock) Set(t time.Time) error {
	if err := possible(t); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(t.UTC().Round(0))
	return nil
}

func possible(t time.Time) error {
	if year := t.UTC().Year(); year < firstYear || year > lastYear {
		return &SettingError{fmt.Sprintf("cannot go to %s: the clock shows the years %d to %d",
			t.UTC().Format(time.RFC3339), firstYear, lastYear)}
	}
	return nil
}

// set needs c.mu.
func (c *Clock) set(t time.Time) {
	if c.state.Frozen != nil {
		c.state.Frozen = &t
	}
	c.state.Offset, c.shown = time.Until(t), t
	c.notify()
}

// notify wakes those who wait for a change of the setting. It needs c.mu.
func (c *Clock) notify() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Restore gives the clock a setting that State has returned, or the zero State.
func (c *Clock) Restore(state State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state, c.shown = state.copied(), time.Time{}
	c.notify()
}

// Freeze makes the clock stand still at its present time. Freezing a frozen clock changes nothing.
func (c *Clock) Freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Frozen == nil {
		now := c.now()
		c.state.Frozen = &now
		c.set(now)
	}
}

// Resume makes a frozen clock run on from where it stands.
func (c *Clock) Resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Frozen != nil {
		at := *c.state.Frozen
		c.state.Frozen = nil
		c.set(at)
	}
}
