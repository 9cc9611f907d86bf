//go:build nosqlite

package main

import (
	"context"
	"errors"
)

func openSQLite(context.Context, string, string) (queue, error) {
	return nil, errors.New("this program was built without SQLite: build it without -tags nosqlite")
}
