package traffic

import (
	"strings"
	"testing"
)

// The secrets of push credentials are in a form, and those of accounts and API keys in an answer.
func TestSecretParametersAreNotRecorded(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"Type=fcm&Secret=s3cret&FriendlyName=x":     "Type=fcm&Secret=(not recorded)&FriendlyName=x",
		"PrivateKey=a%2Bb&Certificate=c&ApiKey=k":   "PrivateKey=(not recorded)&Certificate=(not recorded)&ApiKey=(not recorded)",
		"Body=my+Secret%3D1&Author=ApiKey":          "Body=my+Secret%3D1&Author=ApiKey",
		"Secret=" + strings.Repeat("x", 100):        "Secret=(not recorded)",
		`{"secret":"s3cret","sid":"SK1"}`:           `{"secret":"(not recorded)","sid":"SK1"}`,
		`{"auth_token":"t0ken`:                      `{"auth_token":"(not recorded)`,
		"<Key><Secret>s3cret</Secret></Key>":        "<Key><Secret>(not recorded)</Secret></Key>",
		`{"attributes":"{\"secret\":\"mine\"}"}`:    `{"attributes":"{\"secret\":\"mine\"}"}`,
		`{"Secret":"not a form, and not Twilio's"}`: `{"Secret":"not a form, and not Twilio's"}`,
	} {
		m := Message{}
		m.keep([]byte(body), 1000)
		m.unfold()
		if m.Body != want {
			t.Errorf("%q is recorded as %q, want %q", body, m.Body, want)
		}
	}
}
