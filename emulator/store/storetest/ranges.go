package storetest

import (
	"fmt"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

func rangeTests() []test {
	return []test{
		{"Ranges/PrimaryKeys", testPrimaryRanges},
		{"Ranges/Index", testIndexRanges},
		{"Ranges/EnterAndLeaveIndex", testEnterAndLeave},
		{"Ranges/EqualIndexKeys", testEqualKeys},
		{"Ranges/PrefixOfFF", testPrefixFF},
		{"Ranges/ForeignPartsStayApart", testPartsApart},
		{"Ranges/WriteWhileRanging", testWriteWhileRanging},
	}
}

// testRanges fails unless every query finds its keys, and the reverse query the same ones backwards.
func testRanges(t *testing.T, s store.Store, tests []rangeTest) {
	t.Helper()
	view(t, s, func(tx store.Tx) error {
		for _, test := range tests {
			expectKeys(t, tx, test.query, test.want...)
			if test.query.Limit == 0 {
				back := slices.Clone(test.want)
				slices.Reverse(back)
				test.query.Reverse = !test.query.Reverse
				expectKeys(t, tx, test.query, back...)
			}
		}
		return nil
	})
}

type rangeTest struct {
	query store.Query
	want  []string
}

func testPrimaryRanges(t *testing.T, s store.Store) {
	fill(t, s, ship{Name: "b"}, ship{Name: "a"}, ship{Name: "ab"}, ship{Name: "abc"}, ship{Name: "b0"}, ship{Name: "c"})
	testRanges(t, s, []rangeTest{
		{store.Query{}, []string{"a", "ab", "abc", "b", "b0", "c"}},
		{store.Query{From: "ab"}, []string{"ab", "abc", "b", "b0", "c"}},
		{store.Query{To: "b"}, []string{"a", "ab", "abc"}},
		{store.Query{From: "ab", To: "b0"}, []string{"ab", "abc", "b"}},
		{store.Query{From: "aa", To: "bz"}, []string{"ab", "abc", "b", "b0"}},
		{store.Query{From: "b", To: "b"}, nil},
		{store.Query{From: "c", To: "a"}, nil},
		{store.Query{From: "d"}, nil},
		{store.Query{Prefix: "a"}, []string{"a", "ab", "abc"}},
		{store.Query{Prefix: "ab"}, []string{"ab", "abc"}},
		{store.Query{Prefix: "ax"}, nil},
		{store.Query{Prefix: "a", From: "ab", To: "abc"}, []string{"ab"}},
		{store.Query{Prefix: "b", From: "a"}, []string{"b", "b0"}},
		{store.Query{Prefix: "b", To: "zz"}, []string{"b", "b0"}},
		{store.Query{Prefix: "b", From: "c"}, nil},
		{store.Query{Prefix: "b", To: "a"}, nil},
		{store.Query{From: store.After("ab"), Limit: 2}, []string{"abc", "b"}},
		{store.Query{To: "b", Reverse: true, Limit: 2}, []string{"abc", "ab"}},
		{store.Query{Prefix: "a", Reverse: true, Limit: 1}, []string{"abc"}},
		{store.Query{Limit: 1}, []string{"a"}},
		{store.Query{Limit: 6}, []string{"a", "ab", "abc", "b", "b0", "c"}},
		{store.Query{Limit: 100}, []string{"a", "ab", "abc", "b", "b0", "c"}},
	})
}

func testIndexRanges(t *testing.T, s store.Store) {
	fill(t, s,
		ship{Name: "a", Call: "9", Port: "Palos", Berth: 10}, ship{Name: "b", Call: "7", Port: "Palos", Berth: 9},
		ship{Name: "c", Call: "8", Port: "Cadiz", Berth: 1}, ship{Name: "d"}, ship{Name: "e", Port: "Palosanto", Berth: 1})
	berth := func(port string, n int64) string { return store.Key(port, store.Ordinal(n)) }
	testRanges(t, s, []rangeTest{
		{store.Query{Index: byCall}, []string{"b", "c", "a"}},
		{store.Query{Index: byCall, From: "8"}, []string{"c", "a"}},
		{store.Query{Index: byCall, To: "8"}, []string{"b"}},
		{store.Query{Index: byBerth}, []string{"c", "b", "a", "e"}},
		{store.Query{Index: byBerth, Prefix: store.Prefix("Palos")}, []string{"b", "a"}},
		{store.Query{Index: byBerth, Prefix: store.Prefix("Palos"), From: berth("Palos", 10)}, []string{"a"}},
		{store.Query{Index: byBerth, Prefix: store.Prefix("Palos"), To: berth("Palos", 10)}, []string{"b"}},
		{store.Query{Index: byBerth, Prefix: store.Prefix("Palos", store.Ordinal(9))}, []string{"b"}},
		{store.Query{Index: byBerth, Prefix: store.Prefix("Huelva")}, nil},
		{store.Query{Index: byBerth, Prefix: store.Prefix("Palos"), Limit: 1}, []string{"b"}},
		{store.Query{Index: byBerth, Prefix: store.Prefix("Palos"), Limit: 1, Reverse: true}, []string{"a"}},
	})
}

func testEnterAndLeave(t *testing.T, s store.Store) {
	for _, step := range []struct {
		ship  ship
		berth []string // keys in the ordered index
		call  []string // keys in the unique index
	}{
		{ship{Name: "a"}, nil, nil},
		{ship{Name: "a", Port: "Cadiz"}, []string{"a"}, nil},
		{ship{Name: "a", Port: "Cadiz", Call: "N"}, []string{"a"}, []string{"a"}},
		{ship{Name: "b", Port: "Cadiz", Berth: 1}, []string{"a", "b"}, []string{"a"}},
		{ship{Name: "a", Port: "Cadiz", Berth: 2, Call: "P"}, []string{"b", "a"}, []string{"a"}},
		{ship{Name: "a", Call: "P"}, []string{"b"}, []string{"a"}},
		{ship{Name: "a", Port: "Palos"}, []string{"b", "a"}, nil},
		{ship{Name: "b"}, []string{"a"}, nil},
		{ship{Name: "a"}, nil, nil},
	} {
		fill(t, s, step.ship)
		view(t, s, func(tx store.Tx) error {
			expectKeys(t, tx, store.Query{Index: byBerth}, step.berth...)
			expectKeys(t, tx, store.Query{Index: byCall}, step.call...)
			return nil
		})
	}
}

// testEqualKeys: documents of one index key stand in the order of their primary keys, and each leaves alone.
func testEqualKeys(t *testing.T, s store.Store) {
	var want []string
	for i := range 50 {
		name := fmt.Sprintf("%02d", i*7%50)
		want = append(want, name)
		fill(t, s, ship{Name: name, Port: "Cadiz", Berth: 4})
	}
	slices.Sort(want)
	same := store.Query{Index: byBerth, Prefix: store.Prefix("Cadiz", store.Ordinal(4))}
	testRanges(t, s, []rangeTest{{same, want}})
	update(t, s, func(tx store.Tx) error { return ships.Delete(tx, "25") })
	fill(t, s, ship{Name: "30"})
	want = slices.DeleteFunc(want, func(name string) bool { return name == "25" || name == "30" })
	testRanges(t, s, []rangeTest{{same, want}})
}

func testPrefixFF(t *testing.T, s store.Store) {
	fill(t, s, ship{Name: "a"}, ship{Name: "a\xff"}, ship{Name: "a\xff\xff"}, ship{Name: "a\xff\xffz"}, ship{Name: "b"},
		ship{Name: "\xfe"}, ship{Name: "\xff"}, ship{Name: "\xff\xff"}, ship{Name: "\xff\xff\x01"})
	testRanges(t, s, []rangeTest{
		{store.Query{Prefix: "a"}, []string{"a", "a\xff", "a\xff\xff", "a\xff\xffz"}},
		{store.Query{Prefix: "a\xff"}, []string{"a\xff", "a\xff\xff", "a\xff\xffz"}},
		{store.Query{Prefix: "a\xff\xff"}, []string{"a\xff\xff", "a\xff\xffz"}},
		{store.Query{Prefix: "\xff"}, []string{"\xff", "\xff\xff", "\xff\xff\x01"}},
		{store.Query{Prefix: "\xff\xff"}, []string{"\xff\xff", "\xff\xff\x01"}},
		{store.Query{Prefix: "\xff\xff\xff"}, nil},
		{store.Query{Prefix: "\xff", To: "\xff\xff"}, []string{"\xff"}},
	})
}

// testPartsApart: whatever a part has in it, a prefix of whole parts finds what has just these parts.
func testPartsApart(t *testing.T, s store.Store) {
	texts := slices.DeleteFunc(slices.Clone(strangeKeys[1:]), func(key string) bool { return !utf8.ValidString(key) })
	for i, name := range texts {
		fill(t, s, ship{Name: fmt.Sprintf("%02d", i), Port: name}, ship{Name: fmt.Sprintf("%02d\x1f\x1e", i), Port: name})
	}
	view(t, s, func(tx store.Tx) error {
		for i, name := range texts {
			expectKeys(t, tx, store.Query{Index: byBerth, Prefix: store.Prefix(name)},
				fmt.Sprintf("%02d", i), fmt.Sprintf("%02d\x1f\x1e", i))
		}
		return nil
	})
}

func testWriteWhileRanging(t *testing.T, s store.Store) {
	fill(t, s, ship{Name: "a", Port: "Cadiz", Berth: 1}, ship{Name: "b", Port: "Cadiz", Berth: 2}, ship{Name: "c", Port: "Cadiz", Berth: 3})
	for _, q := range []store.Query{{}, {Index: byBerth}, {Index: byBerth, Reverse: true}, {Index: byBerth, Prefix: store.Prefix("Cadiz")}} {
		var seen []string
		var before []string
		err := s.Update(t.Context(), func(tx store.Tx) (err error) {
			seen = nil
			if err := ships.Put(tx, "x", ship{Name: "x", Port: "Cadiz", Berth: 9}); err != nil { // a range after a write
				return err
			}
			if before, err = keys(tx, q); err != nil {
				return err
			}
			for item, err := range ships.Find(tx, q) {
				if err != nil {
					return err
				}
				seen = append(seen, item.Key)
				if one := item.Doc.(ship); one.Name != item.Key || one.Port != "Cadiz" { //nolint:forcetypeassert // what Find promises
					t.Errorf("Find(%+v) shows the change made while ranging: %+v", q, one)
				}
				if err := upset(tx); err != nil {
					return err
				}
			}
			return errUndo
		})
		expectError(t, "Update", err, errUndo)
		if !slices.Equal(seen, before) || len(seen) != 4 {
			t.Errorf("Find(%+v) while writing = %q, want %q", q, seen, before)
		}
	}
}

// upset changes, removes and adds on all sides of whatever is being ranged over.
func upset(tx store.Tx) error {
	if _, err := ships.DeleteAll(tx, store.Query{}); err != nil {
		return err
	}
	for _, name := range []string{"", "a", "aa", "b", "bb", "d", "z"} {
		if err := ships.Put(tx, name, ship{Name: "changed", Port: "Cadiz", Berth: int64(len(name))}); err != nil {
			return err
		}
	}
	return nil
}
