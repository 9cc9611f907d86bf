package bridge

import (
	"net/http"
	"net/url"

	"github.com/twilio/twilio-go/client"
)

const signatureHeader = "X-Twilio-Signature"

// signature checks that a request comes from Twilio (reference, WhatsApp 3).
type signature struct {
	validator client.RequestValidator
	publicURL *url.URL // nil: derived from each request
}

// valid reports whether r, whose body has been read, is signed by Twilio. A POST is signed over its form, any other
// method over the URL alone.
func (s *signature) valid(r *http.Request, body []byte) bool {
	given := r.Header.Get(signatureHeader)
	if given == "" {
		return false
	}
	signed := s.signedURL(r).String()
	if r.Method == http.MethodPost {
		return s.validator.ValidateBody(signed, body, given)
	}
	return s.validator.Validate(signed, nil, given)
}

// signedURL is the URL that Twilio requested to make r. The query is the request's own, still encoded as it came:
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
