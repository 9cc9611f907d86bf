package store

import (
	"iter"
)

// Table gives one kind its type: the same four verbs as Tx, for documents of type T. The zero Table is not usable;
// declare one with NewTable. A Table holds no state and may be shared.
type Table[T any] struct{ kind Kind }

// Where declares an index of a Table by a function of its document. ok=false keeps a document out of the index.
type Where[T any] func(T) (key string, ok bool)

// NewTable declares a kind of documents of type T. T must encode to JSON and back without loss, for the backends that
// encode; the memory backend keeps values as they are.
func NewTable[T any](name string) Table[T] {
	return Table[T]{Kind{
		Name: name,
		New:  func() any { return new(T) },
		Load: func(p any) any { return *p.(*T) },
	}}
}

// Ordered returns the table with a further index that several documents may share a key of.
func (t Table[T]) Ordered(index string, key Where[T]) Table[T] { return t.with(index, false, key) }

// Unique returns the table with a further index in which each key belongs to one document at most.
func (t Table[T]) Unique(index string, key Where[T]) Table[T] { return t.with(index, true, key) }

func (t Table[T]) with(index string, unique bool, key Where[T]) Table[T] {
	t.kind.Indexes = append(t.kind.Indexes[:len(t.kind.Indexes):len(t.kind.Indexes)], Index{
		Name: index, Unique: unique,
		Key: func(doc any) (string, bool) { return key(doc.(T)) },
	})
	return t
}

// Kind returns the declaration that a backend is opened with.
func (t Table[T]) Kind() Kind { return t.kind }

// Get returns the document under key, or ErrNotFound.
func (t Table[T]) Get(tx Tx, key string) (T, error) {
	doc, err := tx.Get(t.kind.Name, key)
	if err != nil {
		var none T
		return none, err
	}
	return doc.(T), nil
}

// Has reports whether there is a document under key.
func (t Table[T]) Has(tx Tx, key string) (bool, error) {
	_, err := tx.Get(t.kind.Name, key)
	return err == nil, IgnoreNotFound(err)
}

// HasAny reports whether there is a document in a range.
func (t Table[T]) HasAny(tx Tx, q Query) (bool, error) {
	_, err := t.First(tx, q)
	return err == nil, IgnoreNotFound(err)
}

// Put stores doc under key; a *ConflictError when a unique index refuses.
func (t Table[T]) Put(tx Tx, key string, doc T) error { return tx.Put(t.kind.Name, key, doc) }

// Delete removes the document under key, or returns ErrNotFound.
func (t Table[T]) Delete(tx Tx, key string) error { return tx.Delete(t.kind.Name, key) }

// Clear removes all documents.
func (t Table[T]) Clear(tx Tx) error { return tx.Clear(t.kind.Name) }

// Find yields the documents of a range, in order; q.Kind is set by the table.
func (t Table[T]) Find(tx Tx, q Query) iter.Seq2[Item, error] {
	q.Kind = t.kind.Name
	return tx.Find(q)
}

// Each yields the typed documents of a range. An error ends the range: it is yielded with the zero document.
func (t Table[T]) Each(tx Tx, q Query) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item, err := range t.Find(tx, q) {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			if !yield(item.Doc.(T), nil) {
				return
			}
		}
	}
}

// First returns the first document of a range, or ErrNotFound.
func (t Table[T]) First(tx Tx, q Query) (T, error) {
	q.Limit = 1
	var none T
	for item, err := range t.Find(tx, q) {
		if err != nil {
			return none, err
		}
		return item.Doc.(T), nil
	}
	return none, ErrNotFound
}

// Lookup returns the document that holds key in a unique index, or ErrNotFound.
func (t Table[T]) Lookup(tx Tx, index, key string) (T, error) {
	if l, ok := tx.(lookuper); ok {
		doc, err := l.lookup(t.kind.Name, index, key)
		if err != nil {
			var none T
			return none, err
		}
		return doc.(T), nil
	}
	return t.First(tx, Query{Index: index, From: key, To: After(key)})
}

// lookuper is a transaction that looks up in a unique index without the cost of a range.
type lookuper interface {
	lookup(kind, index, key string) (any, error)
}

// DeleteAll removes every document of a range and says how many there were.
func (t Table[T]) DeleteAll(tx Tx, q Query) (int, error) {
	n := 0
	for item, err := range t.Find(tx, q) {
		if err != nil {
			return n, err
		}
		if err := IgnoreNotFound(t.Delete(tx, item.Key)); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
