package twilio

import (
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

// Listing describes a list: a range of a table, which documents of it belong, and the resource that is made of each. D is
// the type of the documents and R that of the resources.
type Listing[D, R any] struct {
	Table store.Table[D]
	// Query must have no Limit, and where the list is paged neither From nor To.
	Query store.Query
	// Keep reports whether a document belongs to the list; nil means that all do. A list with Keep may read more documents
	// than the page has items.
	Keep func(D) bool
	// Resource makes the resource; nil means that the documents are the resources.
	Resource func(D) (R, error)
}

// Page reads one page in a transaction. It reads one document more than the page has, to know whether there is a next page,
// and so costs the same on every page of a list of any length. The error is ErrPageToken for the token of another list.
func (l Listing[D, R]) Page(tx store.Tx, pq PageQuery) (Page[R], error) {
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

// A token is "PT" and, in base64, a letter for the direction, the name of the index and the position in it from which its
// page goes on.
const (
	tokenPrefix = "PT"
	forwards    = "F"
	backwards   = "B"
)

// token returns the token of the page that goes on from a position.
func (l Listing[D, R]) token(direction, position string) string {
	return tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(direction+l.index()+position))
}

// parseToken returns the direction and position of a token of this list.
func (l Listing[D, R]) parseToken(token string) (direction, position string, err error) {
	encoded, ok := strings.CutPrefix(token, tokenPrefix)
	raw, decodeErr := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || decodeErr != nil || len(raw) < 1 {
		return "", "", ErrPageToken
	}
	direction = string(raw[:1])
	position, ok = strings.CutPrefix(string(raw[1:]), l.index())
	if !ok || (direction != forwards && direction != backwards) || !strings.HasPrefix(position, l.Query.Prefix) {
		return "", "", ErrPageToken
	}
	return direction, position, nil
}

// index names the index that the list is a range of, among those of all tables.
func (l Listing[D, R]) index() string { return l.Table.Kind().Name + "/" + l.Query.Index + "/" }

// from narrows the range to what lies behind a token, in the token's direction.
func (l Listing[D, R]) from(token string) (q store.Query, back bool, err error) {
	q = l.Query
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

// read returns the resources of at most size documents of a range, with their positions, and whether there are more.
func (l Listing[D, R]) read(tx store.Tx, q store.Query, size int) (items []R, positions []string, more bool, err error) {
	if l.Keep == nil {
		q.Limit = size + 1
	}
	items = make([]R, 0, min(size, 100))
	for item, err := range l.Table.Find(tx, q) {
		if err != nil {
			return nil, nil, false, err
		}
		doc := item.Doc.(D)
		if l.Keep != nil && !l.Keep(doc) {
			continue
		}
		if len(items) == size {
			return items, positions, true, nil
		}
		resource, err := l.resource(doc)
		if err != nil {
			return nil, nil, false, err
		}
		items, positions = append(items, resource), append(positions, item.Position)
	}
	return items, positions, false, nil
}

func (l Listing[D, R]) resource(doc D) (R, error) {
	if l.Resource == nil {
		return any(doc).(R), nil
	}
	return l.Resource(doc)
}
