package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// errItself is the error for a URL that leads to the emulator.
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

// signedPaths begin the paths of links to files: these may be fetched, as nothing follows from it.
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

// overrides has the settings of the connection to a webhook. Twilio's defaults can be changed in the fragment of the URL:
// "#rc=2&rp=5xx,ct&ct=1000". Reference, WhatsApp 2.6; twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
type overrides struct {
	// connect and read are the real time for the connection and for each part of the answer, total that for all attempts.
	connect, read, total time.Duration
	retries              int
	// policy names the failures after which there is another attempt.
	policy []string
}

// Failures that the parameter rp names.
const (
	failed4xx     = "4xx"
	failed5xx     = "5xx"
	failedConnect = "ct"
	failedRead    = "rt"
	failedAll     = "all"
)

// codeOverrides is for a fragment that cannot be obeyed.
const codeOverrides = 11243

// overridable are the values that the parameters may have; times are in milliseconds.
var overridable = map[string]struct{ least, most int }{
	"rc": {0, 5}, "ct": {100, 10_000}, "rt": {100, 15_000}, "tt": {100, 15_000},
}

// connection returns the settings for webhooks whose URL says nothing else.
func (s Switches) connection() overrides {
	timeout := time.Duration(s.WebhookTimeout)
	return overrides{connect: min(5*time.Second, timeout), read: timeout, total: timeout, retries: s.WebhookRetries, policy: []string{failedConnect}}
}

// override returns what the fragment of a URL makes of the defaults, and says in its error which parts it does not
// understand; these change nothing.
func (o overrides) override(rawURL string) (_ overrides, wrong []string) {
	_, fragment, _ := strings.Cut(rawURL, "#")
	for pair := range strings.SplitSeq(fragment, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		value, err := url.QueryUnescape(value)
		if err == nil {
			err = o.set(name, value)
		}
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("connection override %.80q: %v", pair, err))
		}
	}
	return o, wrong
}

// set takes one parameter. The edge location and the server name indication say where real requests come from: here they
// have no meaning.
func (o *overrides) set(name, value string) error {
	switch name {
	case "e":
		return nil
	case "sni":
		if value != "y" && value != "n" {
			return errors.New("it must be y or n")
		}
		return nil
	case "rp":
		return o.setPolicy(value)
	}
	limits, known := overridable[name]
	if !known {
		return errors.New("there is no such parameter; there are rc, rp, ct, rt, tt, e and sni")
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < limits.least || n > limits.most {
		return fmt.Errorf("it must be a whole number from %d to %d", limits.least, limits.most)
	}
	d := time.Duration(n) * time.Millisecond
	switch name {
	case "rc":
		o.retries = n
	case "ct":
		o.connect = d
	case "rt":
		o.read = d
	case "tt":
		o.total = d
	}
	return nil
}

func (o *overrides) setPolicy(value string) error {
	list := strings.Split(value, ",")
	for _, name := range list {
		if !slices.Contains([]string{failed4xx, failed5xx, failedConnect, failedRead, failedAll}, name) {
			return fmt.Errorf("%q is none of 4xx, 5xx, ct, rt, all", name)
		}
	}
	o.policy = list
	return nil
}

// again reports whether there is another attempt after an outcome.
func (o overrides) again(answer webhook.Response, err error) bool {
	failed := failure(answer, err)
	return failed != "" && (slices.Contains(o.policy, failed) || slices.Contains(o.policy, failedAll))
}

// failure returns the name that the parameter rp has for an outcome: "" for success, and "other" for what only "all" includes.
func failure(answer webhook.Response, err error) string {
	var timeout *timeoutError
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &timeout):
		return timeout.phase
	case errors.As(err, &dns), errors.As(err, &op) && op.Op == "dial":
		return failedConnect
	case errors.Is(err, context.DeadlineExceeded):
		return failedRead
	case err != nil:
		return "other"
	case answer.Status >= http.StatusInternalServerError:
		return failed5xx
	case answer.Status >= http.StatusBadRequest:
		return failed4xx
	}
	return ""
}

// timeoutError says that a phase of a request, failedConnect or failedRead, has taken too long.
type timeoutError struct {
	phase string
	after time.Duration
}

func (e *timeoutError) Error() string {
	if e.phase == failedConnect {
		return fmt.Sprintf("no connection within %s", e.after)
	}
	return fmt.Sprintf("no answer within %s", e.after)
}
