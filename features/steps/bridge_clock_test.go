package steps

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

// TestBridgeClockJumps: what waits for the clock is called in order, at once when nothing else goes on, and not before what
// really takes time is over.
func TestBridgeClockJumps(t *testing.T) {
	t.Parallel()
	standing := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	emu := emulator.RunT(t, emulator.Config{Clock: clock.State{Frozen: &standing}})
	c := newBridgeClock(emu)
	defer c.close()

	c.hold()
	began, real := c.Now(), time.Now()
	called := make(chan string, 3)
	c.AfterFunc(2*time.Hour, func() { called <- "second" })
	c.AfterFunc(time.Hour, func() { called <- "first" })
	stop := c.AfterFunc(30*time.Minute, func() { called <- "stopped" })
	if !stop() || stop() {
		t.Error("stop does not say whether it has stopped the call")
	}
	c.release()
	if first, second := <-called, <-called; first != "first" || second != "second" {
		t.Errorf("%s is called, then %s", first, second)
	}
	if passed := c.Now().Sub(began); passed < 2*time.Hour || time.Since(real) > time.Minute {
		t.Errorf("%s have passed on the clock, and %s in fact", passed, time.Since(real))
	}
}

// oneBusy stands for a bridge with one goroutine that is making a call.
type oneBusy struct{}

func (oneBusy) Busy() int { return 1 }

// TestBridgeClockWaits: a call that is answered before its time is over is waited for in fact, and one that is not costs no time.
func TestBridgeClockWaits(t *testing.T) {
	t.Parallel()
	standing := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	emu := emulator.RunT(t, emulator.Config{Clock: clock.State{Frozen: &standing}})
	c := newBridgeClock(emu)
	defer c.close()
	c.add(oneBusy{})
	for _, test := range []struct {
		takes, limit time.Duration
		answered     bool
	}{
		{50 * time.Millisecond, time.Hour, true},
		{time.Hour, 50 * time.Minute, false},
	} {
		if _, err := emu.Control().CreateFault(t.Context(), traffic.Fault{Delay: test.takes, Count: 1}); err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://conversations.twilio.com/v1/Conversations", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := c.call(r, test.limit, emu.Client().Transport.RoundTrip)
		if (err == nil) != test.answered || (err != nil && !errors.Is(err, context.DeadlineExceeded)) {
			t.Errorf("a call that takes %s of %s: %v", test.takes, test.limit, err)
		}
		if err == nil {
			_ = res.Body.Close()
		}
	}
}
