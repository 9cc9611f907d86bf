package webhook

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

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

// TestErrors reads the errors as a person does.
func TestErrors(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	hangs := newReceiver(t, func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
	stalls := newReceiver(t, func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.WriteString(w, "<Resp")
		_ = http.NewResponseController(w).Flush()
		<-req.Context().Done()
	})
	drops := newReceiver(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	cuts := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "<Resp")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	leads := newReceiver(t, func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Location", req.URL.Query().Get("to"))
		w.WriteHeader(http.StatusFound)
	})
	plain := strings.Replace(leads.URL, "http:", "https:", 1)
	secret := strings.Replace(closed.URL, "//", "//user:s3cr3t@", 1)
	hidden := strings.Replace(closed.URL, "//", "//user:xxxxx@", 1)
	tests := []struct {
		name    string
		request Request
		want    string
		wraps   error
	}{
		{"refused", Request{URL: closed.URL},
			"webhook " + closed.URL + ": 11205: nothing listens there (connection refused); is the server running?", syscall.ECONNREFUSED},
		{"refused, with a password", Request{URL: secret},
			"webhook " + hidden + ": 11205: nothing listens there (connection refused); is the server running?", syscall.ECONNREFUSED},
		{"no answer", Request{URL: hangs.URL + "/", Timeout: 50 * time.Millisecond},
			"webhook " + hangs.URL + "/: 11205: no answer within 50ms", context.DeadlineExceeded},
		{"half an answer", Request{URL: stalls.URL + "/", Timeout: 50 * time.Millisecond},
			"webhook " + stalls.URL + "/: 11205: no answer within 50ms", context.DeadlineExceeded},
		{"dropped", Request{URL: drops.URL + "/x"},
			"webhook " + drops.URL + "/x: 11205: the server closed the connection before it had answered", io.EOF},
		{"cut", Request{URL: cuts.URL + "/"},
			"webhook " + cuts.URL + "/: 11205: the server closed the connection before it had answered", io.ErrUnexpectedEOF},
		{"http on an https URL", Request{URL: plain},
			"webhook " + plain + ": 11206: the URL says https, but the server answers in plain http", nil},
		{"no URL", Request{URL: "bridge"}, `webhook bridge: 11321: "bridge" is not an absolute http or https URL`, nil},
		{"no URL, with a password", Request{URL: "http://user:s3cr3t@bridge:x"}, `webhook xxxxx@bridge:x: 11321: "xxxxx@bridge:x" is not a URL`, nil},
		{"wrong method", Request{URL: leads.URL, Method: "put"}, "webhook " + leads.URL + `: 11322: method "PUT": it must be POST or GET`, nil},
		{"redirect to no URL", Request{URL: leads.URL + "/?to=http://bad:port/"}, "webhook " + leads.URL +
			`/?to=http://bad:port/: 11321: it redirects to a URL that is none: "http://bad:port/" is not a URL: invalid port ":port" after host`, nil},
		{"redirect to another scheme", Request{URL: leads.URL + "/?to=ftp://u:s3cr3t@x/"}, "webhook " + leads.URL +
			`/?to=ftp://u:s3cr3t@x/: 11321: it redirects to a URL that is none: "ftp://u:xxxxx@x/" is not an absolute http or https URL`, nil},
		{"redirect to where nothing listens", Request{URL: leads.URL + "/?to=" + closed.URL},
			"webhook " + closed.URL + ": 11205: nothing listens there (connection refused); is the server running?", syscall.ECONNREFUSED},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var s Sender
			test.request.AuthToken = token
			_, err := s.Send(t.Context(), test.request)
			if err == nil || err.Error() != test.want {
				t.Errorf("Send: %v\nwant  %s", err, test.want)
			}
			if test.wraps != nil && !errors.Is(err, test.wraps) {
				t.Errorf("the error does not wrap %v", test.wraps)
			}
		})
	}
}

// TestErrorsOfTransports are those that need no network to tell.
func TestErrorsOfTransports(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		err  error
		code int
		want string
	}{
		{"no such host", &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "brigde.example", IsNotFound: true}},
			CodeConnection, `there is no host named "brigde.example"`},
		{"no route", &net.OpError{Op: "dial", Net: "tcp", Err: syscall.EHOSTUNREACH}, CodeConnection, "no connection: no route to host"},
		{"slow connection", &net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}, CodeConnection, "no answer within 5s"},
		{"reset", &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}, CodeConnection, "the server closed the connection before it had answered"},
		{"anything else", errors.New("what the transport says"), CodeConnection, "what the transport says"},
	} {
		s := Sender{Transport: failing{test.err}}
		_, err := s.Send(t.Context(), Request{URL: bridge, Timeout: 5 * time.Second})
		var failed *Error
		if !errors.As(err, &failed) || failed.Code != test.code || failed.Err.Error() != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: %v; want %d: %s", test.name, err, test.code, test.want)
		}
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// TestCallerGivesUp: an end of the caller's context is no timeout of the server's.
func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r := newReceiver(t, func(_ http.ResponseWriter, req *http.Request) { cancel(); <-req.Context().Done() })
	var s Sender
	_, err := s.Send(ctx, Request{URL: r.URL + "/", AuthToken: token})
	if !errors.Is(err, context.Canceled) || !strings.HasSuffix(err.Error(), "given up before there was an answer") {
		t.Errorf("Send: %v", err)
	}
}
