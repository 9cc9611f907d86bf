package conversations

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// bench is an outbox over a store, with a clock that stands still and a log of what ran.
type bench struct {
	t     *testing.T
	api   *API
	store store.Store
	clock *clock.Clock

	mu  sync.Mutex
	ran []string
}

const jobTest = "test"

func newBench(t *testing.T) *bench {
	t.Helper()
	memory, err := store.NewMemory(Kinds()...)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)
	b := &bench{t: t, store: memory, clock: clock.New(clock.State{Frozen: &at})}
	b.api = b.newAPI()
	return b
}

func (b *bench) newAPI() *API {
	return New(Config{Store: b.store, Clock: b.clock, SIDs: sid.NewSource(1)})
}

// start runs the outbox with a worker for test jobs; the function it returns stops it.
func (b *bench) start(w Worker) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	outbox := b.api.outbox
	outbox.Handle(jobTest, w)
	outbox.Start(ctx)
	stop = sync.OnceFunc(func() {
		cancel()
		outbox.Wait()
	})
	b.t.Cleanup(stop)
	return stop
}

func (b *bench) log(ctx context.Context, job Job) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ran = append(b.ran, job.Args["name"])
	return ctx.Err()
}

func (b *bench) put(list ...Job) {
	b.t.Helper()
	err := b.api.Update(b.t.Context(), func(tx store.Tx) error {
		for _, job := range list {
			if err := b.api.outbox.Put(tx, job); err != nil {
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
	return Job{Type: jobTest, Queue: queue, Due: b.clock.Now().Add(in), Args: map[string]string{"name": name}}
}

func (b *bench) settle() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	if err := b.api.outbox.Settle(ctx); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) advance(d time.Duration) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	if err := b.clock.Advance(ctx, d, b.api.outbox.Agenda()); err != nil {
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
