package storetest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// model is the simplest store of crates that there is.
type model map[string]crate

// modelIndex has the entries of an index in a model; the primary key is the index "".
type modelIndex struct {
	name   string
	unique bool
	key    func(key string, c crate) []byte // empty: not in the index
}

var modelIndexes = []modelIndex{
	{"", true, nil},
	{byLabel, true, func(_ string, c crate) []byte { return c.Label }},
	{byShelf, false, func(_ string, c crate) []byte { return c.Shelf }},
	{bySeal, true, func(_ string, c crate) []byte { return c.Seal }},
}

func (m model) put(key string, c crate) *store.ConflictError {
	for _, index := range modelIndexes[1:] {
		at := index.key(key, c)
		if !index.unique || len(at) == 0 {
			continue
		}
		for other, held := range m {
			if other != key && bytes.Equal(index.key(other, held), at) {
				return &store.ConflictError{Kind: "crate", Index: index.name, IndexKey: string(at), HeldBy: other}
			}
		}
	}
	m[key] = c
	return nil
}

func (m model) find(q store.Query) []store.Item {
	index := modelIndexes[slices.IndexFunc(modelIndexes, func(i modelIndex) bool { return i.name == q.Index })]
	var found []store.Item
	for key, c := range m {
		position := key
		if index.key != nil {
			at := index.key(key, c)
			if len(at) == 0 {
				continue
			}
			if position = string(at); !index.unique {
				position += store.Prefix("") + store.Key(key)
			}
		}
		if strings.HasPrefix(position, q.Prefix) && position >= q.From && (q.To == "" || position < q.To) {
			found = append(found, store.Item{Key: key, Position: position, Doc: c})
		}
	}
	slices.SortFunc(found, func(a, b store.Item) int { return cmp.Compare(a.Position, b.Position) })
	if q.Reverse {
		slices.Reverse(found)
	}
	if q.Limit > 0 && len(found) > q.Limit {
		found = found[:q.Limit]
	}
	return found
}

// someBytes are few and short, so that keys meet; they have all bytes that a store could take for something else.
var someBytes = rapid.Custom(func(t *rapid.T) []byte {
	return rapid.SliceOfN(rapid.SampledFrom([]byte{'a', 'b', 0, 0x1e, 0x1f, ' ', '1', '2', 0xfe, 0xff}), 0, 3).Draw(t, "bytes")
})

var someCrate = rapid.Custom(func(t *rapid.T) crate {
	return crate{Label: someBytes.Draw(t, "label"), Shelf: someBytes.Draw(t, "shelf"), Seal: someBytes.Draw(t, "seal")}
})

var someQuery = rapid.Custom(func(t *rapid.T) store.Query {
	edge := rapid.Map(rapid.OneOf(rapid.Just[[]byte](nil), someBytes), func(b []byte) string { return string(b) })
	return store.Query{
		Index:  rapid.SampledFrom([]string{"", byLabel, byShelf, bySeal}).Draw(t, "index"),
		Prefix: edge.Draw(t, "prefix"), From: edge.Draw(t, "from"), To: edge.Draw(t, "to"),
		Reverse: rapid.Bool().Draw(t, "reverse"), Limit: rapid.IntRange(0, 4).Draw(t, "limit"),
	}
})

// machine runs transactions on a store and on a model.
type machine struct {
	store store.Store
	model model
}

// testModel compares a store with a map, transaction by transaction.
func testModel(t *testing.T, open func() store.Store) {
	rapid.Check(t, func(r *rapid.T) {
		m := &machine{store: open(), model: model{}}
		r.Repeat(map[string]func(*rapid.T){
			"update": func(r *rapid.T) { m.update(t, r, nil) },
			"undo":   func(r *rapid.T) { m.update(t, r, errUndo) },
			"view":   func(r *rapid.T) { m.view(t, r) },
			"": func(r *rapid.T) {
				if err := m.store.View(t.Context(), m.model.compareAll); err != nil {
					r.Fatal(err)
				}
			},
		})
	})
}

// update runs the same steps on both; an outcome other than nil undoes them.
func (m *machine) update(t *testing.T, r *rapid.T, outcome error) {
	steps := rapid.SliceOfN(rapid.Custom(drawStep), 0, 8).Draw(r, "steps")
	var after model
	err := m.store.Update(t.Context(), func(tx store.Tx) error {
		after = maps.Clone(m.model)
		for _, do := range steps {
			if err := do.run(tx, after); err != nil {
				return err
			}
		}
		return outcome
	})
	if !errors.Is(err, outcome) {
		r.Fatalf("Update: %v, want %v", err, outcome)
	}
	if outcome == nil {
		m.model = after
	}
}

// view looks at one snapshot while an update is committed beside it.
func (m *machine) view(t *testing.T, r *rapid.T) {
	before := m.model
	err := m.store.View(t.Context(), func(tx store.Tx) error {
		if err := before.compareAll(tx); err != nil {
			return err
		}
		m.update(t, r, nil)
		return before.compareAll(tx)
	})
	if err != nil {
		r.Fatalf("View: %v", err)
	}
}

// compareAll returns an error unless tx has just what the model has, in every index.
func (m model) compareAll(tx store.Tx) error {
	for _, index := range modelIndexes {
		for _, reverse := range []bool{false, true} {
			if err := m.compare(tx, store.Query{Index: index.name, Reverse: reverse}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m model) compare(tx store.Tx, q store.Query) error {
	var got []store.Item
	for item, err := range crates.Find(tx, q) {
		if err != nil {
			return fmt.Errorf("Find(%+v): %w", q, err)
		}
		got = append(got, item)
	}
	if want := m.find(q); !slices.EqualFunc(got, want, sameItem) {
		return fmt.Errorf("Find(%+v) = %q, want %q", q, got, want)
	}
	return nil
}

func sameItem(a, b store.Item) bool {
	x, isCrate := a.Doc.(crate)
	y, _ := b.Doc.(crate)
	return isCrate && a.Key == b.Key && a.Position == b.Position && sameCrate(x, y)
}

// sameCrate takes empty for nil, as encoding may.
func sameCrate(a, b crate) bool {
	return bytes.Equal(a.Label, b.Label) && bytes.Equal(a.Shelf, b.Shelf) && bytes.Equal(a.Seal, b.Seal)
}
