package storetest

import (
	"errors"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

func uniqueTests() []test {
	return []test{
		{"Unique/Conflict", testConflict},
		{"Unique/RefusedPutChangesNothing", testRefusedPut},
		{"Unique/SecondIndexRefuses", testConflictOfMany},
		{"Unique/KeyMovesInOneTransaction", testKeyMoves},
		{"Unique/FreedByRollback", testUniqueRollback},
		{"Unique/AnyBytes", testUniqueBytes},
	}
}

// expectConflict fails unless err is a *store.ConflictError that says just this.
func expectConflict(t *testing.T, err error, want store.ConflictError) {
	t.Helper()
	var conflict *store.ConflictError
	if !errors.As(err, &conflict) {
		t.Fatalf("error %v, want a *store.ConflictError", err)
	}
	if *conflict != want {
		t.Errorf("conflict %+v, want %+v", *conflict, want)
	}
}

func testConflict(t *testing.T, s store.Store) {
	fill(t, s, ship{Name: "a", Call: "N"})
	held := store.ConflictError{Kind: "ship", Index: byCall, IndexKey: "N", HeldBy: "a"}
	// In a transaction of its own, and as the error of Update.
	err := s.Update(t.Context(), func(tx store.Tx) error { return ships.Put(tx, "b", ship{Name: "b", Call: "N"}) })
	expectConflict(t, err, held)
	expectStored(t, s, "a")
	// Against a document of the same transaction.
	err = s.Update(t.Context(), func(tx store.Tx) error {
		if err := ships.Put(tx, "c", ship{Name: "c", Call: "P"}); err != nil {
			return err
		}
		return ships.Put(tx, "d", ship{Name: "d", Call: "P"})
	})
	expectConflict(t, err, store.ConflictError{Kind: "ship", Index: byCall, IndexKey: "P", HeldBy: "c"})
	expectStored(t, s, "a")
	// A document does not stand in its own way, and those without a key not in each other's.
	fill(t, s, ship{Name: "a", Call: "N", Berth: 7}, ship{Name: "e"}, ship{Name: "f"})
	expectStored(t, s, "a", "e", "f")
}

func testRefusedPut(t *testing.T, s store.Store) {
	fill(t, s, ship{Name: "a", Call: "N"}, ship{Name: "b", Call: "P", Port: "Palos"})
	update(t, s, func(tx store.Tx) error {
		err := ships.Put(tx, "b", ship{Name: "b", Call: "N", Port: "Cadiz"})
		expectConflict(t, err, store.ConflictError{Kind: "ship", Index: byCall, IndexKey: "N", HeldBy: "a"})
		err = ships.Put(tx, "new", ship{Name: "new", Call: "P", Port: "Cadiz"})
		expectConflict(t, err, store.ConflictError{Kind: "ship", Index: byCall, IndexKey: "P", HeldBy: "b"})
		return ships.Put(tx, "c", ship{Name: "c", Call: "Q"}) // the transaction goes on
	})
	view(t, s, func(tx store.Tx) error {
		expectKeys(t, tx, store.Query{}, "a", "b", "c")
		expectKeys(t, tx, store.Query{Index: byCall}, "a", "b", "c")
		expectKeys(t, tx, store.Query{Index: byBerth}, "b")
		expectKeys(t, tx, store.Query{Index: byBerth, Prefix: store.Prefix("Palos")}, "b")
		return nil
	})
}

// testConflictOfMany has a document refused by the last of three indexes: the others must not keep a trace of it.
func testConflictOfMany(t *testing.T, s store.Store) {
	first := crate{Label: []byte("l"), Shelf: []byte("s"), Seal: []byte("x")}
	update(t, s, func(tx store.Tx) error { return crates.Put(tx, "a", first) })
	update(t, s, func(tx store.Tx) error {
		err := crates.Put(tx, "b", crate{Label: []byte("m"), Shelf: []byte("r"), Seal: []byte("x")})
		expectConflict(t, err, store.ConflictError{Kind: "crate", Index: bySeal, IndexKey: "x", HeldBy: "a"})
		return nil
	})
	view(t, s, func(tx store.Tx) error {
		for _, index := range []string{"", byLabel, byShelf, bySeal} {
			for item, err := range crates.Find(tx, store.Query{Index: index}) {
				if err != nil || item.Key != "a" {
					t.Errorf("index %q has %q, %v after a refused put", index, item.Key, err)
				}
			}
		}
		return nil
	})
	update(t, s, func(tx store.Tx) error { return crates.Put(tx, "c", crate{Label: []byte("m"), Seal: []byte("y")}) })
}

func testKeyMoves(t *testing.T, s store.Store) {
	fill(t, s, ship{Name: "a", Call: "N"}, ship{Name: "b", Call: "P"})
	for _, step := range []struct {
		name   string
		do     func(store.Tx) error
		holder map[string]string // call sign to key
	}{
		{"after delete", func(tx store.Tx) error {
			return errors.Join(ships.Delete(tx, "a"), ships.Put(tx, "c", ship{Name: "c", Call: "N"}))
		}, map[string]string{"N": "c", "P": "b"}},
		{"after giving it up", func(tx store.Tx) error {
			return errors.Join(ships.Put(tx, "c", ship{Name: "c"}), ships.Put(tx, "a", ship{Name: "a", Call: "N"}))
		}, map[string]string{"N": "a", "P": "b"}},
		{"swap", func(tx store.Tx) error {
			return errors.Join(ships.Put(tx, "a", ship{Name: "a"}), ships.Put(tx, "b", ship{Name: "b", Call: "N"}),
				ships.Put(tx, "a", ship{Name: "a", Call: "P"}))
		}, map[string]string{"N": "b", "P": "a"}},
		{"there and back", func(tx store.Tx) error {
			return errors.Join(ships.Delete(tx, "a"), ships.Put(tx, "c", ship{Name: "c", Call: "P"}),
				ships.Delete(tx, "c"), ships.Put(tx, "a", ship{Name: "a", Call: "P"}))
		}, map[string]string{"N": "b", "P": "a"}},
	} {
		update(t, s, step.do)
		view(t, s, func(tx store.Tx) error {
			for call, want := range step.holder {
				if got, err := ships.Lookup(tx, byCall, call); err != nil || got.Name != want {
					t.Errorf("%s: %s is held by %+v, %v; want %s", step.name, call, got, err, want)
				}
			}
			return nil
		})
	}
}

func testUniqueRollback(t *testing.T, s store.Store) {
	fill(t, s, ship{Name: "a", Call: "N"})
	refused := errors.New("no")
	err := s.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(ships.Delete(tx, "a"), ships.Put(tx, "b", ship{Name: "b", Call: "P"}), refused)
	})
	expectError(t, "Update", err, refused)
	fill(t, s, ship{Name: "c", Call: "P"}) // the rollback has freed P ...
	err = s.Update(t.Context(), func(tx store.Tx) error { return ships.Put(tx, "d", ship{Name: "d", Call: "N"}) })
	expectConflict(t, err, store.ConflictError{Kind: "ship", Index: byCall, IndexKey: "N", HeldBy: "a"}) // ... and kept N
}

func testUniqueBytes(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		for _, key := range strangeKeys[1:] { // "" is no label
			if err := crates.Put(tx, key, crate{Label: []byte(key)}); err != nil {
				return err
			}
		}
		return nil
	})
	for _, key := range strangeKeys[1:] {
		err := s.Update(t.Context(), func(tx store.Tx) error { return crates.Put(tx, "other"+key, crate{Label: []byte(key)}) })
		expectConflict(t, err, store.ConflictError{Kind: "crate", Index: byLabel, IndexKey: key, HeldBy: key})
		view(t, s, func(tx store.Tx) error {
			got, err := crates.Lookup(tx, byLabel, key)
			if err != nil || string(got.Label) != key {
				t.Errorf("Lookup(%q) = %+v, %v", key, got, err)
			}
			return nil
		})
	}
}
