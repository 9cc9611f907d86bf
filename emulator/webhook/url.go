package webhook

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ParseURL checks that a webhook's URL is an absolute http or https URL, and returns it without its fragment. Its error
// shows the URL without the password that may be in it.
func ParseURL(raw string) (*url.URL, error) {
	address, _, _ := strings.Cut(raw, "#")
	u, err := url.Parse(address)
	if err != nil {
		return nil, notURL(raw, err)
	}
	return web(u)
}

// follow returns where a redirect leads.
func follow(from *url.URL, location string) (*url.URL, error) {
	address, _, _ := strings.Cut(location, "#")
	next, err := from.Parse(address)
	if err != nil {
		return nil, notURL(location, err)
	}
	return web(next)
}

// web returns u, or an error unless it is an absolute http or https URL.
func web(u *url.URL) (*url.URL, error) {
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is not an absolute http or https URL", Redacted(u.String()))
	}
	return u, nil
}

// notURL says why a text is no URL, unless the reason could quote a password.
func notURL(raw string, err error) error {
	var why *url.Error
	if !strings.Contains(raw, "@") && errors.As(err, &why) {
		return fmt.Errorf("%q is not a URL: %w", Redacted(raw), why.Err)
	}
	return fmt.Errorf("%q is not a URL", Redacted(raw))
}

// Redacted hides the password of a URL, and of a text that was meant to be one all that stands before its last @. It cuts
// a text that is very long.
func Redacted(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Opaque == "" {
		raw = u.Redacted()
	} else if i := strings.LastIndexByte(raw, '@'); i >= 0 {
		raw = "xxxxx" + raw[i:]
	}
	const longest = 200
	if len(raw) > longest {
		return strings.ToValidUTF8(raw[:longest], "") + "…"
	}
	return raw
}
