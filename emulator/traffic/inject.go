package traffic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// errDropped and errLeft say why a request has no answer.
var (
	errDropped = errors.New("connection dropped by a fault")
	errLeft    = errors.New("the client had gone when the delay of a fault was over")
)

// readLimit bounds what is read of a body that nobody asks for.
const readLimit = 1 << 20

// serve applies the fault to an incoming request. After an error the connection is closed without an answer.
func (f *fault) serve(w *recorder, r *http.Request, next http.Handler) error {
	held := &heldAnswer{header: http.Header{}, status: http.StatusOK}
	if f.After {
		next.ServeHTTP(held, r)
	}
	if f.Delay > 0 {
		readAhead(r)
		w.caller.held.Store(time.Now().Add(f.Delay).UnixNano())
		err := wait(r.Context(), f.Delay)
		w.caller.held.Store(0)
		if err != nil {
			return errLeft
		}
	}
	switch {
	case f.Drop:
		drain(r.Body)
		return errDropped
	case f.Status != 0:
		drain(r.Body)
		body, header := f.answer()
		maps.Copy(w.Header(), header)
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, body) //nolint:gosec // the body is the fault's own, as JSON; it fails where a status has none
	case f.After:
		held.send(w)
	default:
		next.ServeHTTP(w, r)
	}
	return nil
}

// readAhead takes the body of a request in, because net/http notices that a client has gone only behind the body.
func readAhead(r *http.Request) {
	if r.Body == nil {
		return
	}
	ahead, _ := io.ReadAll(io.LimitReader(r.Body, readLimit)) // an error comes again at the next reading
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(ahead), r.Body), r.Body}
}

// drain reads a body, so that it is recorded.
func drain(body io.Reader) {
	if body != nil {
		_, _ = io.CopyN(io.Discard, body, readLimit)
	}
}

// roundTrip applies the fault to an outgoing request.
func (f *fault) roundTrip(r *http.Request, next http.RoundTripper) (*http.Response, error) {
	if f.Delay > 0 && !f.After {
		if err := wait(r.Context(), f.Delay); err != nil {
			return nil, errors.Join(err, closeBody(r))
		}
	}
	switch {
	case f.Drop && !f.After:
		return nil, errors.Join(errDropped, closeBody(r))
	case f.Status != 0 && !f.After:
		return f.response(r), closeBody(r)
	case f.Duplicate:
		again, err := sendFirst(r, next)
		if err != nil {
			return nil, err
		}
		r = again
	}
	res, err := next.RoundTrip(r)
	if err != nil || !f.After {
		return res, err
	}
	if f.Delay > 0 {
		if err := wait(r.Context(), f.Delay); err != nil {
			return nil, errors.Join(err, res.Body.Close())
		}
	}
	switch {
	case f.Drop:
		return nil, errors.Join(errDropped, res.Body.Close())
	case f.Status != 0:
		return f.response(r), res.Body.Close()
	}
	return res, nil
}

// closeBody does what a transport must do with the body of a request that it does not send.
func closeBody(r *http.Request) error {
	if r.Body == nil {
		return nil
	}
	return r.Body.Close()
}

// sendFirst sends a request once, whatever comes of it, and returns another of the same kind.
func sendFirst(r *http.Request, next http.RoundTripper) (*http.Request, error) {
	first, second := r.Clone(r.Context()), r.Clone(r.Context())
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err := errors.Join(err, r.Body.Close()); err != nil {
			return nil, err
		}
		first.Body, second.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
	}
	if res, err := next.RoundTrip(first); err == nil {
		drain(res.Body)
		_ = res.Body.Close()
	}
	return second, nil
}

func (f *fault) response(r *http.Request) *http.Response {
	body, header := f.answer()
	return &http.Response{
		Status: fmt.Sprintf("%d %s", f.Status, http.StatusText(f.Status)), StatusCode: f.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: header,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// answer is the body of a fault with a status, and the header that goes with it.
func (f *fault) answer() (body string, header http.Header) {
	header = http.Header{}
	body, contentType := f.content()
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	if f.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(f.RetryAfter/time.Second)))
	}
	return body, header
}

// content is that body, and its type.
func (f *fault) content() (body, contentType string) {
	switch {
	case strings.HasPrefix(f.Body, "{"), strings.HasPrefix(f.Body, "["):
		return f.Body, "application/json"
	case strings.HasPrefix(f.Body, "<"):
		return f.Body, "text/xml; charset=utf-8"
	case f.Body != "":
		return f.Body, "text/plain; charset=utf-8"
	case f.Status < http.StatusBadRequest:
		return "", ""
	case f.Direction == Out:
		return http.StatusText(f.Status), "text/plain; charset=utf-8"
	}
	code := twilioCode(f.Status)
	return fmt.Sprintf(`{"code":%d,"message":%q,"more_info":"https://www.twilio.com/docs/errors/%d","status":%d}`,
		code, http.StatusText(f.Status), code, f.Status), "application/json"
}

// twilioCode is Twilio's general code for a status: 20404, 20429, 20500, 20503 and so on, but for three.
func twilioCode(status int) int {
	switch status {
	case http.StatusBadRequest:
		return 20001
	case http.StatusUnauthorized:
		return 20003
	case http.StatusMethodNotAllowed:
		return 20004
	}
	return 20000 + status
}

// wait returns after a real time, or earlier with ctx's error.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// heldAnswer keeps an answer back, or for good.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *heldAnswer) Header() http.Header         { return h.header }
func (h *heldAnswer) Write(p []byte) (int, error) { return h.body.Write(p) }
func (h *heldAnswer) WriteHeader(status int)      { h.status = status }

func (h *heldAnswer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), h.header)
	w.WriteHeader(h.status)
	_, _ = h.body.WriteTo(w) // it fails where the client has gone
}
