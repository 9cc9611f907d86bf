package storetest

import (
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

func closeTests() []test {
	return []test{
		{"Close/ThenErrClosed", testClosed},
		{"Close/WaitsForUpdate", testCloseWaitsForUpdate},
		{"Close/WaitsForView", testCloseWaitsForView},
	}
}

func testClosed(t *testing.T, s store.Store) {
	fill(t, s, harbour...)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		ran := func(store.Tx) error {
			t.Error("the function ran although the store was closed")
			return nil
		}
		expectError(t, "View", s.View(t.Context(), ran), store.ErrClosed)
		expectError(t, "Update", s.Update(t.Context(), ran), store.ErrClosed)
	}
}

// closing closes a store from another goroutine and returns, when Close is likely to be waiting, whether it has returned.
func closing(s store.Store, done chan<- error) *atomic.Bool {
	var began, returned atomic.Bool
	go func() {
		began.Store(true)
		err := s.Close()
		returned.Store(true)
		done <- err
	}()
	for i := 0; i < 1000 || !began.Load(); i++ {
		runtime.Gosched()
	}
	return &returned
}

func testCloseWaitsForUpdate(t *testing.T, s store.Store) {
	done := make(chan error, 1)
	update(t, s, func(tx store.Tx) error {
		returned := closing(s, done)
		err := ships.Put(tx, "a", ship{})
		if returned.Load() {
			t.Error("Close returned during an Update")
		}
		return err
	})
	if err := <-done; err != nil {
		t.Errorf("Close: %v", err)
	}
}

func testCloseWaitsForView(t *testing.T, s store.Store) {
	fill(t, s, harbour...)
	done := make(chan error, 1)
	view(t, s, func(tx store.Tx) error {
		returned := closing(s, done)
		expectKeys(t, tx, store.Query{}, "a", "b", "c")
		if returned.Load() {
			t.Error("Close returned during a View")
		}
		return nil
	})
	if err := <-done; err != nil {
		t.Errorf("Close: %v", err)
	}
}
