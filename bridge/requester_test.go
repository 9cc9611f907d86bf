package bridge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twilio/twilio-go/client"
)

// scripted is a client.BaseClient that fails as told, and then succeeds.
type scripted struct {
	client.BaseClient
	fail  []error
	calls int
}

func (s *scripted) SendRequest(string, string, url.Values, map[string]any, ...byte) (*http.Response, error) {
	s.calls++
	if s.calls <= len(s.fail) {
		return nil, s.fail[s.calls-1]
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

func TestRequesterTriesAgain(t *testing.T) {
	t.Parallel()
	rest := func(status int) error { return &client.TwilioRestError{Status: status, Code: 20000 + status} }
	dial := &url.Error{Op: "Post", URL: "https://x/?Address=secret", Err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}
	read := &url.Error{Op: "Post", URL: "https://x/?Address=secret", Err: &net.OpError{Op: "read", Err: errors.New("connection reset")}}
	tests := []struct {
		name  string
		fail  []error
		calls int
		ok    bool
	}{
		{"429 twice", []error{rest(429), rest(429)}, 3, true},
		{"503", []error{rest(503)}, 2, true},
		{"no connection", []error{dial}, 2, true},
		{"wrapped", []error{fmt.Errorf("while calling: %w", dial)}, 2, true},
		{"500", []error{rest(500)}, 1, false},
		{"400", []error{rest(400)}, 1, false},
		{"broken connection", []error{read}, 1, false},
		{"timeout", []error{context.DeadlineExceeded}, 1, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{fail: test.fail}
				r := &requester{BaseClient: s, ctx: t.Context(), budget: 10 * time.Second, called: noMetrics{}.Call, pace: newPace(nil)}
				response, err := r.SendRequest("POST", "https://conversations.twilio.com/v1/Conversations", nil, nil)
				if (err == nil) != test.ok || s.calls != test.calls {
					t.Errorf("%d calls, %v; want %d", s.calls, err, test.calls)
				}
				if failed := new(callError); err != nil && (!errors.As(err, &failed) || strings.Contains(err.Error(), "secret")) {
					t.Errorf("error %v", err)
				}
				if response != nil {
					response.Body.Close()
				}
			})
		})
	}
}

func TestRequesterEnds(t *testing.T) {
	t.Parallel()
	always := make([]error, 0, 100)
	for range 100 {
		always = append(always, &client.TwilioRestError{Status: 503})
	}
	tests := map[string]struct {
		budget  time.Duration
		stopped bool
		calls   int // at most
	}{
		"one attempt":  {0, false, 1},
		"budget spent": {300 * time.Millisecond, false, 2},
		"work stopped": {time.Hour, true, 0},
	}
	for name, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.stopped {
				cancel()
			}
			s, began := &scripted{fail: always}, time.Now()
			r := &requester{BaseClient: s, ctx: ctx, budget: test.budget, called: noMetrics{}.Call, pace: newPace(nil)}
			if _, err := r.SendRequest("POST", "https://conversations.twilio.com/v1/Conversations", nil, nil); err == nil {
				t.Errorf("%s: no error", name)
			}
			if took := time.Since(began); took > test.budget || s.calls > test.calls {
				t.Errorf("%s: %d calls in %s", name, s.calls, took)
			}
		})
	}
}

// TestRetryAfterIsExact waits for as long as Twilio asks, and no longer.
func TestRetryAfterIsExact(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		later := &callError{status: 503, retryAfter: 2 * time.Second, cause: errors.New("later")}
		r := &requester{BaseClient: &scripted{fail: []error{later}}, ctx: t.Context(), budget: 10 * time.Second, called: noMetrics{}.Call, pace: newPace(nil)}
		began := time.Now()
		response, err := r.SendRequest("POST", "https://conversations.twilio.com/v1/Conversations", nil, nil)
		if took := time.Since(began); err != nil || took != 2*time.Second {
			t.Errorf("%v after %s", err, took)
		}
		if response != nil {
			response.Body.Close()
		}
	})
}

func TestLead(t *testing.T) {
	t.Parallel()
	tests := []struct{ base, from, want string }{
		{"http://127.0.0.1:4155", "https://conversations.twilio.com/v1/Conversations?x=1", "http://127.0.0.1:4155/v1/Conversations?x=1"},
		{"http://127.0.0.1:4155/", "https://api.twilio.com/2010-04-01/Accounts/AC1.json", "http://127.0.0.1:4155/2010-04-01/Accounts/AC1.json"},
		{"http://127.0.0.1:4155", "https://mcs.us1.twilio.com/v1/Services/IS1/Media", "http://127.0.0.1:4155/mcs/v1/Services/IS1/Media"},
		{"http://127.0.0.1:4155", "https://studio.twilio.com/v2/Flows/FW1", "http://127.0.0.1:4155/studio/v2/Flows/FW1"},
		{"https://e.example.com/twilio", "https://conversations.us1.twilio.com/v1/Conversations/a%2Fb", "https://e.example.com/twilio/v1/Conversations/a%2Fb"},
		{"https://e.example.com/twilio", "https://e.example.com/twilio/v1/Conversations?Page=1", "https://e.example.com/twilio/v1/Conversations?Page=1"},
	}
	for _, test := range tests {
		base, err := absoluteURL(test.base)
		if err != nil {
			t.Fatal(err)
		}
		from, err := url.Parse(test.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := leadTo(from, base).String(); got != test.want {
			t.Errorf("%s on %s: %s, want %s", test.from, test.base, got, test.want)
		}
	}
}

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()
	later := time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat)
	tests := []struct {
		value    string
		min, max time.Duration
	}{
		{"", 0, 0}, {"soon", 0, 0}, {"-5", 0, 0}, {"3", 3 * time.Second, 3 * time.Second}, {"999999", maxRetryAfter, maxRetryAfter},
		{"9223372037", maxRetryAfter, maxRetryAfter},
		{"9223372036854775807", maxRetryAfter, maxRetryAfter}, {later, 28 * time.Second, 30 * time.Second}, {"Mon, 02 Jan 2006 15:04:05 GMT", 0, 0},
	}
	for _, test := range tests {
		if got := parseRetryAfter(test.value, time.Now()); got < test.min || got > test.max {
			t.Errorf("%q: %s, want %s to %s", test.value, got, test.min, test.max)
		}
	}
}

func TestRoute(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"https://conversations.twilio.com/v1/Conversations/CH1/Participants/MB1":             "/v1/Conversations/{sid}/Participants/{sid}",
		"https://conversations.twilio.com/v1/ParticipantConversations?Address=whatsapp:%2B1": "/v1/ParticipantConversations",
		"https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/SM1.json":                   "/2010-04-01/Accounts/{sid}/Messages/{sid}",
		":": "",
	}
	for from, want := range tests {
		if got := route(from); got != want {
			t.Errorf("%s: %s, want %s", from, got, want)
		}
	}
}

func TestPermanent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		failed callError
		want   bool
	}{
		{callError{status: 400, code: 50503}, true},
		{callError{status: 403, code: 50413}, true},
		{callError{status: 409, code: 50416}, true},
		{callError{status: 409, code: 50391}, false}, // somebody changed it at the same moment
		{callError{status: 400, code: codeClosed}, false},
		{callError{status: 401, code: 20003}, false},
		{callError{status: 404, code: 20404}, false},
		{callError{status: 429, code: 20429}, false},
		{callError{status: 500}, false},
		{callError{}, false},
	}
	for _, test := range tests {
		if got := permanent(&test.failed); got != test.want {
			t.Errorf("%v: permanent %v, want %v", &test.failed, got, test.want)
		}
	}
	if permanent(errForeign) || permanent(nil) {
		t.Error("an error that is no call is permanent")
	}
}
