package sqlqueue

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Dialect holds the SQL in which databases differ.
type Dialect struct {
	// Identity declares a primary key that the database numbers in the order of insertion.
	Identity string
	// Bytes is the type of binary data.
	Bytes string
	// SkipLocked is appended to a SELECT that claims one row, so that two processes claim different ones.
	SkipLocked string
	// Lock is run before tables are made, so that two processes do not make them at once; "" where nothing is needed.
	Lock string
	// Made counts the tables named bridge_lanes.
	Made string
	// Now is the database's time in microseconds since 1970, the same all through a statement. Leases and waits go by it, so
	// that processes whose clocks disagree do not take lanes from each other.
	Now string
	// Verify reports, after a transaction, why what it wrote is lost all the same; nil where the database itself sees to that.
	Verify func() error
}

// create makes the tables unless they are there: making them again would wait for whoever works with them, and they
// for us.
func (d Dialect) create(ctx context.Context, tx *sql.Tx) error {
	if d.Lock != "" {
		if _, err := tx.ExecContext(ctx, d.Lock); err != nil {
			return err
		}
	}
	var made int
	if err := tx.QueryRowContext(ctx, d.Made).Scan(&made); err != nil || made > 0 {
		return err
	}
	for _, statement := range d.schema() {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// schema returns the statements that create the tables.
func (d Dialect) schema() []string {
	return []string{
		fmt.Sprintf(`CREATE TABLE bridge_entries (
			seq %s, name TEXT NOT NULL, entry_key TEXT NOT NULL, token TEXT, lane TEXT NOT NULL, status TEXT NOT NULL,
			accepted BIGINT NOT NULL, queued BIGINT NOT NULL, attempts INTEGER NOT NULL, data %s, reason TEXT, settled BIGINT,
			UNIQUE (name, entry_key), UNIQUE (name, token))`, d.Identity, d.Bytes),
		`CREATE INDEX bridge_entries_waiting ON bridge_entries (name, lane, seq) WHERE status = 'waiting'`,
		`CREATE INDEX bridge_entries_open ON bridge_entries (name, status, seq) WHERE status <> 'done'`,
		`CREATE INDEX bridge_entries_settled ON bridge_entries (name, settled) WHERE status = 'done'`,
		fmt.Sprintf(`CREATE TABLE bridge_lanes (
			name TEXT NOT NULL, lane TEXT NOT NULL, state %s, due BIGINT, lease TEXT NOT NULL, lease_until BIGINT NOT NULL,
			touched BIGINT NOT NULL, PRIMARY KEY (name, lane))`, d.Bytes),
		`CREATE INDEX bridge_lanes_due ON bridge_lanes (name, due) WHERE due IS NOT NULL`,
	}
}

// Times are stored as microseconds since 1970, which both databases keep exactly.

func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(us int64) time.Time { return time.UnixMicro(us) }

func bytesOrNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}
