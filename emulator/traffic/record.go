package traffic

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// exchangeKey finds the exchange of a request in its context.
type exchangeKey struct{}

// MarkUnhandled notes in the log that a request asks for something of Twilio's that is not emulated. It does nothing
// for a request that is not recorded.
func MarkUnhandled(r *http.Request, what string) {
	if e, ok := r.Context().Value(exchangeKey{}).(*Exchange); ok {
		e.Unhandled = what
	}
}

// Handler records what comes in for next, and applies the faults for incoming requests.
func (l *Log) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		e := &Exchange{Direction: In, Method: r.Method, URL: requestURL(r)}
		e.Request.Header = public(r.Header)
		l.begin(e)
		body := &recordedBody{ReadCloser: r.Body, message: &e.Request, limit: l.config.BodyLimit}
		rec := &recorder{ResponseWriter: w, message: &e.Response, limit: l.config.BodyLimit}
		defer func() {
			e.Duration = time.Since(started)
			e.Status = rec.status
			e.Response.Header = rec.Header().Clone()
			l.end(e)
		}()
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, e))
		r.Body = body
		if f := l.match(In, r); f != nil {
			e.Fault = f.ID
			if f.Drop {
				e.Error = errDropped.Error()
			}
			f.serve(rec, r, next)
		} else {
			next.ServeHTTP(rec, r)
		}
		if rec.status == 0 {
			rec.WriteHeader(http.StatusOK) // what net/http does for a handler that writes nothing
		}
		if e.Unhandled != "" { // nobody has read what was asked for
			_, _ = io.CopyN(io.Discard, body, int64(l.config.BodyLimit))
		}
	})
}

// RoundTripper records what goes out through next, and applies the faults for outgoing requests.
func (l *Log) RoundTripper(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		started := time.Now()
		e := &Exchange{Direction: Out, Method: r.Method, URL: r.URL.Redacted()}
		e.Request.Header = public(r.Header)
		l.begin(e)
		l.keepRequest(&e.Request, r)
		var res *http.Response
		var err error
		if f := l.match(Out, r); f != nil {
			e.Fault = f.ID
			res, err = f.roundTrip(r, next)
		} else {
			res, err = next.RoundTrip(r)
		}
		if err != nil {
			e.Duration, e.Error = time.Since(started), err.Error()
			l.end(e)
			return nil, err
		}
		e.Status, e.Response.Header = res.StatusCode, res.Header.Clone()
		res.Body = &recordedBody{ReadCloser: res.Body, message: &e.Response, limit: l.config.BodyLimit, closed: func() {
			e.Duration = time.Since(started)
			l.end(e)
		}}
		return res, nil
	})
}

// keepRequest keeps the body of an outgoing request from a copy of it: a transport may still read the body itself when
// the answer is there already.
func (l *Log) keepRequest(m *Message, r *http.Request) {
	m.Size = max(0, r.ContentLength)
	if r.GetBody == nil {
		return
	}
	if body, err := r.GetBody(); err == nil {
		kept, _ := io.ReadAll(io.LimitReader(body, int64(l.config.BodyLimit)))
		m.Body = string(kept)
		_ = body.Close()
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// recordedBody keeps the beginning of what is read from a body.
type recordedBody struct {
	io.ReadCloser
	message *Message
	limit   int
	kept    []byte
	closed  func() // called once, at Close; may be nil
}

func (b *recordedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.message.Size += int64(n)
	b.kept = append(b.kept, p[:max(0, min(n, b.limit-len(b.kept)))]...)
	if err != nil {
		b.message.Body = string(b.kept)
	}
	return n, err
}

func (b *recordedBody) Close() error {
	b.message.Body = string(b.kept)
	if b.closed != nil {
		b.closed()
		b.closed = nil
	}
	return b.ReadCloser.Close()
}

// recorder keeps the status and the beginning of the body of an answer.
type recorder struct {
	http.ResponseWriter
	message *Message
	limit   int
	status  int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.message.Size += int64(n)
	if room := r.limit - len(r.message.Body); room > 0 {
		r.message.Body += string(p[:min(n, room)])
	}
	return n, err
}

// Unwrap lets http.ResponseController reach Flush and Hijack.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// public is a copy of headers without credentials.
func public(h http.Header) http.Header {
	h = h.Clone()
	for _, secret := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		if h.Get(secret) != "" {
			h.Set(secret, "(not recorded)")
		}
	}
	return h
}

func requestURL(r *http.Request) string {
	if r.URL.Scheme != "" {
		return r.URL.Redacted()
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + r.URL.RequestURI()
}

// errDropped is what a client sees of a dropped connection in process, where there is no connection to drop.
var errDropped = errors.New("connection dropped by a fault")
