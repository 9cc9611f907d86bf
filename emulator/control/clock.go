package control

import (
	"context"
	"net/http"
	"time"
)

// ClockState is what the emulator's clock shows.
type ClockState struct {
	Now time.Time `json:"now"` // UTC
	// Offset is what the clock is ahead of real time.
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

func (h *Handler) clockRoutes() []route {
	return []route{
		{"GET", "/clock", h.fetchClock},
		{"POST", "/clock", h.updateClock},
	}
}

func (h *Handler) fetchClock(http.ResponseWriter, *http.Request) (any, error) { return h.clock(), nil }

func (h *Handler) clock() ClockState {
	state := h.Clock.State()
	now := h.Clock.Now()
	return ClockState{Now: now, Offset: time.Until(now).Round(time.Second).String(), Frozen: state.Frozen != nil}
}

// FetchClock returns what the clock shows.
func (c *Client) FetchClock(ctx context.Context) (state ClockState, err error) {
	err = c.do(ctx, "GET", "/clock", nil, &state)
	return state, err
}

func (h *Handler) updateClock(_ http.ResponseWriter, r *http.Request) (any, error) {
	var change ClockChange
	if err := decode(r, &change); err != nil {
		return nil, err
	}
	if err := h.changeClock(r.Context(), change); err != nil {
		return nil, err
	}
	return h.clock(), h.ClockChanged(r.Context())
}

func (h *Handler) changeClock(ctx context.Context, change ClockChange) error {
	agenda := h.Conversations.Outbox().Agenda()
	agenda.Run = h.Settle
	switch {
	case change.Advance != "" && change.Set == "" && change.Frozen == nil:
		d, err := ParseDuration(change.Advance)
		if err != nil {
			return badInput("%s", err)
		}
		return h.Clock.Advance(ctx, d, agenda)
	case change.Set != "" && change.Advance == "" && change.Frozen == nil:
		at, err := time.Parse(time.RFC3339, change.Set)
		if err != nil {
			return badInput("%q is not an instant: write it like 2026-11-23T17:00:00Z", change.Set)
		}
		if d := at.Sub(h.Clock.Now()); d > 0 {
			return h.Clock.Advance(ctx, d, agenda)
		}
		if err := h.Clock.Set(at); err != nil { // it fails for no other reason than at
			return badInput("%s", err)
		}
		return nil
	case change.Frozen != nil && change.Advance == "" && change.Set == "":
		if *change.Frozen {
			h.Clock.Freeze()
		} else {
			h.Clock.Resume()
		}
		return nil
	}
	return badInput(`a change of the clock is exactly one of {"advance": "72h"}, {"set": "2026-11-23T17:00:00Z"} and {"frozen": true}`)
}

// UpdateClock changes the clock and returns what it shows then.
func (c *Client) UpdateClock(ctx context.Context, change ClockChange) (state ClockState, err error) {
	err = c.do(ctx, "POST", "/clock", change, &state)
	return state, err
}

// Advance moves the clock forward; everything that falls due on the way has happened when it returns.
func (c *Client) Advance(ctx context.Context, d time.Duration) (ClockState, error) {
	return c.UpdateClock(ctx, ClockChange{Advance: d.String()})
}

// Freeze makes the clock stand still, or run again.
func (c *Client) Freeze(ctx context.Context, frozen bool) (ClockState, error) {
	return c.UpdateClock(ctx, ClockChange{Frozen: &frozen})
}
