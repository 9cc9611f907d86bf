package sqlite_test

import (
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
