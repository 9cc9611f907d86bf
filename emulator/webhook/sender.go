// Package webhook sends Twilio's requests to a customer's server: a signed form over POST or GET.
//
// The caller decides what is sent, whether it is retried, and what the answer means: it hands over a [Request] and gets a
// [Response]. A failure to get an answer is an *[Error] with Twilio's debugger
// code.
package webhook

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// MaxResponse is the number of bytes that are read of an answer; Twilio documents 64 KB for TwiML.
const MaxResponse = 64 << 10

// maxRedirects is the number of answers 3xx that are followed.
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
	// Timeout for the whole exchange in real time, redirects included; 0 means 15 s, Twilio's limit for messaging webhooks.
	Timeout time.Duration
}

// Response is the answer.
type Response struct {
	Status      int
	ContentType string
	// Body holds MaxResponse bytes at most; Truncated says that there were more.
	Body      []byte
	Truncated bool
}

// Sender sends webhooks. The zero Sender uses http.DefaultTransport.
type Sender struct {
	// Transport is the emulator's edge to the outside: recording and faults are wrapped around it.
	Transport http.RoundTripper
}

// attempt is one request of a chain of redirects.
type attempt struct {
	Request
	target *url.URL
}

// Send sends one webhook and returns the answer, whatever its status. Redirects are followed, each signed for its own
// URL: 307 and 308 with the same method and parameters, 301, 302 and 303 by a GET without. The error is an *Error.
func (s *Sender) Send(ctx context.Context, r Request) (Response, error) {
	if r.Timeout == 0 {
		r.Timeout = 15 * time.Second
	}
	if r.Method = strings.ToUpper(r.Method); r.Method == "" {
		r.Method = http.MethodPost
	}
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		return Response{}, fail(CodeMethod, r.URL, fmt.Errorf("method %q: it must be POST or GET", r.Method))
	}
	target, err := ParseURL(r.URL)
	if err != nil {
		return Response{}, fail(CodeMalformedURL, r.URL, err)
	}
	limited, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	a := attempt{r, target}
	for range maxRedirects + 1 {
		answer, location, err := s.once(limited, a)
		if err != nil {
			code, reason := explain(ctx, err, r.Timeout)
			return Response{}, fail(code, a.target.String(), reason)
		}
		if location == "" {
			return answer, nil
		}
		next, err := follow(a.target, location)
		if err != nil {
			return Response{}, fail(CodeMalformedURL, a.target.String(), fmt.Errorf("it redirects to a URL that is none: %w", err))
		}
		a.target = next
		if answer.Status != http.StatusTemporaryRedirect && answer.Status != http.StatusPermanentRedirect {
			a.Method, a.Params = http.MethodGet, nil
		}
	}
	return Response{}, fail(CodeTooManyRedirects, r.URL, fmt.Errorf("more than %d redirects", maxRedirects))
}

// once makes one request; location is where a redirect leads.
func (s *Sender) once(ctx context.Context, a attempt) (_ Response, location string, _ error) {
	req, err := a.newRequest(ctx)
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
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxResponse+1))
	if err != nil {
		return Response{}, "", err
	}
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		location = res.Header.Get("Location")
	}
	return Response{Status: res.StatusCode, ContentType: res.Header.Get("Content-Type"),
		Body: body[:min(len(body), MaxResponse)], Truncated: len(body) > MaxResponse}, location, nil
}

func (a attempt) newRequest(ctx context.Context) (*http.Request, error) {
	address := *a.target
	var body io.Reader
	var signed url.Values
	if a.Method == http.MethodGet {
		if encoded := a.Params.Encode(); encoded != "" {
			address.RawQuery = strings.TrimPrefix(address.RawQuery+"&"+encoded, "&")
		}
	} else {
		body, signed = strings.NewReader(a.Params.Encode()), a.Params
	}
	req, err := http.NewRequestWithContext(ctx, a.Method, address.String(), body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	if user := a.target.User; user != nil {
		password, _ := user.Password()
		req.SetBasicAuth(user.Username(), password)
	}
	req.Header.Set("Accept", "*/*")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("X-Home-Region", "us1")
	if a.IdempotencyToken != "" {
		req.Header.Set("I-Twilio-Idempotency-Token", a.IdempotencyToken)
	}
	req.Header.Set(SignatureHeader, Sign(a.AuthToken, address.String(), signed))
	return req, nil
}
