package bridge

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxAnswer is more than the largest page of messages: 8 MiB.
const maxAnswer = 8 << 20

// exchange is the transport under twilio-go's client: it binds a request to a context, leads it to Config.APIURL, and
// keeps what the SDK drops of an answer. It serves one call at a time.
type exchange struct {
	ctx        context.Context
	client     *http.Client
	apiURL     *url.URL
	status     int
	retryAfter time.Duration
}

// RoundTrip implements http.RoundTripper. It reads the whole answer, because twilio-go leaves that of an error open.
func (e *exchange) RoundTrip(request *http.Request) (*http.Response, error) {
	e.status, e.retryAfter = 0, 0
	ctx, cancel := context.WithTimeout(e.ctx, callTimeout)
	defer cancel()
	request = request.Clone(ctx)
	if e.apiURL != nil {
		request.URL = lead(request.URL, e.apiURL)
		request.Host = ""
	}
	response, err := transportOf(e.client).RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	e.status = response.StatusCode
	e.retryAfter = parseRetryAfter(response.Header.Get("Retry-After"))
	read, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(read))
	return response, nil
}

// describe adds to failed what twilio-go left out of its error.
func (e *exchange) describe(failed *callError) {
	if e == nil {
		return
	}
	if failed.status == 0 {
		failed.status = e.status
	}
	failed.retryAfter = e.retryAfter
}

// lead returns u on the host and under the path of base. Of Twilio's hosts, conversations and api keep their paths,
// which differ; any other product stands under its own name, e.g. /mcs/v1/Services.
func lead(u, base *url.URL) *url.URL {
	if u.Host == base.Host {
		return u // a link out of an earlier answer leads there already
	}
	led := *u
	led.Scheme, led.Host = base.Scheme, base.Host
	prefix := strings.TrimSuffix(base.Path, "/")
	if product, _, _ := strings.Cut(u.Host, "."); product != "conversations" && product != "api" {
		prefix += "/" + product
	}
	led.Path = prefix + u.Path
	if u.RawPath != "" {
		led.RawPath = prefix + u.RawPath
	}
	return &led
}

// parseRetryAfter reads the header's seconds or date; 0 when it is absent, past or not understood.
func parseRetryAfter(value string) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil {
		return min(max(0, time.Duration(seconds)*time.Second), maxRetryAfter)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, time.Until(at)), maxRetryAfter)
	}
	return 0
}

// maxRetryAfter keeps an absurd Retry-After from stopping a customer's messages for good.
const maxRetryAfter = 10 * time.Minute
