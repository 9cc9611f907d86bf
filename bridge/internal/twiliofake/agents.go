package twiliofake

import "slices"

// What an agent, or somebody else with the account, does meanwhile.

// Close closes the conversation that holds the customer.
func (s *Server) Close(customer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.bound(customer, SandboxNumber); c != nil {
		c.State = "closed"
	}
}

// Open makes a conversation that holds the customer, as an agent may.
func (s *Server) Open(customer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &Conversation{SID: s.sid("CH"), Attributes: "{}", State: "active", Created: s.now()}
	c.Participants = []Participant{{SID: s.sid("MB"), Address: customer, Proxy: SandboxNumber, Created: s.now()}}
	s.state[c.SID] = c
	s.order = append(s.order, c.SID)
}

// Write adds a message of an agent to every conversation.
func (s *Server) Write(body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.state {
		s.append(c, Message{Author: "agent", Body: body})
	}
}

// Edit changes the text of a message, as a pre-action webhook of the account may.
func (s *Server) Edit(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.state {
		for i := range c.Messages {
			if c.Messages[i].Body == from {
				c.Messages[i].Body = to
			}
		}
	}
}

// Reopen undoes Close, which Twilio does not allow: it saves a test from beginning anew.
func (s *Server) Reopen(customer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.state {
		if len(c.Participants) > 0 && c.Participants[0].Address == customer {
			c.State = "active"
		}
	}
}

// Drop removes the message with that text and index, as an agent may.
func (s *Server) Drop(body string, index int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.state {
		c.Messages = slices.DeleteFunc(c.Messages, func(m Message) bool { return m.Body == body && m.Index == index })
	}
}

// Heard reports whether a flow hears a conversation of the customer that has a message with that text.
func (s *Server) Heard(customer, body string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.state {
		if len(c.Participants) > 0 && c.Participants[0].Address == customer && len(c.Webhooks) > 0 &&
			slices.ContainsFunc(c.Messages, func(m Message) bool { return m.Body == body }) {
			return true
		}
	}
	return false
}
