// Package storetest is the contract of package store as a test: what every backend promises, written around what backends
// are likely to disagree on.
//
//	func TestMemory(t *testing.T) {
//		storetest.Run(t, func(t *testing.T, kinds ...store.Kind) store.Store {
//			s, err := store.NewMemory(kinds...)
//			...
//			return s
//		})
//	}
//
// It tests nothing that only one backend promises, such as what survives a crash. The Benchmark functions measure what
// the emulator does most, for any backend.
package storetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Run holds a backend to the contract. Open returns an empty store for the kinds; Run closes it. It is called from
// parallel tests, once for each.
func Run(t *testing.T, open func(t *testing.T, kinds ...store.Kind) store.Store) {
	for _, group := range [][]test{
		documentTests(), uniqueTests(), rangeTests(), pagingTests(), transactionTests(), isolationTests(), closeTests(),
		concurrencyTests(),
	} {
		for _, test := range group {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				test.run(t, opened(t, open))
			})
		}
	}
	t.Run("Model", func(t *testing.T) {
		t.Parallel()
		testModel(t, func() store.Store { return opened(t, open) })
	})
}

// test is one promise of the contract, tried on an empty store.
type test struct {
	name string
	run  func(*testing.T, store.Store)
}

func opened(t *testing.T, open func(t *testing.T, kinds ...store.Kind) store.Store) store.Store {
	t.Helper()
	s := open(t, ships.Kind(), ports.Kind(), crates.Kind())
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// ship is the document of most tests. Its call sign is unique where it has one, and it has a place in the order of its port
// while it is in one.
type ship struct {
	Name    string            `json:"name"`
	Call    string            `json:"call,omitempty"`
	Port    string            `json:"port,omitempty"`
	Berth   int64             `json:"berth,omitempty"`
	Captain *string           `json:"captain,omitempty"`
	Flags   map[string]string `json:"flags,omitempty"`
}

const (
	byCall  = "call"  // Call, of ships that have one
	byBerth = "berth" // Key(Port, Berth), of ships that are in a port
)

var ships = store.NewTable[ship]("ship").
	Unique(byCall, func(s ship) (string, bool) { return s.Call, s.Call != "" }).
	Ordered(byBerth, func(s ship) (string, bool) { return store.Key(s.Port, store.Ordinal(s.Berth)), s.Port != "" })

// port counts the ships in it: the second kind, for what has to agree between two.
type port struct {
	Ships int `json:"ships"`
}

var ports = store.NewTable[port]("port")

// crate has index keys of any bytes.
type crate struct {
	Label []byte `json:"label,omitempty"` // unique, unless empty
	Shelf []byte `json:"shelf,omitempty"` // ordered, unless empty
	Seal  []byte `json:"seal,omitempty"`  // unique, unless empty
}

const (
	byLabel = "label"
	byShelf = "shelf"
	bySeal  = "seal"
)

var crates = store.NewTable[crate]("crate").
	Unique(byLabel, func(c crate) (string, bool) { return string(c.Label), len(c.Label) > 0 }).
	Ordered(byShelf, func(c crate) (string, bool) { return string(c.Shelf), len(c.Shelf) > 0 }).
	Unique(bySeal, func(c crate) (string, bool) { return string(c.Seal), len(c.Seal) > 0 })

// update and view run fn and expect success.
func update(t *testing.T, s store.Store, fn func(store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func view(t *testing.T, s store.Store, fn func(store.Tx) error) {
	t.Helper()
	if err := s.View(t.Context(), fn); err != nil {
		t.Fatalf("View: %v", err)
	}
}

// fill stores ships under their names.
func fill(t *testing.T, s store.Store, fleet ...ship) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		for _, one := range fleet {
			if err := ships.Put(tx, one.Name, one); err != nil {
				return err
			}
		}
		return nil
	})
}

// keys returns the keys of the ships in a range.
func keys(tx store.Tx, q store.Query) (found []string, err error) {
	for item, err := range ships.Find(tx, q) {
		if err != nil {
			return nil, err
		}
		found = append(found, item.Key)
	}
	return found, nil
}

// expectKeys fails unless a range of ships has these keys in this order.
func expectKeys(t *testing.T, tx store.Tx, q store.Query, want ...string) {
	t.Helper()
	got, err := keys(tx, q)
	if err != nil {
		t.Errorf("Find(%+v): %v", q, err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("Find(%+v) = %q, want %q", q, got, want)
	}
}

// expectStored fails unless the store, seen from outside, has ships with these keys only.
func expectStored(t *testing.T, s store.Store, want ...string) {
	t.Helper()
	view(t, s, func(tx store.Tx) error {
		expectKeys(t, tx, store.Query{}, want...)
		return nil
	})
}

// expectError fails unless err is want, possibly wrapped.
func expectError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}
