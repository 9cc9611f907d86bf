package webhook

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/twilio/twilio-go/client"
)

// receiver is a customer's server that notes what comes and checks every signature with twilio-go's validator.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string // "POST /path?query form"
}

func newReceiver(t *testing.T, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Errorf("reading the webhook: %v", err)
		}
		if err := validate("http://"+req.Host+req.URL.RequestURI(), req, string(body)); err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		r.seen = append(r.seen, strings.TrimSpace(req.Method+" "+req.URL.RequestURI()+" "+string(body)))
		r.mu.Unlock()
		answer(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func validate(address string, req *http.Request, body string) error {
	validator := client.NewRequestValidator(token)
	signature := req.Header.Get("X-Twilio-Signature")
	if req.Method == http.MethodGet && body != "" {
		return fmt.Errorf("GET with a body: %q", body)
	}
	if !validator.ValidateBody(address, []byte(body), signature) {
		return fmt.Errorf("the signature %q of %s %s is not accepted", signature, req.Method, address)
	}
	return nil
}

// requests returns what has come.
func (r *receiver) requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.seen)
}

func ok(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/xml")
	_, _ = io.WriteString(w, "<Response/>")
}

func TestSend(t *testing.T) {
	t.Parallel()
	params := url.Values{"Body": {"Hola & adiós"}, "From": {"whatsapp:+15558675310"}, "Empty": {""}}
	const form = "Body=Hola+%26+adi%C3%B3s&Empty=&From=whatsapp%3A%2B15558675310"
	tests := []struct {
		name, path, method string
		params             url.Values
		want               string
	}{
		{"POST", "/whatsapp", "POST", params, "POST /whatsapp " + form},
		{"POST is the default", "/whatsapp", "", params, "POST /whatsapp " + form},
		{"small letters", "/whatsapp", "post", params, "POST /whatsapp " + form},
		{"POST with a query", "/w?tenant=a%20b&x", "POST", params, "POST /w?tenant=a%20b&x " + form},
		{"POST of nothing", "/w", "POST", nil, "POST /w"},
		{"GET", "/w", "GET", params, "GET /w?" + form},
		{"GET with a query", "/w?tenant=a%20b&x", "get", params, "GET /w?tenant=a%20b&x&" + form},
		{"GET with an empty query", "/w?", "GET", params, "GET /w?" + form},
		{"GET of nothing", "/w?a=1", "GET", nil, "GET /w?a=1"},
		{"fragment", "/w?a=1#rc=2&rp=all", "POST", params, "POST /w?a=1 " + form},
		{"fragment, GET", "/w#rc=2", "GET", url.Values{"a": {"#"}}, "GET /w?a=%23"},
		{"escapes in the path", "/a%2Fb/%C3%B1;x", "POST", nil, "POST /a%2Fb/%C3%B1;x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var header http.Header
			r := newReceiver(t, func(w http.ResponseWriter, req *http.Request) { header = req.Header; ok(w, req) })
			var s Sender
			answer, err := s.Send(t.Context(), Request{URL: r.URL + test.path, Method: test.method, Params: test.params,
				AuthToken: token, IdempotencyToken: "one"})
			if err != nil {
				t.Fatalf("Send: %v", err)
			}
			if answer.Status != 200 || answer.ContentType != "text/xml" || string(answer.Body) != "<Response/>" || answer.Truncated {
				t.Errorf("answer %+v", answer)
			}
			if got := r.requests(); !slices.Equal(got, []string{test.want}) {
				t.Errorf("received %q, want %q", got, test.want)
			}
			want := map[string]string{"User-Agent": "TwilioProxy/1.1", "Accept": "*/*", "X-Home-Region": "us1",
				"I-Twilio-Idempotency-Token": "one", "Content-Type": ""}
			if strings.HasPrefix(test.want, "POST") {
				want["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
			}
			for name, value := range want {
				if got := header.Get(name); got != value {
					t.Errorf("%s: %q, want %q", name, got, value)
				}
			}
		})
	}
}

// TestSendSignsAsConfigured: the URL is signed with its userinfo and without the slash that a request adds.
func TestSendSignsAsConfigured(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"http://user:p%%40ss@%s/w", "http://%s", "http://%s?a=1", "http://user@%s/"} {
		var got *http.Request
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { got = req }))
		address := fmt.Sprintf(form, server.Listener.Addr())
		var s Sender
		_, err := s.Send(t.Context(), Request{URL: address, AuthToken: token})
		server.Close()
		if err != nil {
			t.Fatalf("Send to %s: %v", address, err)
		}
		if err := validate(address, got, ""); err != nil {
			t.Error(err)
		}
		wanted, _ := url.Parse(address)
		user, password, given := got.BasicAuth()
		if secret, _ := wanted.User.Password(); given != (wanted.User != nil) || (given && (user != wanted.User.Username() || password != secret)) {
			t.Errorf("%s: credentials %q, %q, %t", address, user, password, given)
		}
	}
}

func TestStatusIsAnAnswer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 204, 302, 400, 404, 500, 503} { // 302 without Location
		r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		var s Sender
		answer, err := s.Send(t.Context(), Request{URL: r.URL + "/", AuthToken: token})
		if err != nil || answer.Status != status {
			t.Errorf("status %d: %+v, %v", status, answer, err)
		}
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		size      int
		truncated bool
	}{{0, false}, {MaxResponse - 1, false}, {MaxResponse, false}, {MaxResponse + 1, true}, {20 * MaxResponse, true}} {
		for _, zip := range []bool{false, true} {
			r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
				var body io.Writer = w
				if zip {
					w.Header().Set("Content-Encoding", "gzip")
					z := gzip.NewWriter(w)
					defer func() { _ = z.Close() }()
					body = z
				}
				_, _ = io.CopyN(body, zeros{}, int64(test.size))
			})
			var s Sender
			answer, err := s.Send(t.Context(), Request{URL: r.URL + "/", AuthToken: token})
			if err != nil || len(answer.Body) != min(test.size, MaxResponse) || answer.Truncated != test.truncated {
				t.Errorf("body of %d, gzip %t: %d bytes, truncated %t, %v", test.size, zip, len(answer.Body), answer.Truncated, err)
			}
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
