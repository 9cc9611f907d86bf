package traffic

import (
	"errors"
	"fmt"
	"math/rand/v2"
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
	// Percent of the matching exchanges are taken, by chance; 0 means all. The others go on to the
	// next fault.
	Percent int `json:"percent,omitempty"`

	// Delay, in real time, before anything else happens. When the client does not wait so long, nothing else happens. With
	// After it is the answer that comes late.
	Delay time.Duration `json:"delay,omitempty"` // in JSON a text: "300ms"
	// Status answers with this status and Body, and what was asked for is not done. With After it is done, and the answer
	// does not say so.
	Status int `json:"status,omitempty"`
	// Body of such an answer: JSON, XML or plain text by how it begins. Empty means an error in Twilio's form for an
	// incoming request, the status' text for an outgoing one, and nothing for a status below 400.
	Body string `json:"body,omitempty"`
	// RetryAfter is the header Retry-After of such an answer, in whole seconds.
	RetryAfter time.Duration `json:"retry_after,omitempty"` // in JSON a text: "2s"
	// Drop closes the connection without an answer.
	Drop bool `json:"drop,omitempty"`
	// After lets delay, status and drop happen behind the request: what was asked for has been done, and the caller does not
	// learn it, or not in time.
	After bool `json:"after,omitempty"`
	// Duplicate sends an outgoing request twice and answers with the second answer.
	Duplicate bool `json:"duplicate,omitempty"`

	// Hits counts the exchanges that the fault has been applied to, when Faults returns it.
	Hits int `json:"hits,omitempty"`
}

// fault is an armed one.
type fault struct {
	Fault
	seen int // exchanges that matched, skipped ones included
}

// Limits of faults.
const (
	maxFaults      = 1000
	maxFaultMethod = 32      // bytes, as are the next two
	maxFaultPath   = 1024    // of the pattern
	maxFaultBody   = 1 << 16 // of an answer
)

// Validate returns the first thing that is wrong with a fault, as a sentence.
func (f Fault) Validate() error {
	switch {
	case len(f.Method) > maxFaultMethod || len(f.Path) > maxFaultPath || len(f.Body) > maxFaultBody:
		return fmt.Errorf("method, path and body have %d, %d and %d bytes at most", maxFaultMethod, maxFaultPath, maxFaultBody)
	case f.Direction != "" && f.Direction != In && f.Direction != Out:
		return fmt.Errorf("direction %q: it must be %q (requests to the API) or %q (webhooks)", f.Direction, In, Out)
	case f.Path != "" && !strings.HasPrefix(f.Path, "/"):
		return fmt.Errorf("path %q: it must begin with /, as in /v1/Conversations/*/Messages", f.Path)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status %d: it must lie between 200 and 599", f.Status)
	case f.Skip < 0 || f.Count < 0 || f.Delay < 0:
		return errors.New("skip, count and delay must not be negative")
	case f.RetryAfter < 0 || f.RetryAfter%time.Second != 0:
		return fmt.Errorf("retry_after %s: it must be whole seconds", f.RetryAfter)
	case (f.Body != "" || f.RetryAfter != 0) && f.Status == 0:
		return errors.New("body and retry_after go with status")
	case f.Status != 0 && f.Drop:
		return errors.New("status and drop exclude each other: there is an answer or there is none")
	case f.Status != 0 && f.Duplicate:
		return errors.New("status and duplicate exclude each other: with a status nothing is sent")
	case f.Duplicate && f.Direction != Out:
		return fmt.Errorf("duplicate is for direction %q only", Out)
	case f.Duplicate && f.Drop && !f.After:
		return errors.New("duplicate goes with drop only together with after: otherwise nothing is sent")
	case f.After && !f.Drop && f.Status == 0 && f.Delay == 0:
		return errors.New("after goes with drop, status or delay")
	case f.Percent < 0 || f.Percent > 100:
		return fmt.Errorf("percent %d: it must lie between 0 and 100", f.Percent)
	case f.Status == 0 && !f.Drop && !f.Duplicate && f.Delay == 0:
		return errors.New("the fault does nothing: give status, drop, duplicate or delay")
	}
	if _, err := path.Match(f.Path, ""); err != nil {
		return fmt.Errorf("path %q is not a pattern such as /v1/Conversations/*/Messages", f.Path)
	}
	return nil
}

// AddFault arms a fault behind those that are armed already and returns it with its ID. The error is Validate's, or that there are
// too many.
func (l *Log) AddFault(f Fault) (Fault, error) {
	if err := f.Validate(); err != nil {
		return Fault{}, err
	}
	if f.Direction == "" {
		f.Direction = In
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.faults) >= maxFaults {
		return Fault{}, fmt.Errorf("%d faults are armed, the most there can be: clear them", maxFaults)
	}
	l.faultSeq++
	f.ID, f.Hits = "fault-"+strconv.Itoa(l.faultSeq), 0
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
		list[i].Hits = max(0, f.seen-f.Skip)
	}
	return list
}

// ClearFaults disarms all faults. What they have begun to do, such as a delay, goes on.
func (l *Log) ClearFaults() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = nil
}

// match returns the fault to apply to a request, or nil, and counts it as used. It needs l.mu.
func (l *Log) match(direction string, r *http.Request) *fault {
	for _, f := range l.faults {
		if !f.matches(direction, r) || (f.Count > 0 && f.seen-f.Skip >= f.Count) { // Skip+Count could overflow
			continue
		}
		if f.Percent > 0 && rand.IntN(100) >= f.Percent { //nolint:gosec // chance, and no secret
			continue
		}
		if f.seen++; f.seen > f.Skip {
			return f
		}
	}
	return nil
}

func (f *fault) matches(direction string, r *http.Request) bool {
	if f.Direction != direction || (f.Method != "" && !strings.EqualFold(f.Method, r.Method)) {
		return false
	}
	if f.Path == "" {
		return true
	}
	asked := r.URL.Path
	if asked == "" {
		asked = "/"
	}
	ok, _ := path.Match(f.Path, asked) // Validate has seen the pattern
	return ok
}
