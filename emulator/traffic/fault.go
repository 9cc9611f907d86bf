package traffic

import (
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// Fault is a failure made on purpose: which exchanges it hits, and what happens to them. Empty match fields match
// everything; the first fault that matches and is not used up is applied.
type Fault struct {
	// ID is given by AddFault.
	ID string `json:"id,omitempty"`
	// Direction is In or Out; empty means In.
	Direction string `json:"direction,omitempty"`
	// Method matches the request's method, in any case.
	Method string `json:"method,omitempty"`
	// Path is a pattern for the URL's path, as of path.Match: "/v1/Conversations/*/Messages".
	Path string `json:"path,omitempty"`
	// Skip is the number of matching exchanges that pass before the first is hit.
	Skip int `json:"skip,omitempty"`
	// Count is the number of exchanges that are hit; 0 means all.
	Count int `json:"count,omitempty"`

	// Delay, in real time, before anything else happens.
	Delay time.Duration `json:"delay,omitempty"`
	// Status answers with this status and Body, and what was asked for is not done.
	Status int `json:"status,omitempty"`
	// Body of such an answer; empty means an error in Twilio's form.
	Body string `json:"body,omitempty"`
	// Drop closes the connection without an answer. With After it happens behind the request, so that the caller
	// does not learn that it succeeded.
	Drop  bool `json:"drop,omitempty"`
	After bool `json:"after,omitempty"`
	// Duplicate sends an outgoing request twice and answers with the second answer.
	Duplicate bool `json:"duplicate,omitempty"`
}

type fault struct {
	Fault
	seen int
}

// Validate says what is wrong with a fault, for a person.
func (f Fault) Validate() error {
	switch {
	case f.Direction != "" && f.Direction != In && f.Direction != Out:
		return fmt.Errorf("direction %q: it must be %q (requests to the API) or %q (webhooks)", f.Direction, In, Out)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status %d: it must lie between 200 and 599", f.Status)
	case f.Skip < 0 || f.Count < 0 || f.Delay < 0:
		return fmt.Errorf("skip, count and delay must not be negative")
	case f.Duplicate && f.Direction != Out:
		return fmt.Errorf("duplicate is for direction %q only", Out)
	case f.After && !f.Drop:
		return fmt.Errorf("after goes with drop")
	case f.Status == 0 && !f.Drop && !f.Duplicate && f.Delay == 0:
		return fmt.Errorf("the fault does nothing: give status, drop, duplicate or delay")
	}
	if _, err := path.Match(f.Path, ""); err != nil {
		return fmt.Errorf("path %q is not a pattern such as /v1/Conversations/*/Messages", f.Path)
	}
	return nil
}

// AddFault arms a fault behind those that are armed already and returns it with its ID.
func (l *Log) AddFault(f Fault) (Fault, error) {
	if err := f.Validate(); err != nil {
		return Fault{}, err
	}
	if f.Direction == "" {
		f.Direction = In
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faultSeq++
	f.ID = "fault-" + strconv.Itoa(l.faultSeq)
	l.faults = append(l.faults, &fault{Fault: f})
	return f, nil
}

// Faults lists the armed faults, those that are used up among them.
func (l *Log) Faults() []Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Fault, len(l.faults))
	for i, f := range l.faults {
		list[i] = f.Fault
	}
	return list
}

// ClearFaults disarms all faults.
func (l *Log) ClearFaults() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = nil
}

// match returns the fault to apply to a request and counts it as used.
func (l *Log) match(direction string, r *http.Request) *fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.faults {
		if f.Direction != direction || (f.Method != "" && !strings.EqualFold(f.Method, r.Method)) {
			continue
		}
		if f.Path != "" {
			if ok, _ := path.Match(f.Path, r.URL.Path); !ok {
				continue
			}
		}
		if f.Count > 0 && f.seen >= f.Skip+f.Count {
			continue
		}
		f.seen++
		if f.seen > f.Skip {
			return f
		}
	}
	return nil
}

// serve applies the fault to an incoming request.
func (f *fault) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	f.wait(r)
	switch {
	case f.Drop && f.After:
		next.ServeHTTP(discard{http.Header{}}, r)
		panic(http.ErrAbortHandler)
	case f.Drop:
		panic(http.ErrAbortHandler) // net/http's way to close a connection without an answer
	case f.Status != 0:
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, f.body())
	default:
		next.ServeHTTP(w, r)
	}
}

// roundTrip applies the fault to an outgoing request.
func (f *fault) roundTrip(r *http.Request, next http.RoundTripper) (*http.Response, error) {
	f.wait(r)
	switch {
	case f.Drop && !f.After:
		return nil, errDropped
	case f.Status != 0:
		return &http.Response{
			StatusCode: f.Status, ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"application/json"}},
			Body:   io.NopCloser(strings.NewReader(f.body())),
		}, nil
	}
	if f.Duplicate && r.GetBody != nil {
		first := r.Clone(r.Context())
		first.Body, _ = r.GetBody()
		if res, err := next.RoundTrip(first); err == nil {
			_ = res.Body.Close()
		}
	}
	res, err := next.RoundTrip(r)
	if err == nil && f.Drop {
		_ = res.Body.Close()
		return nil, errDropped
	}
	return res, err
}

func (f *fault) body() string {
	if f.Body != "" {
		return f.Body
	}
	code := 20000 + f.Status // Twilio's general codes: 20429, 20500, 20503
	return fmt.Sprintf(`{"code":%d,"message":%q,"more_info":"https://www.twilio.com/docs/errors/%d","status":%d}`,
		code, http.StatusText(f.Status), code, f.Status)
}

func (f *fault) wait(r *http.Request) {
	if f.Delay == 0 {
		return
	}
	t := time.NewTimer(f.Delay)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	}
}

// discard is the answer nobody gets.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
