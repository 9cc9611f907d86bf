package whatsapp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// errItself is what becomes of a URL that leads to the emulator.
var errItself = errors.New("the URL leads back to the emulator itself, which does not call itself: set the URL of your own server")

// outward is the transport of one account's webhook about one phone: it keeps the connection's times and the cookies, and
// does not let the emulator call itself, by redirects neither.
type outward struct {
	sandbox *Sandbox
	limits  overrides
	jar     cookieJar
}

func (o outward) RoundTrip(r *http.Request) (*http.Response, error) {
	if o.sandbox.itself(r.URL) {
		return nil, errItself
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	timer := &phaseTimer{cancel: cancel}
	timer.start(failedRead, o.limits.read) // for a transport without connections
	r = r.Clone(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { timer.start(failedConnect, o.limits.connect) },
		GotConn: func(httptrace.GotConnInfo) { timer.start(failedRead, o.limits.read) },
	}))
	if err := o.jar.send(r); err != nil {
		timer.stop()
		return nil, err
	}
	next := o.sandbox.transport
	if next == nil {
		next = http.DefaultTransport
	}
	res, err := next.RoundTrip(r)
	if err != nil {
		timer.stop()
		return nil, timedOut(ctx, err)
	}
	res.Body = &timedBody{ReadCloser: res.Body, ctx: ctx, timer: timer, limit: o.limits.read}
	if err := o.jar.keep(r, res); err != nil {
		_ = res.Body.Close()
		return nil, err
	}
	return res, nil
}

// timedOut is the error of the phase that has taken too long, if that is what ended a request; else err.
func timedOut(ctx context.Context, err error) error {
	var timeout *timeoutError
	if errors.As(context.Cause(ctx), &timeout) {
		return timeout
	}
	return err
}

// phaseTimer ends a request when its present phase takes too long.
type phaseTimer struct {
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	timer   *time.Timer
	stopped bool
}

// start begins a phase, and ends the one before.
func (t *phaseTimer) start(phase string, limit time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return
	}
	if t.timer != nil {
		t.timer.Stop()
	}
	t.timer = time.AfterFunc(limit, func() { t.cancel(&timeoutError{phase, limit}) })
}

func (t *phaseTimer) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped = true
	t.timer.Stop()
	t.cancel(nil)
}

// timedBody gives every part of an answer the time that the first had.
type timedBody struct {
	io.ReadCloser
	ctx   context.Context
	timer *phaseTimer
	limit time.Duration
}

func (b *timedBody) Read(p []byte) (int, error) {
	b.timer.start(failedRead, b.limit)
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = timedOut(b.ctx, err)
	}
	return n, err
}

func (b *timedBody) Close() error {
	b.timer.stop()
	return b.ReadCloser.Close()
}

// signedPaths are where links to files lead: these may be fetched, as nothing follows from it.
var signedPaths = []string{"/media/", "/mms/"}

// itself reports whether a URL leads to this emulator.
func (s *Sandbox) itself(u *url.URL) bool {
	own, err := url.Parse(s.mediaURL())
	signed := slices.ContainsFunc(signedPaths, func(path string) bool { return strings.HasPrefix(u.Path, path) })
	if err != nil || signed || portOf(u) != portOf(own) {
		return false
	}
	return strings.EqualFold(u.Hostname(), own.Hostname()) || loopback(u.Hostname()) && loopback(own.Hostname())
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}
