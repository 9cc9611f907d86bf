// Package postgres keeps the queue of several bridges in one PostgreSQL database, 10 or newer. See package sqlqueue.
package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/cloudforgot/cloudforgot/bridge/sqlqueue"
)

// connections is the largest number of connections of one process.
const connections = 16

// Open opens the queue in the database that a URL or a key-value string names, e.g.
// "postgres://bridge@db.example.com/bridge". Tables are made where they are missing.
func Open(ctx context.Context, dsn, name string) (*sqlqueue.Queue, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("the queue's database URL cannot be read: %w", err)
	}
	db := sql.OpenDB(stdlib.GetConnector(*config))
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return sqlqueue.New(ctx, db, sqlqueue.Dialect{
		Identity:   "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
		Bytes:      "BYTEA",
		SkipLocked: " FOR UPDATE SKIP LOCKED",
		Lock:       "SELECT pg_advisory_xact_lock(4155000001)",
		Made:       "SELECT COUNT(*) FROM pg_tables WHERE tablename = 'bridge_lanes' AND schemaname = current_schema()",
		Now:        "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000000 AS BIGINT)",
	}, name)
}
