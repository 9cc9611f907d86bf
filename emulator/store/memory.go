package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"
)

// errReadOnly is what a write inside View gets.
var errReadOnly = errors.New("store: write in a read-only transaction")

// degree of the trees. Every update copies the nodes on its path (copy on write), so small nodes are the faster ones
// here: 16 halves the time of an insert against the library's default of 32.
const degree = 16

// Memory is the backend for tests and development: typed values, no encoding; nothing survives the process.
//
// Writers are serialized by one lock, which no reader takes: a reader works on the last published version of the trees,
// and a writer publishes a new version when it commits.
type Memory struct {
	kinds map[string]*memoryKind

	writer    sync.Mutex // serializes Update and Close
	published atomic.Pointer[version]
	closed    atomic.Bool
}

// memoryKind says which of a version's trees belong to a kind: tree first holds the documents by key, and tree
// first+1+i the kind's i-th index.
type memoryKind struct {
	Kind
	first int
}

type entry struct {
	position string // primary key, unique index key, or index key + separator + primary key
	key      string // primary key
	doc      any    // only in the primary tree
}

type version struct{ trees []*btree.BTreeG[entry] }

// NewMemory opens an empty store in memory for the given kinds. Two kinds of one name are a programming error and
// reported as such.
func NewMemory(kinds ...Kind) (*Memory, error) {
	m := &Memory{kinds: make(map[string]*memoryKind, len(kinds))}
	v := &version{}
	for _, k := range kinds {
		if _, dup := m.kinds[k.Name]; dup {
			return nil, fmt.Errorf("store: kind %q declared twice", k.Name)
		}
		m.kinds[k.Name] = &memoryKind{Kind: k, first: len(v.trees)}
		for range 1 + len(k.Indexes) {
			v.trees = append(v.trees, btree.NewBTreeGOptions(
				func(a, b entry) bool { return a.position < b.position },
				btree.Options{Degree: degree, NoLocks: true}))
		}
	}
	m.published.Store(v)
	return m, nil
}

// View runs fn on the last committed version.
func (m *Memory) View(ctx context.Context, fn func(Tx) error) error {
	if err := m.usable(ctx); err != nil {
		return err
	}
	return fn(&memoryTx{kinds: m.kinds, trees: m.published.Load().trees})
}

// Update runs fn on a private version and publishes it when fn returns nil.
func (m *Memory) Update(ctx context.Context, fn func(Tx) error) error {
	m.writer.Lock()
	defer m.writer.Unlock()
	if err := m.usable(ctx); err != nil {
		return err
	}
	base := m.published.Load().trees
	tx := &memoryTx{kinds: m.kinds, trees: append([]*btree.BTreeG[entry](nil), base...), own: make([]bool, len(base))}
	if err := fn(tx); err != nil {
		return err
	}
	m.published.Store(&version{trees: tx.trees})
	return nil
}

// Close makes every later call return ErrClosed.
func (m *Memory) Close() error {
	m.writer.Lock()
	defer m.writer.Unlock()
	m.closed.Store(true)
	return nil
}

func (m *Memory) usable(ctx context.Context) error {
	if m.closed.Load() {
		return ErrClosed
	}
	return ctx.Err()
}

// memoryTx reads and writes one version. own marks the trees it has copied already; nil own means read-only.
type memoryTx struct {
	kinds map[string]*memoryKind
	trees []*btree.BTreeG[entry]
	own   []bool
}

func (tx *memoryTx) kind(name string) (*memoryKind, error) {
	k, ok := tx.kinds[name]
	if !ok {
		return nil, fmt.Errorf("store: kind %q was not declared", name)
	}
	return k, nil
}

// writable returns tree i, copied once per transaction so that published versions never change.
func (tx *memoryTx) writable(i int) *btree.BTreeG[entry] {
	if !tx.own[i] {
		tx.trees[i], tx.own[i] = tx.trees[i].IsoCopy(), true
	}
	return tx.trees[i]
}

func (tx *memoryTx) Get(kind, key string) (any, error) {
	k, err := tx.kind(kind)
	if err != nil {
		return nil, err
	}
	e, ok := tx.trees[k.first].Get(entry{position: key})
	if !ok {
		return nil, ErrNotFound
	}
	return e.doc, nil
}

func (tx *memoryTx) Put(kind, key string, doc any) error {
	k, err := tx.kind(kind)
	if err != nil {
		return err
	}
	if tx.own == nil {
		return errReadOnly
	}
	for i, index := range k.Indexes {
		if !index.Unique {
			continue
		}
		if at, ok := index.Key(doc); ok {
			if held, taken := tx.trees[k.first+1+i].Get(entry{position: at}); taken && held.key != key {
				return &ConflictError{Kind: kind, Index: index.Name, IndexKey: at, HeldBy: held.key}
			}
		}
	}
	old, replaced := tx.writable(k.first).Set(entry{position: key, key: key, doc: doc})
	for i, index := range k.Indexes {
		was, had := "", false
		if replaced {
			was, had = position(index, key, old.doc)
		}
		now, has := position(index, key, doc)
		if was == now && had == has {
			continue
		}
		tree := tx.writable(k.first + 1 + i)
		if had {
			tree.Delete(entry{position: was})
		}
		if has {
			tree.Set(entry{position: now, key: key})
		}
	}
	return nil
}

func (tx *memoryTx) Delete(kind, key string) error {
	k, err := tx.kind(kind)
	if err != nil {
		return err
	}
	if tx.own == nil {
		return errReadOnly
	}
	old, ok := tx.trees[k.first].Get(entry{position: key})
	if !ok {
		return ErrNotFound
	}
	tx.writable(k.first).Delete(old)
	for i, index := range k.Indexes {
		if at, has := position(index, key, old.doc); has {
			tx.writable(k.first + 1 + i).Delete(entry{position: at})
		}
	}
	return nil
}

// position is where a document stands in an index: several documents may share a key of an index that is not unique.
func position(index Index, key string, doc any) (string, bool) {
	at, ok := index.Key(doc)
	if ok && !index.Unique {
		at += separator + key
	}
	return at, ok
}

func (tx *memoryTx) Find(q Query) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		docs, at, err := tx.locate(q)
		if err != nil {
			yield(Item{}, err)
			return
		}
		primary, tree := tx.frozen(docs), tx.frozen(at)
		left := q.Limit
		scan(tree, q, func(e entry) bool {
			if at != docs {
				e.doc = first(primary.Get(entry{position: e.key})).doc
			}
			if !yield(Item{Key: e.key, Position: e.position, Doc: e.doc}, nil) {
				return false
			}
			left--
			return left != 0
		})
	}
}

// locate returns the numbers of the trees that hold a query's documents and its positions.
func (tx *memoryTx) locate(q Query) (docs, at int, err error) {
	k, err := tx.kind(q.Kind)
	if err != nil {
		return 0, 0, err
	}
	if q.Index == "" {
		return k.first, k.first, nil
	}
	for i, index := range k.Indexes {
		if index.Name == q.Index {
			return k.first, k.first + 1 + i, nil
		}
	}
	return 0, 0, fmt.Errorf("store: kind %q has no index %q", q.Kind, q.Index)
}

// frozen returns tree i as it is now, unaffected by later writes of this transaction.
func (tx *memoryTx) frozen(i int) *btree.BTreeG[entry] {
	if tx.own == nil || !tx.own[i] {
		return tx.trees[i] // a published version: never written to
	}
	return tx.trees[i].IsoCopy()
}

func first(e entry, _ bool) entry { return e }

// scan walks the part of a tree that q describes, in q's direction, until visit says stop.
func scan(tree *btree.BTreeG[entry], q Query, visit func(entry) bool) {
	from, to := max(q.From, q.Prefix), q.To
	if end := prefixEnd(q.Prefix); end != "" && (to == "" || end < to) {
		to = end
	}
	if q.Reverse {
		down := func(e entry) bool { return e.position >= from && (e.position == to || visit(e)) }
		if to == "" {
			tree.Reverse(down)
			return
		}
		tree.Descend(entry{position: to}, down) // begins at to itself, which is not in the range
		return
	}
	tree.Ascend(entry{position: from}, func(e entry) bool { return (to == "" || e.position < to) && visit(e) })
}

// prefixEnd is the least position behind all that begin with p; empty when there is none.
func prefixEnd(p string) string {
	trimmed := strings.TrimRight(p, "\xff")
	if trimmed == "" {
		return ""
	}
	return trimmed[:len(trimmed)-1] + string([]byte{trimmed[len(trimmed)-1] + 1})
}
