package bridge

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/twilio/twilio-go/client"
)

const verdictToken = "0123456789abcdef0123456789abcdef"

// verdicts returns what twilio-go's RequestValidator and the bridge say of a request.
func verdicts(method, target, body, given string) (reference, bridge bool) {
	public, err := url.Parse(target)
	if err != nil {
		return false, false
	}
	r := httptest.NewRequest(method, "http://10.0.0.7/", http.NoBody)
	r.URL.RawQuery = public.RawQuery
	r.Header.Set(signatureHeader, given)
	s := signature{token: []byte(verdictToken), publicURL: public}
	validator := client.NewRequestValidator(verdictToken)
	signed := s.signedURL(r).String()
	form, err := url.ParseQuery(body)
	if err != nil || method == http.MethodGet {
		form = nil
	}
	if method == http.MethodPost {
		return validator.ValidateBody(signed, []byte(body), given), s.valid(r, []byte(body), form)
	}
	return validator.Validate(signed, nil, given), s.valid(r, []byte(body), form)
}

func sign(text string) string {
	mac := hmac.New(sha1.New, []byte(verdictToken))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestVerdictsOfTwilioGo(t *testing.T) {
	t.Parallel()
	const sum = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" // SHA-256 of "x"
	tests := []struct {
		method, url, body, signed string
		want                      bool
	}{
		{"POST", "https://b.example.com/w", "b=2&a=1", "https://b.example.com/wa1b2", true},
		{"POST", "https://b.example.com/w", "b=2&a=1", "https://b.example.com:443/wa1b2", true},
		{"POST", "http://b.example.com/w", "b=2&a=1", "http://b.example.com:80/wa1b2", true},
		{"POST", "https://b.example.com:8443/w", "a=1", "https://b.example.com/wa1", true},
		{"POST", "https://b.example.com:8443/w", "a=1", "https://b.example.com:8443/wa1", true},
		{"POST", "https://b.example.com:8443/w", "a=1", "https://b.example.com:443/wa1", false},
		{"POST", "https://b.example.com/w", "a=1&a=2", "https://b.example.com/wa1", true},
		{"POST", "https://b.example.com/w", "a=1&a=2", "https://b.example.com/wa1a2", false},
		{"POST", "https://b.example.com/w", "", "https://b.example.com/w", true},
		{"POST", "https://b.example.com/w", "a=%zz", "https://b.example.com/w", false},
		{"POST", "https://b.example.com/w?bodySHA256=" + sum, "x", "https://b.example.com/w?bodySHA256=" + sum, true},
		{"POST", "https://b.example.com/w?bodySHA256=" + sum, "y", "https://b.example.com/w?bodySHA256=" + sum, false},
		{"GET", "https://b.example.com/w?b=2&a=1", "", "https://b.example.com/w?b=2&a=1", true},
		{"GET", "https://b.example.com/w?b=2&a=1", "", "https://b.example.com/w?a=1&b=2", false},
	}
	for _, test := range tests {
		reference, bridge := verdicts(test.method, test.url, test.body, sign(test.signed))
		if reference != test.want || bridge != test.want {
			t.Errorf("%s %s %q signed as %s: twilio-go %v, bridge %v, want %v", test.method, test.url, test.body, test.signed, reference, bridge, test.want)
		}
	}
}

// FuzzVerdicts signs half of the requests, over any text, and holds the bridge to twilio-go's verdict on all.
func FuzzVerdicts(f *testing.F) {
	f.Add("/w", "b=2&a=1", "a=1", "https://b.example.com/w?a=1a1b2", true)
	f.Add(":8443/w", "b=2&a=1", "", "https://b.example.com/wa1b2", true)
	f.Add("/w", "x", "bodySHA256=2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "", true)
	f.Add("", "a=%zz;b", "=", "https://b.example.com", false)
	f.Fuzz(func(t *testing.T, path, body, query, signed string, post bool) {
		target := "https://b.example.com" + path
		if u, err := url.Parse(target); err != nil || u.Host == "" || strings.Contains(u.Host, "[") || u.Opaque != "" {
			return // no URL of a webhook; of an IPv6 address twilio-go cuts off too much
		}
		target += "?" + query
		if strings.Contains(path, "#") || strings.Contains(path, "?") {
			return
		}
		method := map[bool]string{true: http.MethodPost, false: http.MethodGet}[post]
		for _, given := range []string{sign(signed), sign(target), sign(target + concatenated(body)), signed} {
			if reference, bridge := verdicts(method, target, body, given); reference != bridge {
				t.Errorf("%s %q, body %q, signature %q: twilio-go %v, bridge %v", method, target, body, given, reference, bridge)
			}
		}
	})
}

// concatenated returns what Twilio adds to the URL for a body whose parameters are in order.
func concatenated(body string) string {
	var text strings.Builder
	for _, pair := range strings.Split(body, "&") {
		name, value, _ := strings.Cut(pair, "=")
		fmt.Fprint(&text, name, value)
	}
	return text.String()
}

// BenchmarkForgedBody measures what the largest body that is read costs before it is refused.
func BenchmarkForgedBody(b *testing.B) {
	for _, parameters := range []int{1, maxParameters} {
		b.Run(fmt.Sprint(parameters), func(b *testing.B) {
			value := strings.Repeat("x", maxBody/parameters-8)
			form := url.Values{}
			for i := range parameters {
				form.Set(fmt.Sprint("p", i), value)
			}
			h, err := New(Config{AuthToken: verdictToken, Policy: PolicyClassic, Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				b.Fatal(err)
			}
			body := form.Encode()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "http://b.example.com/w", strings.NewReader(body))
				r.Header.Set(signatureHeader, sign("forged"))
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
