package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// Client talks to a running emulator. It may be used from any goroutine.
type Client struct {
	base string
	http *http.Client
}

// NewClient returns a client of the emulator at a base URL such as http://127.0.0.1:4155; httpClient may be nil.
func NewClient(baseURL string, httpClient *http.Client) *Client {
	if httpClient == nil {
		httpClient = &http.Client{}
	}
	return &Client{base: strings.TrimSuffix(baseURL, "/"), http: httpClient}
}

// URL is the base URL of the emulator, without trailing slash.
func (c *Client) URL() string { return c.base }

// Error is a refusal of the control API.
type Error struct {
	Status  int    `json:"-"`
	Message string `json:"error"`
}

func (e *Error) Error() string { return e.Message }

func badInput(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) *Error {
	return &Error{Status: http.StatusNotFound, Message: fmt.Sprintf(format, args...)}
}

// UnreachableError reports that no emulator answers at a URL: nothing does, or another program.
type UnreachableError struct {
	URL string
	Err error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no emulator answers at %s: start one with `cloudforgot up`, or name another with --url", webhook.Redacted(e.URL))
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// errStranger is the reason of an UnreachableError when another program has answered.
var errStranger = errors.New("another program answers there")

// request sends one request; the caller closes the answer's body. An answer of 400 and above is an *Error, and one that is
// not the emulator's an *UnreachableError.
func (c *Client) request(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var payload io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		payload = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+Prefix+path, payload)
	if err != nil {
		return nil, fmt.Errorf("%q is not the URL of an emulator: %w", c.base, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	var failed *url.Error
	switch {
	case ctx.Err() != nil:
		if err == nil {
			_ = res.Body.Close() // the answer came as ctx ended
		}
		return nil, ctx.Err()
	case errors.As(err, &failed):
		return nil, &UnreachableError{URL: c.base, Err: failed.Err}
	case err != nil:
		return nil, err
	}
	if res.StatusCode < http.StatusBadRequest {
		return res, nil
	}
	defer func() { _ = res.Body.Close() }()
	refused := &Error{Status: res.StatusCode}
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(refused); err != nil || refused.Message == "" {
		return nil, &UnreachableError{URL: c.base, Err: errStranger}
	}
	return nil, refused
}

// check is nil for an answer of a content type, and an *UnreachableError for what another program answers.
func (c *Client) check(res *http.Response, contentType string) error {
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")) // what cannot be read is no type of the emulator's
	if kind != contentType {
		return &UnreachableError{URL: c.base, Err: errStranger}
	}
	return nil
}

// do sends one request and decodes the answer into out, unless that is nil.
func (c *Client) do(ctx context.Context, method, path string, body, out any) error {
	res, err := c.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if err := c.check(res, "application/json"); err != nil || out == nil {
		return err
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return fmt.Errorf("%s%s%s: the answer is not the expected JSON: %w", c.base, Prefix, path, err)
	}
	return nil
}
