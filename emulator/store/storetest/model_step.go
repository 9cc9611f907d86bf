package storetest

import (
	"errors"
	"fmt"

	"pgregory.net/rapid"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// step is one call in a transaction.
type step struct {
	Verb  string
	Key   string
	Crate crate
	Query store.Query
}

func drawStep(t *rapid.T) step {
	s := step{Verb: rapid.SampledFrom([]string{"put", "put", "put", "delete", "get", "find", "replace", "clear"}).Draw(t, "verb")}
	s.Key = string(someBytes.Draw(t, "key"))
	switch s.Verb {
	case "put":
		s.Crate = someCrate.Draw(t, "crate")
	case "find", "replace":
		s.Query = someQuery.Draw(t, "query")
	}
	return s
}

// run makes the call on both and returns an error when they differ.
func (s step) run(tx store.Tx, m model) error {
	switch s.Verb {
	case "put":
		return s.put(tx, m)
	case "delete":
		_, there := m[s.Key]
		delete(m, s.Key)
		return s.expect(crates.Delete(tx, s.Key), there)
	case "get":
		want, there := m[s.Key]
		got, err := crates.Get(tx, s.Key)
		if err == nil && !sameCrate(got, want) {
			return fmt.Errorf("Get(%q) = %q, want %q", s.Key, got, want)
		}
		return s.expect(err, there)
	case "replace":
		return s.replace(tx, m)
	case "clear":
		clear(m)
		return crates.Clear(tx)
	}
	return m.compare(tx, s.Query)
}

// expect returns an error unless err is nil for a document that is there, and ErrNotFound for one that is not.
func (s step) expect(err error, there bool) error {
	if (there && err != nil) || (!there && !errors.Is(err, store.ErrNotFound)) {
		return fmt.Errorf("%s(%q): %w, and it is there: %t", s.Verb, s.Key, err, there)
	}
	return nil
}

func (s step) put(tx store.Tx, m model) error {
	want := m.put(s.Key, s.Crate)
	err := crates.Put(tx, s.Key, s.Crate)
	var got *store.ConflictError
	if errors.As(err, &got) != (want != nil) || (want == nil && err != nil) {
		return fmt.Errorf("Put(%q, %q): %w, want %w", s.Key, s.Crate, err, want)
	}
	if want != nil && *got != *want {
		return fmt.Errorf("Put(%q, %q): conflict %+v, want %+v", s.Key, s.Crate, *got, *want)
	}
	return nil
}

// replace changes what it ranges over: each document leaves its shelf, or goes, by turns.
func (s step) replace(tx store.Tx, m model) error {
	want := m.find(s.Query)
	n := 0
	for item, err := range crates.Find(tx, s.Query) {
		if err != nil {
			return err
		}
		if n >= len(want) || !sameItem(item, want[n]) {
			return fmt.Errorf("Find(%+v) while writing: item %d is %q, want %q", s.Query, n, item, want)
		}
		if n++; n%2 == 0 {
			delete(m, item.Key)
			if err := crates.Delete(tx, item.Key); err != nil {
				return err
			}
			continue
		}
		change := step{Verb: "put", Key: item.Key, Crate: m[item.Key]}
		change.Crate.Shelf = nil
		if err := change.put(tx, m); err != nil {
			return err
		}
	}
	if n != len(want) {
		return fmt.Errorf("Find(%+v) while writing found %d documents, want %d", s.Query, n, len(want))
	}
	return nil
}
