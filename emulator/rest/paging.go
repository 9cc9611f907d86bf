package rest

import (
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unsafe"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Page sizes. Reference, Conversations API 9: a size above a list's own maximum is cut down silently, as SDKs ask for up
// to 1,000 everywhere; above 1,000 it is refused.
const (
	defaultPageSize = 50
	// MaxPageSize is the most that any list has on a page.
	MaxPageSize = 1000
)

// meta is the part of a page with its number, its size and the URLs of the pages beside it.
type meta struct {
	Page            int     `json:"page"`
	PageSize        int     `json:"page_size"`
	FirstPageURL    string  `json:"first_page_url"`
	PreviousPageURL *string `json:"previous_page_url"`
	URL             string  `json:"url"`
	NextPageURL     *string `json:"next_page_url"`
	Key             string  `json:"key"`
}

// Paging is the page that a request asks for.
type Paging struct {
	twilio.PageQuery
	// Page counts the pages for the client: without a token it does not page.
	Page int
}

// maxPage is the greatest Page: more pages than any list has, and far from where the number of the next one overflows.
const maxPage = 1<<31 - 1

// Paging reads PageSize, Page and PageToken; most is the list's own maximum.
func (in *Request) Paging(most int) (Paging, error) {
	q := in.Values
	p := Paging{PageQuery: twilio.PageQuery{Size: min(defaultPageSize, most), Token: q.Get("PageToken")}}
	if s := q.Get("PageSize"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return p, twilio.InvalidParameter("PageSize")
		}
		if n > MaxPageSize {
			return p, twilio.ErrPageSizeTooLarge
		}
		p.Size = min(n, most)
	}
	if s := q.Get("Page"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > maxPage {
			return p, twilio.InvalidParameter("Page")
		}
		p.Page = n
	}
	return p, nil
}

// Numbered returns the page that a request asks for of a whole list, by the number of the page: for lists that are never long. The tokens
// of its pages only say that there is one.
func Numbered[T any](p Paging, items []T, sid func(T) string) twilio.Page[T] {
	start := min(p.Page*p.Size, len(items))
	page := twilio.Page[T]{Items: items[start:]}
	if len(page.Items) > p.Size {
		page.Next, page.Items = "PA"+sid(page.Items[p.Size]), page.Items[:p.Size]
	}
	if start > 0 {
		page.Previous = "PB" + sid(items[start-1])
	}
	return page
}

// List renders a page under Twilio's key. show renders an item.
func List[T, B any](in *Request, p Paging, key string, page twilio.Page[T], show func(T) B) Result {
	link := in.PageLinks(p)
	m := meta{Page: p.Page, PageSize: p.Size, Key: key, FirstPageURL: link(0, ""), URL: link(p.Page, p.Token)}
	if page.Next != "" {
		next := link(p.Page+1, page.Next)
		m.NextPageURL = &next
	}
	if page.Previous != "" && p.Page > 0 {
		previous := link(p.Page-1, page.Previous)
		m.PreviousPageURL = &previous
	}
	return OK(listBody{meta: m, items: func(e *encoder, b []byte) (_ []byte, err error) {
		var body B // one for all items: they are large
		write := e.plan(reflect.TypeFor[B]())
		b = append(b, '[')
		for i, item := range page.Items {
			if i > 0 {
				b = append(b, ',')
			}
			body = show(item)
			if b, err = write(b, unsafe.Pointer(&body)); err != nil { //nolint:gosec // body has the type that is written
				return b, err
			}
		}
		return append(b, ']'), nil
	}})
}

// listBody is the body of a page, whose items are rendered while it is written.
type listBody struct {
	meta  meta
	items func(e *encoder, b []byte) ([]byte, error)
}

// appendJSON writes the two members in the order of their names.
func (l listBody) appendJSON(e *encoder, b []byte) (_ []byte, err error) {
	const name = "meta"
	b = append(b, '{')
	for i := range 2 {
		if i > 0 {
			b = append(b, ',')
		}
		if (l.meta.Key < name) == (i == 0) {
			b = append(appendString(b, l.meta.Key), ':')
			b, err = l.items(e, b)
		} else {
			b = append(appendString(b, name), ':')
			b, err = e.append(b, l.meta)
		}
		if err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// PageLinks returns a function that makes the URL of another page of the list: the filters first, in their order, then
// PageSize, Page and PageToken.
func (in *Request) PageLinks(p Paging) func(page int, token string) string {
	var b strings.Builder
	b.WriteString(in.address.base)
	b.WriteString(strings.TrimPrefix(in.URL.EscapedPath(), basePath(in)))
	b.WriteByte('?')
	for _, pair := range strings.Split(in.URL.RawQuery, "&") {
		switch name, _, _ := strings.Cut(pair, "="); name {
		case "", "PageSize", "Page", "PageToken":
		default:
			b.WriteString(pair)
			b.WriteByte('&')
		}
	}
	b.WriteString("PageSize=" + strconv.Itoa(p.Size))
	stem := b.String()
	return func(page int, token string) string {
		u := stem + "&Page=" + strconv.Itoa(page)
		if token != "" {
			u += "&PageToken=" + url.QueryEscape(token)
		}
		return u
	}
}

// basePath is the part of the requested path that the base holds already.
func basePath(in *Request) string {
	if i := strings.Index(in.address.base, "://"); i >= 0 {
		if _, path, found := strings.Cut(in.address.base[i+3:], "/"); found {
			return "/" + path
		}
	}
	return ""
}
