// Package sqlite keeps a bridge's queue in one SQLite file: durable, for one machine. Several processes on that machine
// may share the file; on a network file system they may not. See package sqlqueue.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver

	"github.com/cloudforgot/cloudforgot/bridge/sqlqueue"
)

// Open opens the queue in a file, which is made where it is missing, readable by its owner only since it holds what
// customers write. What was accepted survives a crash of the process and of the machine. When the file is removed or replaced
// while it is open, everything that writes to the queue fails from then on: the messages in it are lost, no others are.
func Open(ctx context.Context, path, name string) (*sqlqueue.Queue, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the file is the operator's choice
	if err != nil {
		return nil, fmt.Errorf("the queue's file cannot be opened: %w", err)
	}
	opened, err := file.Stat()
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"},
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // writers queue up here, where it is cheap, and not in SQLite
	return sqlqueue.New(ctx, db, sqlqueue.Dialect{
		Identity: "INTEGER PRIMARY KEY AUTOINCREMENT",
		Bytes:    "BLOB",
		Made:     "SELECT COUNT(*) FROM sqlite_master WHERE name = 'bridge_lanes'",
		Now:      "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
		Verify:   func() error { return verify(path, opened) },
	}, name)
}

// verify reports whether path still names the file that was opened: SQLite goes on writing to a removed one without an error.
func verify(path string, opened os.FileInfo) error {
	now, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("the queue's file was removed, start the bridge anew: %w", err)
	}
	if !os.SameFile(opened, now) {
		return fmt.Errorf("the queue's file %s was replaced, start the bridge anew", path)
	}
	return nil
}
