package twiliofake

import (
	"net/http"
	"slices"

	"github.com/gorilla/mux"
)

// Fail adds a fault; faults of one operation are used in the order they were added.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault{Fault: f})
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Calls returns what was called since the start or the last Forget, in order.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Made counts Calls.
func (s *Server) Made() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

// Ops returns the operations of Calls.
func (s *Server) Ops() []string {
	calls := s.Calls()
	ops := make([]string, 0, len(calls))
	for _, call := range calls {
		ops = append(ops, call.Op)
	}
	return ops
}

// Busy reports whether a call of an operation is being answered.
func (s *Server) Busy(op string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.busy[op] > 0
}

func (s *Server) count(op string, by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy[op] += by
}

// Forget empties the record of calls.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}

// fault returns the fault that this call of op meets, nil for none.
func (s *Server) fault(op string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Op != op || (f.Times > 0 && f.seen >= f.Skip+f.Times) {
			continue
		}
		f.seen++
		if f.seen > f.Skip {
			return &f.Fault
		}
		return nil
	}
	if s.Chaos != nil {
		return s.Chaos(op)
	}
	return nil
}

func (f *Fault) answer() any {
	if f.Body != "" {
		return f.Body
	}
	_, body := problem(f.Status, f.Code, f.Message)
	return body
}

func (s *Server) record(r *http.Request, op string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, Call{
		Op: op, Conversation: mux.Vars(r)["ch"], Form: r.Form, Status: status,
		WebhookEnabled: r.Header.Get("X-Twilio-Webhook-Enabled"), Authorization: r.Header.Get("Authorization"),
	})
}
