package twiliotest

import (
	"context"
	"fmt"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

// Fault is a fault of the emulator's that hits one operation.
type Fault struct {
	Op          string
	Skip, Times int    // calls that succeed first, and calls that fail then; 0 times: all
	Percent     int    // of the calls; 0: all
	Status      int    // 0 with Drop, or a delay alone
	Body        string // default: Twilio's error with Code and Message
	Code        int
	Message     string
	RetryAfter  time.Duration
	Drop        bool
	Delay       time.Duration
	After       bool // what was asked for is done first
}

// Fail arms a fault; faults of one operation are used in the order in which they were armed.
func (s *Server) Fail(f Fault) {
	s.t.Helper()
	armed := traffic.Fault{Skip: f.Skip, Count: f.Times, Percent: f.Percent, Status: f.Status, Body: f.Body, RetryAfter: f.RetryAfter,
		Drop: f.Drop, Delay: f.Delay, After: f.After}
	if f.Code != 0 {
		armed.Body = fmt.Sprintf(`{"code":%d,"message":%q,"more_info":"https://www.twilio.com/docs/errors/%d","status":%d}`, f.Code, f.Message, f.Code, f.Status)
	}
	for _, o := range operations {
		if o.op == f.Op {
			armed.Method, armed.Path = o.method, o.path
		}
	}
	if armed.Path == "" && f.Op != "" {
		s.t.Fatalf("no operation is named %q", f.Op)
	}
	if _, err := s.control.CreateFault(context.Background(), armed); err != nil {
		s.t.Fatalf("fault of %q: %v", f.Op, err)
	}
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.t.Helper()
	if err := s.control.ClearFaults(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

// Hold is an operation whose next call is held before anything of it is done.
type Hold struct {
	reached, released chan struct{}
}

// Hold lets the next call of an operation wait. A test may hold several operations.
func (s *Server) Hold(op string) *Hold {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := &Hold{make(chan struct{}), make(chan struct{})}
	s.holds[op] = h
	return h
}

// Reached is closed when the call has come.
func (h *Hold) Reached() <-chan struct{} { return h.reached }

// Release lets the call go on.
func (h *Hold) Release() { close(h.released) }

// wait holds the call of an operation, if it is to be held.
func (s *Server) wait(ctx context.Context, op string) {
	s.mu.Lock()
	h := s.holds[op]
	delete(s.holds, op)
	s.mu.Unlock()
	if h == nil {
		return
	}
	close(h.reached)
	select {
	case <-h.released:
	case <-ctx.Done():
	}
}
