package store

import (
	"errors"
	"fmt"
	"iter"

	"github.com/tidwall/btree"
)

// errReadOnly is the error of a write inside View.
var errReadOnly = errors.New("store: write in a read-only transaction")

// errEnded is the error of a transaction whose function has returned.
var errEnded = errors.New("store: the transaction has ended; a Tx is valid only inside the function it was handed to")

// memoryTx reads and writes one version. own marks the trees it has copied already; nil own means read-only.
type memoryTx struct {
	kinds map[string]*memoryKind
	trees []*btree.BTreeG[entry]
	own   []bool
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
	return e.value, nil
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
			if held, taken := tx.trees[k.first+1+i].Get(entry{position: at}); taken && held.value != any(key) {
				return &ConflictError{Kind: kind, Index: index.Name, IndexKey: at, HeldBy: held.key()}
			}
		}
	}
	old, replaced := tx.writable(k.first).Set(entry{position: key, value: doc})
	for i, index := range k.Indexes {
		was, had := "", false
		if replaced {
			was, had = position(index, key, old.value)
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
			tree.Set(entry{position: now, value: key})
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
		if at, has := position(index, key, old.value); has {
			tx.writable(k.first + 1 + i).Delete(entry{position: at})
		}
	}
	return nil
}

func (tx *memoryTx) Clear(kind string) error {
	k, err := tx.kind(kind)
	if err != nil {
		return err
	}
	if tx.own == nil {
		return errReadOnly
	}
	for i := k.first; i <= k.first+len(k.Indexes); i++ {
		tx.trees[i], tx.own[i] = newTree(), true
	}
	return nil
}

// key is the primary key that an entry of an index leads to.
func (e entry) key() string {
	key, _ := e.value.(string)
	return key
}

// position returns the position of a document in an index: several documents may share a key of an index that is not unique.
func position(index Index, key string, doc any) (string, bool) {
	at, ok := index.Key(doc)
	if ok && !index.Unique {
		at += separator + part(key)
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
			item := Item{Key: e.position, Position: e.position, Doc: e.value}
			if at != docs {
				item.Key = e.key()
				found, _ := primary.Get(entry{position: item.Key}) // an index has nothing that is not there
				item.Doc = found.value
			}
			if !yield(item, nil) {
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

// scan walks the part of a tree that q describes, in q's direction, until visit says stop.
func scan(tree *btree.BTreeG[entry], q Query, visit func(entry) bool) {
	from, to := max(q.From, q.Prefix), q.To
	if end := prefixEnd(q.Prefix); end != "" && (to == "" || end < to) {
		to = end
	}
	if q.Reverse {
		down := func(e entry) bool { return e.position >= from && visit(e) }
		if to == "" {
			tree.Reverse(down)
			return
		}
		tree.Descend(entry{position: to}, func(e entry) bool { return e.position == to || down(e) }) // to is not in the range
		return
	}
	tree.Ascend(entry{position: from}, func(e entry) bool { return (to == "" || e.position < to) && visit(e) })
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
