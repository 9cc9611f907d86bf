package steps

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/memnet"
)

// serverDomain ends the host names of servers in process; such names belong to nobody (RFC 2606).
const serverDomain = ".example"

// servers are the customers' servers of one scenario, by name: bridges, recording endpoints, and handlers of one's own.
// RoundTrip reaches them in process, without a port; for an emulator elsewhere they listen on loopback.
type servers struct {
	base      string // "http://127.0.0.1:4711" when they listen on loopback; empty otherwise
	server    *http.Server
	inProcess http.RoundTripper // nil unless they are reached in process
	network   *http.Transport

	mu       sync.Mutex // guards handlers
	handlers map[string]http.Handler
}

func newServers(logger *slog.Logger) *servers {
	network, _ := http.DefaultTransport.(*http.Transport)
	if network == nil {
		network = &http.Transport{}
	}
	network = network.Clone()
	network.Proxy = nil // a proxy of the environment may be the emulator itself
	s := &servers{network: network, handlers: map[string]http.Handler{}}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelError)}
	return s
}

// serve makes the servers reachable in process.
func (s *servers) serve() {
	l := memnet.Listen()
	s.inProcess = l.Transport()
	go func() { _ = s.server.Serve(l) }() // it returns when close stops it
}

// listen opens a port on loopback, for an emulator that runs elsewhere.
func (s *servers) listen(ctx context.Context) error {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("the servers of the scenario cannot listen: %w", err)
	}
	s.base = "http://" + l.Addr().String()
	go func() { _ = s.server.Serve(l) }() // likewise
	return nil
}

func (s *servers) close() error {
	s.network.CloseIdleConnections()
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

// url returns the URL of a server. Its path is the same in process and over TCP, so that a fault can name it.
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

// ServeHTTP leads a request to the server that the first part of its path names.
func (s *servers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	h := s.find(name)
	if h == nil {
		http.Error(w, fmt.Sprintf("the scenario has no server %q", name), http.StatusNotFound)
		return
	}
	h.ServeHTTP(w, r)
}

// RoundTrip leads a request for a server in process to it. Other hosts are asked over the network, so that an application
// which listens somewhere can take part.
func (s *servers) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.inProcess != nil && strings.HasSuffix(r.URL.Hostname(), serverDomain) {
		return s.inProcess.RoundTrip(r)
	}
	return s.network.RoundTrip(r)
}
