package sqlqueue

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
)

// Stats implements bridge.Queue.
func (q *Queue) Stats(ctx context.Context) (bridge.Stats, error) {
	var stats bridge.Stats
	rows, err := q.db.QueryContext(ctx, `SELECT status, COUNT(*), MIN(accepted) FROM bridge_entries WHERE name = $1 AND status <> 'done' GROUP BY status`, q.name)
	if err != nil {
		return stats, err
	}
	defer rows.Close()
	for rows.Next() {
		var status string
		var count int
		var oldest int64
		if err := rows.Scan(&status, &count, &oldest); err != nil {
			return stats, err
		}
		if status == "dead" {
			stats.Dead = count
			continue
		}
		stats.Waiting, stats.Oldest = count, fromMicros(oldest)
	}
	return stats, rows.Err()
}

// ListDead implements bridge.DeadLetters.
func (q *Queue) ListDead(ctx context.Context, limit int) ([]bridge.DeadLetter, error) {
	rows, err := q.db.QueryContext(ctx, `SELECT entry_key, token, lane, accepted, data, attempts, reason, settled FROM bridge_entries
		WHERE name = $1 AND status = 'dead' ORDER BY seq LIMIT $2`, q.name, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []bridge.DeadLetter
	for rows.Next() {
		var d bridge.DeadLetter
		var token sql.NullString
		var accepted, died int64
		if err := rows.Scan(&d.Key, &token, &d.Lane, &accepted, &d.Data, &d.Attempts, &d.Reason, &died); err != nil {
			return nil, err
		}
		d.Token, d.Accepted, d.Died = token.String, fromMicros(accepted), fromMicros(died)
		list = append(list, d)
	}
	return list, rows.Err()
}

// Replay implements bridge.DeadLetters.
func (q *Queue) Replay(ctx context.Context, key string) error {
	return q.transact(ctx, func(tx *sql.Tx) error {
		var lane string
		err := tx.QueryRowContext(ctx, `UPDATE bridge_entries SET status = 'waiting', queued = $1, settled = NULL
			WHERE name = $2 AND entry_key = $3 AND status = 'dead' RETURNING lane`, micros(time.Now()), q.name, key).Scan(&lane)
		if errors.Is(err, sql.ErrNoRows) {
			return bridge.ErrNotDead
		}
		if err != nil {
			return err
		}
		return q.awake(ctx, tx, lane)
	})
}

// Discard implements bridge.DeadLetters.
func (q *Queue) Discard(ctx context.Context, key string) error {
	return q.transact(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE bridge_entries SET status = 'done', data = NULL, reason = NULL, settled = $1
			WHERE name = $2 AND entry_key = $3 AND status = 'dead'`, micros(time.Now()), q.name, key)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); n > 0 || err != nil {
			return err
		}
		return bridge.ErrNotDead
	})
}

// purge removes what need not be remembered any more, now and then.
func (q *Queue) purge(ctx context.Context) error {
	if !q.isTime(&q.purged, purgeEvery) {
		return nil
	}
	return q.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM bridge_entries WHERE name = $1 AND status = 'done' AND settled < $2`,
			q.name, micros(time.Now().Add(-KeepKeys))); err != nil {
			return err
		}
		//nolint:gosec // the dialect is the program's own
		_, err := tx.ExecContext(ctx, `DELETE FROM bridge_lanes WHERE name = $1 AND due IS NULL AND touched < `+q.dialect.Now+` - $2`,
			q.name, keepLanes.Microseconds())
		return err
	})
}
