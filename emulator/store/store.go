// Package store keeps every piece of state that outlives a request: documents in kinds, found by key or by a declared
// index, read from one consistent snapshot and written all or nothing.
//
// It is not a query language and knows nothing of Twilio. A resource of the emulator is one document; what must be
// unique (a binding of two addresses, a unique name) is a unique [Index], so it holds under any concurrency and on any
// backend; a page of a list is a range of an index, so it costs the same however much is stored.
//
// A caller declares its kinds as [Table] values, opens a backend with their [Kind]s ([NewMemory]), and works inside
// View and Update. The contract below is also code: package storetest runs it against every backend.
package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// ErrNotFound is returned by Get and Delete for a key that holds no document.
var ErrNotFound = errors.New("store: no such document")

// ErrClosed is returned by every call on a closed store.
var ErrClosed = errors.New("store: closed")

// ConflictError is returned by Put when a unique index already holds the document's index key for another document.
// The put changes nothing, and the transaction goes on.
type ConflictError struct {
	Kind, Index string
	// IndexKey is the contested index key, HeldBy the primary key of the document that has it.
	IndexKey, HeldBy string
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("store: %s: %s %q is held by %s", e.Kind, e.Index, e.IndexKey, e.HeldBy)
}

// Store is a transactional document store. Its methods may be called from any number of goroutines.
type Store interface {
	// View runs fn on one consistent snapshot: what others commit meanwhile is not seen. Writes in fn fail. It returns
	// fn's error, or ctx's without running fn.
	View(ctx context.Context, fn func(Tx) error) error
	// Update runs fn and commits what it wrote, all or nothing: nothing when fn returns an error or panics, or when ctx
	// ends before the commit. It returns fn's error or ctx's. Updates are serializable. fn may run again, so it must
	// have no effect outside tx; it must not call Update of the same store.
	Update(ctx context.Context, fn func(Tx) error) error
	// Close releases the store. It waits for the transactions under way, so it is not for calling inside one; later
	// ones return ErrClosed. Closing again does nothing.
	Close() error
}

// Tx is one transaction. It is valid only inside the function it was handed to, and only on that goroutine; afterwards
// its methods return errors. Documents are values and must not be changed through shared slices or maps: put a changed
// copy. Keys may be any bytes.
type Tx interface {
	// Get returns the document of a kind under key, or ErrNotFound.
	Get(kind, key string) (any, error)
	// Put stores doc under key, in place of what was there. It returns a *ConflictError when a unique index refuses.
	Put(kind, key string, doc any) error
	// Delete removes the document under key, or returns ErrNotFound.
	Delete(kind, key string) error
	// Clear removes all documents of a kind. It costs the same however many there are.
	Clear(kind string) error
	// Find yields the documents of a range in order. The transaction may write while it is ranged over: the range and
	// its documents stay as they were when the iteration began.
	Find(q Query) iter.Seq2[Item, error]
}

// Query is a range of one kind, by primary key or by an index. The zero range is everything, ascending, without limit.
type Query struct {
	Kind string
	// Index names a declared index; empty means the primary key.
	Index string
	// Prefix keeps to positions that begin with it.
	Prefix string
	// From is the first position that belongs to the range, To the first that does not; empty means open. To go on
	// behind an item, use From: After(item.Position) (ascending) or To: item.Position (descending).
	From, To string
	Reverse  bool
	// Limit is the greatest number of items; 0 means no limit.
	Limit int
}

// Item is one find. Position is its place in the index that was read, stable while the document's index key is. It is the
// primary key, the key in a unique index, or in another index the index key, a separator and Key(primary key): documents
// of one index key stand in the order of their primary keys. Positions are ordered byte by byte.
type Item struct {
	Key, Position string
	Doc           any
}

// Kind declares one family of documents.
type Kind struct {
	Name string
	// New returns a pointer to an empty document, for backends that encode (JSON) documents.
	New func() any
	// Load turns what New returned, decoded, back into the document's value.
	Load    func(any) any
	Indexes []Index
}

// Index declares an order, and possibly a uniqueness, over the documents of a kind.
type Index struct {
	Name   string
	Unique bool
	// Key computes the index key, and whether the document is in this index at all. It must depend on doc only.
	Key func(doc any) (key string, ok bool)
}
