package twiliotest

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's signature is HMAC-SHA1
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
)

// Sign is X-Twilio-Signature of a form posted to u, or with a nil form of a GET; written from the algorithm, not with
// the SDK that the bridge checks it with.
func Sign(token, u string, form url.Values) string {
	text := strings.Builder{}
	text.WriteString(u)
	for _, name := range slices.Sorted(maps.Keys(form)) {
		text.WriteString(name + form.Get(name))
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(text.String()))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Post is the signed webhook that Twilio posts to u.
func Post(u string, form url.Values) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, u, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", Sign(AuthToken, u, form))
	return r
}

// Get is the signed webhook where the sandbox is set to GET.
func Get(u string, form url.Values) *http.Request {
	separator := "?"
	if strings.Contains(u, "?") {
		separator = "&"
	}
	u += separator + form.Encode()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, u, nil)
	r.Header.Set("X-Twilio-Signature", Sign(AuthToken, u, nil))
	return r
}
