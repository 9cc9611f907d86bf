package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
)

// queue is a durable queue.
type queue interface {
	bridge.Queue
	bridge.DeadLetters
}

// memoryQueue is the value of --queue for a queue in memory.
const memoryQueue = "memory"

// openTime bounds the opening of a queue.
const openTime = 15 * time.Second

// openQueue opens the durable queue of the account; nil with --queue memory, and for a policy that queues nothing.
func (o *options) openQueue(ctx context.Context) (queue, error) {
	if o.queue == memoryQueue || !bridge.Policy(o.policy).Queued() {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	open := openSQLite
	if strings.HasPrefix(o.queue, "postgres://") || strings.HasPrefix(o.queue, "postgresql://") {
		open = openPostgres
	}
	opened, err := open(ctx, o.queue, o.accountSID)
	if err != nil {
		return nil, fmt.Errorf("--queue: %w", err)
	}
	return opened, nil
}
