package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestRedirects(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		method string
		want   string // the second request; empty: none
	}{
		{301, "POST", "GET /second?q=1"},
		{302, "POST", "GET /second?q=1"},
		{303, "POST", "GET /second?q=1"},
		{307, "POST", "POST /second?q=1 A=1"},
		{308, "POST", "POST /second?q=1 A=1"},
		{302, "GET", "GET /second?q=1"},
		{307, "GET", "GET /second?q=1&A=1"},
		{300, "POST", ""},
		{304, "POST", ""},
	} {
		for _, location := range []string{"/second?q=1", "second?q=1#fragment", "%s/second?q=1"} {
			t.Run(fmt.Sprint(test.status, test.method, location), func(t *testing.T) {
				t.Parallel()
				var r *receiver
				r = newReceiver(t, func(w http.ResponseWriter, req *http.Request) {
					if req.URL.Path == "/second" {
						ok(w, req)
						return
					}
					w.Header().Set("Location", strings.Replace(location, "%s", r.URL, 1))
					w.WriteHeader(test.status)
				})
				var s Sender
				answer, err := s.Send(t.Context(), Request{URL: r.URL + "/first", Method: test.method, Params: url.Values{"A": {"1"}}, AuthToken: token})
				if err != nil {
					t.Fatalf("Send: %v", err)
				}
				got := r.requests()
				if test.want == "" {
					if len(got) != 1 || answer.Status != test.status {
						t.Errorf("received %q, answered %d", got, answer.Status)
					}
					return
				}
				if len(got) != 2 || got[1] != test.want || answer.Status != 200 {
					t.Errorf("received %q, then answered %d; want %q as the second", got, answer.Status, test.want)
				}
			})
		}
	}
}

// TestRedirectsKeepPasswordsAtHome: credentials go with a redirect on the same server and to no other.
func TestRedirectsKeepPasswordsAtHome(t *testing.T) {
	t.Parallel()
	given := make(chan string, 1)
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { given <- r.Header.Get("Authorization") }))
	defer other.Close()
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		case "/stay":
			http.Redirect(w, r, "/there", http.StatusTemporaryRedirect)
		default:
			given <- r.Header.Get("Authorization")
		}
	}))
	defer home.Close()
	for path, want := range map[string]bool{"/away": false, "/stay": true} {
		var s Sender
		address := strings.Replace(home.URL, "//", "//user:pass@", 1) + path
		if _, err := s.Send(t.Context(), Request{URL: address, AuthToken: token}); err != nil {
			t.Fatalf("Send: %v", err)
		}
		if got := <-given; (got != "") != want {
			t.Errorf("%s: credentials %q", path, got)
		}
	}
}

func TestTooManyRedirects(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ redirects, code int }{{maxRedirects, 0}, {maxRedirects + 1, CodeTooManyRedirects}} {
		r := newReceiver(t, nil)
		r.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			r.seen = append(r.seen, req.URL.Path)
			if len(r.seen) <= test.redirects {
				http.Redirect(w, req, fmt.Sprintf("/%d", len(r.seen)), http.StatusTemporaryRedirect)
			}
		})
		var s Sender
		_, err := s.Send(t.Context(), Request{URL: r.URL, AuthToken: token})
		var failed *Error
		if errors.As(err, &failed) != (test.code != 0) || (failed != nil && (failed.Code != test.code || failed.URL != r.URL)) {
			t.Errorf("%d redirects: %v, want code %d", test.redirects, err, test.code)
		}
		if len(r.requests()) != maxRedirects+1 {
			t.Errorf("%d redirects: %d requests", test.redirects, len(r.requests()))
		}
	}
}
