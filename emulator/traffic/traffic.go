// Package traffic records the requests that come in and the webhooks that go out, and makes some of them fail on purpose.
//
// It stands at the emulator's two edges to the network, and nothing inside knows of it: a [Log] wraps the handler of the API and
// the transport of webhooks, and applies each [Fault]. A request passes Log.Handler → fault → the API, or the webhook sender →
// Log.RoundTripper → fault → the network, so that a request that was made to fail is recorded with its failure.
//
// The log is a ring of the newest entries in memory. They are not documents in the store, because nothing depends on them and
// writing each request a second time would cost more than the request.
package traffic

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Directions of an exchange, as seen from the emulator.
const (
	In  = "in"  // a request to Twilio's API
	Out = "out" // a request by Twilio, to a webhook
)

// Exchange is one request and its answer.
type Exchange struct {
	// Seq numbers the exchanges of a Log from 1, in the order in which they ended.
	Seq       int64         `json:"seq"`
	Time      time.Time     `json:"time"`
	Direction string        `json:"direction"`
	Method    string        `json:"method"`
	URL       string        `json:"url"`
	Duration  time.Duration `json:"duration"` // nanoseconds of real time
	Request   Message       `json:"request"`
	Response  Message       `json:"response"`
	// Status of the answer; 0 when there was none.
	Status int `json:"status"`
	// Error is the reason when there was no answer.
	Error string `json:"error,omitempty"`
	// Unhandled names an operation of Twilio's that is not emulated; empty for those that are.
	Unhandled string `json:"unhandled,omitempty"`
	// Ignored says what of the request was not read, as with Twilio: a body that is no form. Empty if all was.
	Ignored string `json:"ignored,omitempty"`
	// Fault is the ID of the fault that was applied.
	Fault string `json:"fault,omitempty"`
}

// Config of a Log. The zero Config works.
type Config struct {
	// Keep is the number of exchanges that are kept; 0 means 1,000.
	Keep int
	// BodyLimit is the number of bytes that are kept of a body; 0 means 8 KB.
	BodyLimit int
	// Now dates the exchanges; nil means time.Now.
	Now func() time.Time
}

// Log records exchanges, keeps the newest, and applies faults. Its methods may be called from any goroutine.
type Log struct {
	config Config

	mu       sync.Mutex
	ring     []Exchange // exchange n is at (n-1) % len
	seq      int64
	cleared  int64 // exchanges up to here are forgotten
	begun    int64 // exchanges so far
	inFlight map[*Exchange]*caller
	changed  chan struct{} // closed and replaced at every change, if somebody waits
	faults   []*fault
	faultSeq int
}

// NewLog returns an empty log without faults.
func NewLog(c Config) *Log {
	if c.Keep <= 0 {
		c.Keep = 1000
	}
	if c.BodyLimit <= 0 {
		c.BodyLimit = 8 << 10
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Log{config: c, ring: make([]Exchange, c.Keep), inFlight: map[*Exchange]*caller{}}
}

// begin notes an exchange that starts, with its caller if it comes in, and returns the fault to apply to it, if there is
// one.
func (l *Log) begin(e *Exchange, c *caller, r *http.Request) *fault {
	e.Time = l.config.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun++
	l.inFlight[e] = c
	f := l.match(e.Direction, r)
	if f != nil {
		e.Fault = f.ID
	}
	return f
}

// end records an exchange that is over.
func (l *Log) end(e *Exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.inFlight, e)
	l.seq++
	e.Seq = l.seq
	l.ring[(e.Seq-1)%int64(len(l.ring))] = *e
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// List returns the exchanges with a number above after, oldest first, limit at most (0: all that are kept).
func (l *Log) List(after int64, limit int) []Exchange {
	list := l.kept(after, limit)
	for i := range list {
		list[i].Request.unfold()
		list[i].Response.unfold()
	}
	return list
}

// kept copies exchanges out of the ring; their messages are not unfolded yet.
func (l *Log) kept(after int64, limit int) []Exchange {
	l.mu.Lock()
	defer l.mu.Unlock()
	after = max(after, l.cleared, l.seq-int64(len(l.ring)))
	count := max(0, l.seq-after) // neither after+1 nor after+limit is computed: both could overflow
	if limit > 0 {
		count = min(count, int64(limit))
	}
	list := make([]Exchange, count)
	for i := range list {
		list[i] = l.ring[(after+int64(i))%int64(len(l.ring))]
	}
	return list
}

// Seq is the number of the newest exchange; 0 before the first.
func (l *Log) Seq() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seq
}

// Clear forgets the exchanges, not the faults. Numbering goes on.
func (l *Log) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cleared = l.seq
	clear(l.ring)
}

// Wait returns when there is an exchange with a number above after, or with ctx's error.
func (l *Log) Wait(ctx context.Context, after int64) error {
	return l.until(ctx, func() bool { return l.seq > after })
}

// stallTime is the time without a byte from or to a caller after which its request counts as stalled.
const stallTime = time.Second

// caller is the other side of an incoming request. awaited is when the emulator began to wait for it, to send more of its
// request or to take more of the answer, in nanoseconds since 1970; 0 while it does not wait. The zero caller is ready.
type caller struct {
	awaited atomic.Int64
	held    atomic.Int64 // until when a fault keeps the request back, likewise; 0: none does
}

// await notes that the emulator waits for the caller, and ready that it does no longer.
func (c *caller) await() { c.awaited.Store(time.Now().UnixNano()) }
func (c *caller) ready() { c.awaited.Store(0) }

func (c *caller) stalled() bool {
	if c == nil {
		return false
	}
	awaited := c.awaited.Load()
	return awaited != 0 && time.Since(time.Unix(0, awaited)) >= stallTime
}

// Idle returns when no exchange is under way, or with ctx's error. A request whose caller has stalled, neither sending
// the rest of it nor reading the answer for a second of real time, does not count: it may stay so for ever.
func (l *Log) Idle(ctx context.Context) error {
	ticker := time.NewTicker(stallTime / 10) // a stall is no change that would wake until
	defer ticker.Stop()
	for {
		changed := l.unless(func() bool { return len(l.busy()) == 0 })
		if changed == nil {
			return nil
		}
		select {
		case <-changed:
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// busy are the exchanges under way without those whose caller has stalled. It needs l.mu.
func (l *Log) busy() []*Exchange {
	var list []*Exchange
	for e, c := range l.inFlight {
		if !c.stalled() {
			list = append(list, e)
		}
	}
	return list
}

// Activity counts the exchanges under way at one moment.
type Activity struct {
	In, Out   int
	Held      int       // those of In that a fault keeps back, for its Delay
	HeldUntil time.Time // real time at which the first of those goes on; zero where Held is 0
	Begun     int64     // all exchanges that have begun so far
}

// Activity counts what is under way.
func (l *Log) Activity() Activity {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := Activity{Begun: l.begun}
	var until int64
	for e, c := range l.inFlight {
		if e.Direction == Out {
			a.Out++
			continue
		}
		a.In++
		if held := c.held.Load(); held != 0 {
			a.Held++
			if until == 0 || held < until {
				until = held
			}
		}
	}
	if until != 0 {
		a.HeldUntil = time.Unix(0, until)
	}
	return a
}

// UnderWay lists the exchanges that Idle waits for by method and URL: "POST http://api.twilio.com/v1/Conversations".
func (l *Log) UnderWay() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []string
	for _, e := range l.busy() {
		list = append(list, e.Method+" "+e.URL)
	}
	slices.Sort(list)
	return list
}

// until waits for a condition that is read with l.mu held.
func (l *Log) until(ctx context.Context, met func() bool) error {
	for {
		changed := l.unless(met)
		if changed == nil {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// unless returns nil when a condition is met, and otherwise a channel that is closed at the next change.
func (l *Log) unless(met func() bool) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if met() {
		return nil
	}
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}
