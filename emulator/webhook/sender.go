// Package webhook sends Twilio's requests to a customer's server: a signed form over POST or GET.
//
// It does not decide what is sent, whether it is retried, or what the answer means: that is the business of the caller,
// which hands over a [Request] and gets a [Response]. A failure to get an answer is an *[Error] with Twilio's debugger
// code.
package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Codes of Twilio's debugger for a webhook that got no usable answer. Reference: WhatsApp and messaging, 2.5.
const (
	CodeRetrievalFailure = 11200 // an answer with status 4xx or 5xx
	CodeConnection       = 11205 // no connection, or no answer in time
	CodeTooManyRedirects = 11215
	CodeMalformedURL     = 11321
)

// MaxResponse is the number of bytes that are read of an answer; Twilio documents 64 KB for TwiML.
const MaxResponse = 64 << 10

// maxRedirects is how often an answer 3xx is followed.
const maxRedirects = 10

// Request is one webhook.
type Request struct {
	// URL as it was configured; a fragment (connection overrides) is neither sent nor signed.
	URL string
	// Method is POST or GET, in any case; empty means POST. With GET the parameters go into the query.
	Method string
	Params url.Values
	// AuthToken signs the request.
	AuthToken string
	// IdempotencyToken is the same for every attempt of one delivery.
	IdempotencyToken string
	// Timeout for the whole exchange in real time; 0 means 15 s, Twilio's limit for messaging webhooks.
	Timeout time.Duration
}

// Response is the answer. Body holds MaxResponse bytes at most.
type Response struct {
	Status      int
	ContentType string
	Body        []byte
}

// Error says why a webhook has no answer.
type Error struct {
	// Code is Twilio's debugger code.
	Code int
	URL  string
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("webhook %s: %d: %v", e.URL, e.Code, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// Sender sends webhooks. The zero Sender uses http.DefaultTransport.
type Sender struct {
	// Transport is the emulator's edge to the outside: recording and faults are wrapped around it.
	Transport http.RoundTripper
}

// Send sends one webhook and returns the answer, whatever its status. Redirects are followed, each signed for its own
// URL. The error is an *Error.
func (s *Sender) Send(ctx context.Context, r Request) (Response, error) {
	timeout := r.Timeout
	if timeout == 0 {
		timeout = 15 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	target, err := ParseURL(r.URL)
	if err != nil {
		return Response{}, &Error{Code: CodeMalformedURL, URL: r.URL, Err: err}
	}
	method, params := strings.ToUpper(r.Method), r.Params
	for range maxRedirects {
		answer, location, err := s.once(ctx, target, method, Request{
			Params: params, AuthToken: r.AuthToken, IdempotencyToken: r.IdempotencyToken})
		if err != nil {
			return Response{}, &Error{Code: CodeConnection, URL: target.String(), Err: plain(err, timeout)}
		}
		if location == "" {
			return answer, nil
		}
		next, err := target.Parse(location)
		if err != nil || next.Host == "" {
			return Response{}, &Error{Code: CodeMalformedURL, URL: location, Err: errors.New("redirected to a URL that is none")}
		}
		target = next
		if answer.Status != http.StatusTemporaryRedirect && answer.Status != http.StatusPermanentRedirect {
			method, params = http.MethodGet, nil
		}
	}
	return Response{}, &Error{Code: CodeTooManyRedirects, URL: r.URL, Err: fmt.Errorf("more than %d redirects", maxRedirects)}
}

// once makes one request; location is where a redirect leads.
func (s *Sender) once(ctx context.Context, target *url.URL, method string, r Request) (_ Response, location string, _ error) {
	req, err := newRequest(ctx, target, method, r)
	if err != nil {
		return Response{}, "", err
	}
	transport := s.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return Response{}, "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxResponse))
	if err != nil {
		return Response{}, "", err
	}
	if res.StatusCode >= 300 && res.StatusCode < 400 {
		location = res.Header.Get("Location")
	}
	return Response{Status: res.StatusCode, ContentType: res.Header.Get("Content-Type"), Body: body}, location, nil
}

func newRequest(ctx context.Context, target *url.URL, method string, r Request) (*http.Request, error) {
	address := *target
	var body io.Reader
	signed := url.Values(nil)
	if method == http.MethodGet {
		if encoded := r.Params.Encode(); encoded != "" {
			address.RawQuery = strings.TrimPrefix(address.RawQuery+"&"+encoded, "&")
		}
	} else {
		method, body, signed = http.MethodPost, strings.NewReader(r.Params.Encode()), r.Params
	}
	req, err := http.NewRequestWithContext(ctx, method, address.String(), body)
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	if user := target.User; user != nil {
		password, _ := user.Password()
		req.SetBasicAuth(user.Username(), password)
	}
	req.Header.Set("Accept", "*/*")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("I-Twilio-Idempotency-Token", r.IdempotencyToken)
	req.Header.Set("X-Home-Region", "us1")
	req.Header.Set(SignatureHeader, Sign(r.AuthToken, address.String(), signed))
	return req, nil
}

// ParseURL checks that a webhook's URL is an absolute http or https URL, and returns it without its fragment.
func ParseURL(raw string) (*url.URL, error) {
	raw, _, _ = strings.Cut(raw, "#")
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%q is not a URL", raw)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is not an absolute http or https URL", raw)
	}
	return u, nil
}

// plain turns a transport's error into words for a person.
func plain(err error, timeout time.Duration) error {
	var timedOut net.Error
	if errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timedOut) && timedOut.Timeout()) {
		return fmt.Errorf("no answer within %s: %w", timeout, err)
	}
	return err
}
