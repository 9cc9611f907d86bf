//go:build postgres

package main

import (
	"context"

	"github.com/cloudforgot/cloudforgot/bridge/sqlqueue/postgres"
)

func openPostgres(ctx context.Context, url, name string) (queue, error) {
	return postgres.Open(ctx, url, name)
}
