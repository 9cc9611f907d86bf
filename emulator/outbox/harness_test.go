package outbox

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// bench is an outbox over a store, with a clock that stands still and a log of what ran.
type bench struct {
	t      *testing.T
	outbox *Outbox
	store  store.Store
	clock  *clock.Clock

	mu  sync.Mutex
	ran []string
}

// testJob is a job with a name.
type testJob struct{ Name string }

func (testJob) Kind() string { return "test" }

// nobodysJob has no worker.
type nobodysJob struct{}

func (nobodysJob) Kind() string { return "nobody's" }

func newBench(t *testing.T) *bench {
	t.Helper()
	memory, err := store.NewMemory(Kinds(testJob{}, nobodysJob{})...)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)
	b := &bench{t: t, store: memory, clock: clock.New(clock.State{Frozen: &at})}
	b.outbox = New(Config{Store: b.store, Clock: b.clock})
	return b
}

// start runs the outbox with a worker for test jobs; the function it returns stops it.
func (b *bench) start(work func(ctx context.Context, job Job, args testJob) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	outbox := b.outbox
	Handle(outbox, work)
	outbox.Start(ctx)
	stop = sync.OnceFunc(func() {
		cancel()
		outbox.Wait()
	})
	b.t.Cleanup(stop)
	return stop
}

func (b *bench) log(ctx context.Context, _ Job, args testJob) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ran = append(b.ran, args.Name)
	return ctx.Err()
}

func (b *bench) put(list ...Job) {
	b.t.Helper()
	err := b.outbox.Update(b.t.Context(), func(tx store.Tx) error {
		for _, job := range list {
			if err := b.outbox.Put(tx, job); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.t.Error(err)
	}
}

func (b *bench) job(name, queue string, in time.Duration) Job {
	return Job{Queue: queue, Due: b.clock.Now().Add(in), Args: testJob{name}}
}

func (b *bench) settle() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	if err := b.outbox.Settle(ctx); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) advance(d time.Duration) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	if err := b.clock.Advance(ctx, d, b.outbox.Agenda()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) want(names ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Equal(b.ran, names) {
		b.t.Errorf("ran %q, want %q", b.ran, names)
	}
}
