package rest

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Page sizes. Reference, Conversations API 9: a size above a list's own maximum is cut down silently, as SDKs ask for up
// to 1,000 everywhere; above 1,000 it is refused.
const (
	defaultPageSize = 50
	maxPageSize     = 1000
)

// meta is the part of a page that says where it stands.
type meta struct {
	Page            int     `json:"page"`
	PageSize        int     `json:"page_size"`
	FirstPageURL    string  `json:"first_page_url"`
	PreviousPageURL *string `json:"previous_page_url"`
	URL             string  `json:"url"`
	NextPageURL     *string `json:"next_page_url"`
	Key             string  `json:"key"`
}

// paging is what a request says about the page that it wants.
type paging struct {
	twilio.PageQuery
	page int
}

// paging reads PageSize, Page and PageToken; most is the list's own maximum.
func (in *request) paging(most int) (paging, error) {
	q := in.URL.Query()
	p := paging{PageQuery: twilio.PageQuery{Size: min(defaultPageSize, most), Token: q.Get("PageToken")}}
	if s := q.Get("PageSize"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return p, twilio.InvalidParameter("PageSize")
		}
		if n > maxPageSize {
			return p, twilio.ErrPageSizeTooLarge
		}
		p.Size = min(n, most)
	}
	if s := q.Get("Page"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return p, twilio.InvalidParameter("Page")
		}
		p.page = n // a counter of the client's: without a token it does not page
	}
	return p, nil
}

// list renders a page under Twilio's key. show renders an item.
func list[T, B any](in *request, p paging, key string, page twilio.Page[T], show func(T) B) result {
	items := make([]B, len(page.Items))
	for i, item := range page.Items {
		items[i] = show(item)
	}
	link := pageLinks(in, p)
	m := meta{Page: p.page, PageSize: p.Size, Key: key, FirstPageURL: link(0, ""), URL: link(p.page, p.Token)}
	if page.Next != "" {
		next := link(p.page+1, page.Next)
		m.NextPageURL = &next
	}
	if page.Previous != "" && p.page > 0 {
		previous := link(p.page-1, page.Previous)
		m.PreviousPageURL = &previous
	}
	return ok(map[string]any{"meta": m, key: items})
}

// pageLinks returns a function that makes the URL of another page of the list: the filters first, in their order, then
// PageSize, Page and PageToken.
func pageLinks(in *request, p paging) func(page int, token string) string {
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
func basePath(in *request) string {
	if i := strings.Index(in.address.base, "://"); i >= 0 {
		if _, path, found := strings.Cut(in.address.base[i+3:], "/"); found {
			return "/" + path
		}
	}
	return ""
}
