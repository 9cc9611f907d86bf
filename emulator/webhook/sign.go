package webhook

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's signature is HMAC-SHA1
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// SignatureHeader carries the signature of a request.
const SignatureHeader = "X-Twilio-Signature"

// Sign computes X-Twilio-Signature: base64 of HMAC-SHA1, keyed with the account's auth token, over the URL as
// requested (with port and query, without fragment) and, for a form POST, every parameter's name and first value in
// the order of the names. Pass nil params for GET and JSON. Reference: WhatsApp and messaging, 3.1.
func Sign(authToken, rawURL string, params url.Values) string {
	rawURL, _, _ = strings.Cut(rawURL, "#")
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(rawURL))
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if values := params[name]; len(values) > 0 { // a name without a value is not in the form
			mac.Write([]byte(name))
			mac.Write([]byte(values[0]))
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
