// Package outbox keeps what was promised by a commit and is done after it: a webhook to call, a message to deliver, a timer
// that runs out.
//
// A promise is a [Job], a document of the same transaction as the change that it follows from, so it is made exactly when the
// change is, and outlives a crash. [Outbox.Put] adds one. The outbox runs it after the commit, or when the clock has got to its
// due time, on a goroutine of its own and without a lock or transaction; those of one queue run one after the other. A job is done
// at least once, so its worker must bear a repetition.
//
// What a job needs is a struct, its [Args], whose method Kind names the type of the job. [Handle] names the worker of a type:
//
//	type greet struct{ Name string }
//
//	func (greet) Kind() string { return "greet" }
//
//	outbox.Handle(o, func(ctx context.Context, job outbox.Job, args greet) error { ... })
//
// An Outbox is also the store's only door: it is a [store.Store], and every package writes through it, so that no commit
// goes unnoticed.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Config of an Outbox. Store and Clock must be set.
type Config struct {
	// Store must have been opened with Kinds among its kinds, and must not be written to past the outbox.
	Store store.Store
	Clock *clock.Clock
	// Logger gets the errors of workers, which no caller can be told; nil means none.
	Logger *slog.Logger
}

// maxRunning is the largest number of jobs that run at once. Most of them wait for somebody's server.
const maxRunning = 64

// Outbox runs jobs. Its methods may be called from any goroutine.
type Outbox struct {
	store   store.Store
	clock   *clock.Clock
	logger  *slog.Logger
	workers map[string]worker

	mu       sync.Mutex
	dirty    bool              // a transaction has put a job
	changed  chan struct{}     // closed at the next commit; nil while nobody waits for it
	running  map[string]string // types of the jobs under way, by key
	waiters  []chan struct{}   // closed when nothing is due or under way
	wake     chan struct{}
	done     chan struct{} // closed when the dispatcher has ended
	draining bool          // no more jobs are begun
	stopped  bool
	cancel   context.CancelFunc // ends the contexts of the jobs
	inFlight sync.WaitGroup
}

type worker func(ctx context.Context, job Job) error

// New returns an outbox over a store. It runs nothing before Start.
func New(c Config) *Outbox {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Outbox{store: c.Store, clock: c.Clock, logger: c.Logger,
		workers: map[string]worker{}, running: map[string]string{}, wake: make(chan struct{}, 1)}
}

// Handle names the worker of the jobs with arguments of type A. It must be called before Start. An error of the worker other than
// *RetryError is logged and ends the job.
func Handle[A Args](o *Outbox, work func(ctx context.Context, job Job, args A) error) {
	var zero A
	o.workers[zero.Kind()] = func(ctx context.Context, job Job) error {
		args, ok := job.Args.(A)
		if !ok {
			return fmt.Errorf("the arguments of job %s are %T, not %T", job.Key, job.Args, zero)
		}
		return work(ctx, job, args)
	}
}

// View reads the store.
func (o *Outbox) View(ctx context.Context, fn func(store.Tx) error) error {
	return o.store.View(ctx, fn)
}

// Update writes to the store. After the commit the jobs that fn has put are run, and Committed's channel is closed.
func (o *Outbox) Update(ctx context.Context, fn func(store.Tx) error) error {
	if err := o.store.Update(ctx, fn); err != nil {
		return err
	}
	o.committed()
	return nil
}

// committed closes the channel of those who wait for a commit, and wakes the dispatcher if jobs were put.
func (o *Outbox) committed() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed != nil {
		close(o.changed)
	}
	if o.dirty {
		o.poke()
	}
	o.dirty, o.changed = false, nil
}

// Close closes the store. Jobs that wait stay in it. Shutdown must have returned.
func (o *Outbox) Close() error { return o.store.Close() }

// Committed returns a channel that is closed after the next commit. Whoever follows the store calls it, reads, and then waits, and
// so misses nothing.
func (o *Outbox) Committed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed == nil {
		o.changed = make(chan struct{})
	}
	return o.changed
}

// Start runs jobs until ctx ends, or until Shutdown.
func (o *Outbox) Start(ctx context.Context) {
	ctx, o.cancel = context.WithCancel(ctx)
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

// cancelTime is the time for which Shutdown waits for jobs whose contexts it has ended.
const cancelTime = time.Second

// Shutdown begins no more jobs and waits for those under way. When ctx ends before they do, their contexts end too, and
// Shutdown returns their types. The store stays open.
func (o *Outbox) Shutdown(ctx context.Context) (givenUp []string) {
	defer o.cancel()
	o.drain()
	select {
	case <-o.done:
		return nil
	case <-ctx.Done():
	}
	givenUp = o.underWay()
	o.cancel()
	select {
	case <-o.done:
	case <-time.After(cancelTime): // a job that does not heed its context holds up nobody
	}
	return givenUp
}

func (o *Outbox) drain() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.draining = true
	o.poke()
}

func (o *Outbox) underWay() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(maps.Values(o.running))
}

// isDraining reports whether Shutdown was called.
func (o *Outbox) isDraining() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.draining
}

// Wait returns when the outbox, its context ended, has finished the jobs under way.
func (o *Outbox) Wait() { <-o.done }

// Settle returns when no job is due or under way, with all that such jobs cause. The error is ctx's, or store.ErrClosed for an
// outbox that was stopped.
func (o *Outbox) Settle(ctx context.Context) error {
	idle, stopped := o.idle()
	if stopped {
		return store.ErrClosed
	}
	o.poke()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// idle returns a channel that is closed when nothing is due or under way.
func (o *Outbox) idle() (idle chan struct{}, stopped bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stopped {
		return nil, true
	}
	idle = make(chan struct{})
	o.waiters = append(o.waiters, idle)
	return idle, false
}

// Due counts the jobs that are due, those under way included.
func (o *Outbox) Due(ctx context.Context) (n int, err error) {
	err = o.store.View(ctx, func(tx store.Tx) error {
		now := o.clock.Now()
		for job, err := range jobs.Each(tx, store.Query{Index: byDue}) {
			if err != nil {
				return err
			}
			if job.Due.After(now) {
				return nil
			}
			n++
		}
		return nil
	})
	return n, err
}

// Agenda says what waits for the clock, for clock.Advance.
func (o *Outbox) Agenda() clock.Agenda {
	return clock.Agenda{Run: o.Settle, Next: func(ctx context.Context) (due time.Time, waiting bool, err error) {
		err = o.store.View(ctx, func(tx store.Tx) error {
			job, err := jobs.First(tx, store.Query{Index: byDue, From: store.Instant(o.clock.Now().Add(1))})
			due, waiting = job.Due, err == nil
			return store.IgnoreNotFound(err)
		})
		return due, waiting, err
	}}
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

// dispatch starts what is due, whenever something was put, a job has ended, or the clock has got on.
func (o *Outbox) dispatch(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil && !o.isDraining() {
		clockChanged := o.clock.Changed()
		next, err := o.startDue(ctx)
		if err != nil && ctx.Err() == nil {
			o.logger.Error("outbox: the jobs cannot be read", "error", err)
		}
		timer.Stop()
		if !next.IsZero() {
			if d, runs := o.clock.Until(next); runs {
				timer.Reset(d)
			}
		}
		select {
		case <-ctx.Done():
		case <-o.wake:
		case <-clockChanged:
		case <-timer.C:
		}
	}
}

// startDue starts every due job that is not under way, as far as there are workers, and returns when the next one is due
// (zero: none is waiting). When nothing is due or under way it releases those who wait for that.
func (o *Outbox) startDue(ctx context.Context) (next time.Time, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.draining {
		return time.Time{}, nil
	}
	now := o.clock.Now()
	var due []Job
	err = o.store.View(ctx, func(tx store.Tx) error {
		for job, err := range jobs.Each(tx, store.Query{Index: byDue, Limit: maxRunning + len(o.running) + 1}) {
			if err != nil {
				return err
			}
			if job.Due.After(now) {
				next = job.Due
				return nil
			}
			due = append(due, job)
		}
		return nil
	})
	if err != nil {
		return time.Time{}, err
	}
	for _, job := range due {
		if _, underWay := o.running[job.Key]; underWay || len(o.running) >= maxRunning {
			continue
		}
		o.running[job.Key] = job.Type
		o.inFlight.Add(1)
		go o.run(ctx, job)
	}
	if len(due) == 0 && len(o.running) == 0 {
		o.release()
	}
	return next, nil
}

// run does one job and takes it, or puts it back, in the store.
func (o *Outbox) run(ctx context.Context, job Job) {
	defer o.inFlight.Done()
	err := o.work(ctx, job)
	if ctx.Err() == nil {
		if err := o.finish(ctx, job, err); err != nil && ctx.Err() == nil {
			o.logger.Error("outbox: a job is done but cannot be removed", "job", job.Type, "error", err)
		}
	}
	o.ended(job)
	o.poke()
}

func (o *Outbox) ended(job Job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.running, job.Key)
}

// work calls the worker; a panic of it is an error of its job, not the end of the emulator.
func (o *Outbox) work(ctx context.Context, job Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("worker panicked: %v", p)
		}
	}()
	w, ok := o.workers[job.Type]
	if !ok {
		return fmt.Errorf("no worker for jobs of type %q", job.Type)
	}
	return w(ctx, job)
}

// finish removes a job that is done, and lets the next of its queue run, or puts off one that is to be tried again.
func (o *Outbox) finish(ctx context.Context, job Job, outcome error) error {
	var retry *RetryError
	again := errors.As(outcome, &retry)
	if outcome != nil && !again {
		o.logger.Error("outbox: a job failed", "job", job.Type, "key", job.Key, "error", outcome)
	}
	return o.Update(ctx, func(tx store.Tx) error {
		stored, err := jobs.Get(tx, job.Key)
		if errors.Is(err, store.ErrNotFound) || (err == nil && stored.Seq != job.Seq) {
			return nil // cancelled or replaced meanwhile
		}
		if err != nil {
			return err
		}
		if again {
			stored.Due, stored.Attempt = retry.At, stored.Attempt+1
			return jobs.Put(tx, job.Key, stored)
		}
		return remove(tx, stored)
	})
}
