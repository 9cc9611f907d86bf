package conversations

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// dispatch starts what is due, whenever something was put, a job has ended, or the clock has got on.
func (o *Outbox) dispatch(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		clockChanged := o.api.clock.Changed()
		next, err := o.startDue(ctx)
		if err != nil && ctx.Err() == nil {
			o.api.logger.Error("conversations: the outbox cannot read its jobs", "error", err)
		}
		timer.Stop()
		if !next.IsZero() {
			if d, runs := o.api.clock.Until(next); runs {
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
	now := o.api.clock.Now()
	var due []Job
	err = o.api.store.View(ctx, func(tx store.Tx) error {
		for job, err := range jobs.Each(tx, store.Query{Index: byDue, Limit: maxWorkers + len(o.running) + 1}) {
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
		if _, underWay := o.running[job.Key]; underWay || len(o.running) >= maxWorkers {
			continue
		}
		o.running[job.Key] = struct{}{}
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
			o.api.logger.Error("conversations: a job is done but cannot be taken from the outbox", "job", job.Type, "error", err)
		}
	}
	o.mu.Lock()
	delete(o.running, job.Key)
	o.mu.Unlock()
	o.poke()
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

func (o *Outbox) finish(ctx context.Context, job Job, outcome error) error {
	var retry *RetryError
	again := errors.As(outcome, &retry)
	if outcome != nil && !again {
		o.api.logger.Error("conversations: a job failed", "job", job.Type, "args", job.Args, "error", outcome)
	}
	return o.api.store.Update(ctx, func(tx store.Tx) error {
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
		if err := jobs.Delete(tx, job.Key); err != nil || job.Queue == "" {
			return err
		}
		next, err := jobs.First(tx, store.Query{Index: byQueue, Prefix: store.Prefix(job.Queue)})
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		next.Blocked = false
		return jobs.Put(tx, next.Key, next)
	})
}
