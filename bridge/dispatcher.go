package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// leaseTime is how long a job belongs to its worker, and so how long a customer waits after a crash. A worker that
	// goes on prolongs it every renewTime.
	leaseTime = 10 * time.Second
	renewTime = 2 * time.Second
	// jobTime ends the work on one job.
	jobTime = 2 * time.Minute
	// pollTime is how often the queue is asked for what other processes accepted and for retries that fall due.
	pollTime = 250 * time.Millisecond
	// settleTime bounds the asking for a job, and the writing of an outcome, which happens even while the process stops.
	settleTime = 10 * time.Second
)

// dispatcher takes jobs from the queue and has them worked on, several at a time.
type dispatcher struct {
	queue Queue
	work  func(context.Context, *Job) Outcome
	log   *slog.Logger
	slots chan struct{} // one for each job that may run
	wake  chan struct{} // has a token when the queue is worth asking now
	deaf  bool          // the queue did not answer last time

	stopping chan struct{}      // closed by stop
	once     sync.Once          // for stopping
	cancel   context.CancelFunc // ends running jobs
	finished chan struct{}      // closed when nothing runs any more
	running  sync.WaitGroup
}

func newDispatcher(queue Queue, workers int, log *slog.Logger, work func(context.Context, *Job) Outcome) *dispatcher {
	return &dispatcher{
		queue: queue, work: work, log: log, slots: make(chan struct{}, workers), wake: make(chan struct{}, 1),
		stopping: make(chan struct{}), finished: make(chan struct{}),
	}
}

// start runs the dispatcher until stop.
func (d *dispatcher) start() {
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	go func() {
		defer close(d.finished)
		defer cancel()
		poll := time.NewTicker(pollTime)
		defer poll.Stop()
		for {
			d.dispatch(ctx)
			select {
			case <-d.wake:
			case <-poll.C:
			case <-d.stopping:
				d.running.Wait()
				return
			}
		}
	}()
}

// dispatch hands out jobs until none is due or the dispatcher stops.
func (d *dispatcher) dispatch(ctx context.Context) {
	for {
		select {
		case <-d.stopping:
			return
		case d.slots <- struct{}{}:
		}
		asking, done := context.WithTimeout(ctx, settleTime)
		job, err := d.queue.Lease(asking, leaseTime)
		done()
		d.report(err)
		if err != nil || job == nil {
			<-d.slots
			return
		}
		d.running.Go(func() {
			defer d.notify()
			defer func() { <-d.slots }()
			d.run(ctx, job)
		})
	}
}

// report logs when the queue stops answering and when it answers again.
func (d *dispatcher) report(err error) {
	switch {
	case err != nil && !d.deaf:
		d.log.Error("the queue does not answer, messages wait", "error", err)
	case err == nil && d.deaf:
		d.log.Info("the queue answers again")
	}
	d.deaf = err != nil
}

// notify says that something may be due.
func (d *dispatcher) notify() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// run works on a job while it holds the lease, and writes the outcome.
func (d *dispatcher) run(ctx context.Context, job *Job) {
	working, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	d.running.Go(func() { d.renew(working, cancel, job) })
	outcome := d.safely(working, job)
	cancel()
	settle, done := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer done()
	if err := d.queue.Settle(settle, job, outcome); err != nil {
		// The lease runs out, and the next attempt finds what this one did.
		d.log.Error("outcome not stored, the entry will be tried again", "key", job.Key, "error", err)
	}
}

// renew prolongs the lease until the work ends. It ends the work when the lease is lost, or when it cannot be prolonged
// in time, because somebody else may have it then.
func (d *dispatcher) renew(working context.Context, cancel context.CancelFunc, job *Job) {
	ticker := time.NewTicker(renewTime)
	defer ticker.Stop()
	held := time.Now()
	for {
		select {
		case <-working.Done():
			return
		case <-ticker.C:
		}
		asked := time.Now()
		attempt, done := context.WithTimeout(working, renewTime)
		err := d.queue.Settle(attempt, job, Outcome{Status: StatusWorking, At: asked.Add(leaseTime)})
		done()
		if err == nil {
			held = asked
			continue
		}
		if working.Err() == nil && (errors.Is(err, ErrLeaseLost) || time.Since(held) > leaseTime-2*renewTime) {
			d.log.Error("work is broken off: its lease could not be prolonged", "key", job.Key, "error", err)
			cancel()
			return
		}
	}
}

// safely turns a panic of one job into its death, so that it stops no other.
func (d *dispatcher) safely(ctx context.Context, job *Job) (outcome Outcome) {
	defer func() {
		if broken := recover(); broken != nil {
			d.log.Error("work on an entry panicked", "key", job.Key, "panic", broken, "stack", string(debug.Stack()))
			outcome = Outcome{Status: StatusDead, Reason: fmt.Sprintf("panic: %v", broken)}
		}
	}()
	return d.work(ctx, job)
}

// stop takes no more jobs and waits for those that run; when ctx ends it cancels them and waits for that.
func (d *dispatcher) stop(ctx context.Context) error {
	d.once.Do(func() { close(d.stopping) })
	select {
	case <-d.finished:
		return nil
	case <-ctx.Done():
		d.cancel()
		<-d.finished
		return errors.Join(ctx.Err(), errors.New("work was interrupted"))
	}
}
