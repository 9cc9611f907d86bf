package webhook

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestErrors reads the errors as a person does.
func TestErrors(t *testing.T) {
	t.Parallel()
	const closed = "http://127.0.0.1:1" // a port of the system's that nobody uses
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
	secret := strings.Replace(closed, "//", "//user:s3cr3t@", 1)
	hidden := strings.Replace(closed, "//", "//user:xxxxx@", 1)
	tests := []struct {
		name    string
		request Request
		want    string
		wraps   error
	}{
		{"refused", Request{URL: closed},
			"webhook " + closed + ": 11205: nothing listens there (connection refused); is the server running?", syscall.ECONNREFUSED},
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
		{"redirect to where nothing listens", Request{URL: leads.URL + "/?to=" + closed},
			"webhook " + closed + ": 11205: nothing listens there (connection refused); is the server running?", syscall.ECONNREFUSED},
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
