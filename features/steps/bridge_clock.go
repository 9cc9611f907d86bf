package steps

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
)

// lookTime is the time between two looks of a bridgeClock, while somebody waits for it, whether everybody does.
const lookTime = 200 * time.Microsecond

// bridgeClock is the bridge.Clock of a scenario in process: real time, which jumps to the next instant that somebody waits
// for as soon as nothing else is under way in the bridges and in the emulator, whose clock stands. What really takes time,
// such as an emulator at work, takes it here too, so a bridge behaves as it would with real time, and only does not wait for
// nothing.
type bridgeClock struct {
	emu *emulator.Server

	mu      sync.Mutex                // guards bridges, skipped and timers
	bridges []interface{ Busy() int } // of bridge.Handler
	skipped time.Duration
	timers  []*bridgeTimer // by due time
	wake    chan struct{}  // has a token when there is a new timer
	stop    chan struct{}
	stopped sync.WaitGroup

	calls     atomic.Int64 // of the bridges to Twilio, under way
	begun     atomic.Int64 // calls so far
	expired   atomic.Int64 // calls under way whose time is over
	answering atomic.Int64 // webhooks that are with the bridges
	held      atomic.Int64 // steps that are doing something, during which nothing jumps
}

type bridgeTimer struct {
	due time.Time
	f   func()
}

func newBridgeClock(emu *emulator.Server) *bridgeClock {
	c := &bridgeClock{emu: emu, wake: make(chan struct{}, 1), stop: make(chan struct{})}
	c.stopped.Go(c.run)
	return c
}

// add lets a bridge go by the clock.
func (c *bridgeClock) add(h interface{ Busy() int }) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bridges = append(c.bridges, h)
}

// busy counts what the bridges do and do not wait for the clock with.
func (c *bridgeClock) busy() (n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.bridges {
		n += int64(h.Busy())
	}
	return n
}

// Now implements bridge.Clock.
func (c *bridgeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

// now needs c.mu.
func (c *bridgeClock) now() time.Time { return time.Now().Add(c.skipped) }

// AfterFunc implements bridge.Clock.
func (c *bridgeClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &bridgeTimer{due: c.now().Add(d), f: f}
	at, _ := slices.BinarySearchFunc(c.timers, t, func(a, b *bridgeTimer) int { return cmp.Or(a.due.Compare(b.due), -1) })
	c.timers = slices.Insert(c.timers, at, t)
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		at := slices.Index(c.timers, t)
		if at >= 0 {
			c.timers = slices.Delete(c.timers, at, at+1)
		}
		return at >= 0
	}
}

// close ends the clock, which nobody may wait for any more.
func (c *bridgeClock) close() {
	close(c.stop)
	c.stopped.Wait()
}

// run calls what is due, and jumps when nothing else can happen.
func (c *bridgeClock) run() {
	look := time.NewTimer(lookTime)
	defer look.Stop()
	for {
		for c.callNext() {
		}
		waiting := c.next()
		if !waiting.IsZero() {
			if c.idle(waiting) {
				c.jump(waiting)
				continue
			}
			look.Reset(lookTime)
		}
		select {
		case <-c.wake:
		case <-look.C:
		case <-c.stop:
			return
		}
	}
}

// callNext calls the function of the first timer, if that is due.
func (c *bridgeClock) callNext() bool {
	t := c.takeDue()
	if t == nil {
		return false
	}
	t.f()
	return true
}

func (c *bridgeClock) takeDue() *bridgeTimer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 || c.timers[0].due.After(c.now()) {
		return nil
	}
	t := c.timers[0]
	c.timers = slices.Delete(c.timers, 0, 1)
	return t
}

// next returns the due time of the first timer; zero when there is none.
func (c *bridgeClock) next() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 {
		return time.Time{}
	}
	return c.timers[0].due
}

// jump moves the clock to t, if the first timer is still due then.
func (c *bridgeClock) jump(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) > 0 && c.timers[0].due.Equal(t) {
		c.skipped += max(0, t.Sub(c.now()))
	}
}

// standstill counts the work under way at one moment.
type standstill struct {
	busy, calls, begun, answering int64
	emulator.Activity
}

// idle reports whether nothing can happen before t: every goroutine of the bridges waits for the clock, or for a call that a fault of
// the emulator keeps back until after t, and the emulator does nothing but wait for the bridges. Nothing is read at the same
// moment as anything else, so all is read twice, with the numbers of what has begun.
func (c *bridgeClock) idle(t time.Time) bool {
	first, ok := c.look(t)
	if !ok {
		return false
	}
	second, ok := c.look(t)
	return ok && first == second
}

func (c *bridgeClock) look(t time.Time) (s standstill, still bool) {
	s.begun = c.begun.Load()
	s.calls, s.answering = c.calls.Load(), c.answering.Load()
	if s.busy = c.busy(); s.busy != s.calls || c.expired.Load() != 0 || c.held.Load() != 0 {
		return s, false
	}
	var err error
	if s.Activity, err = c.emu.Activity(context.Background()); err != nil {
		return s, false
	}
	away := t.Sub(c.Now())
	return s, int64(s.Held) == s.calls && s.In == s.Held && int64(s.Out) == s.answering && s.Jobs == s.Out && !s.ClockRuns &&
		(s.Held == 0 || s.HeldUntil.After(time.Now().Add(away)))
}

// hold keeps the clock from jumping until release.
func (c *bridgeClock) hold()    { c.held.Add(1) }
func (c *bridgeClock) release() { c.held.Add(-1) }

// answers counts the webhooks that are with a bridge.
func (c *bridgeClock) answers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.answering.Add(1)
		defer c.answering.Add(-1)
		next.ServeHTTP(w, r)
	})
}

// call makes a call of a bridge, which may take so long (0: as long as it likes).
func (c *bridgeClock) call(r *http.Request, limit time.Duration, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	c.begun.Add(1)
	c.calls.Add(1)
	defer c.calls.Add(-1)
	if limit == 0 {
		return next(r)
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	stop := c.AfterFunc(limit, func() {
		c.expired.Add(1)
		cancel(context.DeadlineExceeded)
	})
	defer func() {
		if !stop() {
			c.expired.Add(-1)
		}
		cancel(nil)
	}()
	return next(r.WithContext(ctx))
}
