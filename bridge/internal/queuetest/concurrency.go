package queuetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
)

// Lanes are entries in several lanes that several workers take.
type Lanes struct {
	lanes, each int

	mu    sync.Mutex
	busy  map[string]bool
	order map[string][]string // keys by lane, as they were worked on
	done  int
}

// FillLanes accepts entries into every lane, round by round, through any of the queues, which are one.
func FillLanes(t *testing.T, lanes, each int, queues ...Queue) *Lanes {
	t.Helper()
	l := &Lanes{lanes: lanes, each: each, busy: map[string]bool{}, order: map[string][]string{}}
	for i := range each {
		for lane := range lanes {
			accept(t, queues[(i+lane)%len(queues)], entry(fmt.Sprintf("SM%d-%02d", lane, i), fmt.Sprint("lane", lane)), true)
		}
	}
	return l
}

// Empty takes everything with several workers per queue. No lane may ever have two, and each keeps its order.
func (l *Lanes) Empty(t *testing.T, workers int, queues ...Queue) {
	t.Helper()
	var all sync.WaitGroup
	for _, q := range queues {
		for range workers {
			all.Go(func() { l.work(t, q) })
		}
	}
	all.Wait()
	for lane := range l.lanes {
		keys := l.order[fmt.Sprint("lane", lane)]
		for i := range l.each {
			if i >= len(keys) || keys[i] != fmt.Sprintf("SM%d-%02d", lane, i) {
				t.Fatalf("lane %d was worked on in the order %v", lane, keys)
			}
		}
	}
}

func (l *Lanes) work(t *testing.T, q Queue) {
	for deadline := time.Now().Add(time.Minute); !l.finished() && time.Now().Before(deadline); {
		job, err := q.Lease(t.Context(), long)
		if err != nil {
			t.Error(err)
			return
		}
		if job == nil {
			continue
		}
		l.take(t, job)
		if err := q.Settle(t.Context(), job, bridge.Outcome{}); err != nil {
			t.Error(err)
			return
		}
	}
}

// take records a job; the lane is free again before the queue knows.
func (l *Lanes) take(t *testing.T, job *bridge.Job) {
	l.mu.Lock()
	if l.busy[job.Lane] {
		t.Errorf("lane %s is worked on twice at once", job.Lane)
	}
	l.busy[job.Lane] = true
	l.order[job.Lane] = append(l.order[job.Lane], job.Key)
	l.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy[job.Lane] = false
	l.done++
}

func (l *Lanes) finished() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done == l.lanes*l.each
}

// testManyWorkers has nearly as many workers as lanes.
func testManyWorkers(t *testing.T, q Queue) {
	FillLanes(t, 8, 12, q).Empty(t, 6, q)
}

// testConcurrentDuplicates delivers the same message many times at once.
func testConcurrentDuplicates(t *testing.T, q Queue) {
	var all sync.WaitGroup
	accepted := make(chan bool, 10)
	for range cap(accepted) {
		all.Go(func() {
			ok, err := q.Accept(t.Context(), entry("SM1", "a"))
			if err != nil {
				t.Error(err)
			}
			accepted <- ok
		})
	}
	all.Wait()
	close(accepted)
	times := 0
	for ok := range accepted {
		if ok {
			times++
		}
	}
	if times != 1 {
		t.Errorf("accepted %d times, want once", times)
	}
}
