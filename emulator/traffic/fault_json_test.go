package traffic

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestFaultJSON(t *testing.T) {
	t.Parallel()
	f := Fault{ID: "fault-1", Direction: In, Method: "POST", Path: "/v1/*", Skip: 1, Count: 2, Delay: 300 * time.Millisecond, Status: 429,
		Body: "{}", RetryAfter: 2 * time.Second, Hits: 3}
	const text = `{"id":"fault-1","direction":"in","method":"POST","path":"/v1/*","skip":1,"count":2,"status":429,"body":"{}","hits":3,` +
		`"delay":"300ms","retry_after":"2s"}`
	written, err := json.Marshal(f)
	if err != nil || string(written) != text {
		t.Errorf("written: %s, %v", written, err)
	}
	var read Fault
	if err := json.Unmarshal([]byte(text), &read); err != nil || read != f {
		t.Errorf("read: %+v, %v", read, err)
	}
	if none, _ := json.Marshal(Fault{Drop: true, After: true}); string(none) != `{"drop":true,"after":true}` {
		t.Errorf("a fault without times: %s", none)
	}
	for given, want := range map[string]string{
		`{"delay":"soon"}`:       `"soon" is not a duration: write it like 300ms or 2s`,
		`{"retry_after":"2"}`:    `"2" is not a duration: write it like 300ms or 2s`,
		`{"delay":300000000}`:    "cannot unmarshal number",
		`{"stauts":500}`:         `unknown field "stauts"`,
		`{"status":"500"}`:       "cannot unmarshal string",
		`["the first", "fault"]`: "cannot unmarshal array",
	} {
		if err := json.Unmarshal([]byte(given), &read); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", given, err, want)
		}
	}
}

// TestRetryAfter: both directions have the header, and an answer that asks for nothing has not.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, f := range []Fault{{Status: 429, RetryAfter: 2 * time.Second}, {Status: 503, RetryAfter: time.Minute}, {Status: 429}} {
		want := map[time.Duration]string{0: "", 2 * time.Second: "2", time.Minute: "60"}[f.RetryAfter]
		in, out := NewLog(Config{}), NewLog(Config{})
		arm(t, in, f)
		answer := httptest.NewRecorder()
		in.Handler(http.NotFoundHandler()).ServeHTTP(answer, request("GET", "/a", ""))
		f.Direction = Out
		arm(t, out, f)
		res, err := out.RoundTripper(handled(http.NotFoundHandler())).RoundTrip(outgoing("POST", "http://example.com/w", ""))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		for _, got := range []http.Header{answer.Header(), res.Header} {
			if got.Get("Retry-After") != want || len(got.Values("Retry-After")) > 1 {
				t.Errorf("%+v: Retry-After %q, want %q", f, got.Values("Retry-After"), want)
			}
		}
	}
}
