package rest_test

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// customerLog is a customer's server for webhooks: it keeps what it is sent, and answers 200 or what it is told to.
type customerLog struct {
	mu     sync.Mutex
	status int
	calls  []call
}

type call struct {
	path string
	form url.Values
}

// RoundTrip takes the place of the network.
func (l *customerLog) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, call{path: strings.TrimPrefix(r.URL.Path, "/"), form: form})
	status := l.status
	if status == 0 {
		status = http.StatusOK
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// answer makes the server answer with a status from now on.
func (l *customerLog) answer(status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status = status
}

func (l *customerLog) form(i int) url.Values {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i >= len(l.calls) {
		return nil
	}
	return l.calls[i].form
}

// names are the parameters of a call, in order.
func (l *customerLog) names(i int) string {
	return strings.Join(slices.Sorted(maps.Keys(l.form(i))), " ")
}

// summary is the path, event and identity of every call.
func (l *customerLog) summary() (list []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.calls {
		list = append(list, c.path+" "+c.form.Get("EventType")+" "+c.form.Get("Identity"))
	}
	return list
}
