package webhook

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		raw  string
		want string // empty: refused
		says string // part of the refusal
	}{
		{raw: "https://bridge.example.com/whatsapp", want: "https://bridge.example.com/whatsapp"},
		{raw: "http://localhost:8080", want: "http://localhost:8080"},
		{raw: "HTTP://localhost/", want: "http://localhost/"},
		{raw: "http://[::1]:8080/x", want: "http://[::1]:8080/x"},
		{raw: "http://user:pass@example.com/", want: "http://user:pass@example.com/"},
		{raw: "https://example.com/a%2Fb?q=%C3%B1&x", want: "https://example.com/a%2Fb?q=%C3%B1&x"},
		{raw: "https://example.com/?", want: "https://example.com/?"},
		{raw: "https://example.com/w#rc=3&rp=all", want: "https://example.com/w"},
		{raw: "https://example.com/w#%zz", want: "https://example.com/w"},
		{raw: "", says: `"" is not an absolute http or https URL`},
		{raw: "bridge", says: `"bridge" is not an absolute`},
		{raw: "/whatsapp", says: "not an absolute"},
		{raw: "localhost:8080/whatsapp", says: "not an absolute"},
		{raw: "127.0.0.1:8080", says: "is not a URL"},
		{raw: "//example.com/w", says: "not an absolute"},
		{raw: "ftp://example.com/", says: "not an absolute http or https URL"},
		{raw: "javascript:alert(1)", says: "not an absolute"},
		{raw: "http://", says: "not an absolute"},
		{raw: "http://:8080/", says: "not an absolute"},
		{raw: "http:///path", says: "not an absolute"},
		{raw: "http:example.com", says: "not an absolute"},
		{raw: "http://exa mple.com/", says: "is not a URL: invalid character"},
		{raw: "http://example.com:port/", says: "is not a URL: invalid port"},
		{raw: "http://example.com/%zz", says: "is not a URL: invalid URL escape"},
		{raw: "http://example.com/\n", says: "is not a URL"},
		{raw: " http://example.com/", says: "is not a URL"},
		{raw: "http://[::1/", says: "is not a URL"},
		{raw: "http://" + strings.Repeat("x", 5000) + " ", says: "…"},
	}
	for _, test := range tests {
		u, err := ParseURL(test.raw)
		switch {
		case test.want == "" && (err == nil || u != nil || !strings.Contains(err.Error(), test.says)):
			t.Errorf("ParseURL(%.80q) = %v, %v; want nil and an error with %q", test.raw, u, err, test.says)
		case test.want == "" && len(err.Error()) > 300:
			t.Errorf("ParseURL(%.80q): the error has %d bytes", test.raw, len(err.Error()))
		case test.want != "" && (err != nil || u.String() != test.want):
			t.Errorf("ParseURL(%q) = %v, %v; want %s", test.raw, u, err, test.want)
		}
	}
}

func TestCheckCallback(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return "https://example.com/" + strings.Repeat("x", n-len("https://example.com/")) }
	for raw, says := range map[string]string{
		"https://example.com/cb":                 "",
		"http://localhost:8080/cb":               "",
		"http://127.0.0.1/cb":                    "",
		"http://[::1]:8080/cb":                   "",
		"http://crm/cb":                          "",
		"https://www.müller.example/cb":          "",
		"https://example.com./cb":                "",
		"https://user:pass@example.com/my_path":  "",
		long(MaxCallback):                        "",
		long(MaxCallback + 1):                    "4001 characters",
		"http://my_host.example.com/cb":          "no valid host name",
		"http://my%5Fhost.example.com/cb":        "is not a URL",
		"http://-host.example.com/cb":            "no valid host name",
		"http://host-.example.com/cb":            "no valid host name",
		"http://a..b/cb":                         "no valid host name",
		"http://ho!st/cb":                        "no valid host name",
		"http://" + strings.Repeat("x", 64):      "no valid host name",
		"http://" + strings.Repeat("xy.", 90):    "no valid host name",
		"http://example.com:65536/cb":            "no valid port",
		"ftp://example.com/cb":                   "not an absolute",
		"nowhere":                                "not an absolute",
		"http://user:s3cr3t@my_host.example.com": "user:xxxxx@",
	} {
		if err := CheckCallback(raw); (err == nil) != (says == "") || (err != nil && !strings.Contains(err.Error(), says)) {
			t.Errorf("CheckCallback(%.80q) = %v, want %q", raw, err, says)
		}
	}
}

// passwords are texts with a password in the place of the %: none may be repeated in an error.
var passwords = []string{
	"ftp://user:%@example.com/", "http://user:%@exa mple.com/", "http://user:%@example.com:port/", "user:%@example.com",
	"http://user:%/@example.com", "http://user:%?@example.com/", "//user:%@example.com", "https:user:%@example.com",
	"http://user:%@@example.com:x", "http://user:%@", "http://user:% @example.com/",
}

func TestErrorsHidePasswords(t *testing.T) {
	t.Parallel()
	for _, form := range passwords {
		raw := strings.Replace(form, "%", "s3cr3t", 1)
		if _, err := ParseURL(raw); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("ParseURL(%q): %v", raw, err)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, raw := range append(passwords, "https://example.com/w?a=%20#rc=1", "http://[fe80::1%25en0]:80/", "http://x/\xff", "a:b@c") {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if u, err := ParseURL(raw); err == nil {
			again, err := ParseURL(u.String())
			if err != nil || again.String() != u.String() {
				t.Errorf("%q parsed is %q, and that parsed %v, %v", raw, u, again, err)
			}
			if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || strings.Contains(u.String(), "#") {
				t.Errorf("%q is taken for %q", raw, u)
			}
		}
		const secret = "s3cr3tPASSWORD"
		for _, text := range []string{"http://user:" + secret + "@" + raw, "user:" + secret + "@" + raw, "http://user:" + secret + raw + "@example.com:x"} {
			if _, err := ParseURL(text); err != nil && (strings.Contains(err.Error(), secret) || !utf8.ValidString(err.Error())) {
				t.Errorf("ParseURL(%q): %v", text, err)
			}
		}
		if _, err := follow(&url.URL{Scheme: "http", Host: "example.com"}, raw); err != nil && len(err.Error()) > 2000 {
			t.Errorf("redirect to %q: %v", raw, err)
		}
	})
}
