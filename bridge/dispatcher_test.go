package bridge

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// flaky is a queue whose answers can be made to fail.
type flaky struct {
	*MemoryQueue
	leasing  atomic.Bool
	settling atomic.Bool
	asked    atomic.Int64
}

func (f *flaky) Lease(ctx context.Context, atMost time.Duration) (*Job, error) {
	f.asked.Add(1)
	if _, bounded := ctx.Deadline(); !bounded {
		panic("a database that hangs would stop the bridge")
	}
	if f.leasing.Load() {
		return nil, errors.New("no database")
	}
	return f.MemoryQueue.Lease(ctx, atMost)
}

func (f *flaky) Settle(ctx context.Context, job *Job, outcome Outcome) error {
	if err := ctx.Err(); err != nil {
		return err // as a database
	}
	if f.settling.Load() {
		return errors.New("no database")
	}
	return f.MemoryQueue.Settle(ctx, job, outcome)
}

// until polls a condition.
func until(t *testing.T, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it does not happen within 30 seconds")
		}
	}
}

func startDispatcher(t *testing.T, queue Queue, log *slog.Logger, work func(context.Context, *Job) Outcome) *dispatcher {
	t.Helper()
	d := newDispatcher(dispatcherConfig{queue, newPace(nil), 2, log, work})
	d.start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := d.stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return d
}

// TestQueueGoesAway has the queue fail for a while: it is said once, and the work goes on when it is back.
func TestQueueGoesAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		queue := &flaky{MemoryQueue: NewMemoryQueue()}
		queue.leasing.Store(true)
		var worked atomic.Int64
		d := newDispatcher(dispatcherConfig{queue, newPace(nil), 2, slog.New(slog.NewTextHandler(&log, nil)), func(context.Context, *Job) Outcome {
			worked.Add(1)
			return Outcome{}
		}})
		d.start()
		if _, err := queue.Accept(t.Context(), Entry{Key: "SM1", Lane: "a"}); err != nil {
			t.Fatal(err)
		}
		until(t, func() bool { d.notify(); return queue.asked.Load() > 5 })
		queue.leasing.Store(false)
		until(t, func() bool { return worked.Load() == 1 })
		if err := d.stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(log.String(), "does not answer"); n != 1 || !strings.Contains(log.String(), "answers again") {
			t.Errorf("log: %s", &log)
		}
	})
}

// TestPanicIsOneDeath makes the work on one entry panic: it is a dead letter, and the others are worked on.
func TestPanicIsOneDeath(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		queue := NewMemoryQueue()
		startDispatcher(t, queue, slog.New(slog.DiscardHandler), func(_ context.Context, job *Job) Outcome {
			if job.Key == "SM1" {
				panic("out of order")
			}
			return Outcome{}
		})
		for _, key := range []string{"SM1", "SM2"} {
			if _, err := queue.Accept(t.Context(), Entry{Key: key, Lane: "a"}); err != nil {
				t.Fatal(err)
			}
		}
		until(t, func() bool { s, err := queue.Stats(t.Context()); return err == nil && s.Waiting == 0 })
		if dead, _ := queue.ListDead(t.Context(), 9); len(dead) != 1 || dead[0].Key != "SM1" || !strings.Contains(dead[0].Reason, "out of order") {
			t.Errorf("dead letters %+v", dead)
		}
	})
}

// TestOutcomeOfTheInterrupted stops while an entry is worked on: what became of it is stored all the same.
func TestOutcomeOfTheInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		queue := &flaky{MemoryQueue: NewMemoryQueue()}
		begun := make(chan struct{})
		d := newDispatcher(dispatcherConfig{queue, newPace(nil), 2, slog.New(slog.DiscardHandler), func(ctx context.Context, _ *Job) Outcome {
			close(begun)
			<-ctx.Done()
			return Outcome{Status: StatusDone}
		}})
		if _, err := queue.Accept(t.Context(), Entry{Key: "SM1", Lane: "a"}); err != nil {
			t.Fatal(err)
		}
		d.start()
		<-begun
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if err := d.stop(over); err == nil {
			t.Error("stop does not say that work was interrupted")
		}
		if stats, _ := queue.Stats(t.Context()); stats.Waiting != 0 {
			t.Errorf("%d entries wait, but this one was done", stats.Waiting)
		}
	})
}

// TestWorkEndsBeforeItsLease lets no lease be renewed: the work is cancelled before somebody else can have it.
func TestWorkEndsBeforeItsLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		queue := &flaky{MemoryQueue: NewMemoryQueue()}
		queue.settling.Store(true)
		took := make(chan time.Duration, 1)
		startDispatcher(t, queue, slog.New(slog.DiscardHandler), func(ctx context.Context, _ *Job) Outcome {
			began := time.Now()
			<-ctx.Done()
			select {
			case took <- time.Since(began):
			default:
			}
			return Outcome{Status: StatusRetry}
		})
		if _, err := queue.Accept(t.Context(), Entry{Key: "SM1", Lane: "a"}); err != nil {
			t.Fatal(err)
		}
		select {
		case d := <-took:
			if d >= leaseTime {
				t.Errorf("the work ended after %s, its lease after %s", d, leaseTime)
			}
		case <-time.After(2 * leaseTime):
			t.Fatal("the work goes on without a lease")
		}
	})
}

// TestUnreadableEntry is put among the dead letters.
func TestUnreadableEntry(t *testing.T) {
	t.Parallel()
	h := &Handler{log: slog.New(slog.DiscardHandler), twilio: newTwilio(Config{Metrics: noMetrics{}}, newPace(nil)), pace: newPace(nil)}
	for _, data := range []string{"", "{}", "null", `{"Message":7}`} {
		if o := h.work(t.Context(), &Job{Entry: Entry{Data: []byte(data)}}); o.Status != StatusDead || o.Reason == "" {
			t.Errorf("%q: %+v", data, o)
		}
	}
}
