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
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

type closable struct {
	io.Reader
	closed bool
}

func (c *closable) Close() error { c.closed = true; return nil }

// handled is a transport to a handler, without a network.
func handled(h http.Handler) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		answer := httptest.NewRecorder()
		if r.Body == nil {
			r.Body = http.NoBody
		}
		h.ServeHTTP(answer, r)
		return answer.Result(), nil
	})
}

// TestDrop: over a real connection the client sees it closed. With After the request has been served all the same.
func TestDrop(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		l := NewLog(Config{})
		arm(t, l, Fault{Drop: true, After: after, Count: 1})
		var served atomic.Int32
		server := httptest.NewServer(l.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			served.Add(1)
			_, _ = io.Copy(w, r.Body)
		})))
		post := func() (*http.Response, error) {
			return server.Client().Post(server.URL, "text/plain", strings.NewReader("hello"))
		}
		if res, err := post(); err == nil {
			t.Errorf("after %t: answered %d, want a closed connection", after, res.StatusCode)
			_ = res.Body.Close()
		}
		if got := served.Load() == 1; got != after {
			t.Errorf("after %t: served is %t", after, got)
		}
		e := only(t, l)
		if e.Status != 0 || e.Error != "connection dropped by a fault" || e.Fault != "fault-1" || e.Request.Body != "hello" || e.Response.Size != 0 {
			t.Errorf("after %t: recorded %+v", after, e)
		}
		res, err := post() // the next is answered
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := io.ReadAll(res.Body); string(body) != "hello" {
			t.Errorf("the next request is answered %q", body)
		}
		_ = res.Body.Close()
		server.Close()
	}
}

// TestAfter has the request be served before the fault shows: the caller gets another answer, or the true one late.
func TestAfter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fault  Fault
		status int
		body   string
		took   time.Duration
	}{
		{"status", Fault{Status: 503, Body: "lost", After: true}, 503, "lost", 0},
		{"delay", Fault{Delay: time.Second, After: true}, http.StatusCreated, "done", time.Second},
		{"status and delay", Fault{Status: 204, Delay: time.Second, After: true}, 204, "", time.Second},
	}
	for _, test := range tests {
		for _, direction := range []string{In, Out} {
			t.Run(test.name+" "+direction, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					l := NewLog(Config{})
					test.fault.Direction = direction
					arm(t, l, test.fault)
					began, served := time.Now(), time.Duration(-1)
					next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						served = time.Since(began)
						w.WriteHeader(http.StatusCreated)
						_, _ = io.WriteString(w, "done")
					})
					transport := handled(l.Handler(next))
					if direction == Out {
						transport = l.RoundTripper(handled(next))
					}
					r := httptest.NewRequest(http.MethodPost, "http://example.com/", http.NoBody)
					res, err := transport.RoundTrip(r)
					if err != nil {
						t.Fatal(err)
					}
					defer res.Body.Close()
					body, _ := io.ReadAll(res.Body)
					if res.StatusCode != test.status || string(body) != test.body || time.Since(began) != test.took || served != 0 {
						t.Errorf("answered %d %q after %s, served after %s", res.StatusCode, body, time.Since(began), served)
					}
				})
			})
		}
	}
}

// TestPercent: a fault that hits half of the exchanges leaves the others to the fault behind it.
func TestPercent(t *testing.T) {
	t.Parallel()
	l := NewLog(Config{})
	arm(t, l, Fault{Status: 501, Percent: 50})
	arm(t, l, Fault{Status: 502})
	got := map[int]int{}
	for range 200 {
		w := httptest.NewRecorder()
		l.Handler(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		got[w.Code]++
	}
	if got[501]+got[502] != 200 || got[501] == 0 || got[502] == 0 { // one in 2^199
		t.Errorf("answered %v", got)
	}
}

// TestOutgoing: what the receiver gets, and what the sender sees.
func TestOutgoing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault Fault
		want  []string // requests received
		sees  string   // the answer; empty: a dropped connection
	}{
		{"drop", Fault{Drop: true}, nil, ""},
		{"drop after", Fault{Drop: true, After: true}, []string{"1"}, ""},
		{"duplicate", Fault{Duplicate: true}, []string{"1", "2"}, "answer 2"},
		{"duplicate, then drop", Fault{Duplicate: true, Drop: true, After: true}, []string{"1", "2"}, ""},
		{"delay", Fault{Delay: time.Nanosecond}, []string{"1"}, "answer 1"},
		{"another direction", Fault{Direction: In, Drop: true}, []string{"1"}, "answer 1"},
		{"the path of a URL without one", Fault{Path: "/", Drop: true}, nil, ""},
	}
	for _, test := range tests {
		for _, method := range []string{"POST", "GET", "POST without GetBody"} {
			t.Run(test.name+"/"+method, func(t *testing.T) {
				t.Parallel()
				var received []string
				body := map[bool]string{true: "Body=Hola", false: ""}[method != "GET"]
				receiver := handled(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					got, _ := io.ReadAll(r.Body)
					if string(got) != body || r.Header.Get("X-Test") != "1" {
						t.Errorf("received %q with headers %q", got, r.Header)
					}
					received = append(received, fmt.Sprint(len(received)+1))
					_, _ = fmt.Fprintf(w, "answer %d", len(received))
				}))
				l := NewLog(Config{})
				if test.fault.Direction == "" {
					test.fault.Direction = Out
				}
				arm(t, l, test.fault)
				verb, _, noCopy := strings.Cut(method, " ")
				r := outgoing(verb, "http://example.com", body)
				r.Header.Set("X-Test", "1")
				if noCopy {
					r.GetBody = nil
				}
				saw := ""
				res, err := l.RoundTripper(receiver).RoundTrip(r)
				if err == nil {
					answer, _ := io.ReadAll(res.Body)
					_ = res.Body.Close()
					saw = string(answer)
				}
				if saw != test.sees || (saw == "" && !errors.Is(err, errDropped)) {
					t.Errorf("the sender sees %q, %v; want %q", saw, err, test.sees)
				}
				if !slices.Equal(received, test.want) {
					t.Errorf("received %q, want %q", received, test.want)
				}
				if e := only(t, l); (e.Fault != "") != (test.fault.Direction == Out) || (e.Error != "") != (test.sees == "") {
					t.Errorf("recorded %+v", e)
				}
			})
		}
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		fault   Fault
		patient bool // the client waits longer than the delay
		served  bool
	}{
		{"in", Fault{Delay: time.Minute}, true, true},
		{"in, impatient", Fault{Delay: time.Minute}, false, false},
		{"in, with a status", Fault{Delay: time.Minute, Status: 503}, true, false},
		{"out", Fault{Delay: time.Minute, Direction: Out}, true, true},
		{"out, impatient", Fault{Delay: time.Minute, Direction: Out}, false, false},
		{"out, impatient, with a status", Fault{Delay: time.Minute, Direction: Out, Status: 200}, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := NewLog(Config{})
				arm(t, l, test.fault)
				patience := 10 * time.Second
				if test.patient {
					patience = time.Hour
				}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				served := false
				inner := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					served = string(body) == "a=1"
				})
				began := time.Now()
				err := through(l, test.fault.Direction, inner, outgoing("POST", "http://example.com/", "a=1").WithContext(ctx))
				took := time.Since(began)
				if served != test.served || took != min(patience, time.Minute) {
					t.Errorf("served: %t after %s", served, took)
				}
				e := only(t, l)
				if (e.Error == "") != test.patient || (err == nil) != test.patient || e.Duration != took || e.Fault == "" || e.Request.Body != "a=1" {
					t.Errorf("%v; recorded %+v", err, e)
				}
				if !test.patient && test.fault.Direction == Out && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("the sender sees %v", err)
				}
			})
		})
	}
}

// through sends a request through one of the edges.
func through(l *Log, direction string, inner http.Handler, r *http.Request) (err error) {
	if direction == Out {
		res, err := l.RoundTripper(handled(inner)).RoundTrip(r)
		if err == nil {
			err = res.Body.Close()
		}
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	l.Handler(inner).ServeHTTP(httptest.NewRecorder(), r)
	return nil
}

// TestDelayEndsWithTheConnection: a client that goes away during a delay does not keep the server waiting, also behind a
// body that nobody has read.
func TestDelayEndsWithTheConnection(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "a=1", strings.Repeat("x", 100_000)} {
		l := NewLog(Config{})
		arm(t, l, Fault{Delay: time.Hour})
		begun := make(chan struct{})
		handler := l.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("served for nobody") }))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { close(begun); handler.ServeHTTP(w, r) }))
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() {
			r := outgoing("POST", server.URL, body).WithContext(ctx)
			res, err := server.Client().Do(r)
			if err == nil {
				_ = res.Body.Close()
			}
			failed <- err
		}()
		<-begun
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("the client sees %v", err)
		}
		if err := l.Wait(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if e := only(t, l); e.Error != "the client had gone when the delay of a fault was over" || e.Status != 0 {
			t.Errorf("recorded %+v", e)
		}
		server.Close()
	}
}

func TestReadAhead(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, readLimit, readLimit + 1, 3 * readLimit} {
		source := &closable{Reader: io.LimitReader(zeros{}, int64(size))}
		r := &http.Request{Body: source}
		readAhead(r)
		n, err := io.Copy(io.Discard, r.Body)
		if n != int64(size) || err != nil || r.Body.Close() != nil || !source.closed {
			t.Errorf("of %d bytes %d are read, %v; closed: %t", size, n, err, source.closed)
		}
	}
	broken := errors.New("broken")
	r := &http.Request{Body: io.NopCloser(io.MultiReader(strings.NewReader("a=1"), failing{broken}))}
	readAhead(r)
	if got, err := io.ReadAll(r.Body); string(got) != "a=1" || !errors.Is(err, broken) {
		t.Errorf("of a broken body: %q, %v", got, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
