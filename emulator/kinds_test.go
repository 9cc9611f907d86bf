package emulator

import (
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/store/storetest"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// Every kind of document of the emulator survives encoding, so that a backend may encode; jobs with their arguments.
func TestDocumentsSurviveEncoding(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 11, 27, 12, 0, 0, 123_456_789, time.UTC)
	var jobs []any
	for i, args := range storetest.Filled(append(conversations.Jobs(), whatsapp.Jobs()...)) {
		jobs = append(jobs, outbox.Job{ID: "id", Due: due, Queue: "q", Args: args, Type: args.Kind(), Seq: int64(i), Attempt: 1, Key: "id", Blocked: i%2 == 0})
	}
	if len(jobs) < 10 {
		t.Fatalf("only %d jobs are tested", len(jobs))
	}
	storetest.RunKinds(t, func(t *testing.T, kinds ...store.Kind) store.Store {
		s, err := store.NewMemory(kinds...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}, kinds(), map[string][]any{"job": jobs})
}
