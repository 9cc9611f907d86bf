package storetest

import (
	"errors"
	"reflect"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

func documentTests() []test {
	return []test{
		{"Documents/Missing", testMissing},
		{"Documents/PutGetDelete", testPutGetDelete},
		{"Documents/Values", testValues},
		{"Documents/Undeclared", testUndeclared},
		{"Documents/KindsAreApart", testKindsAreApart},
		{"Documents/Keys", testKeys},
		{"Documents/DeleteAll", testDeleteAll},
		{"Documents/Clear", testClear},
		{"Documents/FirstAndEach", testFirstAndEach},
	}
}

// testClear empties one kind, in a transaction that goes on.
func testClear(t *testing.T, s store.Store) {
	fill(t, s, ship{Name: "a", Call: "N", Port: "Cadiz"}, ship{Name: "b", Call: "P", Port: "Palos"})
	update(t, s, func(tx store.Tx) error { return ports.Put(tx, "Cadiz", port{Ships: 1}) })
	expectError(t, "Update", s.Update(t.Context(), func(tx store.Tx) error { return errors.Join(ships.Clear(tx), errUndo) }), errUndo)
	expectStored(t, s, "a", "b")
	update(t, s, func(tx store.Tx) error {
		seen := 0
		for _, err := range ships.Find(tx, store.Query{Index: byCall}) { // a range stays as it was
			if err := errors.Join(err, ships.Clear(tx)); err != nil {
				return err
			}
			seen++
		}
		if seen != 2 {
			t.Errorf("a range that was cleared meanwhile had %d ships, want 2", seen)
		}
		for _, index := range []string{"", byCall, byBerth} {
			expectKeys(t, tx, store.Query{Index: index})
		}
		return ships.Put(tx, "c", ship{Name: "c", Call: "N"}) // what was unique is free
	})
	view(t, s, func(tx store.Tx) error {
		expectKeys(t, tx, store.Query{Index: byCall}, "c")
		_, err := ports.Get(tx, "Cadiz")
		return err
	})
	update(t, s, ships.Clear)
	update(t, s, ships.Clear) // of an empty kind
	expectStored(t, s)
}

func testMissing(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		got, err := ships.Get(tx, "Pinta")
		expectError(t, "Get of a missing key", err, store.ErrNotFound)
		if !reflect.DeepEqual(got, ship{}) {
			t.Errorf("Get of a missing key returned %+v", got)
		}
		expectError(t, "Delete of a missing key", ships.Delete(tx, "Pinta"), store.ErrNotFound)
		_, err = ships.Lookup(tx, byCall, "XQ")
		expectError(t, "Lookup of a missing index key", err, store.ErrNotFound)
		_, err = ships.First(tx, store.Query{})
		expectError(t, "First of an empty range", err, store.ErrNotFound)
		if has, err := ships.Has(tx, "Pinta"); has || err != nil {
			t.Errorf("Has of a missing key = %v, %v", has, err)
		}
		if has, err := ships.HasAny(tx, store.Query{}); has || err != nil {
			t.Errorf("HasAny of an empty range = %v, %v", has, err)
		}
		expectKeys(t, tx, store.Query{})
		return nil // ErrNotFound does not spoil the transaction
	})
	expectStored(t, s)
}

func testPutGetDelete(t *testing.T, s store.Store) {
	steps := []struct {
		name string
		do   func(store.Tx) error
		want *ship // nil: not there
	}{
		{"put", func(tx store.Tx) error { return ships.Put(tx, "a", ship{Name: "Nina", Call: "N"}) }, &ship{Name: "Nina", Call: "N"}},
		{"put again", func(tx store.Tx) error { return ships.Put(tx, "a", ship{Name: "Nina", Call: "N"}) }, &ship{Name: "Nina", Call: "N"}},
		{"replace", func(tx store.Tx) error { return ships.Put(tx, "a", ship{Name: "Pinta"}) }, &ship{Name: "Pinta"}},
		{"delete", func(tx store.Tx) error { return ships.Delete(tx, "a") }, nil},
		{"put after delete", func(tx store.Tx) error { return ships.Put(tx, "a", ship{}) }, &ship{}},
	}
	for _, step := range steps {
		check := func(tx store.Tx) error {
			got, err := ships.Get(tx, "a")
			if step.want == nil {
				expectError(t, step.name, err, store.ErrNotFound)
			} else if err != nil || !reflect.DeepEqual(got, *step.want) {
				t.Errorf("%s: Get = %+v, %v; want %+v", step.name, got, err, *step.want)
			}
			return nil
		}
		update(t, s, func(tx store.Tx) error {
			if err := step.do(tx); err != nil {
				return err
			}
			return check(tx) // a transaction reads its own writes
		})
		view(t, s, check)
	}
}

func testValues(t *testing.T, s store.Store) {
	captain := "Ada \u2028 \U0001f44b\x00\""
	want := ship{Name: "Santa María", Berth: -1 << 62, Captain: &captain, Flags: map[string]string{"": "", "ñ": "\t"}}
	update(t, s, func(tx store.Tx) error { return ships.Put(tx, "a", want) })
	view(t, s, func(tx store.Tx) error {
		got, err := ships.Get(tx, "a")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Get = %+v, %v; want %+v", got, err, want)
		}
		found, err := ships.First(tx, store.Query{})
		if err != nil || !reflect.DeepEqual(found, want) {
			t.Errorf("First = %+v, %v; want %+v", found, err, want)
		}
		return nil
	})
}

func testUndeclared(t *testing.T, s store.Store) {
	fill(t, s, ship{Name: "a"})
	unknown := store.NewTable[ship]("submarine")
	update(t, s, func(tx store.Tx) error {
		_, get := unknown.Get(tx, "a")
		_, find := unknown.First(tx, store.Query{})
		_, index := ships.First(tx, store.Query{Index: "tonnage"})
		for what, err := range map[string]error{
			"Get": get, "Put": unknown.Put(tx, "a", ship{}), "Delete": unknown.Delete(tx, "a"), "Clear": unknown.Clear(tx), "Find": find,
			"Find by an undeclared index": index,
		} {
			if err == nil || err == store.ErrNotFound { //nolint:errorlint // the very value would be wrong
				t.Errorf("%s of what was not declared: error %v, want one that says so", what, err)
			}
		}
		return nil
	})
}

func testKindsAreApart(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		if err := ships.Put(tx, "Cadiz", ship{Name: "Cadiz"}); err != nil {
			return err
		}
		return ports.Put(tx, "Cadiz", port{Ships: 3})
	})
	update(t, s, func(tx store.Tx) error { return ships.Delete(tx, "Cadiz") })
	view(t, s, func(tx store.Tx) error {
		got, err := ports.Get(tx, "Cadiz")
		if err != nil || got.Ships != 3 {
			t.Errorf("Get of the other kind = %+v, %v", got, err)
		}
		return nil
	})
	expectStored(t, s)
}

// strangeKeys are in order.
var strangeKeys = []string{
	"", "\x00", "\x00\x00", "\x01", "\n", "\x1e", "\x1f", "\x1f\x1f", " ", "%", "'", "A", "\\", "_", "a", "a\x00", "a\x1f",
	"a\x1fb", "a\xff", "b", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x91\x8b", "\xff", "\xff\x00", "\xff\xff",
}

func testKeys(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		for i := len(strangeKeys) - 1; i >= 0; i-- {
			if err := ships.Put(tx, strangeKeys[i], ship{Berth: int64(i)}); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(tx store.Tx) error {
		expectKeys(t, tx, store.Query{}, strangeKeys...)
		for i, key := range strangeKeys {
			got, err := ships.Get(tx, key)
			if err != nil || got.Berth != int64(i) {
				t.Errorf("Get(%q) = %+v, %v; want number %d", key, got, err, i)
			}
			expectKeys(t, tx, store.Query{From: key, To: store.After(key)}, key)
		}
		return nil
	})
}

func testDeleteAll(t *testing.T, s store.Store) {
	fill(t, s, ship{Name: "a", Port: "Cadiz"}, ship{Name: "b", Port: "Cadiz", Berth: 1}, ship{Name: "c", Port: "Palos"})
	update(t, s, func(tx store.Tx) error {
		n, err := ships.DeleteAll(tx, store.Query{Index: byBerth, Prefix: store.Prefix("Cadiz")})
		if n != 2 {
			t.Errorf("DeleteAll removed %d, want 2", n)
		}
		return err
	})
	expectStored(t, s, "c")
	update(t, s, func(tx store.Tx) error {
		n, err := ships.DeleteAll(tx, store.Query{})
		if n != 1 {
			t.Errorf("DeleteAll removed %d, want 1", n)
		}
		return err
	})
	expectStored(t, s)
}

func testFirstAndEach(t *testing.T, s store.Store) {
	fill(t, s, ship{Name: "a", Call: "Z"}, ship{Name: "b", Call: "Y"}, ship{Name: "c"})
	view(t, s, func(tx store.Tx) error {
		if got, err := ships.First(tx, store.Query{Reverse: true}); err != nil || got.Name != "c" {
			t.Errorf("First, reversed = %+v, %v", got, err)
		}
		if got, err := ships.Lookup(tx, byCall, "Y"); err != nil || got.Name != "b" {
			t.Errorf("Lookup = %+v, %v", got, err)
		}
		var names []string
		for one, err := range ships.Each(tx, store.Query{Index: byCall}) {
			if err != nil {
				return err
			}
			names = append(names, one.Name)
		}
		if !reflect.DeepEqual(names, []string{"b", "a"}) {
			t.Errorf("Each by call sign = %q", names)
		}
		for one, err := range ships.Each(tx, store.Query{}) {
			if err != nil || one.Name != "a" {
				t.Errorf("Each begins with %+v, %v", one, err)
			}
			break // leaving early is fine
		}
		return nil
	})
}
