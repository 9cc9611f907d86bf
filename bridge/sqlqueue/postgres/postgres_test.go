package postgres_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/pgtest"
	"github.com/cloudforgot/cloudforgot/bridge/internal/queuetest"
	"github.com/cloudforgot/cloudforgot/bridge/sqlqueue"
	"github.com/cloudforgot/cloudforgot/bridge/sqlqueue/postgres"
)

func open(t *testing.T, url, name string) *sqlqueue.Queue {
	t.Helper()
	q, err := postgres.Open(t.Context(), url, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
	return q
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t)
	var names atomic.Int64
	t.Run("contract", func(t *testing.T) {
		queuetest.Run(t, func(t *testing.T) queuetest.Queue { return open(t, url, fmt.Sprint("AC", names.Add(1))) })
	})
	t.Run("two processes", func(t *testing.T) { testTwoConnections(t, url) })
	t.Run("tables made at once", func(t *testing.T) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if q, err := postgres.Open(t.Context(), url, "AC1"); err != nil {
					t.Error(err)
				} else if err := q.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}

// testTwoConnections has two queues on one database, as two processes have: every entry goes to one of them, in order.
func testTwoConnections(t *testing.T, url string) {
	const lanes, each = 10, 20
	queues := []*sqlqueue.Queue{open(t, url, "shared"), open(t, url, "shared")}
	for i := range lanes * each {
		entry := bridge.Entry{Key: fmt.Sprint("SM", i), Lane: fmt.Sprint(i % lanes), Accepted: time.Now()}
		if ok, err := queues[i%2].Accept(t.Context(), entry); !ok || err != nil {
			t.Fatalf("Accept: %v, %v", ok, err)
		}
	}
	var mu sync.Mutex
	last, done := map[string]int{}, 0
	record := func(job *bridge.Job) {
		mu.Lock()
		defer mu.Unlock()
		var n int
		_, _ = fmt.Sscanf(job.Key, "SM%d", &n)
		if before, ok := last[job.Lane]; ok && n != before+lanes {
			t.Errorf("lane %s: %s after SM%d", job.Lane, job.Key, before)
		}
		last[job.Lane] = n
		done++
	}
	var all sync.WaitGroup
	for _, q := range []*sqlqueue.Queue{queues[0], queues[1], queues[0], queues[1]} {
		all.Go(func() {
			for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
				job, err := q.Lease(t.Context(), time.Hour)
				if err != nil {
					t.Error(err)
					return
				}
				if job != nil {
					record(job)
					if err := q.Settle(t.Context(), job, bridge.Outcome{}); err != nil {
						t.Error(err)
						return
					}
				}
				mu.Lock()
				finished := done == lanes*each
				mu.Unlock()
				if finished {
					return
				}
			}
		})
	}
	all.Wait()
	if done != lanes*each {
		t.Errorf("%d of %d were worked on", done, lanes*each)
	}
}

func TestUnusableURL(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://u:secret-word@127.0.0.1:1/x", "postgres://u:secret-word@:x:/%zz"} {
		_, err := postgres.Open(t.Context(), url, "AC1")
		if err == nil {
			t.Errorf("%s was opened", url)
		} else if strings.Contains(err.Error(), "secret-word") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}
