package storetest

import (
	"slices"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

func isolationTests() []test {
	return []test{
		{"Isolation/ViewKeepsItsState", testViewKeepsState},
		{"Isolation/RangeKeepsItsState", testRangeKeepsState},
		{"Isolation/ViewsOfDifferentAge", testViewsOfDifferentAge},
		{"Isolation/NothingBeforeCommit", testNothingBeforeCommit},
	}
}

// testViewKeepsState commits changes while a View is open.
func testViewKeepsState(t *testing.T, s store.Store) {
	fill(t, s, harbour...)
	check := func(tx store.Tx) {
		t.Helper()
		expectKeys(t, tx, store.Query{}, "a", "b", "c")
		expectKeys(t, tx, store.Query{Index: byCall, From: "P", To: store.After("P")}, "b")
		expectKeys(t, tx, store.Query{Index: byBerth, Prefix: store.Prefix("Cadiz")}, "a", "b")
		if got, err := ships.Get(tx, "a"); err != nil || got.Name != "a" {
			t.Errorf("Get = %+v, %v", got, err)
		}
	}
	view(t, s, func(tx store.Tx) error {
		check(tx)
		update(t, s, turmoil)
		check(tx)
		expectStored(t, s, "a", "c", "d") // a View that begins now sees the new state
		update(t, s, func(tx store.Tx) error {
			_, err := ships.DeleteAll(tx, store.Query{})
			return err
		})
		check(tx)
		return nil
	})
	expectStored(t, s)
}

func testRangeKeepsState(t *testing.T, s store.Store) {
	for i := range 200 {
		name := store.Ordinal(int64(i))
		fill(t, s, ship{Name: name, Call: name, Port: "Cadiz", Berth: int64(i % 7)})
	}
	for _, q := range []store.Query{{}, {Reverse: true}, {Index: byCall}, {Index: byBerth}} {
		view(t, s, func(tx store.Tx) error {
			want, err := keys(tx, q)
			if err != nil {
				return err
			}
			var got []string
			for item, err := range ships.Find(tx, q) {
				if err != nil {
					return err
				}
				got = append(got, item.Key)
				if len(got)%40 == 1 {
					update(t, s, func(tx store.Tx) error {
						_, err := ships.DeleteAll(tx, store.Query{Limit: 20, Reverse: len(got)%80 == 1})
						return err
					})
					fill(t, s, ship{Name: item.Key + " new", Port: "Cadiz"})
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("Find(%+v) while others commit = %q, want %q", q, got, want)
			}
			return nil
		})
	}
}

// testViewsOfDifferentAge has each View see the state of its own beginning.
func testViewsOfDifferentAge(t *testing.T, s store.Store) {
	var nest func(depth int, want []string)
	nest = func(depth int, want []string) {
		view(t, s, func(tx store.Tx) error {
			expectKeys(t, tx, store.Query{}, want...)
			if depth > 0 {
				name := string(rune('a' + len(want)))
				fill(t, s, ship{Name: name})
				nest(depth-1, append(slices.Clone(want), name))
			}
			expectKeys(t, tx, store.Query{}, want...)
			return nil
		})
	}
	nest(5, nil)
	expectStored(t, s, "a", "b", "c", "d", "e")
}

// testNothingBeforeCommit looks from outside while an Update is under way.
func testNothingBeforeCommit(t *testing.T, s store.Store) {
	fill(t, s, harbour...)
	update(t, s, func(tx store.Tx) error {
		err := turmoil(tx)
		expectKeys(t, tx, store.Query{}, "a", "c", "d")
		expectHarbour(t, s)
		return err
	})
	expectStored(t, s, "a", "c", "d")
}
