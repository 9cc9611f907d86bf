package traffic

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// only returns the one exchange that there must be.
func only(t *testing.T, l *Log) Exchange {
	t.Helper()
	if err := l.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	list := l.List(0, 0)
	if len(list) != 1 {
		t.Fatalf("%d exchanges, want 1", len(list))
	}
	return list[0]
}

func TestHandlerRecords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name              string
		body              string
		handler           http.HandlerFunc
		status            int
		request, response string // recorded bodies, of 10 bytes at most
		sizes             [2]int64
	}{
		{"nothing", "", func(http.ResponseWriter, *http.Request) {}, 200, "", "", [2]int64{}},
		{"status only", "", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, 204, "", "", [2]int64{}},
		{"body", "request", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, "answer")
		}, 200, "request", "answer", [2]int64{7, 6}},
		{"both at the limit", "0123456789", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(w, r.Body)
		}, 200, "0123456789", "0123456789", [2]int64{10, 10}},
		{"both beyond the limit", "0123456789abc", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(201)
			_, _ = io.Copy(w, r.Body)
		}, 201, "0123456789", "0123456789", [2]int64{13, 13}},
		{"in small pieces", "0123456789abc", func(w http.ResponseWriter, r *http.Request) {
			for p := make([]byte, 3); ; {
				n, err := r.Body.Read(p)
				_, _ = w.Write(p[:n])
				if err != nil {
					return
				}
			}
		}, 200, "0123456789", "0123456789", [2]int64{13, 13}},
		{"read in part, and not closed", "0123456789", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadFull(r.Body, make([]byte, 4))
			w.WriteHeader(400)
		}, 400, "0123", "", [2]int64{4, 0}},
		{"not read", "0123456789", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, 401, "", "", [2]int64{}},
		{"a buffer that is used again", "", func(w http.ResponseWriter, _ *http.Request) {
			p := []byte("one ")
			_, _ = w.Write(p)
			copy(p, "two ")
			_, _ = w.Write(p)
		}, 200, "", "one two ", [2]int64{0, 8}},
		{"status twice", "", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(409)
			w.WriteHeader(500)
		}, 409, "", "", [2]int64{}},
		{"unhandled, so the body is read", "0123456789abc", func(w http.ResponseWriter, r *http.Request) {
			MarkUnhandled(r, "what")
			w.WriteHeader(404)
		}, 404, "0123456789", "", [2]int64{10, 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := NewLog(Config{BodyLimit: 10})
			answer := httptest.NewRecorder()
			l.Handler(test.handler).ServeHTTP(answer, request(http.MethodPost, "/v1/Conversations?PageSize=2", test.body))
			e := only(t, l)
			if e.Direction != In || e.Method != "POST" || e.URL != "http://example.com/v1/Conversations?PageSize=2" || e.Error != "" {
				t.Errorf("exchange %+v", e)
			}
			if e.Status != test.status || (test.status != 409 && answer.Code != test.status) {
				t.Errorf("status %d recorded, %d answered, want %d", e.Status, answer.Code, test.status)
			}
			if e.Request.Body != test.request || e.Response.Body != test.response {
				t.Errorf("bodies %q and %q, want %q and %q", e.Request.Body, e.Response.Body, test.request, test.response)
			}
			if got := [2]int64{e.Request.Size, e.Response.Size}; got != test.sizes {
				t.Errorf("sizes %d, want %d", got, test.sizes)
			}
		})
	}
}

func TestRoundTripperRecords(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Test", "yes")
		w.WriteHeader(202)
		_, _ = fmt.Fprintf(w, "%s %s", r.Method, body)
	}))
	defer server.Close()
	for _, test := range []struct{ method, body, wantRequest, wantResponse string }{
		{"GET", "", "", "GET "},
		{"POST", "a=1", "a=1", "POST a=1"},
		{"POST", "0123456789abc", "0123456789", "POST 01234"},
	} {
		l := NewLog(Config{BodyLimit: 10})
		r := outgoing(test.method, strings.Replace(server.URL, "//", "//user:s3cr3t@", 1)+"/w?q=1", test.body)
		res, err := l.RoundTripper(http.DefaultTransport).RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if len(l.UnderWay()) != 1 || l.Seq() != 0 {
			t.Error("the exchange is over before its body is closed")
		}
		got, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		_ = res.Body.Close() // closing again ends nothing twice
		e := only(t, l)
		if string(got) != test.method+" "+test.body || e.Status != 202 || e.Direction != Out || e.Method != test.method || e.Error != "" {
			t.Errorf("answered %q, recorded %+v", got, e)
		}
		if e.Request.Body != test.wantRequest || e.Request.Size != int64(len(test.body)) {
			t.Errorf("request %q of %d bytes", e.Request.Body, e.Request.Size)
		}
		if e.Response.Body != test.wantResponse || e.Response.Size != int64(len(got)) || e.Response.Header.Get("X-Test") != "yes" {
			t.Errorf("response %+v", e.Response)
		}
		if e.URL != strings.Replace(server.URL, "//", "//user:xxxxx@", 1)+"/w?q=1" {
			t.Errorf("URL %s", e.URL)
		}
	}
}

// TestTransportsOfUsers: a transport may err in more ways than net/http's.
func TestTransportsOfUsers(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, test := range []struct {
		name  string
		res   *http.Response
		err   error
		wants string
	}{
		{"an error", nil, broken, "broken"},
		{"neither answer nor error", nil, nil, "the transport returned neither an answer nor an error"},
		{"an answer without a body", &http.Response{StatusCode: 204}, nil, ""},
	} {
		l := NewLog(Config{})
		res, err := l.RoundTripper(roundTripper(func(*http.Request) (*http.Response, error) { return test.res, test.err })).
			RoundTrip(outgoing("POST", "http://example.com/", "x"))
		if err == nil {
			if body, err := io.ReadAll(res.Body); len(body) > 0 || err != nil {
				t.Errorf("%s: body %q, %v", test.name, body, err)
			}
			_ = res.Body.Close()
		}
		if e := only(t, l); (err != nil) != (test.wants != "") || e.Error != test.wants || (err != nil && err.Error() != test.wants) {
			t.Errorf("%s: %v, recorded %q", test.name, err, e.Error)
		}
	}
}

func TestMarkUnhandled(t *testing.T) {
	t.Parallel()
	l := NewLog(Config{})
	get(l.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		MarkUnhandled(r.Clone(r.Context()), "GET /v1/Roles") // a copy by a router serves as well
	})), "/v1/Roles")
	if e := only(t, l); e.Unhandled != "GET /v1/Roles" {
		t.Errorf("Unhandled is %q", e.Unhandled)
	}
	MarkUnhandled(request(http.MethodGet, "/", ""), "a request that is not recorded")
}

// TestContext: the request's context is still that of its client, values included.
func TestContext(t *testing.T) {
	t.Parallel()
	l := NewLog(Config{})
	server := httptest.NewServer(l.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := r.Context().Value(http.ServerContextKey).(*http.Server); !ok {
			t.Error("the server is not in the context")
		}
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})))
	defer server.Close()
	res, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close() // the client goes away, and the handler notices
	if err := l.Idle(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPanicIsRecorded(t *testing.T) {
	t.Parallel()
	l := NewLog(Config{})
	func() {
		defer func() {
			if p := recover(); p != "no" {
				t.Errorf("panicked with %v, want what the handler panicked with", p)
			}
		}()
		get(l.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no") })), "/")
	}()
	if e := only(t, l); e.Status != 0 || e.Error == "" {
		t.Errorf("recorded %+v", e)
	}
}

// TestStreaming: what a handler flushes reaches the client while the handler goes on.
func TestStreaming(t *testing.T) {
	t.Parallel()
	l := NewLog(Config{})
	next := make(chan string)
	server := httptest.NewServer(l.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for line := range next {
			_, _ = io.WriteString(w, line+"\n")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Errorf("Flush: %v", err)
			}
		}
	})))
	defer server.Close()
	go func() { next <- "first" }()
	res, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	for _, want := range []string{"first", "second", "third"} {
		if want != "first" {
			next <- want
		}
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("read %q, %v; want %q", lines.Text(), lines.Err(), want)
		}
	}
	if len(l.UnderWay()) != 1 {
		t.Error("the exchange is over while it streams")
	}
	close(next)
	if lines.Scan() {
		t.Errorf("read %q behind the end", lines.Text())
	}
	if e := only(t, l); e.Response.Body != "first\nsecond\nthird\n" || e.Response.Size != 19 {
		t.Errorf("recorded %+v", e.Response)
	}
}

// An exchange whose transport panics is over, so that nobody waits for it for ever.
func TestTransportPanics(t *testing.T) {
	t.Parallel()
	log := NewLog(Config{})
	broken := log.RoundTripper(roundTripper(func(*http.Request) (*http.Response, error) { panic("boom") }))
	func() {
		defer func() {
			if p := recover(); p != "boom" {
				t.Errorf("the panic is %v", p)
			}
		}()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://example.com/in", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = broken.RoundTrip(r) //nolint:bodyclose // there is no answer
	}()
	if left := log.UnderWay(); len(left) > 0 {
		t.Errorf("under way: %q", left)
	}
	if list := log.List(0, 0); len(list) != 1 || list[0].Error != "the transport panicked: boom" {
		t.Errorf("recorded: %+v", list)
	}
}
