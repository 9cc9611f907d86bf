package browser_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/browser"
)

func TestCheckHost(t *testing.T) {
	t.Parallel()
	p := browser.Policy{Hosts: []string{"emulator.test"}}
	for host, taken := range map[string]bool{
		"127.0.0.1:4155": true, "127.0.0.1": true, "127.8.9.1:4155": true, "[::1]:4155": true, "[::1]": true, "::1": true,
		"localhost:4155": true, "LOCALHOST": true, "localhost.:4155": true, "[::ffff:127.0.0.1]:4155": true,
		"emulator.test:4155": true, "Emulator.Test": true, "192.0.2.7:4155": true, "192.0.2.7": true,
		"": false, "emulator": false, "emulator:4155": false, "evil.example": false, "evil.example:4155": false, "localhost.evil.example:4155": false,
		"127.0.0.1.evil.example": false, "192.0.2.8:4155": false, "0.0.0.0:4155": false, "[::]:4155": false, "2130706433": false,
		"x.emulator.test": false, "localhost:4155:1": false, "[fe80::1]:4155": false, "conversations.twilio.com": false,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		local := &net.TCPAddr{IP: net.ParseIP("192.0.2.7"), Port: 4155}
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
		if err := p.CheckHost(r); (err == nil) != taken {
			t.Errorf("Host %q: %v, want it taken: %v", host, err, taken)
		} else if err != nil && !strings.Contains(err.Error(), "--allow-host") {
			t.Errorf("Host %q: %v does not say what to do", host, err)
		}
	}
}

func TestCheckHostInProcess(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "evil.example"
	if err := (browser.Policy{}).CheckHost(r); err != nil {
		t.Errorf("without a connection: %v", err)
	}
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.UnixAddr{Name: "pipe", Net: "unix"}))
	if err := (browser.Policy{}).CheckHost(r); err != nil {
		t.Errorf("over another connection than TCP: %v", err)
	}
}

func TestCheckOrigin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		origin, site string
		origins      []string
		taken        bool
	}{
		{"", "", nil, true},
		{"", "none", nil, true}, // typed into the address bar
		{"", "same-origin", nil, true},
		{"http://127.0.0.1:4155", "same-origin", nil, true},
		{"HTTP://127.0.0.1:4155", "", nil, true},
		{"", "cross-site", nil, false},
		{"null", "cross-site", nil, false}, // a file, or a sandboxed frame
		{"null", "", nil, false},
		{"http://evil.example", "cross-site", nil, false},
		{"http://evil.example", "", nil, false},
		{"http://127.0.0.1:3000", "same-site", nil, false},
		{"http://localhost:4155", "cross-site", nil, false},
		{"http://127.0.0.1:4155.evil.example", "", nil, false},
		{"http://localhost:3000", "cross-site", []string{"http://localhost:3000"}, true},
		{"http://localhost:3001", "cross-site", []string{"http://localhost:3000"}, false},
		{"http://evil.example", "cross-site", []string{"*"}, true},
		{"", "cross-site", []string{"*"}, false}, // no origin says who asks
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.Host = "127.0.0.1:4155"
		for name, value := range map[string]string{"Origin": c.origin, "Sec-Fetch-Site": c.site} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if err := (browser.Policy{Origins: c.origins}).CheckOrigin(r); (err == nil) != c.taken {
			t.Errorf("Origin %q, Sec-Fetch-Site %q, origins %v: %v, want it taken: %v", c.origin, c.site, c.origins, err, c.taken)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		policy browser.Policy
		valid  bool
	}{
		{browser.Policy{}, true},
		{browser.Policy{Hosts: []string{"emulator", "emulator.test"}, Origins: []string{"*", "http://localhost:3000", "https://app.example"}}, true},
		{browser.Policy{Hosts: []string{""}}, false},
		{browser.Policy{Hosts: []string{"emulator:4155"}}, false},
		{browser.Policy{Hosts: []string{"http://emulator"}}, false},
		{browser.Policy{Hosts: []string{"*"}}, false},
		{browser.Policy{Origins: []string{"localhost:3000"}}, false},
		{browser.Policy{Origins: []string{"http://localhost:3000/"}}, false},
		{browser.Policy{Origins: []string{"ftp://x"}}, false},
		{browser.Policy{Origins: []string{""}}, false},
	} {
		if err := c.policy.Validate(); (err == nil) != c.valid {
			t.Errorf("%+v: %v, want it valid: %v", c.policy, err, c.valid)
		}
	}
}
