package bridge

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Clock is the time that a Handler goes by: the waits between attempts, the limits of its work and of its calls, leases. What bounds
// a real connection or a real database is real time whatever the Clock says. Its methods are called from many goroutines.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f once when d has passed. stop reports whether it has kept f from being called, as that of time.Timer.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// realClock is the Clock of the standard library.
type realClock struct{}

func (realClock) Now() time.Time                                  { return time.Now() }
func (realClock) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }

// clockOr returns c, or the real time for nil.
func clockOr(c Clock) Clock {
	if c == nil {
		return realClock{}
	}
	return c
}

// pace is a Clock that knows how many goroutines of a Handler have something to do, and do not wait for it.
type pace struct {
	Clock
	busy atomic.Int64
}

func newPace(c Clock) *pace { return &pace{Clock: clockOr(c)} }

// begin notes that a goroutine has something to do, until end.
func (p *pace) begin() { p.busy.Add(1) }
func (p *pace) end()   { p.busy.Add(-1) }

func (p *pace) since(t time.Time) time.Duration { return p.Now().Sub(t) }

// sleep returns when d has passed, or with the error of ctx. Its caller is busy from the instant at which the time is over, and not
// from the one at which it gets to run.
func (p *pace) sleep(ctx context.Context, d time.Duration) error {
	over := make(chan struct{})
	stop := p.AfterFunc(d, func() {
		p.begin()
		close(over)
	})
	p.end()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		if stop() {
			p.begin()
		}
		return ctx.Err()
	}
}

// withTimeout is context.WithTimeout. Whoever waits for the context is busy from the instant at which the time is over until cancel.
func (p *pace) withTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if p.Clock == (realClock{}) {
		return context.WithTimeout(ctx, d)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := p.AfterFunc(d, func() {
		p.begin()
		cancel(context.DeadlineExceeded)
	})
	var once sync.Once
	return ctx, func() {
		once.Do(func() {
			if !stop() {
				p.end()
			}
			cancel(context.Canceled)
		})
	}
}

// patience limits the attempts of one operation.
type patience struct {
	waits  backoff.BackOff
	tries  int           // 0: any number
	budget time.Duration // no wait may end later; 0: no limit
}

// retry is backoff.Retry by the clock: it makes attempts until one succeeds, is refused for good (backoff.Permanent), or the patience
// is at its end. A backoff.RetryAfterError says how long to wait, and begins the waits anew.
func retry[T any](ctx context.Context, p *pace, limit patience, attempt func() (T, error)) (T, error) {
	began := p.Now()
	for try := 1; ; try++ {
		result, err := attempt()
		if err == nil || try == limit.tries {
			return result, err
		}
		if permanent := new(backoff.PermanentError); errors.As(err, &permanent) {
			return result, permanent.Unwrap()
		}
		if ctx.Err() != nil {
			return result, context.Cause(ctx)
		}
		wait := limit.waits.NextBackOff()
		if asked := new(backoff.RetryAfterError); errors.As(err, &asked) {
			wait = asked.Duration
			limit.waits.Reset()
		}
		if limit.budget > 0 && p.since(began)+wait > limit.budget {
			return result, err
		}
		if p.sleep(ctx, wait) != nil {
			return result, context.Cause(ctx)
		}
	}
}
