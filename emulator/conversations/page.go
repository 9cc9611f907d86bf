package conversations

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// PageQuery asks for one page of a list.
type PageQuery struct {
	// Size is the greatest number of items, at least 1.
	Size int
	// Token is the Next or Previous of another page of the same list; empty means the first page.
	Token string
}

// Page is one page of a list. A token stays right while items are added and removed: it names a place, not a number.
type Page[T any] struct {
	Items []T
	// Next and Previous are the tokens of the pages beside this one; empty where there is none.
	Next, Previous string
}

// A token is "PT" and the position from which its page goes on, behind a letter for the direction and the name of the
// index that it is a position of.
const (
	tokenPrefix = "PT"
	forwards    = "F"
	backwards   = "B"
)

// token is the token of the page that goes on from a position.
func (l listing[D, R]) token(direction, position string) string {
	return tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(direction+l.index()+position))
}

// parseToken returns the direction and position of a token of this list; one of another list is refused.
func (l listing[D, R]) parseToken(token string) (direction, position string, err error) {
	encoded, ok := strings.CutPrefix(token, tokenPrefix)
	raw, decodeErr := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || decodeErr != nil || len(raw) < 1 {
		return "", "", errPageToken()
	}
	direction = string(raw[:1])
	position, ok = strings.CutPrefix(string(raw[1:]), l.index())
	if !ok || (direction != forwards && direction != backwards) || !strings.HasPrefix(position, l.query.Prefix) {
		return "", "", errPageToken()
	}
	return direction, position, nil
}

// index names what the list is a range of, among all tables.
func (l listing[D, R]) index() string { return l.table.Kind().Name + "/" + l.query.Index + "/" }

// listing says what a list is made of: a range of a table, which documents of it belong, and how each is shown.
type listing[D, R any] struct {
	table store.Table[D]
	query store.Query // without From, To and Limit where the list is paged
	keep  func(D) bool
	show  func(D) (R, error)
}

// Range is a list of a package above this one: a range of one of its tables, and which documents of it belong (nil: all).
type Range[T any] struct {
	Table store.Table[T]
	// Query must have no Limit.
	Query store.Query
	Keep  func(T) bool
}

// Page reads one page of a range, as the lists of this package do. The error is 400/20001 for a token of another list.
func (r Range[T]) Page(tx store.Tx, pq PageQuery) (Page[T], error) {
	l := listing[T, T]{table: r.Table, query: r.Query, keep: r.Keep, show: func(doc T) (T, error) { return doc, nil }}
	return l.page(tx, pq)
}

// list reads one page of the list that in describes. It reads one item more than the page has, to know whether there
// is a next page, and so costs the same on every page of a list of any length.
func list[D, R any](ctx context.Context, a *API, pq PageQuery, in func(store.Tx) (listing[D, R], error)) (page Page[R], err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		l, err := in(tx)
		if err != nil {
			return err
		}
		page, err = l.page(tx, pq)
		return err
	})
	return page, err
}

func (l listing[D, R]) page(tx store.Tx, pq PageQuery) (Page[R], error) {
	q, back, err := l.from(pq.Token)
	if err != nil {
		return Page[R]{}, err
	}
	items, positions, more, err := l.read(tx, q, pq.Size)
	if err != nil {
		return Page[R]{}, err
	}
	page := Page[R]{Items: items}
	if back {
		slices.Reverse(page.Items)
		slices.Reverse(positions)
	}
	if len(positions) == 0 {
		return page, nil
	}
	if back || more {
		page.Next = l.token(forwards, positions[len(positions)-1])
	}
	if (back && more) || (!back && pq.Token != "") {
		page.Previous = l.token(backwards, positions[0])
	}
	return page, nil
}

// from narrows the range to what lies behind a token, in the token's direction.
func (l listing[D, R]) from(token string) (q store.Query, back bool, err error) {
	q = l.query
	if token == "" {
		return q, false, nil
	}
	direction, position, err := l.parseToken(token)
	if err != nil {
		return q, false, err
	}
	back = direction == backwards
	if back {
		q.Reverse = !q.Reverse
	}
	if q.Reverse {
		q.To = position
	} else {
		q.From = store.After(position)
	}
	return q, back, nil
}

// read shows at most size documents of a range, with their positions, and says whether there are more.
func (l listing[D, R]) read(tx store.Tx, q store.Query, size int) (items []R, positions []string, more bool, err error) {
	if l.keep == nil {
		q.Limit = size + 1
	}
	items = make([]R, 0, min(size, 100))
	for item, err := range l.table.Find(tx, q) {
		if err != nil {
			return nil, nil, false, err
		}
		doc := item.Doc.(D)
		if l.keep != nil && !l.keep(doc) {
			continue
		}
		if len(items) == size {
			return items, positions, true, nil
		}
		shown, err := l.show(doc)
		if err != nil {
			return nil, nil, false, err
		}
		items, positions = append(items, shown), append(positions, item.Position)
	}
	return items, positions, false, nil
}
