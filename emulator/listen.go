package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/memnet"
)

// serve starts the HTTP server, which is reached in process until Listen opens a port too.
func (s *Server) serve() {
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, ConnState: s.noteConnection,
		ErrorLog: slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelWarn)}
	l := memnet.Listen()
	s.inProcess = l.Transport()
	s.serveOn(l)
}

func (s *Server) serveOn(l net.Listener) {
	go func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.config.Logger.Error("emulator: the listener failed", "error", err)
		}
	}()
}

// Listen opens a TCP port, such as "127.0.0.1:4155"; port 0 picks a free one. URL says where it is afterwards.
func (s *Server) Listen(address string) error {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.URL != "" {
		_ = l.Close()
		return fmt.Errorf("the emulator listens on %s already", s.URL)
	}
	s.URL = "http://" + reachable(l.Addr())
	s.serveOn(l)
	return nil
}

// reachable is the address under which a listener can be reached from its own machine: one that listens everywhere is
// reached by the loopback.
func reachable(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return a.String()
}

// noteConnection keeps the connections on which no request has come yet. http.Server.Shutdown takes them for busy, and a
// browser opens some in advance.
func (s *Server) noteConnection(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(s.unused, c)
	case s.closed:
		_ = c.Close()
	default:
		s.unused[c] = struct{}{}
	}
}

func (s *Server) closeUnused() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.unused {
		_ = c.Close()
	}
}

// Close stops the emulator, as httptest.Server.Close stops a server, but not without bound. It ends the live streams,
// waits for the jobs and then the requests under way, Config.CloseTimeout at most, and gives up the others: the error names
// them. A request whose caller has stalled is given up without an error. Closing again does nothing.
func (s *Server) Close() (err error) {
	s.closing.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), s.config.CloseTimeout)
		defer cancel()
		close(s.stopped)
		var givenUp []string
		for _, job := range s.outbox.Shutdown(ctx) { // jobs first: what they ask of others may come back as requests
			givenUp = append(givenUp, "job "+job)
		}
		s.closeUnused()
		if s.http.Shutdown(ctx) != nil {
			givenUp = append(givenUp, s.traffic.UnderWay()...)
			_ = s.http.Close() // its error is that of a listener, which is closed already
		}
		err = s.outbox.Close()
		if len(givenUp) > 0 {
			err = errors.Join(fmt.Errorf("given up after %s: %s", s.config.CloseTimeout, strings.Join(givenUp, ", ")), err)
		}
	})
	return err
}

// limitBody gives the body of a request a time to arrive in. Where it is read, what comes too late is an error.
func limitBody(w http.ResponseWriter, r *http.Request, limit time.Duration) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	connection := http.NewResponseController(w)
	if connection.SetReadDeadline(time.Now().Add(limit)) == nil { // it cannot be set where ServeHTTP is called without net/http
		r.Body = &limitedBody{r.Body, connection}
	}
}

type limitedBody struct {
	io.ReadCloser
	connection *http.ResponseController
}

// Read lifts the limit when the body has ended: what waits for the connection afterwards notices that the caller has gone,
// and must not take the end of the limit for that.
func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		_ = b.connection.SetReadDeadline(time.Time{}) // an error means that the connection has ended
	}
	return n, err
}
