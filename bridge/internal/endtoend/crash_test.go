package endtoend

import (
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/pgtest"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

// TestKilledAtRandom kills the bridge again and again while 50 customers write 1,000 messages and Twilio fails now and
// then: in the end each message stands in a conversation exactly once. The order that begins with the message is killed as
// often, on the way of fewer messages.
func TestKilledAtRandom(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED with -short: the crash test takes a while")
	}
	for order, customers := range map[bridge.Order]int{bridge.OrderCustomer: 50, bridge.OrderMessage: 20} {
		t.Run(string(order), func(t *testing.T) {
			t.Parallel()
			killAtRandom(t, order, customers)
		})
	}
}

func killAtRandom(t *testing.T, order bridge.Order, n int) {
	const each = 20
	fake := twiliotest.New(t)
	armChaos(fake)
	where := sqliteFile(t)
	c := &child{queue: where, api: fake.URL, order: order}
	c.start(t)
	customers := newCustomers(n, each)
	written := make(chan struct{})
	go func() {
		defer close(written)
		var all sync.WaitGroup
		for _, one := range customers {
			all.Go(func() { one.write(t, fake, []*child{c}) })
		}
		all.Wait()
	}()
	kills := 0
	for running := true; running; {
		next := fake.Made() + 3*n + rand.IntN(7*n)
		poll(t, "Twilio is called", func() bool {
			select {
			case <-written:
				running = false
			default:
			}
			return !running || fake.Made() >= next
		})
		if running {
			c.end(t, os.Kill)
			kills++
			c.start(t)
		}
	}
	finish(t, where)
	c.end(t, syscall.SIGTERM)
	t.Logf("%d messages, %d kills, %d calls", n*each, kills, len(fake.Calls()))
	if kills < 3 {
		t.Errorf("the bridge was killed %d times only", kills)
	}
	check(t, fake, customers)
}

// TestTwoBridges has 200 customers write at once through two bridges that share a queue.
func TestTwoBridges(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED with -short: 200 customers take a while")
	}
	queues := map[string]func(*testing.T) string{
		"SQLite":     sqliteFile,
		"PostgreSQL": func(t *testing.T) string { return pgtest.Start(t) },
	}
	for name, open := range queues {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const each = 3
			fake := twiliotest.New(t)
			where := open(t)
			bridges := []*child{{queue: where, api: fake.URL}, {queue: where, api: fake.URL}}
			for _, b := range bridges {
				b.start(t)
			}
			customers := newCustomers(200, each)
			began := time.Now()
			var all sync.WaitGroup
			for _, one := range customers {
				all.Go(func() { one.write(t, fake, bridges) })
			}
			all.Wait()
			finish(t, where)
			for _, b := range bridges {
				b.end(t, syscall.SIGTERM)
			}
			took := time.Since(began)
			t.Logf("%d messages in %s: %.0f per second, %d calls", 200*each, took, 200*each/took.Seconds(), len(fake.Calls()))
			check(t, fake, customers)
		})
	}
}

// finish waits until the bridges are done with everything.
func finish(t *testing.T, where string) {
	t.Helper()
	queue, err := openQueue(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	drained(t, queue)
	if err := queue.Close(); err != nil {
		t.Error(err)
	}
}
