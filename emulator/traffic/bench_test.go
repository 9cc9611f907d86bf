package traffic

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// BenchmarkHandler measures the cost of recording a request, beside a handler that reads a form and answers 900 bytes without it.
func BenchmarkHandler(b *testing.B) {
	answer := []byte(strings.Repeat("x", 900))
	trivial := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Twilio-Request-Id", "RQ0123456789abcdef0123456789abcdef")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(answer)
	})
	for _, c := range []struct {
		name    string
		handler http.Handler
	}{{"bare", trivial}, {"recorded", NewLog(Config{}).Handler(trivial)}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			const path, form = "/v1/Conversations/CH0123456789abcdef0123456789abcdef/Messages", "Author=system&Body=Hola&Attributes=%7B%7D"
			header := http.Header{}
			for _, name := range []string{"Accept", "Accept-Charset", "Accept-Encoding", "Authorization", "Content-Length", "Content-Type", "User-Agent"} {
				header.Set(name, "a value of a header")
			}
			body := strings.NewReader("")
			for b.Loop() {
				body.Reset(form)
				c.handler.ServeHTTP(&nobody{header: http.Header{}}, &http.Request{Method: http.MethodPost, URL: &url.URL{Path: path},
					RequestURI: path, Host: "127.0.0.1:4155", Header: header, Body: io.NopCloser(body), ContentLength: int64(len(form))})
			}
		})
	}
}

// BenchmarkList lists a full log of large bodies.
func BenchmarkList(b *testing.B) {
	l := NewLog(Config{})
	h := l.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 10_000)) }))
	for range 1000 {
		h.ServeHTTP(&nobody{header: http.Header{}}, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/"}})
	}
	b.ReportAllocs()
	for b.Loop() {
		if n := len(l.List(0, 0)); n != 1000 {
			b.Fatal(n)
		}
	}
}

// nobody is a client that does not listen.
type nobody struct{ header http.Header }

func (n *nobody) Header() http.Header         { return n.header }
func (n *nobody) Write(p []byte) (int, error) { return len(p), nil }
func (n *nobody) WriteHeader(int)             {}
