//go:build !nosqlite

package main

import (
	"context"

	"github.com/cloudforgot/cloudforgot/bridge/sqlqueue/sqlite"
)

func openSQLite(ctx context.Context, path, name string) (queue, error) {
	return sqlite.Open(ctx, path, name)
}
