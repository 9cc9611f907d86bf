package rest

import (
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// The API of 2010-04-01 has forms of its own: dates are RFC 2822, URIs relative, pages another, and a path without .json is answered in
// XML. Reference, WhatsApp and messaging 5.2.

// RFC2822 is a date of the API of 2010-04-01.
type RFC2822 struct{ time.Time }

// MarshalJSON writes "Mon, 02 Jan 2006 15:04:05 +0000".
func (t RFC2822) MarshalJSON() ([]byte, error) {
	return []byte(`"` + t.UTC().Format(time.RFC1123Z) + `"`), nil
}

// Dated returns a date, or null for the zero time.
func Dated(t time.Time) *RFC2822 {
	if t.IsZero() {
		return nil
	}
	return &RFC2822{t}
}

// Own returns a handler that lets an account see nothing but its own part of the API: the path must have its SID as AccountSid.
func Own(h Handler) Handler {
	return func(in *Request) (Result, error) {
		if in.Vars["AccountSid"] != in.Account.SID {
			return Result{}, twilio.ErrNotFound
		}
		return h(in)
	}
}

// Page2010 renders a page of the API of 2010-04-01. Next is the token of the page after it, and show renders an item.
func Page2010[T, B any](in *Request, p Paging, key string, page twilio.Page[T], show func(T) B) Result {
	items := make([]B, len(page.Items))
	for i, item := range page.Items {
		items[i] = show(item)
	}
	links := in.PageLinks(p)
	link := func(page int, token string) string { return strings.TrimPrefix(links(page, token), in.Base()) }
	start := p.Page * p.Size
	body := map[string]any{key: items, "page": p.Page, "page_size": p.Size, "start": start, "end": start + max(0, len(items)-1),
		firstPageURI: link(0, ""), "uri": link(p.Page, p.Token), "next_page_uri": nil, "previous_page_uri": nil}
	if page.Next != "" {
		body["next_page_uri"] = link(p.Page+1, page.Next)
	}
	if page.Previous != "" && p.Page > 0 {
		body["previous_page_uri"] = link(p.Page-1, page.Previous)
	}
	return OK(body)
}

// firstPageURI is a member that only pages of the API of 2010-04-01 have.
const firstPageURI = "first_page_uri"
