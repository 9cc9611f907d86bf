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
	// leaseTime is the length of a lease, and so of a customer's wait after a crash. A running job renews its lease every
	// renewTime.
	leaseTime = 10 * time.Second
	renewTime = 2 * time.Second
	// jobTime limits the work on one job.
	jobTime = 2 * time.Minute
	// pollTime is the interval at which the queue is asked for entries of other processes and for retries that are due.
	pollTime = 250 * time.Millisecond
	// settleTime limits leasing a job, and storing an outcome, which is done even while the process stops.
	settleTime = 10 * time.Second
)

// dispatcher takes jobs from the queue and has them worked on, several at a time.
type dispatcher struct {
	queue       Queue
	work        func(context.Context, *Job) Outcome
	log         *slog.Logger
	slots       chan struct{} // one for each job that may run
	wake        chan struct{} // has a token when the queue is worth asking now
	unreachable bool          // the queue did not answer last time

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

// report logs that the queue has stopped answering, or answers again.
func (d *dispatcher) report(err error) {
	switch {
	case err != nil && !d.unreachable:
		d.log.Error("the queue does not answer: messages wait", "error", err)
	case err == nil && d.unreachable:
		d.log.Info("the queue answers again")
	}
	d.unreachable = err != nil
}

// notify wakes the dispatcher, because something may be due.
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
	outcome := d.runSafely(working, job)
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
			d.log.Error("work cancelled: its lease could not be renewed", "key", job.Key, "error", err)
			cancel()
			return
		}
	}
}

// runSafely runs the work of a job. A panic makes the job a dead letter and stops no other.
func (d *dispatcher) runSafely(ctx context.Context, job *Job) (outcome Outcome) {
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
