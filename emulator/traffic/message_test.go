package traffic

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

func TestSecretsAreNotRecorded(t *testing.T) {
	t.Parallel()
	secrets := http.Header{
		"Authorization": {"", "Basic s3cr3t"}, "authorization": {"Basic s3cr3t"}, "Proxy-Authorization": {"s3cr3t"},
		"Cookie": {"a=s3cr3t", "b=s3cr3t"}, "Set-Cookie": {"a=s3cr3t"}, "COOKIE": {"s3cr3t"}, "Accept": {"*/*", "text/html"},
	}
	l := NewLog(Config{})
	r := request(http.MethodGet, "/", "")
	r.Header = secrets.Clone()
	seen := false
	l.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = reflect.DeepEqual(r.Header, secrets)
		w.Header()["Set-Cookie"] = []string{"session=s3cr3t"}
		w.Header().Set("X-Test", "1")
	})).ServeHTTP(httptest.NewRecorder(), r)
	if !seen {
		t.Error("the handler does not see the headers as they came")
	}
	sent := outgoing("GET", "http://user:s3cr3t@example.com/", "")
	sent.Header = secrets.Clone()
	res, err := l.RoundTripper(roundTripper(func(r *http.Request) (*http.Response, error) {
		if !reflect.DeepEqual(r.Header, secrets) {
			t.Error("the headers are not sent as they were")
		}
		return &http.Response{StatusCode: 200, Header: http.Header{"Set-Cookie": {"s3cr3t"}, "X-Test": {"1"}}, Body: http.NoBody}, nil
	})).RoundTrip(sent)
	if err != nil || res.Header.Get("Set-Cookie") != "s3cr3t" {
		t.Fatalf("answer %+v, %v", res, err)
	}
	_ = res.Body.Close()
	text, err := json.Marshal(l.List(0, 0))
	if err != nil || strings.Contains(string(text), "s3cr3t") || strings.Contains(fmt.Sprintf("%+v", l.List(0, 0)), "s3cr3t") {
		t.Errorf("recorded: %s, %v", text, err)
	}
	for _, e := range l.List(0, 0) {
		for name := range secrets {
			if want := map[bool][]string{true: {hidden}, false: secrets[name]}[name != "Accept"]; !reflect.DeepEqual(e.Request.Header[name], want) {
				t.Errorf("%s: header %s is recorded as %q, want %q", e.Direction, name, e.Request.Header[name], want)
			}
		}
		if e.Response.Header.Get("Set-Cookie") != hidden || e.Response.Header.Get("X-Test") != "1" {
			t.Errorf("%s: answer's headers %q", e.Direction, e.Response.Header)
		}
	}
}

// TestListIsACopy: who changes what List returns changes nothing.
func TestListIsACopy(t *testing.T) {
	t.Parallel()
	l := NewLog(Config{})
	r := request(http.MethodGet, "/", "")
	r.Header.Set("Accept", "text/html")
	l.Handler(nothing).ServeHTTP(httptest.NewRecorder(), r)
	first := only(t, l)
	first.Request.Header["Accept"][0] = "changed"
	first.Request.Header.Set("New", "1")
	if e := only(t, l); e.Request.Header.Get("Accept") != "text/html" || e.Request.Header.Get("New") != "" {
		t.Errorf("headers %q", e.Request.Header)
	}
	if r.Header.Get("Accept") != "text/html" {
		t.Error("the request itself was changed")
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	e := Exchange{Seq: 1, Direction: In, Method: "GET", URL: "http://example.com/", Status: 200}
	text, err := json.Marshal(e)
	const want = `{"seq":1,"time":"0001-01-01T00:00:00Z","direction":"in","method":"GET","url":"http://example.com/","duration":0,` +
		`"request":{"size":0},"response":{"size":0},"status":200}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v\nwant %s", text, err, want)
	}
}
