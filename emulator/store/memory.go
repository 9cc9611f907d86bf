package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"
)

// degree of the trees. Every update copies the nodes on its path (copy on write), so large nodes make garbage: creating a
// message among 100,000 allocates 17 KB with 8, 21 KB with 16 and 27 KB with the library's default of 32. Times of 8, 12 and
// 16 do not differ measurably, nor do those of reads; kept documents take 4 % more memory with 8 than with 16.
const degree = 8

// Memory is the backend for tests and development: typed values, no encoding; nothing survives the process.
//
// Writers are serialized by one lock, which no reader takes: a reader works on the last published version of the trees,
// and a writer publishes a new version when it commits.
type Memory struct {
	kinds map[string]*memoryKind

	writer    sync.Mutex // serializes Update
	published atomic.Pointer[version]

	running atomic.Int64 // transactions under way
	closed  atomic.Bool
	idle    chan struct{} // closed when the store is and nothing runs
	ended   sync.Once     // closes idle
}

// memoryKind says which of a version's trees belong to a kind: tree first holds the documents by key, and tree
// first+1+i the kind's i-th index.
type memoryKind struct {
	Kind
	first int
}

// entry is small, because every update copies those beside the ones it changes.
type entry struct {
	position string // primary key, or what position says for an index
	value    any    // the document, or in an index its primary key (a string)
}

type version struct{ trees []*btree.BTreeG[entry] }

// NewMemory opens an empty store in memory for the given kinds. Two kinds of one name, or two indexes of one name in a
// kind, are a programming error and reported as such.
func NewMemory(kinds ...Kind) (*Memory, error) {
	m := &Memory{kinds: make(map[string]*memoryKind, len(kinds)), idle: make(chan struct{})}
	v := &version{}
	for _, k := range kinds {
		if _, dup := m.kinds[k.Name]; dup {
			return nil, fmt.Errorf("store: kind %q declared twice", k.Name)
		}
		for i, index := range k.Indexes {
			if index.Name == "" || slices.ContainsFunc(k.Indexes[:i], func(o Index) bool { return o.Name == index.Name }) {
				return nil, fmt.Errorf("store: kind %q: index %d has no name of its own (%q)", k.Name, i, index.Name)
			}
		}
		m.kinds[k.Name] = &memoryKind{Kind: k, first: len(v.trees)}
		for range 1 + len(k.Indexes) {
			v.trees = append(v.trees, newTree())
		}
	}
	m.published.Store(v)
	return m, nil
}

func newTree() *btree.BTreeG[entry] {
	return btree.NewBTreeGOptions(func(a, b entry) bool { return a.position < b.position }, btree.Options{Degree: degree, NoLocks: true})
}

// View runs fn on the last committed version.
func (m *Memory) View(ctx context.Context, fn func(Tx) error) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.leave()
	tx := &memoryTx{kinds: m.kinds, trees: m.published.Load().trees}
	defer tx.end()
	return fn(tx)
}

// Update runs fn on a private version and publishes it when fn returns nil.
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
	base := m.published.Load().trees
	tx := &memoryTx{kinds: m.kinds, trees: append([]*btree.BTreeG[entry](nil), base...), own: make([]bool, len(base))}
	defer tx.end()
	if err := fn(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.published.Store(&version{trees: tx.trees})
	return nil
}

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
