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

type dispatcherConfig struct {
	queue   Queue
	pace    *pace
	workers int
	log     *slog.Logger
	work    func(context.Context, *Job) Outcome
}

// dispatcher takes jobs from the queue and has them worked on, several at a time.
type dispatcher struct {
	dispatcherConfig
	slots       chan struct{} // one for each job that may run
	wake        chan struct{} // has a token when the queue is worth asking now; whoever put it there is busy until it is asked
	unreachable bool          // the queue did not answer last time

	stopping chan struct{}      // closed by stop
	once     sync.Once          // for stopping
	cancel   context.CancelFunc // ends running jobs
	finished chan struct{}      // closed when nothing runs any more
	running  sync.WaitGroup

	mu     sync.Mutex
	alarms map[*alarm]bool // of retries that are not due yet; nil after stop
}

// alarm wakes the dispatcher at a time of the Clock.
type alarm struct{ stop func() bool }

func newDispatcher(c dispatcherConfig) *dispatcher {
	return &dispatcher{
		dispatcherConfig: c, slots: make(chan struct{}, c.workers), wake: make(chan struct{}, 1),
		stopping: make(chan struct{}), finished: make(chan struct{}), alarms: map[*alarm]bool{},
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
		woken := false
		for {
			replayed := d.nextReplay()
			d.dispatch(ctx)
			if woken {
				d.pace.end()
			}
			woken = false
			select {
			case <-d.wake:
				woken = true
			case <-replayed:
			case <-poll.C:
			case <-d.stopping:
				d.running.Wait()
				return
			}
		}
	}()
}

// nextReplay returns a channel that is closed when a dead letter is made to wait again; nil where only asking can tell.
func (d *dispatcher) nextReplay() <-chan struct{} {
	if q, ok := d.queue.(interface{ Replayed() <-chan struct{} }); ok {
		return q.Replayed()
	}
	return nil
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
		d.pace.begin()
		d.running.Go(func() {
			defer d.pace.end()
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
	d.pace.begin()
	select {
	case d.wake <- struct{}{}: // the dispatcher says when it has asked
	default:
		d.pace.end()
	}
}

// notifyAt wakes the dispatcher at a time of the Clock.
func (d *dispatcher) notifyAt(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.alarms == nil {
		return
	}
	a := new(alarm)
	d.alarms[a] = true
	a.stop = d.pace.AfterFunc(t.Sub(d.pace.Now()), func() {
		d.notify()
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.alarms, a)
	})
}

// silence stops the alarms.
func (d *dispatcher) silence() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for a := range d.alarms {
		a.stop()
	}
	d.alarms = nil
}

// run works on a job while it holds the lease, and writes the outcome.
func (d *dispatcher) run(ctx context.Context, job *Job) {
	working, cancel := d.pace.withTimeout(ctx, jobTime)
	defer cancel()
	d.pace.begin()
	d.running.Go(func() {
		defer d.pace.end()
		d.renew(working, cancel, job)
	})
	outcome := d.runSafely(working, job)
	cancel()
	settle, done := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer done()
	if err := d.queue.Settle(settle, job, outcome); err != nil {
		// The lease runs out, and the next attempt finds what this one did.
		d.log.Error("outcome not stored, the entry will be tried again", "key", job.Key, "error", err)
	} else if !outcome.At.IsZero() {
		d.notifyAt(outcome.At)
	}
}

// renew prolongs the lease until the work ends. It ends the work when the lease is lost, or when it cannot be prolonged
// in time, because somebody else may have it then.
func (d *dispatcher) renew(working context.Context, cancel context.CancelFunc, job *Job) {
	held := d.pace.Now()
	for d.pace.sleep(working, renewTime) == nil {
		asked := d.pace.Now()
		attempt, done := context.WithTimeout(working, renewTime)
		err := d.queue.Settle(attempt, job, Outcome{Status: StatusWorking, At: asked.Add(leaseTime)})
		done()
		if err == nil {
			held = asked
			continue
		}
		if working.Err() == nil && (errors.Is(err, ErrLeaseLost) || d.pace.since(held) > leaseTime-2*renewTime) {
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
	defer d.silence()
	select {
	case <-d.finished:
		return nil
	case <-ctx.Done():
		d.cancel()
		<-d.finished
		return errors.Join(ctx.Err(), errors.New("work was interrupted"))
	}
}
