package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

func pagingTests() []test {
	return []test{
		{"Paging/ForwardsAndBackwards", testPaging},
		{"Paging/WhileDocumentsComeAndGo", testPagingWhileChanging},
		{"Paging/PositionsAreStable", testPositions},
	}
}

// page reads up to size keys behind a position, or before it; position "" is the beginning or the end.
func page(tx store.Tx, q store.Query, position string, size int) (found []store.Item, err error) {
	q.Limit = size
	switch {
	case position == "":
	case q.Reverse:
		q.To = position
	default:
		q.From = store.After(position)
	}
	for item, err := range ships.Find(tx, q) {
		if err != nil {
			return nil, err
		}
		found = append(found, item)
	}
	return found, nil
}

// testPaging reads lists page by page, in both directions: every document once, in order, whatever the size of a page.
func testPaging(t *testing.T, s store.Store) {
	for i := range 23 { // five documents to a berth: index keys are equal within pages and across their ends
		fill(t, s, ship{Name: fmt.Sprintf("%02d", i), Port: "Cadiz", Berth: int64(i / 5), Call: fmt.Sprintf("C%02d", 99-i)},
			ship{Name: fmt.Sprintf("other %02d", i), Port: "Cadi", Berth: int64(i)}, ship{Name: fmt.Sprintf("x%02d", i), Port: "Cadizz"})
	}
	for _, list := range []store.Query{
		{}, {Prefix: "0"}, {Index: byCall}, {Index: byCall, Prefix: "C9"}, {Index: byBerth}, {Index: byBerth, Prefix: store.Prefix("Cadiz")},
		{Index: byBerth, Prefix: store.Prefix("Cadiz"), Reverse: true}, {Index: byBerth, Prefix: store.Prefix("Cadiz", store.Ordinal(3))},
	} {
		for _, size := range []int{1, 2, 5, 7, 100} {
			view(t, s, func(tx store.Tx) error {
				want, err := keys(tx, list)
				if err != nil {
					return err
				}
				testPages(t, tx, list, size, want)
				slices.Reverse(want)
				list := list
				list.Reverse = !list.Reverse
				testPages(t, tx, list, size, want)
				return nil
			})
		}
	}
}

func testPages(t *testing.T, tx store.Tx, list store.Query, size int, want []string) {
	t.Helper()
	var got []string
	position := ""
	for range len(want) + 1 {
		items, err := page(tx, list, position, size)
		if err != nil {
			t.Errorf("page of %+v: %v", list, err)
		}
		if len(items) == 0 {
			break
		}
		for _, item := range items {
			got = append(got, item.Key)
		}
		position = items[len(items)-1].Position
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages of %d of %+v = %q, want %q", size, list, got, want)
	}
}

// testPagingWhileChanging: a position stays a place when the document there is gone.
func testPagingWhileChanging(t *testing.T, s store.Store) {
	for i := range 10 {
		fill(t, s, ship{Name: fmt.Sprintf("%02d", i), Port: "Cadiz", Berth: int64(i)})
	}
	list := store.Query{Index: byBerth, Prefix: store.Prefix("Cadiz")}
	var last string
	view(t, s, func(tx store.Tx) error {
		items, err := page(tx, list, "", 4)
		if err == nil {
			last = items[len(items)-1].Position
		}
		return err
	})
	update(t, s, func(tx store.Tx) error {
		for _, gone := range []string{"00", "03", "04"} { // 03 is where the page ended
			if err := ships.Delete(tx, gone); err != nil {
				return err
			}
		}
		return ships.Put(tx, "03a", ship{Name: "03a", Port: "Cadiz", Berth: 3})
	})
	view(t, s, func(tx store.Tx) error {
		list.From, list.Limit = store.After(last), 3
		expectKeys(t, tx, list, "03a", "05", "06")
		list.From, list.To, list.Reverse = "", last, true
		expectKeys(t, tx, list, "02", "01")
		return nil
	})
}

func testPositions(t *testing.T, s store.Store) {
	fill(t, s, ship{Name: "a", Call: "N", Port: "Cadiz", Berth: 5})
	positions := func() (all []string) {
		view(t, s, func(tx store.Tx) error {
			all = nil
			for _, index := range []string{"", byCall, byBerth} {
				for item, err := range ships.Find(tx, store.Query{Index: index, Prefix: ""}) {
					if err != nil {
						return err
					}
					if item.Key == "a" {
						all = append(all, item.Position)
					}
				}
			}
			return nil
		})
		return all
	}
	before := positions()
	if want := []string{"a", "N", store.Key("Cadiz", store.Ordinal(5), "a")}; !slices.Equal(before, want) {
		t.Errorf("positions %q, want %q", before, want)
	}
	fill(t, s, ship{Name: "b", Call: "M", Port: "Cadiz", Berth: 5}, ship{Name: "0", Port: "Cadiz"})
	fill(t, s, ship{Name: "a", Call: "N", Port: "Cadiz", Berth: 5, Flags: map[string]string{"changed": "yes"}})
	if after := positions(); !slices.Equal(before, after) {
		t.Errorf("positions moved from %q to %q although no index key changed", before, after)
	}
}
