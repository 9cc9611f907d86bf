package postgres_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

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
		t.Parallel()
		queuetest.Run(t, func(t *testing.T) queuetest.Queue { return open(t, url, fmt.Sprint("AC", names.Add(1))) })
	})
	t.Run("two processes", func(t *testing.T) {
		t.Parallel()
		one, two := open(t, url, "shared"), open(t, url, "shared")
		queuetest.FillLanes(t, 10, 20, one, two).Empty(t, 3, one, two)
	})
	t.Run("tables made at once", func(t *testing.T) {
		t.Parallel()
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
