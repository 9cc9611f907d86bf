package bridge

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/twilio/twilio-go/client"
	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// callTimeout bounds one exchange with Twilio, as twilio-go's own client does.
const callTimeout = 10 * time.Second

// twilio makes the calls of the bridge: through twilio-go where that knows the resource, through http where it does not.
type twilio struct {
	account  client.Credentials
	override client.BaseClient // Config.Client; nil: the bridge's own
	apiURL   *url.URL          // Config.APIURL; nil: Twilio's hosts
	http     *http.Client
	metrics  Metrics
	pace     *pace
	refused  atomic.Bool // the last call that was answered had wrong credentials

	transfers chan struct{} // one for each attachment that may be moved at once
}

func newTwilio(config Config, pace *pace) *twilio {
	apiURL, _ := absoluteURL(config.APIURL)
	httpClient := config.HTTPClient
	if httpClient == nil {
		httpClient = &http.Client{Transport: newTransport()}
	}
	return &twilio{
		account:  client.Credentials{Username: config.AccountSID, Password: config.AuthToken},
		override: config.Client,
		apiURL:   apiURL,
		http:     httpClient,
		metrics:  config.Metrics,
		pace:     pace,

		transfers: make(chan struct{}, mediaTransfers),
	}
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: callTimeout,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   64,
	}
}

// conversations returns twilio-go's Conversations service for one piece of work: its calls end with ctx and, for at
// most budget, are tried again where the failed attempt cannot have had an effect. A budget of 0 allows one attempt.
func (t *twilio) conversations(ctx context.Context, budget time.Duration) *conversations.ApiService {
	r := &requester{ctx: ctx, pace: t.pace, budget: budget, called: t.called, BaseClient: t.override}
	if r.BaseClient == nil {
		r.exchange = &exchange{ctx: ctx, pace: t.pace, client: t.http, apiURL: t.apiURL}
		account := t.account
		r.BaseClient = &client.Client{
			Credentials: &account,
			HTTPClient:  &http.Client{Transport: r.exchange, CheckRedirect: lastResponse},
		}
	}
	return conversations.NewApiServiceWithClient(r)
}

// called counts an exchange with Twilio.
func (t *twilio) called(operation string, status int, took time.Duration) {
	t.metrics.Call(operation, status, took)
	if status != 0 {
		t.refused.Store(status == http.StatusUnauthorized)
	}
}

// transportOf returns what c sends requests with.
func transportOf(c *http.Client) http.RoundTripper {
	if c.Transport == nil {
		return http.DefaultTransport
	}
	return c.Transport
}

func lastResponse(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// requester is the client.BaseClient of one piece of work. It adds what twilio-go leaves out: a context, and another
// attempt after 429, 503 and failed connections, no sooner than Retry-After asks.
//
// A context stands in the struct because twilio-go's calls take none.
type requester struct {
	client.BaseClient
	ctx      context.Context
	pace     *pace
	budget   time.Duration // for all attempts of one call; 0: one attempt
	exchange *exchange     // nil with Config.Client, which hides status and Retry-After
	called   func(operation string, status int, took time.Duration)
}

// SendRequest implements client.BaseClient. Its error is always a *callError.
func (r *requester) SendRequest(method, rawURL string, data url.Values, headers map[string]any, body ...byte) (*http.Response, error) {
	operation := method + " " + route(rawURL)
	attempt := func() (*http.Response, error) {
		if err := r.ctx.Err(); err != nil {
			return nil, backoff.Permanent(newCallError(operation, err))
		}
		began := time.Now()
		response, err := r.BaseClient.SendRequest(method, rawURL, data, headers, body...)
		if err == nil {
			r.called(operation, response.StatusCode, time.Since(began))
			return response, nil
		}
		failed := newCallError(operation, err)
		r.exchange.describe(failed)
		r.called(operation, failed.status, time.Since(began))
		if r.budget == 0 || !failed.harmless() {
			return nil, backoff.Permanent(failed)
		}
		return nil, failed
	}
	response, err := retry(r.ctx, r.pace, patience{waits: callBackOff(), budget: r.budget}, attempt)
	if err != nil {
		return nil, newCallError(operation, err)
	}
	return response, nil
}

// callBackOff waits 250 ms at first and 4 s at most between the attempts of one call.
func callBackOff() backoff.BackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier = 250*time.Millisecond, 4*time.Second, 2
	return b
}

// route returns the path of a call without its identifiers, for logs and metrics.
func route(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	segments := strings.Split(u.Path, "/")
	for i, s := range segments {
		if !routeWords[s] {
			segments[i] = "{sid}"
		}
	}
	return strings.Join(segments, "/")
}

// routeWords are the fixed segments of the paths that the bridge calls.
var routeWords = map[string]bool{
	"": true, "v1": true, "v2": true, "2010-04-01": true, "Accounts": true, "Conversations": true, "Participants": true,
	"Messages": true, "Messages.json": true, "Webhooks": true, "ParticipantConversations": true, "Services": true,
	"Media": true, "Flows": true, "Configuration": true,
}

// maxAnswer limits the size of an answer: 8 MiB, more than the largest page of messages.
const maxAnswer = 8 << 20

// exchange is the transport under twilio-go's client: it binds a request to a context, leads it to Config.APIURL, and
// keeps what the SDK drops of an answer. It serves one call at a time.
type exchange struct {
	ctx        context.Context
	pace       *pace
	client     *http.Client
	apiURL     *url.URL
	status     int
	retryAfter time.Duration
}

// RoundTrip implements http.RoundTripper. It reads the whole answer, because twilio-go leaves that of an error open.
func (e *exchange) RoundTrip(request *http.Request) (*http.Response, error) {
	e.status, e.retryAfter = 0, 0
	ctx, cancel := e.pace.withTimeout(e.ctx, callTimeout)
	defer cancel()
	request = request.Clone(ctx)
	if e.apiURL != nil {
		request.URL = leadTo(request.URL, e.apiURL)
		request.Host = ""
	}
	response, err := transportOf(e.client).RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	e.status = response.StatusCode
	e.retryAfter = parseRetryAfter(response.Header.Get("Retry-After"), e.pace.Now())
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

// leadTo returns u on the host and under the path of base. Of Twilio's hosts, conversations and api keep their paths,
// which differ; any other product stands under its own name, e.g. /mcs/v1/Services.
func leadTo(u, base *url.URL) *url.URL {
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
func parseRetryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(0, seconds), int(maxRetryAfter/time.Second))) * time.Second // a Duration does not hold every number
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, at.Sub(now)), maxRetryAfter)
	}
	return 0
}

// maxRetryAfter keeps an absurd Retry-After from stopping a customer's messages for good.
const maxRetryAfter = 10 * time.Minute
