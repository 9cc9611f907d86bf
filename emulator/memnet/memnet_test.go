package memnet_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/nettest"

	"github.com/cloudforgot/cloudforgot/emulator/memnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestConn has golang.org/x/net judge what every net.Conn promises.
func TestConn(t *testing.T) {
	t.Parallel()
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		c1, c2 = memnet.Pipe()
		return c1, c2, func() { _, _ = c1.Close(), c2.Close() }, nil
	})
}

// What was written before Close can be read after it.
func TestCloseKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	a, b := memnet.Pipe()
	if n, err := a.Write([]byte("last words")); n != 10 || err != nil {
		t.Fatalf("Write = %d, %v", n, err)
	}
	_ = a.Close()
	if got, err := io.ReadAll(b); string(got) != "last words" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("writing to an end that is closed: %v", err)
	}
}

func TestListener(t *testing.T) {
	t.Parallel()
	l := memnet.Listen()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Dial(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Dial with nobody who accepts, its context ended: %v", err)
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := l.Dial(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Dial after Close: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept after Close: %v", err)
	}
}

// serve runs a handler behind a transport.
func serve(t *testing.T, h http.HandlerFunc) *http.Client {
	t.Helper()
	l := memnet.Listen()
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	ended := make(chan error)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), <-ended); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return &http.Client{Transport: l.Transport()}
}

func TestServerSeesWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %s|%s|%s|%s|%s", r.Method, r.URL.Scheme, r.Host, r.URL.EscapedPath(), r.URL.RawQuery, body)
	})
	for _, c := range []struct{ method, url, host, body, want string }{
		{"GET", "https://api.twilio.com", "", "", "GET https|api.twilio.com|/||"},
		{"GET", "http://api.twilio.com:8080/a%2Fb/c?d=e%20f&g", "", "", "GET http|api.twilio.com:8080|/a%2Fb/c|d=e%20f&g|"},
		{"POST", "https://localhost/v1", "conversations.twilio.com", "a=b", "POST https|conversations.twilio.com|/v1||a=b"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, c.url, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = c.host
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if string(got) != c.want || err != nil {
			t.Errorf("%s %s: %q, %v, want %q", c.method, c.url, got, err, c.want)
		}
		if res.Request != r || r.URL.Opaque != "" {
			t.Errorf("%s %s: the request of the answer is %+v", c.method, c.url, res.Request)
		}
	}
}

// An answer that nobody reads keeps no handler, up to the size of the buffers.
func TestUnreadAnswer(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 2<<20))
		close(ended)
	})
	res, err := client.Get("http://example.com/")
	if err != nil {
		t.Fatal(err)
	}
	<-ended
	_ = res.Body.Close()
}

// A request that was made to fail is not repeated.
func TestDroppedOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	client := serve(t, func(http.ResponseWriter, *http.Request) {
		if asked++; asked > 1 {
			panic(http.ErrAbortHandler)
		}
	})
	for want := 1; want <= 2; want++ {
		res, err := client.Get("http://example.com/")
		if err == nil {
			_ = res.Body.Close()
		}
		if (err != nil) != (want == 2) || asked != want {
			t.Errorf("request %d: %v; the handler ran %d times", want, err, asked)
		}
	}
}

// A stream is read while it is written, and its handler notices that the reader has gone.
func TestStream(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "first\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(gone)
	})
	for _, leave := range []func(*http.Response, context.CancelFunc){
		func(res *http.Response, _ context.CancelFunc) { _ = res.Body.Close() },
		func(_ *http.Response, cancel context.CancelFunc) { cancel() },
	} {
		gone = make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://example.com/", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(res.Body).ReadString('\n')
		if line != "first\n" || err != nil {
			t.Fatalf("read %q, %v", line, err)
		}
		leave(res, cancel)
		<-gone
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	l := memnet.Listen()
	server := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }()
	defer func() { _ = server.Close() }()
	client := &http.Client{Transport: l.Transport()}
	b.ReportAllocs()
	for b.Loop() {
		res, err := client.Get("https://api.twilio.com/")
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
}
