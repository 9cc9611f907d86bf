package store

import "errors"

// sequence is the last number that was given out under a name.
type sequence struct{ Last int64 }

// SequenceKind is the kind of the documents that Next keeps. A store whose users call Next is opened with Sequences.
const SequenceKind = "sequence"

var sequences = NewTable[sequence](SequenceKind)

// Sequences declares the documents that Next keeps.
func Sequences() Kind { return sequences.Kind() }

// Next gives out the numbers 1, 2, 3, ... under a name, in a transaction: one that fails gives its number back.
func Next(tx Tx, name string) (int64, error) {
	s, err := sequences.Get(tx, name)
	if IgnoreNotFound(err) != nil {
		return 0, err
	}
	s.Last++
	return s.Last, sequences.Put(tx, name, s)
}

// Last returns the number that Next gave out last under a name; 0 before the first.
func Last(tx Tx, name string) (int64, error) {
	s, err := sequences.Get(tx, name)
	return s.Last, IgnoreNotFound(err)
}

// IgnoreNotFound returns nil for ErrNotFound, and any other error as it is.
func IgnoreNotFound(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
