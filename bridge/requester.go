package bridge

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/twilio/twilio-go/client"
)

// requester is the client.BaseClient of one piece of work. It adds what twilio-go leaves out: a context, and another
// attempt after 429, 503 and failed connections, no sooner than Retry-After asks.
//
// A context stands in the struct because twilio-go's calls take none.
type requester struct {
	client.BaseClient
	ctx      context.Context
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
	response, err := backoff.Retry(r.ctx, attempt, backoff.WithMaxElapsedTime(r.budget), backoff.WithBackOff(callBackOff()))
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

// route is the path of a call with its identifiers left out, for logs and metrics.
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
