//go:build !postgres

package main

import (
	"context"
	"errors"
)

func openPostgres(context.Context, string, string) (queue, error) {
	return nil, errors.New("this program was built without PostgreSQL: build it with -tags postgres")
}
