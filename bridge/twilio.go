package bridge

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

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
	refused  atomic.Bool // the last call that was answered had wrong credentials

	transfers chan struct{} // one for each attachment that may be moved at once
}

func newTwilio(config Config) *twilio {
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
	r := &requester{ctx: ctx, budget: budget, called: t.called, BaseClient: t.override}
	if r.BaseClient == nil {
		r.exchange = &exchange{ctx: ctx, client: t.http, apiURL: t.apiURL}
		account := t.account
		r.BaseClient = &client.Client{
			Credentials: &account,
			HTTPClient:  &http.Client{Transport: r.exchange, CheckRedirect: lastResponse},
		}
	}
	return conversations.NewApiServiceWithClient(r)
}

// called is told of every exchange.
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
