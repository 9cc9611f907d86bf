package bridge

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's signature is an HMAC-SHA1
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const signatureHeader = "X-Twilio-Signature"

// signature checks that a request comes from Twilio (reference, WhatsApp 3). It gives the verdicts of twilio-go's
// RequestValidator, which the tests hold it to, in time that grows with the size of the request and not with its square.
type signature struct {
	token     []byte   // the primary auth token
	publicURL *url.URL // nil: taken from each request
}

// valid reports whether Twilio has signed r. A form is signed with the URL; a body whose hash is in the URL (bodySHA256), and
// a request that is no POST, by the URL alone. The form is nil where the body is none.
func (s *signature) valid(r *http.Request, body []byte, form url.Values) bool {
	given := []byte(r.Header.Get(signatureHeader))
	u := s.signedURL(r)
	if r.Method == http.MethodPost {
		if hash := u.Query().Get("bodySHA256"); hash != "" {
			sum := sha256.Sum256(body)
			return s.signs(u, nil, given) && hmac.Equal([]byte(hex.EncodeToString(sum[:])), []byte(hash))
		}
		if form == nil {
			return false
		}
	}
	return s.signs(u, form, given)
}

// signs reports whether given is the signature of the URL and the first value of each parameter. Twilio signs the URL of some
// webhooks with the port and that of others without it, so either will do.
func (s *signature) signs(u *url.URL, form url.Values, given []byte) bool {
	names := slices.Sorted(maps.Keys(form))
	with, without := *u, *u
	switch port := u.Port(); {
	case port != "":
		without.Host = strings.TrimSuffix(u.Host, ":"+port)
	case u.Scheme == "https":
		with.Host += ":443"
	default:
		with.Host += ":80"
	}
	for _, candidate := range []*url.URL{&with, &without} {
		mac := hmac.New(sha1.New, s.token)
		_, _ = io.WriteString(mac, candidate.String())
		for _, name := range names {
			_, _ = io.WriteString(mac, name)
			_, _ = io.WriteString(mac, form[name][0])
		}
		if hmac.Equal([]byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))), given) {
			return true
		}
	}
	return false
}

// signedURL returns the URL that Twilio requested to make r. The query is the request's own, still encoded as it came:
// parsing it and writing it again could change its order.
func (s *signature) signedURL(r *http.Request) *url.URL {
	u := &url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	if r.TLS != nil {
		u.Scheme = "https"
	}
	if s.publicURL == nil {
		return u
	}
	u.Scheme, u.Host, u.User = s.publicURL.Scheme, s.publicURL.Host, s.publicURL.User
	if s.publicURL.Path != "" && s.publicURL.Path != "/" {
		u.Path, u.RawPath = s.publicURL.Path, s.publicURL.RawPath
	}
	if u.RawQuery == "" {
		u.RawQuery = s.publicURL.RawQuery
	}
	return u
}
