package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

func TestJobsOfAQueueRunInOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var names []string
	for i := range 50 {
		names = append(names, strconv.Itoa(i))
		b.put(b.job(names[i], "q", 0))
	}
	b.start(b.log)
	b.settle()
	b.want(names...)
}

// A job that waits for somebody's server holds up its own queue, and no other.
func TestASlowQueueHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	gate, through := make(chan struct{}), make(chan struct{})
	b.start(func(ctx context.Context, job Job, args testJob) error {
		switch args.Name {
		case "slow":
			<-gate
		case "other":
			defer close(through)
		}
		return b.log(ctx, job, args)
	})
	b.put(b.job("slow", "a", 0), b.job("behind", "a", 0), b.job("other", "b", 0))
	<-through
	b.want("other")
	close(gate)
	b.settle()
	b.want("other", "slow", "behind")
}

func TestJobsWaitForTheClock(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start(b.log)
	b.put(b.job("two hours", "", 2*time.Hour), b.job("one hour", "", time.Hour), b.job("now", "", 0))
	b.settle()
	b.want("now")
	b.advance(time.Hour - 1)
	b.want("now")
	b.advance(time.Hour)
	b.want("now", "one hour")
	b.advance(72 * time.Hour)
	b.want("now", "one hour", "two hours")
}

// What a job causes on the way falls into its place in time.
func TestAdvanceRunsWhatJobsCause(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var at []time.Duration
	started := b.clock.Now()
	b.start(func(ctx context.Context, job Job, args testJob) error {
		at = append(at, b.clock.Now().Sub(started))
		if args.Name == "1h" {
			b.put(b.job("then", "", 30*time.Minute))
		}
		return b.log(ctx, job, args)
	})
	b.put(b.job("2h", "", 2*time.Hour), b.job("1h", "", time.Hour))
	b.advance(3 * time.Hour)
	b.want("1h", "then", "2h")
	if want := []time.Duration{time.Hour, 90 * time.Minute, 2 * time.Hour}; !slices.Equal(at, want) {
		t.Errorf("ran at %v, want %v", at, want)
	}
}

func TestRetryWaitsAndCounts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start(func(ctx context.Context, job Job, args testJob) error {
		if err := b.log(ctx, job, args); err != nil || args.Name != "stubborn" || job.Attempt == 2 {
			return err
		}
		return &RetryError{At: b.clock.Now().Add(time.Minute), Err: errors.New("not yet")}
	})
	b.put(b.job("stubborn", "q", 0), b.job("behind", "q", 0))
	b.settle()
	b.want("stubborn")
	b.advance(time.Minute)
	b.want("stubborn", "stubborn")
	b.advance(time.Minute)
	b.want("stubborn", "stubborn", "stubborn", "behind")
}

func TestAJobOfTheSameIDReplacesTheWaitingOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start(b.log)
	early, late := b.job("early", "", time.Minute), b.job("late", "", time.Hour)
	early.ID, late.ID = "timer", "timer"
	b.put(early)
	b.put(late)
	b.advance(30 * time.Minute)
	b.want()
	b.advance(time.Hour)
	b.want("late")
	early.Due = b.clock.Now().Add(time.Minute)
	b.put(early)
	if err := b.outbox.Update(t.Context(), func(tx store.Tx) error { return b.outbox.Cancel(tx, "timer") }); err != nil {
		t.Fatal(err)
	}
	b.advance(time.Hour)
	b.want("late")
}

// A job that replaces itself while it runs is not lost with the old one.
func TestAJobMayReplaceItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start(func(ctx context.Context, job Job, args testJob) error {
		if args.Name == "first" {
			again := b.job("again", "", time.Minute)
			again.ID = job.ID
			b.put(again)
		}
		return b.log(ctx, job, args)
	})
	first := b.job("first", "", 0)
	first.ID = "timer"
	b.put(first)
	b.advance(time.Hour)
	b.want("first", "again")
}

func TestFailuresEndTheirJobOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start(func(ctx context.Context, job Job, args testJob) error {
		defer func() { _ = b.log(ctx, job, args) }()
		switch args.Name {
		case "panics":
			panic("boom")
		case "fails":
			return errors.New("no")
		}
		return nil
	})
	b.put(b.job("panics", "q", 0), b.job("fails", "q", 0), Job{Args: nobodysJob{}, Queue: "q"}, b.job("last", "q", 0))
	b.settle()
	b.want("panics", "fails", "last")
}

// What was promised before the end is done after it: a second outbox over the same store goes on.
func TestJobsOutliveTheirOutbox(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	running := make(chan struct{})
	stop := b.start(func(ctx context.Context, _ Job, _ testJob) error {
		close(running)
		<-ctx.Done() // the process ends in the middle of it
		return ctx.Err()
	})
	b.put(b.job("interrupted", "q", 0), b.job("behind", "q", 0), b.job("tomorrow", "", 24*time.Hour))
	<-running
	stop()
	if err := b.outbox.Settle(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Settle on a stopped outbox = %v", err)
	}
	b.outbox = New(Config{Store: b.store, Clock: b.clock})
	b.start(b.log)
	b.settle()
	b.want("interrupted", "behind")
	b.advance(24 * time.Hour)
	b.want("interrupted", "behind", "tomorrow")
}

func TestARefusedTransactionPromisesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start(b.log)
	refused := errors.New("refused")
	err := b.outbox.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(b.outbox.Put(tx, b.job("no", "", 0)), refused)
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	b.settle()
	b.want()
}

func TestSettleHonoursItsContext(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	gate := make(chan struct{})
	b.start(func(context.Context, Job, testJob) error { <-gate; return nil })
	b.put(b.job("slow", "", 0))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.outbox.Settle(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Settle = %v", err)
	}
	close(gate)
	b.settle()
}

// Many writers and many queues: every job runs once, those of a queue in their order.
func TestOutboxUnderConcurrency(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start(b.log)
	const queues, each = 20, 20
	var wg sync.WaitGroup
	for q := range queues {
		wg.Go(func() {
			for i := range each {
				b.put(b.job(strconv.Itoa(q)+"/"+strconv.Itoa(i), "q"+strconv.Itoa(q), 0))
			}
		})
	}
	wg.Wait()
	b.settle()
	next := map[string]int{}
	for _, name := range b.ran {
		q, i, _ := strings.Cut(name, "/")
		if want := strconv.Itoa(next[q]); i != want {
			t.Fatalf("queue %s ran %s, want %s", q, i, want)
		}
		next[q]++
	}
	if len(b.ran) != queues*each {
		t.Errorf("%d jobs ran, want %d", len(b.ran), queues*each)
	}
}

// A job survives the encoding of its document with its arguments.
func TestJobsSurviveEncoding(t *testing.T) {
	t.Parallel()
	kind := Kinds(testJob{})[0]
	for _, test := range []struct {
		what string
		job  Job
		want Args
	}{
		{"a known type", Job{ID: "x", Seq: 7, Type: "test", Due: time.Unix(3, 5).UTC(), Queue: "q", Args: testJob{"Ada"}, Attempt: 2, Key: "x", Blocked: true}, testJob{"Ada"}},
		{"a type that nobody declared", Job{Type: "nobody's", Args: nobodysJob{}}, unreadable("nobody's")},
	} {
		encoded, err := json.Marshal(test.job)
		if err != nil {
			t.Fatal(err)
		}
		target := kind.New()
		if err := json.Unmarshal(encoded, target); err != nil {
			t.Fatal(err)
		}
		want := test.job
		want.Args = test.want
		if got := kind.Load(target); got != any(want) {
			t.Errorf("%s: %+v, want %+v", test.what, got, want)
		}
	}
}

// A job that completes itself lets the next of its queue run, and is not done twice.
func TestComplete(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start(func(ctx context.Context, job Job, args testJob) error {
		if err := b.log(ctx, job, args); err != nil || args.Name != "itself" {
			return err
		}
		return b.outbox.Update(ctx, func(tx store.Tx) error {
			if err := b.outbox.Complete(tx, job); err != nil {
				return err
			}
			if err := b.outbox.Complete(tx, job); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("completed twice: %v", err)
			}
			return nil
		})
	})
	b.put(b.job("itself", "q", 0), b.job("behind", "q", 0))
	b.settle()
	b.want("itself", "behind")
}

// The first job of a queue that is cancelled does not hold up the others.
func TestCancelInAQueue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start(b.log)
	first := b.job("first", "q", time.Hour)
	first.ID = "first"
	b.put(first, b.job("behind", "q", 0))
	b.settle()
	b.want()
	if err := b.outbox.Update(t.Context(), func(tx store.Tx) error { return b.outbox.Cancel(tx, "first") }); err != nil {
		t.Fatal(err)
	}
	b.settle()
	b.want("behind")
}

func TestShutdown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		work    func(ctx context.Context, release <-chan struct{}) // of the first job
		patient bool                                               // the job ends before the context of Shutdown
		givenUp []string
	}{
		{"ends in time", func(_ context.Context, release <-chan struct{}) { <-release }, true, nil},
		{"heeds its context", func(ctx context.Context, _ <-chan struct{}) { <-ctx.Done() }, false, []string{"test"}},
		{"heeds nothing", func(_ context.Context, release <-chan struct{}) { <-release }, false, []string{"test"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			began, release := make(chan struct{}), make(chan struct{})
			b.start(func(ctx context.Context, job Job, args testJob) error {
				if args.Name == "first" {
					close(began)
					c.work(ctx, release)
				}
				return b.log(ctx, job, args)
			})
			free := sync.OnceFunc(func() { close(release) })
			t.Cleanup(free)
			b.put(Job{Queue: "q", Args: testJob{"first"}}, Job{Queue: "q", Args: testJob{"second"}})
			<-began
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan []string)
			go func() { ended <- b.outbox.Shutdown(ctx) }()
			for !b.outbox.isDraining() {
				runtime.Gosched()
			}
			if c.patient {
				free()
			} else {
				cancel()
			}
			if got := <-ended; !slices.Equal(got, c.givenUp) {
				t.Errorf("Shutdown gave up %q, want %q", got, c.givenUp)
			}
			free()
			b.outbox.Wait()
			if want := []string{"first"}; !slices.Equal(b.ran, want) {
				t.Errorf("ran %q, want %q: a job that waits must not begin", b.ran, want)
			}
		})
	}
}
