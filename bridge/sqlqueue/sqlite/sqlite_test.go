package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/queuetest"
	"github.com/cloudforgot/cloudforgot/bridge/sqlqueue"
	"github.com/cloudforgot/cloudforgot/bridge/sqlqueue/sqlite"
)

func open(t *testing.T, path, name string) *sqlqueue.Queue {
	t.Helper()
	q, err := sqlite.Open(t.Context(), path, name)
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

func TestContract(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T) queuetest.Queue { return open(t, filepath.Join(t.TempDir(), "queue.db"), "AC1") })
}

// TestClockOfTheDatabase has a database whose clock is an hour ahead of the process: all waits go by that one clock.
func TestClockOfTheDatabase(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T) queuetest.Queue {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "queue.db")+"?_txlock=immediate")
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		q, err := sqlqueue.New(t.Context(), db, sqlqueue.Dialect{
			Identity: "INTEGER PRIMARY KEY AUTOINCREMENT", Bytes: "BLOB", Made: "SELECT 0",
			Now: "CAST(unixepoch('subsec') * 1000000 AS INTEGER) + 3600000000",
		}, "AC1")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = q.Close() })
		if ok, err := q.Accept(t.Context(), bridge.Entry{Key: "early", Lane: "early"}); !ok || err != nil {
			t.Fatalf("Accept: %v, %v", ok, err)
		}
		job, err := q.Lease(t.Context(), time.Minute)
		if err != nil || job == nil {
			t.Fatalf("Lease: %v, %v", job, err)
		}
		var until int64
		if err := db.QueryRowContext(t.Context(), "SELECT lease_until FROM bridge_lanes").Scan(&until); err != nil {
			t.Fatal(err)
		}
		if ahead := time.Until(time.UnixMicro(until)); ahead < time.Hour {
			t.Errorf("the lease ends in %s by the clock of the process, so it does not go by that of the database", ahead)
		}
		if err := q.Settle(t.Context(), job, bridge.Outcome{}); err != nil {
			t.Fatal(err)
		}
		return q
	})
}

// TestSurvives opens the file again, under a name that must be escaped.
func TestSurvives(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a queue? 100%#.db")
	first, err := sqlite.Open(t.Context(), path, "AC1")
	if err != nil {
		t.Fatal(err)
	}
	entry := bridge.Entry{Key: "SM1", Lane: "a", Accepted: time.Now(), Data: []byte("x")}
	if _, err := first.Accept(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, path, "AC1")
	if again, err := second.Accept(t.Context(), entry); again || err != nil {
		t.Errorf("accepted again: %v, %v", again, err)
	}
	if job, err := second.Lease(t.Context(), time.Hour); err != nil || job == nil || job.Key != "SM1" {
		t.Errorf("Lease: %+v, %v", job, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file mode %v, %v; want 0600", info.Mode(), err)
	}
}

// TestNames keeps two accounts' queues in one file apart.
func TestNames(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "queue.db")
	one, two := open(t, path, "AC1"), open(t, path, "AC2")
	entry := bridge.Entry{Key: "SM1", Lane: "a", Accepted: time.Now()}
	for _, q := range []*sqlqueue.Queue{one, two} {
		if ok, err := q.Accept(t.Context(), entry); !ok || err != nil {
			t.Fatalf("Accept: %v, %v", ok, err)
		}
		if job, err := q.Lease(t.Context(), time.Hour); err != nil || job == nil {
			t.Fatalf("Lease: %v, %v", job, err)
		}
		if job, err := q.Lease(t.Context(), time.Hour); err != nil || job != nil {
			t.Fatalf("second Lease: %v, %v", job, err)
		}
	}
}

func TestUnusableFile(t *testing.T) {
	t.Parallel()
	if _, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "missing", "queue.db"), "AC1"); err == nil {
		t.Error("a file in a folder that is not there was opened")
	}
	path := filepath.Join(t.TempDir(), "not a database")
	if err := os.WriteFile(path, []byte("this is text and no database at all, much of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path, "AC1"); err == nil {
		t.Error("a file that is no database was opened")
	}
}

// TestFileIsGone removes or replaces the file of an open queue: nothing is taken for stored after that.
func TestFileIsGone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"removed": os.Remove,
		"replaced": func(path string) error {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if err := os.WriteFile(path+".new", content, 0o600); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "queue.db")
			q := open(t, path, "AC1")
			if err := q.Ping(t.Context()); err != nil {
				t.Fatalf("Ping: %v", err)
			}
			if err := change(path); err != nil {
				t.Fatal(err)
			}
			if ok, err := q.Accept(t.Context(), bridge.Entry{Key: "SM1", Lane: "a"}); ok || err == nil {
				t.Errorf("Accept: %v, %v; want an error", ok, err)
			}
			if err := q.Ping(t.Context()); err == nil {
				t.Error("Ping succeeds")
			}
		})
	}
}

// TestFull has a database that must not grow any more.
func TestFull(t *testing.T) {
	t.Parallel()
	db, q := withClock(t)
	if _, err := db.ExecContext(t.Context(), "PRAGMA max_page_count = 1"); err != nil { // SQLite takes the present size for it
		t.Fatal(err)
	}
	if ok, err := q.Accept(t.Context(), bridge.Entry{Key: "SM1", Lane: "a", Data: make([]byte, 10_000)}); ok || err == nil {
		t.Errorf("Accept: %v, %v; want an error", ok, err)
	}
	if err := q.Ping(t.Context()); err == nil {
		t.Error("Ping succeeds")
	}
}

// withClock makes a queue that goes by the clock in the table test_clock, in microseconds.
func withClock(t *testing.T) (*sql.DB, *sqlqueue.Queue) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "queue.db")+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE test_clock AS SELECT 1790000000000000 AS us"); err != nil {
		t.Fatal(err)
	}
	q, err := sqlqueue.New(t.Context(), db, sqlqueue.Dialect{
		Identity: "INTEGER PRIMARY KEY AUTOINCREMENT", Bytes: "BLOB", Made: "SELECT 0", Now: "(SELECT us FROM test_clock)",
	}, "AC1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
	return db, q
}

// TestClockIsSetBack sets the clock back by a day while one entry is being worked on, one belongs to a worker that is gone, and
// one waits for its next attempt: each goes on after as long as it would have taken.
func TestClockIsSetBack(t *testing.T) {
	t.Parallel()
	db, q := withClock(t)
	move := func(d time.Duration) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), "UPDATE test_clock SET us = us + $1", d.Microseconds()); err != nil {
			t.Fatal(err)
		}
	}
	lease := func(want string) *bridge.Job {
		t.Helper()
		job, err := q.Lease(t.Context(), 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if got := ""; job != nil || want != "" {
			if job != nil {
				got = job.Key
			}
			if got != want {
				t.Fatalf("Lease: %q, want %q", got, want)
			}
		}
		return job
	}
	settle := func(job *bridge.Job, outcome bridge.Outcome) {
		t.Helper()
		if err := q.Settle(t.Context(), job, outcome); err != nil {
			t.Fatal(err)
		}
	}
	jobs := map[string]*bridge.Job{}
	for _, key := range []string{"waits", "gone", "alive"} {
		if ok, err := q.Accept(t.Context(), bridge.Entry{Key: key, Lane: key}); !ok || err != nil {
			t.Fatalf("Accept: %v, %v", ok, err)
		}
		jobs[key] = lease(key)
	}
	settle(jobs["waits"], bridge.Outcome{Status: bridge.StatusRetry, At: time.Now().Add(5 * time.Second)})
	move(-24 * time.Hour)
	lease("") // nobody takes what is being worked on
	if ok, err := q.Accept(t.Context(), bridge.Entry{Key: "behind", Lane: "waits"}); !ok || err != nil {
		t.Fatalf("Accept: %v, %v", ok, err)
	}
	lease("")
	move(5 * time.Second)
	settle(lease("waits"), bridge.Outcome{})
	settle(lease("behind"), bridge.Outcome{})
	settle(jobs["alive"], bridge.Outcome{Status: bridge.StatusWorking, At: time.Now().Add(10 * time.Second)})
	lease("")
	move(5 * time.Second)
	if job := lease("gone"); job.Attempt != 2 {
		t.Errorf("attempt %d, want 2", job.Attempt)
	}
	lease("")
	settle(jobs["alive"], bridge.Outcome{})
}
