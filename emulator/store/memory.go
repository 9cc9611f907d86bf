package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"
)

// degree of the trees.
const degree = 16

// Memory is the backend for tests and development: typed values, no encoding; nothing survives the process.
//
// The trees are changed in place, with a log of what to undo when a transaction fails. Readers do not wait for a writer, nor a
// writer for them: while a View is open, or as soon as one begins in the middle of an Update, the writer copies what it changes
// (copy on write), and the View keeps what was committed before.
type Memory struct {
	kinds map[string]*memoryKind

	writer sync.Mutex // serializes Update

	mu      sync.Mutex // guards what follows, and each single change of a tree; held for moments
	current *version
	views   int       // Views that are open, on this version or an earlier one, with which it shares trees
	open    *memoryTx // the Update under way that changes current in place; nil if there is none

	running atomic.Int64 // transactions under way
	closed  atomic.Bool
	idle    chan struct{} // closed when the store is and nothing runs
	ended   sync.Once     // closes idle

	undo []change // of the last Update, for use by the next
}

// memoryKind says which of a version's trees belong to a kind: docs is the number of the tree of its documents, and first that of
// its first index.
type memoryKind struct {
	Kind
	docs, first int
}

// document is an item of the tree of a kind.
type document struct {
	key   string
	value any
	// places has the document's places in the kind's indexes, in their order; nil for a kind of fewer than two, whose place is
	// found again faster than kept.
	places *[]place
}

// kept reports whether there is a document.
func (d document) kept() bool { return d.value != nil }

// place returns the place of a document in the i-th index of its kind.
func (d document) place(k *memoryKind, i int) (p place) {
	switch {
	case !d.kept():
		return place{}
	case d.places != nil:
		return (*d.places)[i]
	}
	p.position, p.in = position(k.Indexes[i], d.key, d.value, "")
	return p
}

// place is a position in an index; in is false where the document is not in it.
type place struct {
	position string
	in       bool
}

// entry is an item of the tree of an index.
type entry struct{ position, key string }

// version is a state of all trees.
type version struct {
	docs    []*btree.BTreeG[document]
	indexes []*btree.BTreeG[entry]
}

// clone returns a version of the same trees, any of which may be replaced without changing v.
func (v *version) clone() *version {
	return &version{docs: slices.Clone(v.docs), indexes: slices.Clone(v.indexes)}
}

// NewMemory opens an empty store in memory for the given kinds. Two kinds of one name, or two indexes of one name in a
// kind, are a programming error and reported as such.
func NewMemory(kinds ...Kind) (*Memory, error) {
	m := &Memory{kinds: make(map[string]*memoryKind, len(kinds)), idle: make(chan struct{}), current: &version{}}
	for _, k := range kinds {
		if _, dup := m.kinds[k.Name]; dup {
			return nil, fmt.Errorf("store: kind %q declared twice", k.Name)
		}
		for i, index := range k.Indexes {
			if index.Name == "" || slices.ContainsFunc(k.Indexes[:i], func(o Index) bool { return o.Name == index.Name }) {
				return nil, fmt.Errorf("store: kind %q: index %d has no name of its own (%q)", k.Name, i, index.Name)
			}
		}
		m.kinds[k.Name] = &memoryKind{Kind: k, docs: len(m.current.docs), first: len(m.current.indexes)}
		m.current.docs = append(m.current.docs, newDocs())
		for range k.Indexes {
			m.current.indexes = append(m.current.indexes, newIndex())
		}
	}
	return m, nil
}

func newDocs() *btree.BTreeG[document] {
	return btree.NewBTreeGOptions(func(a, b document) bool { return a.key < b.key }, btree.Options{Degree: degree, NoLocks: true})
}

func newIndex() *btree.BTreeG[entry] {
	return btree.NewBTreeGOptions(func(a, b entry) bool { return a.position < b.position }, btree.Options{Degree: degree, NoLocks: true})
}

// View runs fn on the last committed version.
func (m *Memory) View(ctx context.Context, fn func(Tx) error) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.leave()
	tx := &memoryTx{kinds: m.kinds, version: m.snapshot()}
	defer m.release()
	defer tx.end()
	return fn(tx)
}

// snapshot returns the committed version for a View, which must release it.
func (m *Memory) snapshot() *version {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.views++
	if m.open != nil {
		m.current = m.open.committed()
		m.open = nil
	}
	return m.current
}

func (m *Memory) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.views--
}

// Update runs fn on the current version, in place if no View is open, and undoes what it did unless fn returns nil.
func (m *Memory) Update(ctx context.Context, fn func(Tx) error) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.leave()
	m.writer.Lock()
	defer m.writer.Unlock()
	if err := ctx.Err(); err != nil { // it may have ended while others wrote
		return err
	}
	tx := m.begin()
	committed := false
	defer func() { m.finish(tx, committed) }()
	if err := fn(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	committed = true
	return nil
}

// begin starts the Update that the caller, holding m.writer, makes.
func (m *Memory) begin() *memoryTx {
	m.mu.Lock()
	defer m.mu.Unlock()
	tx := &memoryTx{kinds: m.kinds, memory: m, version: m.current, undo: m.undo[:0]}
	if m.views > 0 {
		tx.version = m.current.clone()
		tx.copied = newCopied(m.current)
	} else {
		m.open = tx
	}
	return tx
}

// finish ends an Update: its version becomes the current one, or what it did is undone.
func (m *Memory) finish(tx *memoryTx, committed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case committed:
		m.current = tx.version
	case m.open == tx: // in place all the way
		tx.version.revert(tx.undo)
	} // otherwise m.current is what was committed before
	m.open = nil
	tx.end()
	clear(tx.undo)
	m.undo = tx.undo[:0]
	if cap(m.undo) > maxKeptUndo {
		m.undo = nil
	}
}

// maxKeptUndo is the greatest log of changes that is kept for the next Update.
const maxKeptUndo = 4096

// Close makes every later call return ErrClosed and waits for the transactions under way.
func (m *Memory) Close() error {
	m.closed.Store(true)
	if m.running.Load() > 0 {
		<-m.idle
	}
	return nil
}

// enter counts a transaction in, unless the store is closed or ctx has ended.
func (m *Memory) enter(ctx context.Context) error {
	m.running.Add(1)
	err := ctx.Err()
	if m.closed.Load() {
		err = ErrClosed
	}
	if err != nil {
		m.leave()
	}
	return err
}

// leave counts a transaction out.
func (m *Memory) leave() {
	if m.running.Add(-1) == 0 && m.closed.Load() {
		m.ended.Do(func() { close(m.idle) })
	}
}
