package traffic

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// get sends one request through a handler.
func get(h http.Handler, path string) {
	h.ServeHTTP(httptest.NewRecorder(), request(http.MethodGet, path, ""))
}

func request(method, path, body string) *http.Request {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	return httptest.NewRequest(method, path, reader)
}

var nothing = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

// numbers are the Seq and paths of exchanges.
func numbers(list []Exchange) (all []string) {
	for _, e := range list {
		all = append(all, fmt.Sprint(e.Seq, strings.TrimPrefix(e.URL, "http://example.com")))
	}
	return all
}

func TestRing(t *testing.T) {
	t.Parallel()
	l := NewLog(Config{Keep: 3})
	h := l.Handler(nothing)
	expect := func(after int64, limit int, want ...string) {
		t.Helper()
		if got := numbers(l.List(after, limit)); !slices.Equal(got, want) {
			t.Errorf("List(%d, %d) = %q, want %q", after, limit, got, want)
		}
	}
	expect(0, 0)
	get(h, "/a")
	expect(0, 0, "1/a")
	get(h, "/b")
	get(h, "/c")
	expect(0, 0, "1/a", "2/b", "3/c")
	get(h, "/d")
	get(h, "/e")
	expect(0, 0, "3/c", "4/d", "5/e")
	expect(-1, 0, "3/c", "4/d", "5/e")
	expect(1, 2, "3/c", "4/d")
	expect(3, 0, "4/d", "5/e")
	expect(3, 1, "4/d")
	expect(4, 100, "5/e")
	expect(5, 0)
	expect(99, 0)
	l.Clear()
	expect(0, 0)
	if l.Seq() != 5 {
		t.Errorf("Seq() = %d after Clear, want 5", l.Seq())
	}
	get(h, "/f")
	expect(0, 0, "6/f")
	expect(4, 0, "6/f")
}

func TestZeroConfig(t *testing.T) {
	t.Parallel()
	l := NewLog(Config{})
	before := time.Now()
	h := l.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 20_000)) }))
	for range 1001 {
		get(h, "/")
	}
	list := l.List(0, 0)
	if len(list) != 1000 || list[0].Seq != 2 || len(list[0].Response.Body) != 8<<10 || list[0].Time.Before(before) {
		t.Errorf("%d exchanges are kept, the first of them %d with %d bytes at %s",
			len(list), list[0].Seq, len(list[0].Response.Body), list[0].Time)
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	l := NewLog(Config{Now: func() time.Time { return at }})
	get(l.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { at = at.Add(time.Hour) })), "/")
	if got := l.List(0, 0)[0].Time; !got.Equal(at.Add(-time.Hour)) {
		t.Errorf("Time is %s, want when the exchange began", got)
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	l := NewLog(Config{})
	h := l.Handler(nothing)
	get(h, "/")
	if err := l.Wait(t.Context(), 0); err != nil {
		t.Errorf("Wait for what is there: %v", err)
	}
	done := make(chan error)
	for range 3 {
		go func() { done <- l.Wait(t.Context(), 2) }()
	}
	get(h, "/")
	select {
	case err := <-done:
		t.Errorf("Wait for the third exchange returned after the second: %v", err)
	default:
	}
	get(h, "/")
	for range 3 {
		if err := <-done; err != nil {
			t.Errorf("Wait: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Wait(ctx, 99); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait with an ended context: %v", err)
	}
}

func TestIdle(t *testing.T) {
	t.Parallel()
	l := NewLog(Config{})
	if err := l.Idle(t.Context()); err != nil {
		t.Errorf("Idle before the first exchange: %v", err)
	}
	inside, leave := make(chan struct{}), make(chan struct{})
	h := l.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inside <- struct{}{}; <-leave }))
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { get(h, "/") })
		<-inside
	}
	if n := len(l.UnderWay()); n != 2 {
		t.Errorf("UnderWay() has %d, want 2", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Idle(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Idle with an ended context: %v", err)
	}
	idle := make(chan error)
	go func() { idle <- l.Idle(t.Context()) }()
	leave <- struct{}{}
	if err := l.Wait(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-idle:
		t.Errorf("Idle returned with an exchange under way: %v", err)
	default:
	}
	leave <- struct{}{}
	if err := <-idle; err != nil || len(l.UnderWay()) != 0 {
		t.Errorf("Idle: %v, and %d are under way", err, len(l.UnderWay()))
	}
	all.Wait()
}

// TestConcurrency is for the race detector: everything at once, and nothing counted wrong.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	l := NewLog(Config{Keep: 50, BodyLimit: 64})
	h := l.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		MarkUnhandled(r, "nothing")
		w.Header().Set("X-Test", "1")
		_, _ = w.Write(body)
	}))
	out := l.RoundTripper(roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: r.Body}, nil
	}))
	const goroutines, rounds = 8, 100
	var all sync.WaitGroup
	for i := range goroutines {
		all.Go(func() {
			for n := range rounds {
				switch i % 4 {
				case 0, 1:
					h.ServeHTTP(httptest.NewRecorder(), request(http.MethodPost, "/x", "a body"))
				case 2:
					res, err := out.RoundTrip(outgoing("POST", "http://example.com/y", "a body"))
					if err != nil {
						t.Errorf("RoundTrip: %v", err)
						return
					}
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
				case 3:
					_ = l.List(int64(n), 10)
					if n%10 == 0 {
						_, _ = l.AddFault(Fault{Direction: In, Status: 503, Count: 1})
						_ = l.Faults()
					}
				}
			}
		})
	}
	all.Wait()
	if got := l.Seq(); got != goroutines*rounds*3/4 {
		t.Errorf("%d exchanges, want %d", got, goroutines*rounds*3/4)
	}
	if err := l.Idle(t.Context()); err != nil {
		t.Error(err)
	}
	for range l.Faults() { // those that were added when the requests were over are still to hit
		h.ServeHTTP(httptest.NewRecorder(), request(http.MethodPost, "/x", "a body"))
	}
	for _, f := range l.Faults() {
		if f.Hits != 1 {
			t.Errorf("fault %s for one exchange has hit %d", f.ID, f.Hits)
		}
	}
	for i, e := range l.List(0, 0) {
		if e.Fault == "" && (e.Request.Body != "a body" || e.Response.Body != "a body") {
			t.Errorf("exchange %d: %+v", i, e)
		}
	}
}

func outgoing(method, url, body string) *http.Request {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, url, reader)
	if err != nil {
		panic(err) // a mistake of the test
	}
	return r
}
