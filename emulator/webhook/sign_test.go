package webhook

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/twilio/twilio-go/client"
)

const (
	docToken = "12345"
	docURL   = "https://mycompany.com/myapp.php?foo=1&bar=2"
	token    = "0123456789abcdef0123456789abcdef"
	bridge   = "https://bridge.example.com/whatsapp"
)

// call is the form of Twilio's documentation, hola the text message of reference, WhatsApp 2.4.
var (
	call = url.Values{
		"Digits": {"1234"}, "CallSid": {"CA1234567890ABCDE"}, "To": {"+18005551212"}, "Caller": {"+14158675309"},
		"From": {"+14158675309"}, "ReasonConferenceEnded": {"test"}, "Reason": {"Participant"},
	}
	hola = url.Values{
		"SmsMessageSid": {"SM00000000000000000000000000000001"}, "NumMedia": {"0"}, "ProfileName": {"Ada Lovelace"},
		"MessageType": {"text"}, "SmsSid": {"SM00000000000000000000000000000001"}, "WaId": {"15558675310"},
		"SmsStatus": {"received"}, "Body": {"Hola, ¿qué tal? 👋"}, "To": {"whatsapp:+14155238886"}, "NumSegments": {"1"},
		"ReferralNumMedia": {"0"}, "MessageSid": {"SM00000000000000000000000000000001"},
		"AccountSid":      {"AC00000000000000000000000000000001"},
		"ChannelMetadata": {`{"type":"whatsapp","data":{"context":{"ProfileName":"Ada Lovelace","WaId":"15558675310"}}}`},
		"From":            {"whatsapp:+15558675310"}, "ApiVersion": {"2010-04-01"},
	}
)

func with(params url.Values, name string, values ...string) url.Values {
	params = maps.Clone(params)
	params[name] = values
	return params
}

// TestSignGolden has the vectors of reference, WhatsApp 3.3.
func TestSignGolden(t *testing.T) {
	t.Parallel()
	const hash = "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
	tests := []struct {
		name, token, url string
		params           url.Values
		want             string
	}{
		{"https", docToken, docURL, call, "vOEb5UThFn24KEfnOFLQY2AE5FY="},
		{"http", docToken, strings.Replace(docURL, "https", "http", 1), call, "n2xBNyzSW7rfYStDtOFiFMv7qNo="},
		{"JSON", docToken, docURL + "&" + hash, nil, "a9nBmqA0ju/hNViExpshrM61xv4="},
		{"JSON, no other query", docToken, "https://mycompany.com/myapp.php?" + hash, nil, "y77kIzt2vzLz71DgmJGsen2scGs="},
		{"another form", docToken, docURL, url.Values{"property": {"value"}, "boolean": {"true"}}, "NBdBDr/T/lgjI+tlgpXjKZQZs/k="},
		{"message", token, bridge, hola, "13spuDpRo85WInOXCbuyS0ylWUw="},
		{"message, port 443", token, "https://bridge.example.com:443/whatsapp", hola, "OmC0/2zheDztZ1z2JwmNpy9DMlY="},
		{"message, localhost", token, "http://localhost:8080/whatsapp", hola, "3MyWW1i7B4/SSeQk3jgb2iy9YEY="},
		{"message, empty Body", token, bridge, with(hola, "Body", ""), "mB4TMxMhn3l2OSFruRwsRpZBhBA="},
		// The same again, by rules that leave the signature as it is.
		{"a fragment is not signed", token, bridge + "#rc=3&rp=all", hola, "13spuDpRo85WInOXCbuyS0ylWUw="},
		{"a name without value is not sent", token, bridge, with(hola, "MediaUrl0"), "13spuDpRo85WInOXCbuyS0ylWUw="},
		{"the first of several values", token, bridge, with(hola, "Body", "Hola, ¿qué tal? 👋", "no"), "13spuDpRo85WInOXCbuyS0ylWUw="},
	}
	for _, test := range tests {
		if got := Sign(test.token, test.url, test.params); got != test.want {
			t.Errorf("%s: Sign = %s, want %s", test.name, got, test.want)
		}
	}
}

// TestSignAgainstSDK has the cases of reference, WhatsApp 3.4: what twilio-go's validator says to a signature made for
// one URL and form when it is shown another.
func TestSignAgainstSDK(t *testing.T) {
	t.Parallel()
	form := hola.Encode()
	tests := []struct {
		name       string
		signed     string // URL that is signed
		url, body  string // what the receiver validates; an empty url means the signed one, an empty body hola
		params     url.Values
		acceptable bool
	}{
		{name: "as it is", signed: bridge, acceptable: true},
		{name: "without port, validated with 443", signed: bridge, url: "https://bridge.example.com:443/whatsapp", acceptable: true},
		{name: "with 443, validated without port", signed: "https://bridge.example.com:443/whatsapp", url: bridge, acceptable: true},
		{name: "http without port, validated with 80", signed: "http://b.example.com/", url: "http://b.example.com:80/", acceptable: true},
		{name: "localhost, validated with a port", signed: "http://localhost/whatsapp", url: "http://localhost:8080/whatsapp", acceptable: true},
		{name: "localhost with a port, validated without", signed: "http://localhost:8080/whatsapp", url: "http://localhost/whatsapp"},
		{name: "https, validated as http", signed: bridge, url: "http://bridge.example.com/whatsapp"},
		{name: "trailing slash", signed: bridge, url: bridge + "/"},
		{name: "host in capitals", signed: bridge, url: "https://BRIDGE.example.com/whatsapp"},
		{name: "query in another order", signed: bridge + "?a=1&b=2", url: bridge + "?b=2&a=1"},
		{name: "percent-encoded query", signed: bridge + "?q=%C3%B1%2F+x", acceptable: true},
		{name: "percent-encoded query, decoded", signed: bridge + "?q=%C3%B1", url: bridge + "?q=ñ"},
		{name: "userinfo on both sides", signed: "https://user:pass@bridge.example.com/whatsapp", acceptable: true},
		{name: "userinfo on one side", signed: "https://user:pass@bridge.example.com/whatsapp", url: bridge},
		{name: "fragment shown to the validator", signed: bridge + "#rc=2", url: bridge + "#rc=2"},
		{name: "fragment stripped", signed: bridge + "#rc=2", url: bridge, acceptable: true},
		{name: "two values of one name, the first signed", signed: bridge, params: url.Values{"A": {"1", "2"}}, body: "A=1&A=2", acceptable: true},
		{name: "trailing space kept", signed: bridge, params: url.Values{"Body": {"hi "}}, body: "Body=hi+", acceptable: true},
		{name: "trailing space trimmed", signed: bridge, params: url.Values{"Body": {"hi "}}, body: "Body=hi"},
		{name: "broken percent escape", signed: bridge, params: url.Values{"Body": {"100%"}}, body: "Body=100%"},
		{name: "raw semicolon", signed: bridge, params: url.Values{"Body": {"a;b"}}, body: "Body=a;b"},
		{name: "semicolon as we send it", signed: bridge, params: url.Values{"Body": {"a;b"}}, body: url.Values{"Body": {"a;b"}}.Encode(), acceptable: true},
		{name: "IPv6 with port", signed: "http://[::1]:8080/whatsapp", acceptable: true},
		{name: "IPv6, port removed", signed: "http://[::1]/whatsapp", url: "http://[::1]:8080/whatsapp"},
		{name: "changed parameter", signed: bridge, body: with(hola, "Body", "Adiós").Encode()},
		{name: "added parameter", signed: bridge, body: with(hola, "New", "").Encode()},
	}
	for _, test := range tests {
		if test.params == nil {
			test.params = hola
		}
		if test.body == "" {
			test.body = form
		}
		if test.url == "" {
			test.url = test.signed
		}
		validator := client.NewRequestValidator(token)
		if got := validator.ValidateBody(test.url, []byte(test.body), Sign(token, test.signed, test.params)); got != test.acceptable {
			t.Errorf("%s: accepted is %t, want %t", test.name, got, test.acceptable)
		}
	}
}

// TestOtherSignatures: a wrong token, and the style of SDKs that sign every value of a name.
func TestOtherSignatures(t *testing.T) {
	t.Parallel()
	validator := client.NewRequestValidator(token)
	if validator.ValidateBody(bridge, []byte(hola.Encode()), Sign("wrong", bridge, hola)) {
		t.Error("a signature by another token is accepted")
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(bridge + "A1A2"))
	if validator.ValidateBody(bridge, []byte("A=1&A=2"), base64.StdEncoding.EncodeToString(mac.Sum(nil))) {
		t.Error("a signature over all values of a name is accepted")
	}
}

// FuzzSign: what we sign, as we send it, twilio-go's validator accepts; and not when the form is another.
func FuzzSign(f *testing.F) {
	for _, params := range []url.Values{hola, call, {}, {"": {""}}, {"A": {"\x00\xff", "2"}}} {
		f.Add(token, bridge, params.Encode())
	}
	f.Add("", "http://user:p%40ss@[::1]:8080/?q=%zz;#frag", "a=%C3%B1;b&&=c")
	f.Fuzz(func(t *testing.T, authToken, rawURL, body string) {
		u, err := ParseURL(rawURL)
		if err != nil || u.Query().Get("bodySHA256") != "" {
			return
		}
		params, _ := url.ParseQuery(body)
		received := u.String()
		signature := Sign(authToken, received, params)
		validator := client.NewRequestValidator(authToken)
		if !validator.ValidateBody(received, []byte(params.Encode()), signature) {
			t.Errorf("%q with %q: %s is not accepted", received, params.Encode(), signature)
		}
		params.Add("zz-added", "1")
		if params.Get("zz-added") == "1" && len(params["zz-added"]) == 1 &&
			validator.ValidateBody(received, []byte(params.Encode()), signature) {
			t.Errorf("%q with %q: accepted with a parameter more", received, params.Encode())
		}
		if again := Sign(authToken, received+"#fragment", nil); again != Sign(authToken, received, nil) {
			t.Errorf("%q: the fragment is signed", received)
		}
	})
}

func TestSignSortsByBytes(t *testing.T) {
	t.Parallel()
	names := []string{"b", "B", "ñ", "a1", "a", "A", "_", "10", "9", ""}
	params := url.Values{}
	for _, name := range names {
		params[name] = []string{"v"}
	}
	slices.Sort(names)
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(bridge + strings.Join(names, "v") + "v"))
	if got, want := Sign(token, bridge, params), base64.StdEncoding.EncodeToString(mac.Sum(nil)); got != want {
		t.Errorf("Sign = %s, want %s", got, want)
	}
}
