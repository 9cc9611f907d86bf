package control_test

import (
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func TestClock(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	frozen := must[control.ClockState](t)(c.Freeze(ctx, true))
	if !frozen.Frozen {
		t.Errorf("clock = %+v, want it frozen", frozen)
	}
	later := must[control.ClockState](t)(c.UpdateClock(ctx, control.ClockChange{Advance: "3d"}))
	if got := later.Now.Sub(frozen.Now); got != 72*time.Hour {
		t.Errorf("advanced by %s, want 72h", got)
	}
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	if set := must[control.ClockState](t)(c.UpdateClock(ctx, control.ClockChange{Set: at.Format(time.RFC3339)})); !set.Now.Equal(at) {
		t.Errorf("set to %s, want %s", set.Now, at)
	}
	if back := must[control.ClockState](t)(c.UpdateClock(ctx, control.ClockChange{Set: "2020-01-01T00:00:00Z"})); back.Now.Year() != 2020 {
		t.Errorf("set back to %s", back.Now)
	}
	yes := true
	for text, change := range map[string]control.ClockChange{
		"exactly one of":   {},
		"negative":         {Advance: "-1h"},
		"is not a duratio": {Advance: "soon"},
		"is not an instan": {Set: "tomorrow"},
		"exactly one":      {Advance: "1h", Frozen: &yes},
		"a hundred years":  {Advance: "40000d"},
	} {
		_, err := c.UpdateClock(ctx, change)
		wantError(t, err, 400, text)
	}
	for _, far := range []string{"0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2262-01-01T00:00:00Z", "9999-12-31T23:59:59Z"} {
		_, err := c.UpdateClock(ctx, control.ClockChange{Set: far})
		wantError(t, err, 400, "cannot go to "+far+": the clock shows the years 1970 to 2261")
	}
	must[control.ClockState](t)(c.UpdateClock(ctx, control.ClockChange{Set: "2200-01-01T00:00:00Z"}))
	_, err := c.UpdateClock(ctx, control.ClockChange{Advance: "36500d"})
	wantError(t, err, 400, "the clock shows the years")
	if running := must[control.ClockState](t)(c.Freeze(ctx, false)); running.Frozen {
		t.Error("the clock does not run again")
	}
}

func TestMembershipExpiresAfter72Hours(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	must[control.ClockState](t)(c.Freeze(ctx, true))
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	must[control.ClockState](t)(c.Advance(ctx, 72*time.Hour-time.Second))
	if p := must[whatsapp.Phone](t)(c.FetchPhone(ctx, phone)); p.Membership == nil {
		t.Fatal("the phone is out a second too early")
	}
	must[control.ClockState](t)(c.Advance(ctx, time.Second))
	if p := must[whatsapp.Phone](t)(c.FetchPhone(ctx, phone)); p.Membership != nil {
		t.Error("the phone is still in after 72 hours")
	}
}
