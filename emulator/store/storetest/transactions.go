package storetest

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

func transactionTests() []test {
	return []test{
		{"Transactions/NothingOnError", testRollback},
		{"Transactions/NothingOnPanic", testPanic},
		{"Transactions/NothingOnGoexit", testGoexit},
		{"Transactions/NothingWhenContextEnds", testContextEnds},
		{"Transactions/ContextHasEnded", testContextEnded},
		{"Transactions/ErrorOfView", testErrorOfView},
		{"Transactions/ViewCannotWrite", testReadOnly},
		{"Transactions/EndedTx", testEndedTx},
	}
}

// errUndo makes an Update come to nothing.
var errUndo = errors.New("undo")

// harbour is the state before each test of this file; turmoil changes all of it.
var harbour = []ship{
	{Name: "a", Call: "N", Port: "Cadiz", Berth: 1}, {Name: "b", Call: "P", Port: "Cadiz", Berth: 2}, {Name: "c", Port: "Palos"},
}

func turmoil(tx store.Tx) error {
	return errors.Join(
		ships.Put(tx, "a", ship{Name: "changed"}), ships.Delete(tx, "b"), ships.Put(tx, "d", ship{Name: "d", Call: "P"}),
		ports.Put(tx, "Cadiz", port{Ships: 1}),
	)
}

// expectHarbour fails unless nothing of turmoil has happened.
func expectHarbour(t *testing.T, s store.Store) {
	t.Helper()
	view(t, s, func(tx store.Tx) error {
		expectKeys(t, tx, store.Query{}, "a", "b", "c")
		expectKeys(t, tx, store.Query{Index: byCall}, "a", "b")
		expectKeys(t, tx, store.Query{Index: byBerth}, "a", "b", "c")
		if got, err := ships.Get(tx, "a"); err != nil || got.Name != "a" {
			t.Errorf("Get = %+v, %v", got, err)
		}
		_, err := ports.Get(tx, "Cadiz")
		expectError(t, "Get of the other kind", err, store.ErrNotFound)
		return nil
	})
}

func testRollback(t *testing.T, s store.Store) {
	fill(t, s, harbour...)
	err := s.Update(t.Context(), func(tx store.Tx) error { return errors.Join(turmoil(tx), errUndo) })
	expectError(t, "Update", err, errUndo)
	expectHarbour(t, s)
	update(t, s, turmoil) // the store still works
	expectStored(t, s, "a", "c", "d")
}

func testPanic(t *testing.T, s store.Store) {
	fill(t, s, harbour...)
	for what, run := range map[string]func(context.Context, func(store.Tx) error) error{"Update": s.Update, "View": s.View} {
		func() {
			defer func() {
				if got := recover(); got != errUndo { //nolint:errorlint // the very value is wanted
					t.Errorf("%s panicked with %v, want what its function panicked with", what, got)
				}
			}()
			_ = run(t.Context(), func(tx store.Tx) error {
				_ = turmoil(tx)
				panic(errUndo)
			})
		}()
		expectHarbour(t, s)
	}
	update(t, s, turmoil)
	expectStored(t, s, "a", "c", "d")
}

// testGoexit ends the goroutine inside a transaction, as t.FailNow does.
func testGoexit(t *testing.T, s store.Store) {
	fill(t, s, harbour...)
	for _, run := range []func(context.Context, func(store.Tx) error) error{s.Update, s.View} {
		var ended sync.WaitGroup
		ended.Add(1)
		go func() {
			defer ended.Done()
			_ = run(t.Context(), func(tx store.Tx) error {
				_ = turmoil(tx)
				runtime.Goexit()
				return nil
			})
		}()
		ended.Wait()
		expectHarbour(t, s)
	}
	update(t, s, turmoil)
	expectStored(t, s, "a", "c", "d")
}

func testContextEnds(t *testing.T, s store.Store) {
	fill(t, s, harbour...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := s.Update(ctx, func(tx store.Tx) error {
		err := turmoil(tx)
		cancel()
		return err
	})
	expectError(t, "Update whose context ends before the commit", err, context.Canceled)
	expectHarbour(t, s)
	update(t, s, turmoil)
}

func testContextEnded(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ran := func(store.Tx) error {
		t.Error("the function ran although the context had ended")
		return nil
	}
	expectError(t, "View", s.View(ctx, ran), context.Canceled)
	expectError(t, "Update", s.Update(ctx, ran), context.Canceled)
}

func testErrorOfView(t *testing.T, s store.Store) {
	expectError(t, "View", s.View(t.Context(), func(store.Tx) error { return errUndo }), errUndo)
	err := s.View(t.Context(), func(tx store.Tx) error {
		_, err := ships.Get(tx, "a")
		return err
	})
	expectError(t, "View", err, store.ErrNotFound)
}

func testReadOnly(t *testing.T, s store.Store) {
	fill(t, s, harbour...)
	view(t, s, func(tx store.Tx) error {
		for what, err := range map[string]error{
			"Put of a new key": ships.Put(tx, "n", ship{}), "Put of an old key": ships.Put(tx, "a", ship{}),
			"Put that conflicts": ships.Put(tx, "n", ship{Call: "N"}), "Delete": ships.Delete(tx, "a"), "Clear": ships.Clear(tx),
		} {
			if err == nil {
				t.Errorf("%s in a View succeeded", what)
			}
		}
		expectKeys(t, tx, store.Query{}, "a", "b", "c") // and the View goes on
		return nil
	})
	expectHarbour(t, s)
}

// testEndedTx uses transactions after their end: an error, and nothing written.
func testEndedTx(t *testing.T, s store.Store) {
	fill(t, s, harbour...)
	var kept []store.Tx
	keep := func(tx store.Tx) error {
		kept = append(kept, tx)
		return nil
	}
	update(t, s, func(tx store.Tx) error { return errors.Join(keep(tx), ships.Put(tx, "a", harbour[0])) })
	view(t, s, keep)
	expectError(t, "Update", s.Update(t.Context(), func(tx store.Tx) error { return errors.Join(keep(tx), errUndo) }), errUndo)
	for _, tx := range kept {
		_, get := ships.Get(tx, "a")
		_, find := ships.First(tx, store.Query{})
		for what, err := range map[string]error{
			"Get": get, "Find": find, "Put": ships.Put(tx, "z", ship{}), "Delete": ships.Delete(tx, "a"), "Clear": ships.Clear(tx),
		} {
			if err == nil || errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s after the end of its transaction: error %v, want one that says so", what, err)
			}
		}
	}
	expectHarbour(t, s)
}
