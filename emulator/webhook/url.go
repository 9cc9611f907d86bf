package webhook

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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

// MaxCallback is the greatest length of a callback URL, in characters. Twilio's error dictionary, 21609.
const MaxCallback = 4000

// CheckCallback checks the URL of a callback where a program hands it to Twilio: it must be what ParseURL takes, with a valid name of a
// host, which an underscore is not part of, and no longer than MaxCallback. A name without a dot and an address of this machine are
// fine: that is what developers have.
func CheckCallback(raw string) error {
	if n := utf8.RuneCountInString(raw); n > MaxCallback {
		return fmt.Errorf("the URL has %d characters: it has %d at most", n, MaxCallback)
	}
	u, err := ParseURL(raw)
	if err != nil {
		return err
	}
	if host := u.Hostname(); net.ParseIP(host) == nil && !strings.HasPrefix(u.Host, "[") && !isHostname(host) {
		return fmt.Errorf("%q has no valid host name: it is made of letters, digits and hyphens, joined by dots", Redacted(raw))
	}
	if port := u.Port(); port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return fmt.Errorf("%q has no valid port", Redacted(raw))
		}
	}
	return nil
}

// isHostname reports whether a text is a name of a host. Letters beyond ASCII are taken, as browsers and proxies write them.
func isHostname(host string) bool {
	host = strings.TrimSuffix(host, ".")
	if len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			if r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
				return false
			}
		}
	}
	return true
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
