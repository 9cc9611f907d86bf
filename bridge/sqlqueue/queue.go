// Package sqlqueue keeps the bridge's accepted messages in a database, so that a crash loses none and several bridges
// can share the work. There is one implementation; a database supplies its driver and a Dialect: see the packages
// sqlite and postgres, which keep the drivers out of programs that do not want them.
//
// It is not a general job queue: it has the lanes and outcomes of bridge.Queue and nothing else.
//
// An entry passes through two tables: bridge_entries holds it until it is done and its key for KeepKeys longer;
// bridge_lanes holds when its lane is due and who has leased it. A lease is taken on the lane, so that two processes
// can never work for one customer at once. Whoever changes a lane's entries does so in one transaction with its lane.
package sqlqueue

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
)

const (
	// KeepKeys is the time for which the keys of finished messages are kept, to recognise duplicates.
	KeepKeys = 7 * 24 * time.Hour
	// keepLanes is the time for which the state of an idle lane is kept.
	keepLanes = 30 * 24 * time.Hour
	// purgeEvery is the interval at which old rows are deleted.
	purgeEvery = time.Hour
	// rebaseEvery is the interval at which a busy queue looks for lanes from before a step of the clock; an idle one always does.
	rebaseEvery = time.Second
	// pingSize is the size of the entry that Ping stores.
	pingSize = 4096
)

// Queue implements bridge.Queue and bridge.DeadLetters.
type Queue struct {
	db      *sql.DB
	dialect Dialect
	name    string

	mu      sync.Mutex
	purged  time.Time // when old rows were last looked for
	rebased time.Time // when lanes from before a step of the clock were last looked for
}

// New makes a queue in db, and its tables where they are missing. The name keeps several queues in one database apart:
// use the account's SID. The queue closes db.
func New(ctx context.Context, db *sql.DB, dialect Dialect, name string) (*Queue, error) {
	q := &Queue{db: db, dialect: dialect, name: name}
	if err := q.transact(ctx, func(tx *sql.Tx) error { return dialect.create(ctx, tx) }); err != nil {
		return nil, errors.Join(fmt.Errorf("the queue's tables cannot be made: %w", err), db.Close())
	}
	return q, nil
}

// transact runs change in one transaction. Without an error what it wrote is stored.
func (q *Queue) transact(ctx context.Context, change func(*sql.Tx) error) error {
	tx, err := q.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := change(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil || q.dialect.Verify == nil {
		return err
	}
	return q.dialect.Verify()
}

// Ping implements bridge.Pinger: it stores an entry of the usual size, and removes it.
func (q *Queue) Ping(ctx context.Context) error {
	return q.transact(ctx, func(tx *sql.Tx) error {
		now, key := micros(time.Now()), "ping "+rand.Text()
		if _, err := tx.ExecContext(ctx, `INSERT INTO bridge_entries (name, entry_key, lane, status, accepted, queued, attempts, data)
			VALUES ($1, $2, '', 'done', $3, $3, 0, $4)`, q.name, key, now, make([]byte, pingSize)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM bridge_entries WHERE name = $1 AND entry_key = $2`, q.name, key)
		return err
	})
}

// Accept implements bridge.Queue.
func (q *Queue) Accept(ctx context.Context, entry bridge.Entry) (bool, error) {
	var accepted bool
	err := q.transact(ctx, func(tx *sql.Tx) (err error) {
		accepted, err = q.accept(ctx, tx, entry)
		return err
	})
	return accepted && err == nil, err
}

func (q *Queue) accept(ctx context.Context, tx *sql.Tx, entry bridge.Entry) (bool, error) {
	now := micros(time.Now())
	result, err := tx.ExecContext(ctx, `INSERT INTO bridge_entries (name, entry_key, token, lane, status, accepted, queued, attempts, data)
		VALUES ($1, $2, $3, $4, 'waiting', $5, $6, 0, $7) ON CONFLICT DO NOTHING`,
		q.name, entry.Key, sql.NullString{String: entry.Token, Valid: entry.Token != ""}, entry.Lane, micros(entry.Accepted), now, entry.Data)
	if err != nil {
		return false, err
	}
	if stored, err := result.RowsAffected(); err != nil || stored == 0 {
		return false, err
	}
	return true, q.awake(ctx, tx, entry.Lane)
}

// awake makes a lane due now unless it is due at some time already.
func (q *Queue) awake(ctx context.Context, tx *sql.Tx, lane string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO bridge_lanes (name, lane, due, lease, lease_until, touched)
		VALUES ($1, $2, `+q.dialect.Now+`, '', 0, `+q.dialect.Now+`)
		ON CONFLICT (name, lane) DO UPDATE SET due = excluded.due, touched = excluded.touched WHERE bridge_lanes.due IS NULL`,
		q.name, lane)
	return err
}

// Lease implements bridge.Queue.
func (q *Queue) Lease(ctx context.Context, atMost time.Duration) (*bridge.Job, error) {
	var job *bridge.Job
	err := q.transact(ctx, func(tx *sql.Tx) (err error) {
		job, err = q.lease(ctx, tx, atMost)
		if err != nil || (job != nil && !q.isTime(&q.rebased, rebaseEvery)) {
			return err
		}
		moved, err := q.rebase(ctx, tx)
		if err == nil && moved && job == nil {
			job, err = q.lease(ctx, tx, atMost)
		}
		return err
	})
	if err != nil || job != nil {
		return job, err
	}
	return nil, q.purge(ctx)
}

func (q *Queue) lease(ctx context.Context, tx *sql.Tx, atMost time.Duration) (*bridge.Job, error) {
	now := q.dialect.Now
	job := &bridge.Job{Lease: rand.Text()}
	err := tx.QueryRowContext(ctx, `UPDATE bridge_lanes SET lease = $1, lease_until = `+now+` + $2, touched = `+now+` WHERE name = $3 AND lane = (
		SELECT lane FROM bridge_lanes WHERE name = $3 AND due <= `+now+` AND lease_until <= `+now+` ORDER BY due LIMIT 1`+q.dialect.SkipLocked+`)
		RETURNING lane, state`, job.Lease, atMost.Microseconds(), q.name).Scan(&job.Lane, &job.LaneState)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var accepted, queued int64
	var token sql.NullString
	err = tx.QueryRowContext(ctx, `UPDATE bridge_entries SET attempts = attempts + 1 WHERE seq = (
		SELECT seq FROM bridge_entries WHERE name = $1 AND lane = $2 AND status = 'waiting' ORDER BY seq LIMIT 1)
		RETURNING entry_key, token, accepted, queued, attempts, data`, q.name, job.Lane).
		Scan(&job.Key, &token, &accepted, &queued, &job.Attempt, &job.Data)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = tx.ExecContext(ctx, `UPDATE bridge_lanes SET due = NULL, lease = '', lease_until = 0 WHERE name = $1 AND lane = $2`, q.name, job.Lane)
		return nil, err
	}
	job.Token, job.Accepted, job.Queued = token.String, fromMicros(accepted), fromMicros(queued)
	return job, err
}

// rebase brings the lanes forward that were written before the database's clock was set back: a lease or a wait lasts as long
// as it would have lasted. It reports whether there were any.
func (q *Queue) rebase(ctx context.Context, tx *sql.Tx) (bool, error) {
	now := q.dialect.Now
	result, err := tx.ExecContext(ctx, `UPDATE bridge_lanes SET due = due - touched + `+now+`, lease_until = lease_until - touched + `+now+`, touched = `+now+`
		WHERE name = $1 AND due IS NOT NULL AND touched > `+now, q.name)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// isTime reports whether something that is done every so often is due, and counts it as done. It goes by the monotonic clock.
func (q *Queue) isTime(last *time.Time, every time.Duration) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if time.Since(*last) < every {
		return false
	}
	*last = time.Now()
	return true
}

// Settle implements bridge.Queue.
func (q *Queue) Settle(ctx context.Context, job *bridge.Job, outcome bridge.Outcome) error {
	return q.transact(ctx, func(tx *sql.Tx) error { return q.settle(ctx, tx, job, outcome) })
}

func (q *Queue) settle(ctx context.Context, tx *sql.Tx, job *bridge.Job, outcome bridge.Outcome) error {
	if outcome.Status == bridge.StatusWorking {
		return leased(tx.ExecContext(ctx, `UPDATE bridge_lanes SET lease_until = `+q.dialect.Now+` + $1, touched = `+q.dialect.Now+` WHERE name = $2 AND lane = $3 AND lease = $4`,
			time.Until(outcome.At).Microseconds(), q.name, job.Lane, job.Lease))
	}
	err := leased(tx.ExecContext(ctx, `UPDATE bridge_lanes SET lease = '', lease_until = 0, touched = `+q.dialect.Now+`, state = COALESCE($1, state)
		WHERE name = $2 AND lane = $3 AND lease = $4`, bytesOrNull(outcome.LaneState), q.name, job.Lane, job.Lease))
	if err != nil {
		return err
	}
	if err := q.mark(ctx, tx, job.Key, outcome); err != nil {
		return err
	}
	waits := outcome.Status == bridge.StatusRetry
	if outcome.Status == bridge.StatusDone && !outcome.At.IsZero() {
		if err := tx.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT 1 FROM bridge_entries WHERE name = $1 AND lane = $2 AND status = 'waiting')`,
			q.name, job.Lane).Scan(&waits); err != nil {
			return err
		}
	}
	for _, entry := range outcome.Follow {
		if _, err := q.accept(ctx, tx, entry); err != nil {
			return err
		}
	}
	if waits {
		_, err = tx.ExecContext(ctx, `UPDATE bridge_lanes SET due = `+q.dialect.Now+` + $1 WHERE name = $2 AND lane = $3`,
			time.Until(outcome.At).Microseconds(), q.name, job.Lane)
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE bridge_lanes SET due = CASE WHEN EXISTS (
		SELECT 1 FROM bridge_entries WHERE name = $1 AND lane = $2 AND status = 'waiting') THEN `+q.dialect.Now+` END WHERE name = $1 AND lane = $2`,
		q.name, job.Lane)
	return err
}

// leased fails with ErrLeaseLost when an update met no lane of that lease.
func leased(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, bridge.ErrLeaseLost)
	}
	return nil
}

// mark stores the outcome of an entry. The data of a finished one is deleted.
func (q *Queue) mark(ctx context.Context, tx *sql.Tx, key string, outcome bridge.Outcome) error {
	now := micros(time.Now())
	var err error
	switch outcome.Status {
	case bridge.StatusRetry:
		_, err = tx.ExecContext(ctx, `UPDATE bridge_entries SET reason = $1 WHERE name = $2 AND entry_key = $3`, outcome.Reason, q.name, key)
	case bridge.StatusDead:
		_, err = tx.ExecContext(ctx, `UPDATE bridge_entries SET status = 'dead', reason = $1, settled = $2 WHERE name = $3 AND entry_key = $4`,
			outcome.Reason, now, q.name, key)
	default:
		_, err = tx.ExecContext(ctx, `UPDATE bridge_entries SET status = 'done', data = NULL, reason = NULL, settled = $1 WHERE name = $2 AND entry_key = $3`,
			now, q.name, key)
	}
	return err
}

// Close implements bridge.Queue.
func (q *Queue) Close() error { return q.db.Close() }
