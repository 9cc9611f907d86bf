package bridge

import (
	"context"
	"errors"
	"time"
)

// Queue keeps accepted work until it is done. NewMemoryQueue makes one for embedding; package sqlqueue keeps one in an
// SQLite file or in PostgreSQL. A queue may be shared by several handlers and processes.
//
// Entries stand in lanes. A lane hands out its oldest waiting entry only, to one worker at a time; the entry after it
// has to wait even while the first is waiting for a retry. That keeps a customer's messages in order.
type Queue interface {
	// Accept stores an entry, due now. It reports false, and stores nothing, when an entry with the same Key or the same
	// Token was accepted before, whatever became of it. When it returns without error the entry is not lost.
	Accept(ctx context.Context, entry Entry) (bool, error)
	// Lease hands out an entry that is due, for at most the given time; nil when none is.
	Lease(ctx context.Context, atMost time.Duration) (*Job, error)
	// Settle ends a lease, or with StatusWorking prolongs it. It fails with ErrLeaseLost, and changes nothing, when the
	// lease has run out and the entry was handed to somebody else.
	Settle(ctx context.Context, job *Job, outcome Outcome) error
	// Stats counts what the queue holds.
	Stats(ctx context.Context) (Stats, error)
	// Close releases the queue; what waits stays where the backend keeps it.
	Close() error
}

// Pinger is a Queue that can tell whether it takes entries. Handler.Ready asks it; a Queue that is none counts as ready.
type Pinger interface {
	// Ping reports why entries cannot be stored at present; nil means that they can. It tries: it stores something and removes it.
	Ping(ctx context.Context) error
}

// DeadLetters is the list of entries that were given up.
type DeadLetters interface {
	// ListDead returns dead entries, oldest first, at most limit.
	ListDead(ctx context.Context, limit int) ([]DeadLetter, error)
	// Replay makes a dead entry wait again at its old place in its lane; ErrNotDead when there is no such dead entry.
	Replay(ctx context.Context, key string) error
	// Discard deletes the data of a dead entry and keeps its keys, like those of a finished entry.
	// ErrNotDead when there is no such dead entry.
	Discard(ctx context.Context, key string) error
}

var (
	// ErrLeaseLost says that a job was handed to another worker meanwhile.
	ErrLeaseLost = errors.New("the lease has run out and the entry was handed to another worker")
	// ErrNotDead says that no dead entry has that key.
	ErrNotDead = errors.New("no dead letter has this key")
)

// Entry is one piece of accepted work.
type Entry struct {
	Key      string    // unique: the MessageSid, or "cleanup …"
	Token    string    // unique too: I-Twilio-Idempotency-Token; "" for none
	Lane     string    // the customer (ExternalUserId, or else From) and To
	Accepted time.Time // when the webhook came
	Data     []byte    // not the queue's business; gone once the entry is done
}

// Job is an entry that was handed to a worker.
type Job struct {
	Entry
	Attempt   int       // 1 for the first
	Queued    time.Time // when the entry was accepted or last replayed: patience counts from here
	LaneState []byte    // what the last settled job of the lane left; nil in a new lane
	Lease     string    // proves the lease; opaque
}

// Status is the kind of an Outcome.
type Status int

const (
	// StatusDone removes the entry's data and remembers its keys.
	StatusDone Status = iota
	// StatusRetry lets the entry, and its lane, wait until Outcome.At.
	StatusRetry
	// StatusDead moves the entry to the dead letters.
	StatusDead
	// StatusWorking prolongs the lease until Outcome.At and changes nothing else.
	StatusWorking
)

// Outcome is the result of a job.
type Outcome struct {
	Status    Status
	At        time.Time // StatusRetry: when it is due again; StatusWorking: until when it is leased; StatusDone: see Follow
	Reason    string    // of StatusRetry and StatusDead, for logs and lists
	LaneState []byte    // replaces that of the lane; nil leaves it
	// Follow are entries that are accepted together with this outcome, or not at all. With StatusDone and At the lane waits until
	// then, unless something else waits in it.
	Follow []Entry
}

// DeadLetter is an entry that was given up.
type DeadLetter struct {
	Entry
	Attempts int
	Reason   string
	Died     time.Time
}

// Stats counts entries.
type Stats struct {
	Waiting int       // neither done nor dead, those being worked on included
	Dead    int       // given up
	Oldest  time.Time // Accepted of the oldest that waits; zero when none does
}
