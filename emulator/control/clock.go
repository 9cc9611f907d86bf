package control

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
)

// ClockState is the state of the emulator's clock.
type ClockState struct {
	Now time.Time `json:"now"` // UTC
	// Offset from real time; positive when the clock is ahead.
	Offset string `json:"offset"`
	Frozen bool   `json:"frozen"`
}

// ClockChange moves or stops the clock; exactly one field is set.
type ClockChange struct {
	// Advance is a duration such as "72h" or "3d": everything that falls due on the way happens first.
	Advance string `json:"advance,omitempty"`
	// Set is an instant (RFC 3339). Moving forwards is an Advance; moving backwards happens at once.
	Set string `json:"set,omitempty"`
	// Frozen stops the clock, or lets it run.
	Frozen *bool `json:"frozen,omitempty"`
}

var (
	fetchClock  = endpoint[none, ClockState]{"GET", "/clock"}
	updateClock = endpoint[ClockChange, ClockState]{"POST", "/clock"}
)

func (h *Handler) serveClock() {
	serve(h, fetchClock, func(*http.Request, none) (ClockState, error) { return h.clockState(), nil })
	serve(h, updateClock, func(r *http.Request, change ClockChange) (ClockState, error) {
		if err := h.changeClock(r.Context(), change); err != nil {
			return ClockState{}, err
		}
		return h.clockState(), h.config.ClockChanged(r.Context())
	})
}

func (h *Handler) clockState() ClockState {
	state := h.clock.State()
	now := h.clock.Now()
	return ClockState{Now: now, Offset: time.Until(now).Round(time.Second).String(), Frozen: state.Frozen != nil}
}

func (h *Handler) changeClock(ctx context.Context, change ClockChange) error {
	switch {
	case change.Advance != "" && change.Set == "" && change.Frozen == nil:
		d, err := ParseDuration(change.Advance)
		if err != nil {
			return err
		}
		return h.clock.Advance(ctx, d, h.agenda())
	case change.Set != "" && change.Advance == "" && change.Frozen == nil:
		at, err := time.Parse(time.RFC3339, change.Set)
		if err != nil {
			return badInput("%.100q is not an instant: write it like 2026-11-23T17:00:00Z", change.Set)
		}
		if at.After(h.clock.Now()) {
			return h.clock.AdvanceTo(ctx, at, h.agenda())
		}
		return h.clock.Set(at)
	case change.Frozen != nil && change.Advance == "" && change.Set == "":
		if *change.Frozen {
			h.clock.Freeze()
		} else {
			h.clock.Resume()
		}
		return nil
	}
	return badInput(`a change of the clock is exactly one of {"advance": "72h"}, {"set": "2026-11-23T17:00:00Z"} and {"frozen": true}`)
}

// agenda runs what falls due when the clock moves forward, with all that it causes.
func (h *Handler) agenda() clock.Agenda {
	agenda := h.outbox.Agenda()
	agenda.Run = h.config.Settle
	return agenda
}

// FetchClock returns what the clock shows.
func (c *Client) FetchClock(ctx context.Context) (ClockState, error) {
	return call(ctx, c, fetchClock, none{})
}

// UpdateClock changes the clock and returns what it shows then.
func (c *Client) UpdateClock(ctx context.Context, change ClockChange) (ClockState, error) {
	return call(ctx, c, updateClock, change)
}

// Advance moves the clock forward; everything that falls due on the way has happened when it returns.
func (c *Client) Advance(ctx context.Context, d time.Duration) (ClockState, error) {
	return c.UpdateClock(ctx, ClockChange{Advance: d.String()})
}

// Freeze makes the clock stand still, or run again.
func (c *Client) Freeze(ctx context.Context, frozen bool) (ClockState, error) {
	return c.UpdateClock(ctx, ClockChange{Frozen: &frozen})
}

// maxDuration bounds a step of the clock: a hundred years, far from where times overflow.
const maxDuration = 100 * 365 * 24 * time.Hour

// ParseDuration reads a duration as Go does, with days in front: "72h", "3d", "1d12h", "90s". It must not be negative. Its
// errors are marked by package invalid.
func ParseDuration(s string) (time.Duration, error) {
	bad := invalid.Errorf("%.100q is not a duration: write it like 72h, 3d or 1d12h30m", s)
	rest := strings.TrimSpace(s)
	var total time.Duration
	if days, after, found := strings.Cut(rest, "d"); found {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 {
			return 0, bad
		}
		if n > int(maxDuration/(24*time.Hour)) {
			return 0, invalid.Errorf("%.100q is longer than a hundred years", s)
		}
		total, rest = time.Duration(n)*24*time.Hour, after
		if rest == "" {
			return total, nil
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil {
		return 0, bad
	}
	if d < 0 {
		return 0, invalid.Errorf("%.100q is negative: the clock only advances; use set to move it back", s)
	}
	if d > maxDuration || total+d > maxDuration {
		return 0, invalid.Errorf("%.100q is longer than a hundred years", s)
	}
	return total + d, nil
}
