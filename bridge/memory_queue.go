package bridge

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"
)

// remembered is the number of keys of finished entries, and of idle lanes, that a MemoryQueue keeps.
const remembered = 100_000

// MemoryQueue is a Queue for embedding and for tests: nothing survives the process. It implements DeadLetters.
type MemoryQueue struct {
	// Clock is the time that leases and retries go by; nil means real time. It must be set before the queue is used.
	Clock Clock

	mu       sync.Mutex
	lanes    map[string]*memoryLane
	busy     map[string]*memoryLane // lanes in which something waits
	idle     []string               // lanes that became idle, oldest first; some are busy again
	known    map[string]bool        // keys and tokens
	finished []string               // keys in known that may be forgotten, oldest first
	dead     []deadEntry
	replayed changes
	seq      int // numbers entries
	leases   int // numbers leases
}

type memoryLane struct {
	state   []byte
	waiting []memoryEntry // in order
	due     time.Time
	lease   string
	until   time.Time
}

type memoryEntry struct {
	Entry
	seq     int
	attempt int
	queued  time.Time
}

type deadEntry struct {
	memoryEntry
	reason string
	died   time.Time
}

// NewMemoryQueue makes an empty queue.
func NewMemoryQueue() *MemoryQueue {
	return &MemoryQueue{lanes: map[string]*memoryLane{}, busy: map[string]*memoryLane{}, known: map[string]bool{}}
}

func (q *MemoryQueue) now() time.Time { return clockOr(q.Clock).Now() }

// Accept implements Queue.
func (q *MemoryQueue) Accept(_ context.Context, entry Entry) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.accept(entry), nil
}

// accept stores entry unless it is known; q.mu must be held.
func (q *MemoryQueue) accept(entry Entry) bool {
	if q.known["key "+entry.Key] || (entry.Token != "" && q.known["token "+entry.Token]) {
		return false
	}
	q.known["key "+entry.Key] = true
	if entry.Token != "" {
		q.known["token "+entry.Token] = true
	}
	q.seq++
	now := q.now()
	q.enqueue(memoryEntry{Entry: entry, seq: q.seq, queued: now}, now)
	return true
}

// enqueue puts e into its lane by its number; q.mu must be held.
func (q *MemoryQueue) enqueue(e memoryEntry, now time.Time) {
	l := q.lanes[e.Lane]
	if l == nil {
		l = &memoryLane{}
		q.lanes[e.Lane] = l
	}
	if len(l.waiting) == 0 {
		l.due = now
		q.busy[e.Lane] = l
	}
	at, _ := slices.BinarySearchFunc(l.waiting, e, func(a, b memoryEntry) int { return cmp.Compare(a.seq, b.seq) })
	l.waiting = slices.Insert(l.waiting, at, e)
}

// Lease implements Queue.
func (q *MemoryQueue) Lease(_ context.Context, atMost time.Duration) (*Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	var next *memoryLane
	for _, l := range q.busy {
		if !l.due.After(now) && !l.until.After(now) && (next == nil || l.due.Before(next.due)) {
			next = l
		}
	}
	if next == nil {
		return nil, nil
	}
	q.leases++
	next.lease, next.until = strconv.Itoa(q.leases), now.Add(atMost)
	head := &next.waiting[0]
	head.attempt++
	return &Job{Entry: head.Entry, Attempt: head.attempt, Queued: head.queued, LaneState: next.state, Lease: next.lease}, nil
}

// Settle implements Queue.
func (q *MemoryQueue) Settle(_ context.Context, job *Job, outcome Outcome) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[job.Lane]
	if l == nil || l.lease != job.Lease {
		return ErrLeaseLost
	}
	if outcome.Status == StatusWorking {
		l.until = outcome.At
		return nil
	}
	at := slices.IndexFunc(l.waiting, func(e memoryEntry) bool { return e.Key == job.Key })
	l.lease, l.until, l.due = "", time.Time{}, q.now()
	if outcome.LaneState != nil {
		l.state = outcome.LaneState
	}
	switch outcome.Status {
	case StatusRetry:
		l.due = outcome.At
	case StatusDead:
		q.dead = append(q.dead, deadEntry{memoryEntry: l.waiting[at], reason: outcome.Reason, died: q.now()})
		l.waiting = slices.Delete(l.waiting, at, at+1)
	default:
		l.waiting = slices.Delete(l.waiting, at, at+1)
		q.finish(job.Entry)
	}
	if outcome.Status == StatusDone && len(l.waiting) == 0 && !outcome.At.IsZero() {
		defer func() { l.due = outcome.At }()
	}
	for _, entry := range outcome.Follow {
		q.accept(entry)
	}
	if len(l.waiting) == 0 {
		q.makeIdle(job.Lane)
	}
	return nil
}

// finish keeps e's keys and forgets the oldest; q.mu must be held.
func (q *MemoryQueue) finish(e Entry) {
	q.finished = append(q.finished, "key "+e.Key)
	if e.Token != "" {
		q.finished = append(q.finished, "token "+e.Token)
	}
	for ; len(q.finished) > remembered; q.finished = q.finished[1:] {
		delete(q.known, q.finished[0])
	}
}

// makeIdle makes a lane idle and forgets the oldest idle ones; q.mu must be held.
func (q *MemoryQueue) makeIdle(lane string) {
	delete(q.busy, lane)
	q.idle = append(q.idle, lane)
	for ; len(q.idle) > remembered; q.idle = q.idle[1:] {
		if q.busy[q.idle[0]] == nil {
			delete(q.lanes, q.idle[0])
		}
	}
}

// Stats implements Queue.
func (q *MemoryQueue) Stats(context.Context) (Stats, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	stats := Stats{Dead: len(q.dead)}
	for _, l := range q.busy {
		stats.Waiting += len(l.waiting)
		for _, e := range l.waiting {
			if stats.Oldest.IsZero() || e.Accepted.Before(stats.Oldest) {
				stats.Oldest = e.Accepted
			}
		}
	}
	return stats, nil
}

// Ping implements Pinger. Memory can always be written.
func (q *MemoryQueue) Ping(context.Context) error { return nil }

// Close implements Queue.
func (q *MemoryQueue) Close() error { return nil }

// ListDead implements DeadLetters.
func (q *MemoryQueue) ListDead(_ context.Context, limit int) ([]DeadLetter, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	dead := q.dead[:min(limit, len(q.dead))]
	list := make([]DeadLetter, 0, len(dead))
	for _, d := range dead {
		list = append(list, DeadLetter{Entry: d.Entry, Attempts: d.attempt, Reason: d.reason, Died: d.died})
	}
	return list, nil
}

// Replay implements DeadLetters.
func (q *MemoryQueue) Replay(_ context.Context, key string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	e, err := q.takeDead(key)
	if err != nil {
		return err
	}
	e.queued = q.now()
	q.enqueue(e, e.queued)
	q.replayed.broadcast()
	return nil
}

// Replayed returns a channel that is closed at the next Replay, so that no Handler has to ask for that from time to time.
func (q *MemoryQueue) Replayed() <-chan struct{} { return q.replayed.next() }

// Discard implements DeadLetters.
func (q *MemoryQueue) Discard(_ context.Context, key string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	e, err := q.takeDead(key)
	if err == nil {
		q.finish(e.Entry)
	}
	return err
}

// takeDead removes an entry from the list of dead letters; q.mu must be held.
func (q *MemoryQueue) takeDead(key string) (memoryEntry, error) {
	at := slices.IndexFunc(q.dead, func(d deadEntry) bool { return d.Key == key })
	if at < 0 {
		return memoryEntry{}, ErrNotDead
	}
	e := q.dead[at].memoryEntry
	q.dead = slices.Delete(q.dead, at, at+1)
	return e, nil
}
