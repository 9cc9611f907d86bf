package conversations

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// countingStore is a store that counts the documents read.
type countingStore struct {
	store.Store
	reads *int
}

type countingTx struct {
	store.Tx
	reads *int
}

func (s countingStore) View(ctx context.Context, fn func(store.Tx) error) error {
	return s.Store.View(ctx, func(tx store.Tx) error { return fn(countingTx{tx, s.reads}) })
}

func (tx countingTx) Get(kind, key string) (any, error) {
	*tx.reads++
	return tx.Tx.Get(kind, key)
}

func (tx countingTx) Find(q store.Query) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for item, err := range tx.Tx.Find(q) {
			*tx.reads++
			if !yield(item, err) {
				return
			}
		}
	}
}

// The number of documents read for the unread messages does not depend on the length of the conversation. Each message deleted
// above the last read one costs one more, and those below cost nothing.
func TestUnreadMessagesReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	api, scope := w.api, w.rest
	ctx := t.Context()
	text, horizon := "x", "9"
	reads := func(conversation string, messages, deleted int) (n int, unread int64) {
		t.Helper()
		if err := api.join(ctx, scope, conversation, "agent"); err != nil {
			t.Fatal(err)
		}
		for i := range messages {
			m, err := api.CreateMessage(ctx, scope, conversation, MessageParams{Body: &text})
			if err != nil {
				t.Fatal(err)
			}
			if i < 5 || i >= 10 && i < 10+deleted {
				if err := api.DeleteMessage(ctx, scope, conversation, m.SID); err != nil {
					t.Fatal(err)
				}
			}
		}
		ids := UserConversationIDs{"agent", conversation}
		if _, err := api.UpdateUserConversation(ctx, scope, ids, UserConversationParams{LastReadMessageIndex: &horizon}); err != nil {
			t.Fatal(err)
		}
		counted := New(Config{Outbox: outbox.New(outbox.Config{Store: countingStore{w.store, &n}, Clock: w.clock}), Clock: w.clock, SIDs: sid.NewSource(2)})
		shown, err := counted.FetchUserConversation(ctx, scope, ids)
		if err != nil || shown.UnreadMessagesCount == nil {
			t.Fatalf("%+v, %v", shown, err)
		}
		return n, *shown.UnreadMessagesCount
	}
	base, _ := reads("short", 11, 0)
	for i, c := range []struct{ messages, deleted int }{{200, 0}, {200, 1}, {200, 40}} {
		n, unread := reads(fmt.Sprint("long", i), c.messages, c.deleted)
		if n != base+c.deleted || unread != int64(c.messages-10-c.deleted) {
			t.Errorf("%d messages, %d deleted: %d reads and %d unread, want %d and %d", c.messages, c.deleted,
				n, unread, base+c.deleted, c.messages-10-c.deleted)
		}
	}
}
