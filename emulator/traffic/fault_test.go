package traffic

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault Fault
		want  string // empty: it is fine
	}{
		{Fault{Status: 503}, ""},
		{Fault{Status: 429, Body: "{}", Delay: time.Second, Method: "post", Path: "/v1/Conversations/*/Messages", Skip: 1, Count: 2}, ""},
		{Fault{Delay: 1}, ""},
		{Fault{Drop: true}, ""},
		{Fault{Drop: true, After: true, Direction: In}, ""},
		{Fault{Duplicate: true, Direction: Out}, ""},
		{Fault{Duplicate: true, Drop: true, After: true, Direction: Out}, ""},
		{Fault{Status: 200, Direction: Out, Body: "<Response/>"}, ""},
		{Fault{}, "the fault does nothing: give status, drop, duplicate or delay"},
		{Fault{Direction: "up", Status: 500}, `direction "up": it must be "in" (requests to the API) or "out" (webhooks)`},
		{Fault{Status: 199}, "status 199: it must lie between 200 and 599"},
		{Fault{Status: 600}, "status 600: it must lie between 200 and 599"},
		{Fault{Status: -1}, "status -1: it must lie between 200 and 599"},
		{Fault{Drop: true, Skip: -1}, "skip, count and delay must not be negative"},
		{Fault{Drop: true, Count: -1}, "skip, count and delay must not be negative"},
		{Fault{Delay: -1}, "skip, count and delay must not be negative"},
		{Fault{Drop: true, Body: "{}"}, "body and retry_after go with status"},
		{Fault{Status: 429, RetryAfter: 2 * time.Second}, ""},
		{Fault{Drop: true, RetryAfter: time.Second}, "body and retry_after go with status"},
		{Fault{Status: 429, RetryAfter: -time.Second}, "retry_after -1s: it must be whole seconds"},
		{Fault{Status: 429, RetryAfter: 500 * time.Millisecond}, "retry_after 500ms: it must be whole seconds"},
		{Fault{Drop: true, Status: 500}, "status and drop exclude each other: there is an answer or there is none"},
		{Fault{Duplicate: true, Status: 500, Direction: Out}, "status and duplicate exclude each other: with a status nothing is sent"},
		{Fault{Duplicate: true}, `duplicate is for direction "out" only`},
		{Fault{Duplicate: true, Drop: true, Direction: Out}, "duplicate goes with drop only together with after: otherwise nothing is sent"},
		{Fault{After: true}, "after goes with drop, status or delay"},
		{Fault{Status: 500, Percent: 101}, "percent 101: it must lie between 0 and 100"},
		{Fault{Drop: true, Path: "v1/Conversations"}, `path "v1/Conversations": it must begin with /, as in /v1/Conversations/*/Messages`},
		{Fault{Drop: true, Path: "/v1/[a"}, `path "/v1/[a" is not a pattern such as /v1/Conversations/*/Messages`},
		{Fault{Drop: true, Path: `/v1/\`}, `path "/v1/\\" is not a pattern such as /v1/Conversations/*/Messages`},
	}
	for _, test := range tests {
		l := NewLog(Config{})
		armed, err := l.AddFault(test.fault)
		if text := fmt.Sprint(err); (test.want == "" && err != nil) || (test.want != "" && text != test.want) {
			t.Errorf("AddFault(%+v): %v\nwant %s", test.fault, err, test.want)
		}
		if n := len(l.Faults()); (n == 1) != (err == nil) || (armed.ID != "") != (err == nil) {
			t.Errorf("AddFault(%+v): %+v, and %d are armed", test.fault, armed, n)
		}
	}
}

func arm(t *testing.T, l *Log, faults ...Fault) {
	t.Helper()
	for _, f := range faults {
		if _, err := l.AddFault(f); err != nil {
			t.Fatalf("AddFault(%+v): %v", f, err)
		}
	}
}

// TestMatch sends requests through a handler with faults, and looks which hits which.
func TestMatch(t *testing.T) {
	t.Parallel()
	type ask struct{ method, path, want string } // want: the status that answers
	tests := []struct {
		name   string
		faults []Fault
		asks   []ask
	}{
		{"everything", []Fault{{Status: 500}}, []ask{{"GET", "/a", "500"}, {"POST", "/b/c", "500"}}},
		{"another direction", []Fault{{Status: 500, Direction: Out}}, []ask{{"GET", "/a", "200"}}},
		{"method", []Fault{{Status: 500, Method: "post"}}, []ask{{"GET", "/a", "200"}, {"POST", "/a", "500"}}},
		{"path", []Fault{{Status: 500, Path: "/v1/*/Messages"}}, []ask{
			{"GET", "/v1/CH1/Messages", "500"}, {"GET", "/v1/CH1/Messages?PageSize=1", "500"}, {"GET", "/v1/CH1/Messages/IM1", "200"},
			{"GET", "/v1/a/b/Messages", "200"}, {"GET", "/v1//Messages", "500"}, {"GET", "/v1/CH1/messages", "200"}}},
		{"root", []Fault{{Status: 500, Path: "/"}}, []ask{{"GET", "/", "500"}, {"GET", "/a", "200"}}},
		{"skip", []Fault{{Status: 500, Skip: 2}}, []ask{{"GET", "/", "200"}, {"GET", "/", "200"}, {"GET", "/", "500"}, {"GET", "/", "500"}}},
		{"count", []Fault{{Status: 500, Count: 2}}, []ask{{"GET", "/", "500"}, {"GET", "/", "500"}, {"GET", "/", "200"}, {"GET", "/", "200"}}},
		{"skip and count", []Fault{{Status: 500, Skip: 1, Count: 1}}, []ask{{"GET", "/", "200"}, {"GET", "/", "500"}, {"GET", "/", "200"}}},
		{"only what matches is counted", []Fault{{Status: 500, Path: "/a", Skip: 1, Count: 1}},
			[]ask{{"GET", "/b", "200"}, {"GET", "/a", "200"}, {"GET", "/b", "200"}, {"GET", "/a", "500"}, {"GET", "/a", "200"}}},
		{"the first that matches", []Fault{{Status: 501, Path: "/a"}, {Status: 502}, {Status: 503}}, []ask{{"GET", "/a", "501"}, {"GET", "/b", "502"}}},
		{"one after the other", []Fault{{Status: 501, Count: 1}, {Status: 502, Count: 2}}, []ask{
			{"GET", "/", "501"}, {"GET", "/", "502"}, {"GET", "/", "502"}, {"GET", "/", "200"}}},
		{"what the first skips the second may hit", []Fault{{Status: 501, Skip: 1, Count: 1}, {Status: 502, Count: 1}},
			[]ask{{"GET", "/", "502"}, {"GET", "/", "501"}, {"GET", "/", "200"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := NewLog(Config{})
			arm(t, l, test.faults...)
			h := l.Handler(nothing)
			hits := map[string]int{}
			for i, ask := range test.asks {
				answer := httptest.NewRecorder()
				h.ServeHTTP(answer, request(ask.method, ask.path, ""))
				if got := fmt.Sprint(answer.Code); got != ask.want {
					t.Errorf("request %d, %s %s: answered %s, want %s", i, ask.method, ask.path, got, ask.want)
				}
				e := l.List(int64(i), 1)[0]
				hits[e.Fault]++
				if (e.Fault != "") != (ask.want != "200") || e.Status != answer.Code {
					t.Errorf("request %d: recorded %+v", i, e)
				}
			}
			for _, f := range l.Faults() {
				if f.Hits != hits[f.ID] {
					t.Errorf("%s says it has hit %d, want %d", f.ID, f.Hits, hits[f.ID])
				}
			}
			l.ClearFaults()
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, request("GET", "/a", ""))
			if answer.Code != 200 || len(l.Faults()) != 0 {
				t.Errorf("after ClearFaults: answered %d, %d armed", answer.Code, len(l.Faults()))
			}
		})
	}
}

func TestFaultIDs(t *testing.T) {
	t.Parallel()
	l := NewLog(Config{})
	arm(t, l, Fault{Status: 500, ID: "mine", Hits: 7}, Fault{Drop: true})
	l.ClearFaults()
	l.Clear()
	arm(t, l, Fault{Delay: 1, Direction: Out})
	got := l.Faults()
	if want := []Fault{{ID: "fault-3", Direction: Out, Delay: 1}}; !slices.Equal(got, want) {
		t.Errorf("armed: %+v, want %+v", got, want)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault             Fault
		body, contentType string
	}{
		{Fault{Status: 503}, `{"code":20503,"message":"Service Unavailable","more_info":"https://www.twilio.com/docs/errors/20503","status":503}`, "application/json"},
		{Fault{Status: 429}, `{"code":20429,"message":"Too Many Requests","more_info":"https://www.twilio.com/docs/errors/20429","status":429}`, "application/json"},
		{Fault{Status: 401}, `{"code":20003,"message":"Unauthorized","more_info":"https://www.twilio.com/docs/errors/20003","status":401}`, "application/json"},
		{Fault{Status: 400}, `{"code":20001,"message":"Bad Request","more_info":"https://www.twilio.com/docs/errors/20001","status":400}`, "application/json"},
		{Fault{Status: 405}, `{"code":20004,"message":"Method Not Allowed","more_info":"https://www.twilio.com/docs/errors/20004","status":405}`, "application/json"},
		{Fault{Status: 599}, `{"code":20599,"message":"","more_info":"https://www.twilio.com/docs/errors/20599","status":599}`, "application/json"},
		{Fault{Status: 204}, "", ""},
		{Fault{Status: 200}, "", ""},
		{Fault{Status: 200, Body: `{"a":1}`}, `{"a":1}`, "application/json"},
		{Fault{Status: 500, Body: "[]"}, "[]", "application/json"},
		{Fault{Status: 200, Body: "<Response/>"}, "<Response/>", "text/xml; charset=utf-8"},
		{Fault{Status: 502, Body: "Bad gateway"}, "Bad gateway", "text/plain; charset=utf-8"},
		{Fault{Status: 503, Direction: Out}, "Service Unavailable", "text/plain; charset=utf-8"},
		{Fault{Status: 200, Direction: Out}, "", ""},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.fault.Direction, test.fault.Status, test.fault.Body), func(t *testing.T) {
			t.Parallel()
			l := NewLog(Config{})
			arm(t, l, test.fault)
			unreached := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("what was asked for is done") })
			var res *http.Response
			if test.fault.Direction == Out {
				var err error
				sent := outgoing("POST", "http://example.com/w", "a=1")
				body := &closable{Reader: sent.Body}
				sent.Body = body
				if res, err = l.RoundTripper(handled(unreached)).RoundTrip(sent); err != nil || !body.closed {
					t.Fatalf("RoundTrip: %v, body closed: %t", err, body.closed)
				}
			} else {
				answer := httptest.NewRecorder()
				l.Handler(unreached).ServeHTTP(answer, request("POST", "/v1/Conversations", "a=1"))
				res = answer.Result()
			}
			body, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if res.StatusCode != test.fault.Status || string(body) != test.body || res.Header.Get("Content-Type") != test.contentType {
				t.Errorf("answered %d %q %q", res.StatusCode, res.Header.Get("Content-Type"), body)
			}
			e := only(t, l)
			if e.Status != test.fault.Status || e.Fault != "fault-1" || e.Request.Body != "a=1" || e.Response.Body != test.body || e.Error != "" {
				t.Errorf("recorded %+v", e)
			}
		})
	}
}
