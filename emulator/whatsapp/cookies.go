package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Cookies that a webhook sets come back to it with what the same phone writes to the same sender, for four hours of the
// emulator's clock. Reference, WhatsApp 2.1.
const (
	cookieLife = 4 * time.Hour
	maxCookies = 50   // of one pair of numbers
	maxCookie  = 4096 // bytes of one
)

// cookie is one cookie of a pair of numbers, for the host that has set it.
type cookie struct {
	Name, Value, Host, Path string
	Secure                  bool
	ExpiresAt               time.Time
}

// cookies stand under Key(account, sender, phone).
var cookies = store.NewTable[[]cookie]("cookie")

// cookieError says that an answer sets a cookie that is none: Twilio takes that for a violation of the protocol (11206).
type cookieError struct{ err error }

func (e *cookieError) Error() string {
	return fmt.Sprintf("the answer sets an invalid cookie: %v", e.err)
}
func (e *cookieError) Unwrap() error { return e.err }

// cookieJar has the cookies of one pair of numbers.
type cookieJar struct {
	sandbox *Sandbox
	key     string
}

func (s *Sandbox) cookieJar(m Message) cookieJar {
	return cookieJar{s, store.Key(m.AccountSID, m.To, m.Phone)}
}

// list returns the cookies that have not expired.
func (j cookieJar) list(tx store.Tx) (list []cookie, _ error) {
	kept, err := cookies.Get(tx, j.key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	now := j.sandbox.clock.Now()
	for _, c := range kept {
		if now.Before(c.ExpiresAt) {
			list = append(list, c)
		}
	}
	return list, nil
}

// send adds the cookies of its host and path to a request.
func (j cookieJar) send(r *http.Request) error {
	var list []cookie
	err := j.sandbox.store.View(r.Context(), func(tx store.Tx) (err error) {
		list, err = j.list(tx)
		return err
	})
	for _, c := range list {
		if c.Host == r.URL.Hostname() && c.covers(r.URL.Path) && (!c.Secure || r.URL.Scheme == "https") {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value}) //nolint:gosec // on its way to the server; attributes are for the other
		}
	}
	return err
}

// covers reports whether a cookie is for a path. RFC 6265, 5.1.4.
func (c cookie) covers(path string) bool {
	if path == "" {
		path = "/"
	}
	rest, below := strings.CutPrefix(path, c.Path)
	return below && (rest == "" || strings.HasSuffix(c.Path, "/") || strings.HasPrefix(rest, "/"))
}

// keep takes the cookies of an answer. A *cookieError says that one is none.
func (j cookieJar) keep(r *http.Request, res *http.Response) error {
	var set []*http.Cookie
	for _, line := range res.Header.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			return &cookieError{err}
		}
		if len(c.Name)+len(c.Value) <= maxCookie {
			set = append(set, c)
		}
	}
	if len(set) == 0 {
		return nil
	}
	return j.sandbox.store.Update(context.WithoutCancel(r.Context()), func(tx store.Tx) error {
		list, err := j.list(tx)
		if err != nil {
			return err
		}
		for _, c := range set {
			list = j.put(list, r, c)
		}
		return cookies.Put(tx, j.key, list[max(0, len(list)-maxCookies):])
	})
}

// put replaces a cookie, or takes it away when it has expired.
func (j cookieJar) put(list []cookie, r *http.Request, set *http.Cookie) []cookie {
	now := j.sandbox.clock.Now()
	c := cookie{Name: set.Name, Value: set.Value, Host: r.URL.Hostname(), Path: set.Path, Secure: set.Secure, ExpiresAt: now.Add(cookieLife)}
	if !strings.HasPrefix(c.Path, "/") {
		c.Path = r.URL.Path[:max(0, strings.LastIndexByte(r.URL.Path, '/'))]
		if c.Path == "" {
			c.Path = "/"
		}
	}
	kept := make([]cookie, 0, len(list)+1)
	for _, old := range list {
		if old.Name != c.Name || old.Host != c.Host || old.Path != c.Path {
			kept = append(kept, old)
		}
	}
	switch {
	case set.MaxAge < 0:
		return kept
	case set.MaxAge > 0:
		age := min(set.MaxAge, int(cookieLife/time.Second)) // a Duration does not hold every age
		c.ExpiresAt = now.Add(time.Duration(age) * time.Second)
	case !set.Expires.IsZero():
		c.ExpiresAt = earlier(c.ExpiresAt, set.Expires)
	}
	if !now.Before(c.ExpiresAt) {
		return kept
	}
	return append(kept, c)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
