package outbox

import (
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Args has the arguments of the jobs of one type: a struct, not a pointer, that encodes to JSON and back.
type Args interface {
	// Kind names the type of the jobs. It must not depend on the value.
	Kind() string
}

// Job is something to be done after a commit: now, or when the clock gets there.
type Job struct {
	// ID makes a job replace the waiting one of the same ID; empty means that it stands for itself.
	ID string
	// Due is the earliest time at which the job runs; zero means now.
	Due time.Time
	// Queue names an order: of the jobs of one queue each waits for the one before. Empty means no order.
	Queue string
	Args  Args

	// What follows is set by the outbox.

	// Type is Args.Kind.
	Type string
	// Seq numbers the jobs in the order of the puts.
	Seq int64
	// Attempt counts from 0.
	Attempt int
	// Key is that of the document. Blocked says that another job of the queue is before this one.
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

// Kinds declares the documents of an outbox, for opening the store, and those of store.Next, which numbers the jobs. types has a
// value of each type of arguments, so that a backend that encodes documents can read them.
func Kinds(types ...Args) []store.Kind {
	known := make(map[string]reflect.Type, len(types))
	for _, args := range types {
		known[args.Kind()] = reflect.TypeOf(args)
	}
	kind := jobs.Kind()
	kind.New = func() any { return new(encodedJob) }
	kind.Load = func(decoded any) any { return decoded.(*encodedJob).job(known) }
	return []store.Kind{kind, store.Sequences()}
}

// encodedJob is a Job whose arguments are still encoded.
type encodedJob struct {
	Job
	Args json.RawMessage
}

func (e *encodedJob) job(known map[string]reflect.Type) Job {
	job := e.Job
	job.Args = unreadable(job.Type)
	if t, ok := known[job.Type]; ok {
		args := reflect.New(t)
		if err := json.Unmarshal(e.Args, args.Interface()); err == nil {
			job.Args = args.Elem().Interface().(Args)
		}
	}
	return job
}

// unreadable stands for arguments that could not be decoded; the job fails when it is run.
type unreadable string

func (u unreadable) Kind() string { return string(u) }

// RetryError makes a job run again at an instant, with the next Attempt. Its queue waits for it.
type RetryError struct {
	At  time.Time
	Err error
}

func (e *RetryError) Error() string { return e.Err.Error() }

// Unwrap returns why the job is to run again.
func (e *RetryError) Unwrap() error { return e.Err }

// Put adds a job in a transaction; it is run after the commit.
func (o *Outbox) Put(tx store.Tx, job Job) error {
	seq, err := store.Next(tx, "job")
	if err != nil {
		return err
	}
	job.Seq, job.Key, job.Type = seq, job.ID, job.Args.Kind()
	if job.Key == "" {
		job.Key = store.Ordinal(seq)
	}
	if job.Due.IsZero() {
		job.Due = o.clock.Now()
	}
	if job.Queue != "" {
		if job.Blocked, err = o.Waits(tx, job.Queue); err != nil {
			return err
		}
	}
	o.markDirty()
	return jobs.Put(tx, job.Key, job)
}

// markDirty makes the next commit wake the dispatcher. If the transaction fails, the dispatcher looks in vain.
func (o *Outbox) markDirty() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.dirty = true
}

// Waits reports in a transaction whether a queue holds a job: one that waits, or one that is being done.
func (*Outbox) Waits(tx store.Tx, queue string) (bool, error) {
	return jobs.HasAny(tx, store.Query{Index: byQueue, Prefix: store.Prefix(queue)})
}

// Pending reports in a transaction whether the job of an ID waits or is being done.
func (*Outbox) Pending(tx store.Tx, id string) (bool, error) {
	return jobs.Has(tx, id)
}

// Cancel removes the waiting job of an ID in a transaction, if there is one.
func (o *Outbox) Cancel(tx store.Tx, id string) error {
	job, err := jobs.Get(tx, id)
	if err != nil {
		return store.IgnoreNotFound(err)
	}
	o.markDirty()
	return remove(tx, job)
}

// Complete removes a job in the transaction of its worker, so that what the worker does is done exactly once. The error is
// store.ErrNotFound when the job was done before.
func (*Outbox) Complete(tx store.Tx, job Job) error {
	stored, err := jobs.Get(tx, job.Key)
	if err == nil && stored.Seq != job.Seq {
		err = store.ErrNotFound
	}
	if err != nil {
		return err
	}
	return remove(tx, stored)
}

// remove takes a job away and lets the next of its queue run.
func remove(tx store.Tx, job Job) error {
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
}
