package store

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/tidwall/btree"
)

// errReadOnly is the error of a write inside View.
var errReadOnly = errors.New("store: write in a read-only transaction")

// errEnded is the error of a transaction whose function has returned.
var errEnded = errors.New("store: the transaction has ended; a Tx is valid only inside the function it was handed to")

// memoryTx reads and writes one version. An Update changes the trees of the committed version in place while copied is nil, and
// otherwise copies a tree before it first changes it.
type memoryTx struct {
	kinds   map[string]*memoryKind
	version *version

	memory *Memory // nil in a View
	undo   []change
	copied *copied
	// ranged are the trees over which this Update ranges at the moment.
	ranged []any
}

// copied says which trees of an Update are copies already.
type copied struct{ docs, indexes []bool }

func newCopied(v *version) *copied {
	return &copied{make([]bool, len(v.docs)), make([]bool, len(v.indexes))}
}

// change undoes a step of an Update in one tree: it has the item that was under a key or position before.
type change struct {
	tree  int
	index bool
	at    string
	doc   document // what was there; without a value: nothing
	key   string   // of an index: what was there
	had   bool     // of an index: whether there was anything
	// docs or entries, if one is set, is the tree that was there before: it was replaced as a whole.
	docs    *btree.BTreeG[document]
	entries *btree.BTreeG[entry]
}

// revert takes changes back, the last first.
func (v *version) revert(undo []change) {
	for i := len(undo) - 1; i >= 0; i-- {
		c := undo[i]
		switch {
		case c.docs != nil:
			v.docs[c.tree] = c.docs
		case c.entries != nil:
			v.indexes[c.tree] = c.entries
		case !c.index && c.doc.kept():
			v.docs[c.tree].Set(c.doc)
		case !c.index:
			v.docs[c.tree].Delete(document{key: c.at})
		case c.had:
			v.indexes[c.tree].Set(entry{c.at, c.key})
		default:
			v.indexes[c.tree].Delete(entry{position: c.at})
		}
	}
}

// committed returns the version without what this Update, which changes it in place, has done so far, for a View that begins now.
// From here on the Update copies a tree before it first changes it. It needs the memory's mu.
func (tx *memoryTx) committed() *version {
	before := tx.version.clone()
	tx.copied = newCopied(before)
	for _, c := range tx.undo {
		switch {
		case c.index && !tx.copied.indexes[c.tree]:
			before.indexes[c.tree], tx.copied.indexes[c.tree] = before.indexes[c.tree].IsoCopy(), true
		case !c.index && !tx.copied.docs[c.tree]:
			before.docs[c.tree], tx.copied.docs[c.tree] = before.docs[c.tree].IsoCopy(), true
		}
	}
	before.revert(tx.undo)
	return before
}

// end makes every later use an error: a write would change a version that others read.
func (tx *memoryTx) end() { tx.kinds = nil }

func (tx *memoryTx) kind(name string) (*memoryKind, error) {
	k, ok := tx.kinds[name]
	switch {
	case tx.kinds == nil:
		return nil, errEnded
	case !ok:
		return nil, fmt.Errorf("store: kind %q was not declared", name)
	}
	return k, nil
}

// writable is kind for a write.
func (tx *memoryTx) writable(name string) (*memoryKind, error) {
	k, err := tx.kind(name)
	if err == nil && tx.memory == nil {
		return nil, errReadOnly
	}
	return k, err
}

func (tx *memoryTx) Get(kind, key string) (any, error) {
	k, err := tx.kind(kind)
	if err != nil {
		return nil, err
	}
	doc, ok := tx.version.docs[k.docs].Get(document{key: key})
	if !ok {
		return nil, ErrNotFound
	}
	return doc.value, nil
}

func (tx *memoryTx) Put(kind, key string, value any) error {
	k, err := tx.writable(kind)
	if err != nil {
		return err
	}
	var one [1]place
	old, places := document{}, one[:]
	if len(k.Indexes) > 0 {
		old, _ = tx.version.docs[k.docs].Get(document{key: key})
	}
	doc := document{key: key, value: value}
	if len(k.Indexes) > 1 {
		kept := make([]place, len(k.Indexes))
		places, doc.places = kept, &kept
	}
	for i, index := range k.Indexes {
		p := &places[i]
		p.position, p.in = position(index, key, value, old.place(k, i).position)
		if !index.Unique || !p.in {
			continue
		}
		if held, taken := tx.version.indexes[k.first+i].Get(entry{position: p.position}); taken && held.key != key {
			return &ConflictError{Kind: kind, Index: index.Name, IndexKey: p.position, HeldBy: held.key}
		}
	}
	tx.memory.mu.Lock()
	defer tx.memory.mu.Unlock()
	tx.setDoc(k.docs, doc)
	for i, now := range places[:len(k.Indexes)] {
		was := old.place(k, i)
		if was == now {
			continue
		}
		if was.in {
			tx.deleteEntry(k.first+i, was.position)
		}
		if now.in {
			tx.setEntry(k.first+i, entry{now.position, key})
		}
	}
	return nil
}

func (tx *memoryTx) Delete(kind, key string) error {
	k, err := tx.writable(kind)
	if err != nil {
		return err
	}
	tx.memory.mu.Lock()
	defer tx.memory.mu.Unlock()
	old, ok := tx.docs(k.docs).Delete(document{key: key})
	if !ok {
		return ErrNotFound
	}
	tx.undo = append(tx.undo, change{tree: k.docs, at: key, doc: old})
	for i := range k.Indexes {
		if was := old.place(k, i); was.in {
			tx.deleteEntry(k.first+i, was.position)
		}
	}
	return nil
}

func (tx *memoryTx) Clear(kind string) error {
	k, err := tx.writable(kind)
	if err != nil {
		return err
	}
	tx.memory.mu.Lock()
	defer tx.memory.mu.Unlock()
	tx.undo = append(tx.undo, change{tree: k.docs, docs: tx.version.docs[k.docs]})
	tx.version.docs[k.docs] = newDocs()
	if tx.copied != nil {
		tx.copied.docs[k.docs] = true
	}
	for i := k.first; i < k.first+len(k.Indexes); i++ {
		tx.undo = append(tx.undo, change{tree: i, index: true, entries: tx.version.indexes[i]})
		tx.version.indexes[i] = newIndex()
		if tx.copied != nil {
			tx.copied.indexes[i] = true
		}
	}
	return nil
}

// docs returns tree i of documents for a change.
func (tx *memoryTx) docs(i int) *btree.BTreeG[document] {
	tree := tx.version.docs[i]
	switch {
	case tx.copied != nil && !tx.copied.docs[i]:
		tx.copied.docs[i] = true
	case slices.Contains(tx.ranged, any(tree)): // an iteration keeps what it began with
	default:
		return tree
	}
	tx.undo = append(tx.undo, change{tree: i, docs: tree})
	tx.version.docs[i] = tree.IsoCopy()
	return tx.version.docs[i]
}

// entries returns tree i of an index for a change.
func (tx *memoryTx) entries(i int) *btree.BTreeG[entry] {
	tree := tx.version.indexes[i]
	switch {
	case tx.copied != nil && !tx.copied.indexes[i]:
		tx.copied.indexes[i] = true
	case slices.Contains(tx.ranged, any(tree)):
	default:
		return tree
	}
	tx.undo = append(tx.undo, change{tree: i, index: true, entries: tree})
	tx.version.indexes[i] = tree.IsoCopy()
	return tx.version.indexes[i]
}

func (tx *memoryTx) setDoc(i int, doc document) {
	old, _ := tx.docs(i).Set(doc)
	tx.undo = append(tx.undo, change{tree: i, at: doc.key, doc: old})
}

func (tx *memoryTx) setEntry(i int, e entry) {
	old, had := tx.entries(i).Set(e)
	tx.undo = append(tx.undo, change{tree: i, index: true, at: e.position, key: old.key, had: had})
}

func (tx *memoryTx) deleteEntry(i int, at string) {
	old, had := tx.entries(i).Delete(entry{position: at})
	tx.undo = append(tx.undo, change{tree: i, index: true, at: at, key: old.key, had: had})
}

// position returns the position of a document in an index: several documents may share a key of an index that is not unique. was is
// the position that it has had there, which as a rule stays.
func position(index Index, key string, doc any, was string) (string, bool) {
	at, ok := index.Key(doc)
	if !ok || index.Unique {
		return at, ok
	}
	end := part(key)
	if len(was) == len(at)+len(separator)+len(end) && strings.HasPrefix(was, at) && strings.HasSuffix(was, end) && was[len(at)] == separator[0] {
		return was, true
	}
	return at + separator + end, true
}

func (tx *memoryTx) lookup(kind, index, key string) (any, error) {
	k, err := tx.kind(kind)
	if err != nil {
		return nil, err
	}
	entries := tx.index(k, index)
	if entries == nil {
		return nil, fmt.Errorf("store: kind %q has no index %q", kind, index)
	}
	e, ok := entries.Get(entry{position: key})
	if !ok {
		return nil, ErrNotFound
	}
	doc, _ := tx.version.docs[k.docs].Get(document{key: e.key})
	return doc.value, nil
}

func (tx *memoryTx) Find(q Query) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		k, err := tx.kind(q.Kind)
		if err != nil {
			yield(Item{}, err)
			return
		}
		docs, left := tx.version.docs[k.docs], q.Limit
		tx.beginRange(docs)
		defer tx.endRange(docs)
		visit := func(doc document, at string) bool {
			if !yield(Item{Key: doc.key, Position: at, Doc: doc.value}, nil) {
				return false
			}
			left--
			return left != 0
		}
		if q.Index == "" {
			scan(docs, q, document{}, func(d document) bool { return visit(d, d.key) })
			return
		}
		entries := tx.index(k, q.Index)
		if entries == nil {
			yield(Item{}, fmt.Errorf("store: kind %q has no index %q", q.Kind, q.Index))
			return
		}
		tx.beginRange(entries)
		defer tx.endRange(entries)
		scan(entries, q, entry{}, func(e entry) bool {
			doc, _ := docs.Get(document{key: e.key}) // an index has nothing that is not there
			return visit(doc, e.position)
		})
	}
}

// index returns the tree of an index by its name, or nil.
func (tx *memoryTx) index(k *memoryKind, name string) *btree.BTreeG[entry] {
	for i, index := range k.Indexes {
		if index.Name == name {
			return tx.version.indexes[k.first+i]
		}
	}
	return nil
}

// beginRange notes that this transaction ranges over a tree, and endRange that it does no longer: a write meanwhile copies the tree.
func (tx *memoryTx) beginRange(tree any) {
	if tx.memory != nil {
		tx.ranged = append(tx.ranged, tree)
	}
}

func (tx *memoryTx) endRange(tree any) {
	if tx.memory != nil { // ranges may end in any order
		at := slices.Index(tx.ranged, tree)
		tx.ranged = slices.Delete(tx.ranged, at, at+1)
	}
}

// at returns the text by which the trees are ordered.
func (d document) at() string { return d.key }
func (e entry) at() string    { return e.position }

// with returns an item to search with.
func (document) with(at string) document { return document{key: at} }
func (entry) with(at string) entry       { return entry{position: at} }

// ordered is an item of a tree.
type ordered[T any] interface {
	at() string
	with(at string) T
}

// scan walks the part of a tree that q describes, in q's direction, until visit says stop.
func scan[T ordered[T]](tree *btree.BTreeG[T], q Query, pivot T, visit func(T) bool) {
	from, to := max(q.From, q.Prefix), q.To
	if end := prefixEnd(q.Prefix); end != "" && (to == "" || end < to) {
		to = end
	}
	if q.Reverse {
		down := func(item T) bool { return item.at() >= from && visit(item) }
		if to == "" {
			tree.Reverse(down)
			return
		}
		tree.Descend(pivot.with(to), func(item T) bool { return item.at() == to || down(item) }) // to is not in the range
		return
	}
	tree.Ascend(pivot.with(from), func(item T) bool { return (to == "" || item.at() < to) && visit(item) })
}

// prefixEnd is the least position behind all that begin with p; empty when there is none.
func prefixEnd(p string) string {
	for i := len(p) - 1; i >= 0; i-- { // bytes, not runes: strings.TrimRight would take every broken rune for \xff
		if p[i] < 0xff {
			return p[:i] + string([]byte{p[i] + 1})
		}
	}
	return ""
}
