// Package clock is the emulator's one clock: real time plus an offset, or a time that stands still.
//
// Everything that expires, waits or is dated in the emulator asks this clock, so that 72 hours pass in a moment when a
// test or a person says so. The clock holds no timers of its own. What is due is documents in the store; an [Agenda]
// tells the clock about them, so that Advance runs them in due order on its way.
package clock

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// State is a clock's setting, as it is kept over a restart. The zero State is the real time, running.
type State struct {
	// Offset is what the clock is ahead of real time (behind, if negative) while it runs.
	Offset time.Duration `json:"offset"`
	// Frozen is the time at which the clock stands still, or nil while it runs.
	Frozen *time.Time `json:"frozen,omitempty"`
}

// Clock tells the emulator's time, always in UTC. Its methods may be called from any goroutine.
type Clock struct {
	mu      sync.Mutex
	state   State
	changed chan struct{}
	advance sync.Mutex // one Advance at a time
}

// New returns a clock that continues from state.
func New(state State) *Clock { return &Clock{state: state, changed: make(chan struct{})} }

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
	return time.Now().Add(c.state.Offset).UTC().Round(0)
}

// State returns the setting, for keeping it and for New.
func (c *Clock) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
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

// Set moves the clock to t, forwards or backwards, without running what lies between: see Advance.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(t.UTC().Round(0))
}

// set needs c.mu.
func (c *Clock) set(t time.Time) {
	if c.state.Frozen != nil {
		c.state.Frozen = &t
	}
	c.state.Offset = time.Until(t).Round(time.Microsecond)
	close(c.changed)
	c.changed = make(chan struct{})
}

// Restore gives the clock a setting that State has returned, or the zero State.
func (c *Clock) Restore(state State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = state
	close(c.changed)
	c.changed = make(chan struct{})
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

// Agenda is what waits for the clock.
type Agenda struct {
	// Next is the earliest instant at which something falls due, or false when nothing waits.
	Next func(context.Context) (time.Time, bool, error)
	// Run runs what is due at the clock's time, with all that it causes at that time, and returns when it is done.
	Run func(context.Context) error
}

// Advance moves the clock forward by d ≥ 0, stopping at every instant at which the agenda has something due, in order,
// so that what falls due at noon happens at noon. It returns when all of it has run. On an error the clock stays at the
// instant that was reached.
func (c *Clock) Advance(ctx context.Context, d time.Duration, agenda Agenda) error {
	if d < 0 {
		return fmt.Errorf("clock: cannot advance by %s: the clock only advances; use set to move it back", d)
	}
	c.advance.Lock()
	defer c.advance.Unlock()
	target := c.Now().Add(d)
	for {
		if err := agenda.Run(ctx); err != nil {
			return err
		}
		next, waiting, err := agenda.Next(ctx)
		if err != nil {
			return err
		}
		if !waiting || next.After(target) {
			break
		}
		c.forward(next)
	}
	c.forward(target)
	return agenda.Run(ctx)
}

// forward moves the clock to t unless it is there already.
func (c *Clock) forward(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.now()) {
		c.set(t)
	}
}
