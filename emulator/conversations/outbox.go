package conversations

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Types of jobs that this package runs itself. Others are run by whoever calls Outbox.Handle for them.
const (
	JobWebhook  = "webhook"  // tell a scoped webhook of an event
	JobTimer    = "timer"    // let a conversation's timer run out
	JobStudio   = "studio"   // tell a Studio flow of a message
	JobDelivery = "delivery" // carry a message to a participant's phone
)

// Job is something that was promised by a commit and is done after it: now, or when the clock gets there. It is a
// document, so it outlives a crash. It is done at least once; its worker must bear a repetition.
type Job struct {
	// ID makes a job replace the waiting one of the same ID; empty means that it stands for itself.
	ID string
	// Seq is given by Put, in the order of the puts.
	Seq int64
	// Due is when the job may run; zero means now.
	Due time.Time
	// Queue names an order: of the jobs of one queue each waits for the one before. Empty means no order.
	Queue string
	// Type says which worker runs it.
	Type string
	// Attempt counts from 0.
	Attempt int
	// Event is what the job tells of, if it does.
	Event *Event
	Args  map[string]string

	// Key is where the document stands, and Blocked whether one of its queue is before it.
	Key     string
	Blocked bool
}

const (
	byDue   = "due"   // Key(due, seq), jobs that wait for the clock only
	byQueue = "queue" // Key(queue, seq)
)

var jobs = store.NewTable[Job]("job").
	Ordered(byDue, func(j Job) (string, bool) {
		return store.Key(store.Instant(j.Due), store.Ordinal(j.Seq)), !j.Blocked
	}).
	Ordered(byQueue, func(j Job) (string, bool) {
		return store.Key(j.Queue, store.Ordinal(j.Seq)), j.Queue != ""
	})

// Waits reports in a transaction whether a queue holds a job: one that waits, or one that is being done.
func (*Outbox) Waits(tx store.Tx, queue string) (bool, error) {
	_, err := jobs.First(tx, store.Query{Index: byQueue, Prefix: store.Prefix(queue)})
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Worker does a job. It runs on its own goroutine, without any lock or transaction. An error other than *RetryError is
// logged and ends the job.
type Worker func(ctx context.Context, job Job) error

// RetryError makes a job run again at an instant, with the next Attempt. Its queue waits for it.
type RetryError struct {
	At  time.Time
	Err error
}

func (e *RetryError) Error() string { return e.Err.Error() }
func (e *RetryError) Unwrap() error { return e.Err }

// maxWorkers is how many jobs run at once. Most of them wait for somebody's server.
const maxWorkers = 64

// Outbox runs jobs: those without a queue at once, those of a queue one after the other.
type Outbox struct {
	api     *API
	workers map[string]Worker

	mu       sync.Mutex
	dirty    bool                // a transaction has put a job
	running  map[string]struct{} // keys of the jobs under way
	waiters  []chan struct{}     // closed when nothing is due or under way
	wake     chan struct{}
	done     chan struct{} // closed when the dispatcher has ended
	stopped  bool
	inFlight sync.WaitGroup
}

func newOutbox(a *API) *Outbox {
	return &Outbox{api: a, workers: map[string]Worker{}, running: map[string]struct{}{}, wake: make(chan struct{}, 1)}
}

// Handle names the worker of a type of jobs. It must be called before Start.
func (o *Outbox) Handle(jobType string, w Worker) { o.workers[jobType] = w }

// Put adds a job in a transaction; it is run after the commit.
func (o *Outbox) Put(tx store.Tx, job Job) error {
	seq, err := store.Next(tx, "job")
	if err != nil {
		return err
	}
	job.Seq, job.Key = seq, job.ID
	if job.Key == "" {
		job.Key = store.Ordinal(seq)
	}
	if job.Due.IsZero() {
		job.Due = o.api.clock.Now()
	}
	if job.Queue != "" {
		var err error
		if job.Blocked, err = o.Waits(tx, job.Queue); err != nil {
			return err
		}
	}
	o.mu.Lock()
	o.dirty = true // a hint only: if the transaction fails, the dispatcher looks in vain
	o.mu.Unlock()
	return jobs.Put(tx, job.Key, job)
}

// Cancel takes the waiting job of an ID away, if there is one.
func (o *Outbox) Cancel(tx store.Tx, id string) error {
	if err := jobs.Delete(tx, id); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

// Start runs jobs until ctx ends; Wait then waits for those under way.
func (o *Outbox) Start(ctx context.Context) {
	o.done = make(chan struct{})
	go func() {
		defer close(o.done)
		o.dispatch(ctx)
		o.inFlight.Wait()
		o.mu.Lock()
		defer o.mu.Unlock()
		o.stopped = true
		o.release()
	}()
}

// Wait returns when the outbox, its context ended, has finished the jobs under way.
func (o *Outbox) Wait() { <-o.done }

// Settle returns when no job is due or under way, with all that such jobs cause, or with ctx's error.
func (o *Outbox) Settle(ctx context.Context) error {
	o.mu.Lock()
	if o.stopped {
		o.mu.Unlock()
		return store.ErrClosed
	}
	idle := make(chan struct{})
	o.waiters = append(o.waiters, idle)
	o.mu.Unlock()
	o.poke()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Agenda is what waits for the clock, for clock.Advance.
func (o *Outbox) Agenda() clock.Agenda {
	return clock.Agenda{Run: o.Settle, Next: func(ctx context.Context) (due time.Time, waiting bool, err error) {
		err = o.api.store.View(ctx, func(tx store.Tx) error {
			job, err := jobs.First(tx, store.Query{Index: byDue, From: store.Instant(o.api.clock.Now().Add(1))})
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			due, waiting = job.Due, err == nil
			return err
		})
		return due, waiting, err
	}}
}

// committed is called after every commit.
func (o *Outbox) committed() {
	o.mu.Lock()
	dirty := o.dirty
	o.dirty = false
	o.mu.Unlock()
	if dirty {
		o.poke()
	}
}

// poke makes the dispatcher look for due jobs.
func (o *Outbox) poke() {
	select {
	case o.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// release tells the waiters that the outbox is idle. It needs o.mu.
func (o *Outbox) release() {
	for _, idle := range o.waiters {
		close(idle)
	}
	o.waiters = nil
}
