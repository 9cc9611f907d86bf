package bridge

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// standingClock is a Clock that only move moves.
type standingClock struct {
	mu     sync.Mutex
	time   time.Time
	timers map[*standingTimer]bool
}

type standingTimer struct {
	due time.Time
	f   func()
}

func (c *standingClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

func (c *standingClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &standingTimer{c.time.Add(d), f}
	c.timers[t] = true
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		waits := c.timers[t]
		delete(c.timers, t)
		return waits
	}
}

func (c *standingClock) move(d time.Duration) {
	for _, t := range c.due(d) {
		t.f()
	}
}

func (c *standingClock) due(d time.Duration) (due []*standingTimer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(d)
	for t := range c.timers {
		if !t.due.After(c.time) {
			delete(c.timers, t)
			due = append(due, t)
		}
	}
	return due
}

// TestBusy follows a goroutine through everything that it can wait for the Clock with: it is never counted as waiting while it is
// about to go on.
func TestBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := &standingClock{timers: map[*standingTimer]bool{}}
		p := newPace(clock)
		want := func(n int64, when string) {
			t.Helper()
			if got := p.busy.Load(); got != n {
				t.Errorf("%s: %d are busy, want %d", when, got, n)
			}
		}
		p.begin()
		ctx, stop := context.WithCancel(t.Context())
		limited, cancel := p.withTimeout(ctx, 3*time.Second)
		ended := make(chan error)
		go func() {
			first := p.sleep(ctx, time.Second)
			ended <- errors.Join(first, p.sleep(limited, time.Hour))
		}()
		synctest.Wait()
		want(0, "asleep")
		clock.move(time.Second)
		want(1, "just woken")
		synctest.Wait()
		want(0, "asleep again")
		clock.move(2 * time.Second)
		want(1, "the time limit is over")
		if err := <-ended; !errors.Is(err, context.Canceled) || !errors.Is(context.Cause(limited), context.DeadlineExceeded) {
			t.Errorf("the sleep ended with %v, because of %v", err, context.Cause(limited))
		}
		want(2, "awake, and the limit not cancelled")
		cancel()
		cancel()
		want(1, "awake")
		stop()
		p.end()
		want(0, "at the end")
	})
}

func TestRetry(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	for name, test := range map[string]struct {
		limit patience
		fail  []error
		tries int
		took  time.Duration
		want  error
	}{
		"at once":           {patience{}, nil, 1, 0, nil},
		"after two":         {patience{}, []error{refused, refused}, 3, 2 * time.Second, nil},
		"asked to wait":     {patience{}, []error{&backoff.RetryAfterError{Duration: time.Minute}}, 2, time.Minute, nil},
		"for good":          {patience{}, []error{backoff.Permanent(refused)}, 1, 0, refused},
		"tries used up":     {patience{tries: 2}, []error{refused, refused}, 2, time.Second, refused},
		"no time for more":  {patience{budget: 1500 * time.Millisecond}, []error{refused, refused, refused}, 2, time.Second, refused},
		"the work is ended": {patience{}, []error{context.Canceled}, 1, 0, context.Canceled},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			began, tries := time.Now(), 0
			test.limit.waits = &backoff.ConstantBackOff{Interval: time.Second}
			_, err := retry(ctx, newPace(nil), test.limit, func() (int, error) {
				tries++
				if tries > len(test.fail) {
					return 0, nil
				}
				if errors.Is(test.fail[tries-1], context.Canceled) {
					cancel()
				}
				return 0, test.fail[tries-1]
			})
			if took := time.Since(began); !errors.Is(err, test.want) || (err == nil) != (test.want == nil) || tries != test.tries || took != test.took {
				t.Errorf("%s: %d tries in %s, %v; want %d in %s, %v", name, tries, took, err, test.tries, test.took, test.want)
			}
		})
	}
}
