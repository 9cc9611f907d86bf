package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// Codes of Twilio's debugger for a webhook that got no usable answer. Reference: WhatsApp and messaging, 2.5.
const (
	CodeRetrievalFailure = 11200 // an answer with status 4xx or 5xx
	CodeConnection       = 11205 // no connection, or no answer in time
	CodeProtocol         = 11206 // http where https was expected
	CodeTooManyRedirects = 11215
	CodeMalformedURL     = 11321
	CodeMethod           = 11322
)

// Error says why a webhook has no answer.
type Error struct {
	// Code is Twilio's debugger code.
	Code int
	// URL that was asked, without the password that may be in it.
	URL string
	// Err is the reason as a sentence. It wraps the error of the transport.
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("webhook %s: %d: %v", e.URL, e.Code, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

func fail(code int, rawURL string, err error) *Error {
	return &Error{Code: code, URL: Redacted(rawURL), Err: err}
}

// reason is an error with a text of its own that wraps its cause.
type reason struct {
	text  string
	cause error
}

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.cause }

// explain returns Twilio's code for a transport's error, and the error with a text that says what to look at. ctx is the
// caller's, without the timeout.
func explain(ctx context.Context, err error, timeout time.Duration) (code int, _ error) {
	var timed net.Error
	var dns *net.DNSError
	var op *net.OpError
	var noTLS tls.RecordHeaderError
	text := ""
	switch {
	case ctx.Err() != nil:
		text = "given up before there was an answer"
	case errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timed) && timed.Timeout()):
		text = fmt.Sprintf("no answer within %s", timeout)
	case errors.As(err, &dns) && dns.IsNotFound:
		text = fmt.Sprintf("there is no host named %q", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		text = "nothing listens there (connection refused); is the server running?"
	case errors.As(err, &op) && op.Op == "dial":
		text = fmt.Sprintf("no connection: %v", op.Err)
	case errors.As(err, &noTLS):
		return CodeProtocol, &reason{"the URL says https, but the server answers in plain http", err}
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET):
		text = "the server closed the connection before it had answered"
	default:
		return CodeConnection, err
	}
	return CodeConnection, &reason{text, err}
}
