package traffic

import (
	"context"
	"errors"
	"fmt"
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

// MarkIgnored notes in the log what of a request was not read. It does nothing for a request that is not recorded.
func MarkIgnored(r *http.Request, what string) {
	if e, ok := r.Context().Value(exchangeKey{}).(*Exchange); ok {
		e.Ignored = what
	}
}

// incoming is a request under way, with what stands around the handler to record it: one allocation for all.
type incoming struct {
	context.Context // of the request
	Exchange
	log     *Log
	caller  caller
	started time.Time
	body    recordedBody
	answer  recorder
	served  bool
}

// Value returns the exchange for its key, and the value of the request's context for others.
func (in *incoming) Value(key any) any {
	if key == (exchangeKey{}) {
		return &in.Exchange
	}
	return in.Context.Value(key)
}

// Handler records the requests to next, and applies the faults for incoming requests.
func (l *Log) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in := &incoming{Context: r.Context(), log: l, started: time.Now(),
			Exchange: Exchange{Direction: In, Method: r.Method, URL: requestURL(r)}}
		in.Request.header = r.Header
		in.answer = recorder{ResponseWriter: w, caller: &in.caller, message: &in.Response, limit: l.config.BodyLimit}
		f := l.begin(&in.Exchange, &in.caller, r)
		defer in.end()
		r = r.WithContext(in)
		if r.Body != nil && r.Body != http.NoBody {
			in.body = recordedBody{ReadCloser: r.Body, caller: &in.caller, message: &in.Request, limit: l.config.BodyLimit}
			in.Request.kept = make([]byte, 0, max(0, min(r.ContentLength, int64(l.config.BodyLimit))))
			r.Body = &in.body
		}
		in.serve(r, next, f)
	})
}

// serve calls next, or applies a fault.
func (in *incoming) serve(r *http.Request, next http.Handler, f *fault) {
	if f == nil {
		next.ServeHTTP(&in.answer, r)
	} else if err := f.serve(&in.answer, r, next); err != nil {
		in.Error = err.Error()
		panic(http.ErrAbortHandler) // net/http's way to close a connection without an answer
	}
	if in.answer.status == 0 {
		in.answer.WriteHeader(http.StatusOK) // what net/http does for a handler that writes nothing
	}
	if in.Unhandled != "" && r.Body != nil { // the handler has not read the body
		_, _ = io.CopyN(io.Discard, r.Body, int64(in.log.config.BodyLimit))
	}
	in.served = true
}

func (in *incoming) end() {
	if !in.served && in.Error == "" {
		in.Error = "the handler gave up (a panic) before the answer was complete"
	}
	in.Duration = time.Since(in.started)
	in.Status = in.answer.status
	in.Response.header = in.answer.Header()
	in.log.end(&in.Exchange)
}

// RoundTripper records the requests that next sends, and applies the faults for outgoing requests. An exchange ends when
// the body of its answer is closed.
func (l *Log) RoundTripper(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		started := time.Now()
		e := &Exchange{Direction: Out, Method: r.Method, URL: r.URL.Redacted()}
		e.Request.header = r.Header.Clone() // its owner may change it for another request
		l.keepRequest(&e.Request, r)
		f := l.begin(e, nil, r)
		defer func() {
			if p := recover(); p != nil { // whoever waits for quiet must not wait for ever
				e.Duration, e.Error = time.Since(started), fmt.Sprintf("the transport panicked: %v", p)
				l.end(e)
				panic(p)
			}
		}()
		var res *http.Response
		var err error
		if f != nil {
			res, err = f.roundTrip(r, next)
		} else {
			res, err = next.RoundTrip(r)
		}
		if err == nil && res == nil {
			err = errors.New("the transport returned neither an answer nor an error")
		}
		if err != nil {
			e.Duration, e.Error = time.Since(started), err.Error()
			l.end(e)
			return nil, err
		}
		if res.Body == nil {
			res.Body = http.NoBody
		}
		e.Status, e.Response.header = res.StatusCode, res.Header.Clone()
		res.Body = &recordedBody{ReadCloser: res.Body, message: &e.Response, limit: l.config.BodyLimit, closed: func() {
			e.Duration = time.Since(started)
			l.end(e)
		}}
		return res, nil
	})
}

// keepRequest keeps the body of an outgoing request from a copy of it: a transport may still read the body itself when
// the answer is there already. A body that cannot be copied (no GetBody) is not kept.
func (l *Log) keepRequest(m *Message, r *http.Request) {
	if r.Body != nil && r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			m.kept, _ = io.ReadAll(io.LimitReader(body, int64(l.config.BodyLimit)))
			_ = body.Close()
		}
	}
	m.Size = max(0, r.ContentLength)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// requestURL is the URL that a client asked for.
func requestURL(r *http.Request) string {
	if r.URL.Scheme != "" {
		return r.URL.Redacted()
	}
	uri := r.RequestURI
	if uri == "" { // made by httptest or by hand
		uri = r.URL.RequestURI()
	}
	if r.TLS != nil {
		return "https://" + r.Host + uri
	}
	return "http://" + r.Host + uri
}
