// Package queuetest is the contract of bridge.Queue as code: every backend must pass it. It is written around what
// backends disagree on: duplicates, order within a lane, leases that run out, and several workers at once.
package queuetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
)

// Queue is the interface of a backend.
type Queue interface {
	bridge.Queue
	bridge.DeadLetters
	bridge.Pinger
}

// long is a lease that does not run out within a test.
const long = time.Hour

// Run runs the contract. Open makes an empty queue that is closed by its test.
func Run(t *testing.T, open func(*testing.T) Queue) {
	t.Helper()
	parts := map[string]func(*testing.T, Queue){
		"duplicates":      testDuplicates,
		"order":           testOrder,
		"retry":           testRetry,
		"lanes":           testLanes,
		"lost lease":      testLostLease,
		"state":           testState,
		"follow":          testFollow,
		"follow later":    testFollowLater,
		"dead letters":    testDeadLetters,
		"many workers":    testManyWorkers,
		"settled by many": testConcurrentDuplicates,
		"ping":            testPing,
	}
	for name, part := range parts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part(t, open(t))
		})
	}
}

func entry(key, lane string) bridge.Entry {
	return bridge.Entry{Key: key, Lane: lane, Accepted: time.Now().Truncate(time.Microsecond), Data: []byte("data of " + key)}
}

func accept(t *testing.T, q Queue, e bridge.Entry, want bool) {
	t.Helper()
	if got, err := q.Accept(t.Context(), e); err != nil || got != want {
		t.Fatalf("Accept %s: %v, %v; want %v", e.Key, got, err, want)
	}
}

// lease wants a job at once; "" wants none.
func lease(t *testing.T, q Queue, want string) *bridge.Job {
	t.Helper()
	job, err := q.Lease(t.Context(), long)
	if err != nil {
		t.Fatal(err)
	}
	if got := keyOf(job); got != want {
		t.Fatalf("Lease: %q, want %q", got, want)
	}
	return job
}

// leaseSoon polls until a job is due.
func leaseSoon(t *testing.T, q Queue, want string) *bridge.Job {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		job, err := q.Lease(t.Context(), long)
		if err != nil {
			t.Fatal(err)
		}
		if job != nil {
			if job.Key != want {
				t.Fatalf("Lease: %q, want %q", job.Key, want)
			}
			return job
		}
	}
	t.Fatalf("%s is not due within ten seconds", want)
	return nil
}

func keyOf(job *bridge.Job) string {
	if job == nil {
		return ""
	}
	return job.Key
}

func settle(t *testing.T, q Queue, job *bridge.Job, outcome bridge.Outcome) {
	t.Helper()
	if err := q.Settle(t.Context(), job, outcome); err != nil {
		t.Fatal(err)
	}
}

func stats(t *testing.T, q Queue) bridge.Stats {
	t.Helper()
	s, err := q.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testDuplicates(t *testing.T, q Queue) {
	first := entry("SM1", "a")
	first.Token = "token 1"
	accept(t, q, first, true)
	accept(t, q, first, false)
	sameToken := entry("SM2", "a")
	sameToken.Token = "token 1"
	accept(t, q, sameToken, false)
	accept(t, q, entry("SM3", "a"), true)
	accept(t, q, entry("SM4", "a"), true) // no token is no duplicate of no token
	job := lease(t, q, "SM1")
	if string(job.Data) != "data of SM1" || job.Token != "token 1" || job.Attempt != 1 || !job.Accepted.Equal(first.Accepted) || job.LaneState != nil {
		t.Errorf("job %+v", job)
	}
	settle(t, q, job, bridge.Outcome{})
	accept(t, q, first, false) // done is remembered
	if s := stats(t, q); s.Waiting != 2 {
		t.Errorf("%d wait, want 2", s.Waiting)
	}
}

func testOrder(t *testing.T, q Queue) {
	for i := range 5 {
		accept(t, q, entry(fmt.Sprint("SM", i), "a"), true)
	}
	for i := range 5 {
		job := lease(t, q, fmt.Sprint("SM", i))
		lease(t, q, "") // the lane is being worked on
		settle(t, q, job, bridge.Outcome{})
	}
	if s := stats(t, q); s != (bridge.Stats{}) {
		t.Errorf("stats %+v of an empty queue", s)
	}
}

func testRetry(t *testing.T, q Queue) {
	accept(t, q, entry("SM1", "a"), true)
	accept(t, q, entry("SM2", "a"), true)
	settle(t, q, lease(t, q, "SM1"), bridge.Outcome{Status: bridge.StatusRetry, At: time.Now().Add(long), Reason: "later"})
	lease(t, q, "") // SM2 does not overtake
	accept(t, q, entry("SM3", "a"), true)
	lease(t, q, "") // nor does a new one wake the lane
	accept(t, q, entry("SM4", "b"), true)
	settle(t, q, lease(t, q, "SM4"), bridge.Outcome{Status: bridge.StatusRetry, At: time.Now().Add(50 * time.Millisecond)})
	if job := leaseSoon(t, q, "SM4"); job.Attempt != 2 {
		t.Errorf("attempt %d, want 2", job.Attempt)
	}
}

func testLanes(t *testing.T, q Queue) {
	accept(t, q, entry("SM1", "a"), true)
	accept(t, q, entry("SM2", "a"), true)
	accept(t, q, entry("SM3", "b"), true)
	lease(t, q, "SM1")
	lease(t, q, "SM3")
	lease(t, q, "")
	if s := stats(t, q); s.Waiting != 3 || s.Oldest.IsZero() {
		t.Errorf("stats %+v, want 3 waiting", s)
	}
}

func testLostLease(t *testing.T, q Queue) {
	accept(t, q, entry("SM1", "a"), true)
	slow, err := q.Lease(t.Context(), time.Millisecond)
	if err != nil || slow == nil {
		t.Fatalf("Lease: %v, %v", slow, err)
	}
	again := leaseSoon(t, q, "SM1")
	if again.Attempt != 2 {
		t.Errorf("attempt %d, want 2", again.Attempt)
	}
	err = q.Settle(t.Context(), slow, bridge.Outcome{Status: bridge.StatusDead, LaneState: []byte("stale"), Follow: []bridge.Entry{entry("SM9", "z")}})
	if !errors.Is(err, bridge.ErrLeaseLost) {
		t.Errorf("late Settle: %v, want ErrLeaseLost", err)
	}
	if s := stats(t, q); s.Waiting != 1 || s.Dead != 0 {
		t.Errorf("a late Settle changed the queue: %+v", s)
	}
	for _, until := range []time.Duration{time.Millisecond, long} { // prolonged, it is nobody else's
		settle(t, q, again, bridge.Outcome{Status: bridge.StatusWorking, At: time.Now().Add(until)})
	}
	lease(t, q, "")
	if err := q.Settle(t.Context(), slow, bridge.Outcome{Status: bridge.StatusWorking, At: time.Now().Add(long)}); !errors.Is(err, bridge.ErrLeaseLost) {
		t.Errorf("late prolonging: %v, want ErrLeaseLost", err)
	}
	settle(t, q, again, bridge.Outcome{})
	if err := q.Settle(t.Context(), again, bridge.Outcome{}); !errors.Is(err, bridge.ErrLeaseLost) {
		t.Errorf("second Settle: %v, want ErrLeaseLost", err)
	}
}

func testState(t *testing.T, q Queue) {
	for _, key := range []string{"SM1", "SM2", "SM3"} {
		accept(t, q, entry(key, "a"), true)
	}
	settle(t, q, lease(t, q, "SM1"), bridge.Outcome{LaneState: []byte("one")})
	job := lease(t, q, "SM2")
	if string(job.LaneState) != "one" {
		t.Errorf("state %q, want one", job.LaneState)
	}
	settle(t, q, job, bridge.Outcome{}) // nil leaves it
	if job := lease(t, q, "SM3"); string(job.LaneState) != "one" {
		t.Errorf("state %q after nil, want one", job.LaneState)
	}
}

func testFollow(t *testing.T, q Queue) {
	accept(t, q, entry("SM1", "a"), true)
	accept(t, q, entry("SM2", "a"), true)
	settle(t, q, lease(t, q, "SM1"), bridge.Outcome{Follow: []bridge.Entry{entry("cleanup", "a"), entry("other", "b")}})
	var order []string
	for range 3 {
		job, err := q.Lease(t.Context(), long)
		if err != nil || job == nil {
			t.Fatalf("Lease: %v, %v", job, err)
		}
		order = append(order, job.Key)
		settle(t, q, job, bridge.Outcome{})
	}
	if slices.Index(order, "SM2") > slices.Index(order, "cleanup") || !slices.Contains(order, "other") {
		t.Errorf("worked on in the order %q, want cleanup behind what waited before it", order)
	}
}

// testFollowLater has an entry be followed by another that is not due yet, in a lane in which nothing waits, and in one in which
// something does.
func testFollowLater(t *testing.T, q Queue) {
	accept(t, q, entry("SM1", "a"), true)
	later := bridge.Outcome{At: time.Now().Add(long), Follow: []bridge.Entry{entry("later", "a")}}
	settle(t, q, lease(t, q, "SM1"), later)
	lease(t, q, "")
	accept(t, q, entry("SM2", "b"), true)
	accept(t, q, entry("SM3", "b"), true)
	later.Follow = []bridge.Entry{entry("behind", "b")}
	settle(t, q, lease(t, q, "SM2"), later)
	settle(t, q, lease(t, q, "SM3"), bridge.Outcome{})
	lease(t, q, "behind")
}

func testDeadLetters(t *testing.T, q Queue) {
	for _, key := range []string{"SM1", "SM2", "SM3"} {
		accept(t, q, entry(key, "a"), true)
	}
	settle(t, q, lease(t, q, "SM1"), bridge.Outcome{Status: bridge.StatusDead, Reason: "no hope"})
	settle(t, q, lease(t, q, "SM2"), bridge.Outcome{Status: bridge.StatusDead, Reason: "none either"})
	list, err := q.ListDead(t.Context(), 10)
	if err != nil || len(list) != 2 || list[0].Key != "SM1" || list[0].Reason != "no hope" || list[0].Attempts != 1 ||
		string(list[0].Data) != "data of SM1" || list[0].Died.IsZero() {
		t.Fatalf("dead letters %+v, %v", list, err)
	}
	if list, _ := q.ListDead(t.Context(), 1); len(list) != 1 {
		t.Errorf("%d dead letters with limit 1", len(list))
	}
	if s := stats(t, q); s.Waiting != 1 || s.Dead != 2 {
		t.Errorf("stats %+v, want 1 waiting and 2 dead", s)
	}
	accept(t, q, entry("SM1", "a"), false) // a dead letter is remembered too
	for _, key := range []string{"SM3", "SM9"} {
		if err := q.Replay(t.Context(), key); !errors.Is(err, bridge.ErrNotDead) {
			t.Errorf("Replay %s: %v, want ErrNotDead", key, err)
		}
		if err := q.Discard(t.Context(), key); !errors.Is(err, bridge.ErrNotDead) {
			t.Errorf("Discard %s: %v, want ErrNotDead", key, err)
		}
	}
	if err := q.Replay(t.Context(), "SM1"); err != nil {
		t.Fatal(err)
	}
	job := lease(t, q, "SM1") // at its old place, before SM3
	if job.Attempt != 2 || job.Queued.Before(list[0].Died.Add(-time.Second)) {
		t.Errorf("replayed job %+v", job)
	}
	if err := q.Discard(t.Context(), "SM2"); err != nil {
		t.Fatal(err)
	}
	if s := stats(t, q); s.Waiting != 2 || s.Dead != 0 {
		t.Errorf("stats %+v, want 2 waiting and none dead", s)
	}
	if err := q.Replay(t.Context(), "SM2"); !errors.Is(err, bridge.ErrNotDead) {
		t.Errorf("Replay of what was discarded: %v, want ErrNotDead", err)
	}
	accept(t, q, entry("SM2", "a"), false) // and it is remembered
}

// testPing pings a queue between other things: nothing of it is to be seen.
func testPing(t *testing.T, q Queue) {
	accept(t, q, entry("SM1", "a"), true)
	for range 2 {
		if err := q.Ping(t.Context()); err != nil {
			t.Errorf("Ping: %v", err)
		}
	}
	settle(t, q, lease(t, q, "SM1"), bridge.Outcome{})
	lease(t, q, "")
	if s := stats(t, q); s != (bridge.Stats{}) {
		t.Errorf("stats %+v of an empty queue", s)
	}
}
