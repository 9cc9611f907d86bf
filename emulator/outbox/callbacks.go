package outbox

import (
	"slices"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Timing says how the callbacks about one thing come, as nobody promises that they come once, at once and in order. The zero Timing is
// that promise.
type Timing struct {
	// Delay is the time after which a callback comes.
	Delay time.Duration
	// Copies is the number of times that each comes; 0 means once.
	Copies int
	// Reversed makes a callback overtake those before it. Each waits for the next, for OvertakenFor at most, or until the final one.
	Reversed bool
}

// OvertakenFor is the longest time that a callback waits for one that overtakes it.
const OvertakenFor = 10 * time.Second

// Callback is a job that tells of something that is one of several about the same thing, such as the statuses of a message.
type Callback struct {
	// Queue has the callbacks about one thing to one server, and nothing else.
	Queue string
	Args  Args
	// Final says that no other comes after it.
	Final bool
}

// PutCallback adds the jobs of a callback in a transaction.
func (o *Outbox) PutCallback(tx store.Tx, t Timing, c Callback) error {
	due := o.clock.Now().Add(t.Delay)
	var overtaken []Job
	if t.Reversed {
		var err error
		if overtaken, err = o.takeWaiting(tx, c.Queue); err != nil {
			return err
		}
		if !c.Final {
			due = due.Add(OvertakenFor)
		}
	}
	list := slices.Repeat([]Job{{Args: c.Args}}, max(1, t.Copies))
	for _, job := range append(list, overtaken...) {
		if err := o.Put(tx, Job{Queue: c.Queue, Due: due, Args: job.Args}); err != nil {
			return err
		}
	}
	return nil
}

// takeWaiting removes the jobs of a queue whose time has not come, and returns them in their order. One that is due may be under way.
func (o *Outbox) takeWaiting(tx store.Tx, queue string) (list []Job, _ error) {
	for job, err := range jobs.Each(tx, store.Query{Index: byQueue, Prefix: store.Prefix(queue)}) {
		if err != nil {
			return nil, err
		}
		if job.Due.After(o.clock.Now()) {
			list = append(list, job)
		}
	}
	for _, job := range list {
		if err := remove(tx, job); err != nil {
			return nil, err
		}
	}
	return list, nil
}
