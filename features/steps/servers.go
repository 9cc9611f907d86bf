package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// serverDomain ends the host names of servers in process; such names belong to nobody (RFC 2606).
const serverDomain = ".example"

// servers are the customers' servers of one scenario, by name: bridges, recording endpoints, and handlers of one's own.
// In process webhooks reach them through RoundTrip, without a port; for an emulator elsewhere they listen on loopback.
type servers struct {
	base    string       // "http://127.0.0.1:4711" when they listen, empty in process
	server  *http.Server // nil in process
	network *http.Transport

	mu       sync.Mutex // guards handlers
	handlers map[string]http.Handler
}

func newServers() *servers {
	network, _ := http.DefaultTransport.(*http.Transport)
	if network == nil {
		network = &http.Transport{}
	}
	network = network.Clone()
	network.Proxy = nil // a proxy of the environment may be the emulator itself
	return &servers{network: network, handlers: map[string]http.Handler{}}
}

// listen opens a port on loopback.
func (s *servers) listen(ctx context.Context) error {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("the servers of the scenario cannot listen: %w", err)
	}
	s.base = "http://" + l.Addr().String()
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(l) }() // it returns when close stops it
	return nil
}

func (s *servers) close() error {
	s.network.CloseIdleConnections()
	if s.server == nil {
		return nil
	}
	return s.server.Close()
}

var serverName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// handle mounts a handler and returns the URL at which webhooks reach it.
func (s *servers) handle(name string, h http.Handler) (string, error) {
	if !serverName.MatchString(name) {
		return "", fmt.Errorf("%q cannot be the name of a server: use small letters, digits and hyphens", name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[name] = h
	return s.url(name), nil
}

// url is where webhooks reach a server. Its path is the same in process and over TCP, so that a fault can name it.
func (s *servers) url(name string) string {
	if s.base == "" {
		return "http://" + name + serverDomain + "/" + name
	}
	return s.base + "/" + name
}

func (s *servers) find(name string) http.Handler {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handlers[name]
}

// ServeHTTP leads a request that came over TCP to the server that the first part of its path names.
func (s *servers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	h := s.find(name)
	if h == nil {
		http.Error(w, fmt.Sprintf("the scenario has no server %q", name), http.StatusNotFound)
		return
	}
	h.ServeHTTP(w, r)
}

// RoundTrip leads a request of the emulator in process to the server that its host names. Other hosts are asked over the
// network, so that an application which listens somewhere can take part.
func (s *servers) RoundTrip(r *http.Request) (*http.Response, error) {
	name, ours := strings.CutSuffix(r.URL.Hostname(), serverDomain)
	if !ours {
		return s.network.RoundTrip(r)
	}
	h := s.find(name)
	if h == nil {
		return nil, fmt.Errorf("the scenario has no server %q", name)
	}
	in := r.Clone(r.Context())
	in.RequestURI, in.Host, in.RemoteAddr = r.URL.RequestURI(), r.URL.Host, "127.0.0.1:0"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := &recorder{header: http.Header{}}
	done := make(chan error, 1)
	go func() {
		defer func() { done <- aborted(recover()) }()
		h.ServeHTTP(rec, in)
	}()
	select {
	case err := <-done:
		if err != nil {
			return nil, err
		}
		return rec.response(r), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// aborted makes an error of what a handler panicked with.
func aborted(panicked any) error {
	switch panicked {
	case nil:
		return nil
	case http.ErrAbortHandler:
		return errors.New("the connection was closed without an answer")
	}
	return fmt.Errorf("the handler panicked: %v", panicked)
}

// recorder is the http.ResponseWriter of a request in process.
type recorder struct {
	header http.Header
	sent   http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status, r.sent = status, r.header.Clone()
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 && r.header.Get("Content-Type") == "" {
		r.header.Set("Content-Type", http.DetectContentType(p))
	}
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

func (r *recorder) response(request *http.Request) *http.Response {
	r.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)), StatusCode: r.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: r.sent, Request: request,
		Body: io.NopCloser(bytes.NewReader(r.body.Bytes())), ContentLength: int64(r.body.Len()),
	}
}
