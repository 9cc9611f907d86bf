package emulator

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// answer is the http.ResponseWriter of a request in process. It hands what is written to the reader of the response.
type answer struct {
	request *http.Request
	header  http.Header
	once    sync.Once
	ready   chan struct{} // closed when status and header are there, or failed
	status  int
	sent    http.Header
	failed  error
	reader  *io.PipeReader
	writer  *io.PipeWriter
}

func newAnswer(r *http.Request) *answer {
	a := &answer{request: r, header: http.Header{}, ready: make(chan struct{})}
	a.reader, a.writer = io.Pipe()
	return a
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	a.once.Do(func() {
		a.status, a.sent = status, a.header.Clone()
		close(a.ready)
	})
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.writer.Write(p)
}

// Flush does nothing: what is written can be read at once.
func (a *answer) Flush() {}

// finish ends the answer when the handler has returned or panicked.
func (a *answer) finish(panicked any) {
	var err error
	switch panicked {
	case nil:
		a.WriteHeader(http.StatusOK)
	case http.ErrAbortHandler: // a sentinel that is never wrapped
		err = errors.New("the connection was closed without an answer")
	default:
		err = fmt.Errorf("the emulator panicked: %v", panicked)
	}
	if err != nil {
		a.once.Do(func() {
			a.failed = err
			close(a.ready)
		})
	}
	_ = a.writer.CloseWithError(err)
}

func (a *answer) response() *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: a.sent, Body: a.reader, ContentLength: -1, Request: a.request,
	}
}
