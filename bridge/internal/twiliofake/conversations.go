package twiliofake

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gorilla/mux"
)

// Conversation is one conversation and all that is in it.
type Conversation struct {
	SID, UniqueName, Attributes, State string
	Created                            time.Time
	Participants                       []Participant
	Webhooks                           []Webhook
	Messages                           []Message
}

// Participant is one bound phone.
type Participant struct {
	SID, Address, Proxy string
	Created             time.Time
}

// Webhook is one scoped webhook.
type Webhook struct {
	SID, Target, FlowSID string
}

// Message is one message. Native means that the conversation captured it without the bridge.
type Message struct {
	SID, Author, Body, Attributes, MediaSID string
	Index                                   int
	Created                                 time.Time
	Native, Announced                       bool // Announced: posted with X-Twilio-Webhook-Enabled
}

// Conversations returns a copy of all that exist, oldest first.
func (s *Server) Conversations() []Conversation {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Conversation
	for _, sid := range s.order {
		if c := s.state[sid]; c != nil {
			one := *c
			one.Participants, one.Webhooks, one.Messages = slices.Clone(c.Participants), slices.Clone(c.Webhooks), slices.Clone(c.Messages)
			all = append(all, one)
		}
	}
	return all
}

func (s *Server) find(r *http.Request) *Conversation {
	id := mux.Vars(r)["ch"]
	if c := s.state[id]; c != nil {
		return c
	}
	for _, c := range s.state {
		if c.UniqueName == id {
			return c
		}
	}
	return nil
}

// bound returns the conversation that holds the pair; s.mu must be held.
func (s *Server) bound(address, proxy string) *Conversation {
	for _, c := range s.state {
		if c.State == "closed" {
			continue
		}
		for _, p := range c.Participants {
			if p.Address == address && p.Proxy == proxy {
				return c
			}
		}
	}
	return nil
}

func (s *Server) createConversation(r *http.Request) (int, any) {
	name := r.Form.Get("UniqueName")
	for _, c := range s.state {
		if name != "" && c.UniqueName == name {
			return problem(http.StatusConflict, 50353, "Conversation with provided unique name already exists")
		}
	}
	c := &Conversation{SID: s.sid("CH"), UniqueName: name, Attributes: or(r.Form.Get("Attributes"), "{}"), State: "active", Created: s.now()}
	s.state[c.SID] = c
	s.order = append(s.order, c.SID)
	return http.StatusCreated, c.json()
}

func (s *Server) fetchConversation(r *http.Request) (int, any) {
	c := s.find(r)
	if c == nil {
		return notFound(r)
	}
	return http.StatusOK, c.json()
}

func (s *Server) updateConversation(r *http.Request) (int, any) {
	c := s.find(r)
	if c == nil {
		return notFound(r)
	}
	if state := r.Form.Get("State"); state != "" {
		c.State = state
	}
	return http.StatusOK, c.json()
}

func (s *Server) deleteConversation(r *http.Request) (int, any) {
	c := s.find(r)
	if c == nil {
		return notFound(r)
	}
	delete(s.state, c.SID)
	return http.StatusNoContent, nil
}

func (s *Server) createParticipant(r *http.Request) (int, any) {
	c := s.find(r)
	if c == nil {
		return notFound(r)
	}
	address, proxy := r.Form.Get("MessagingBinding.Address"), r.Form.Get("MessagingBinding.ProxyAddress")
	if holder := s.bound(address, proxy); holder != nil {
		return problem(http.StatusConflict, 50416, "A binding for this participant and proxy address already exists in Conversation "+holder.SID)
	}
	p := Participant{SID: s.sid("MB"), Address: address, Proxy: proxy, Created: s.now()}
	c.Participants = append(c.Participants, p)
	return http.StatusCreated, p.json(c)
}

func (s *Server) listParticipants(r *http.Request) (int, any) {
	c := s.find(r)
	if c == nil {
		return notFound(r)
	}
	rows := []any{}
	for _, p := range c.Participants {
		rows = append(rows, p.json(c))
	}
	return http.StatusOK, map[string]any{"participants": rows, "meta": meta("participants", "")}
}

func (s *Server) fetchParticipant(r *http.Request) (int, any) {
	c := s.find(r)
	if c == nil {
		return notFound(r)
	}
	for _, p := range c.Participants {
		if p.SID == mux.Vars(r)["mb"] {
			return http.StatusOK, p.json(c)
		}
	}
	return notFound(r)
}

func (s *Server) createWebhook(r *http.Request) (int, any) {
	c := s.find(r)
	if c == nil {
		return notFound(r)
	}
	hook := Webhook{SID: s.sid("WH"), Target: r.Form.Get("Target"), FlowSID: r.Form.Get("Configuration.FlowSid")}
	c.Webhooks = append(c.Webhooks, hook)
	return http.StatusCreated, hook.json(c)
}

func (s *Server) listWebhooks(r *http.Request) (int, any) {
	c := s.find(r)
	if c == nil {
		return notFound(r)
	}
	rows := []any{}
	for _, hook := range c.Webhooks {
		rows = append(rows, hook.json(c))
	}
	return http.StatusOK, map[string]any{"webhooks": rows, "meta": meta("webhooks", "")}
}

// pageSize is small, so that tests meet a second page.
const pageSize = 5

func (s *Server) listParticipantConversations(r *http.Request) (int, any) {
	address, page := r.Form.Get("Address"), 0
	if token := r.Form.Get("PageToken"); token != "" {
		page, _ = strconv.Atoi(token)
	}
	rows := []any{}
	for _, sid := range s.order {
		c := s.state[sid]
		if c == nil {
			continue
		}
		for _, p := range c.Participants {
			if p.Address == address {
				rows = append(rows, p.listed(c))
			}
		}
	}
	from, to := min(page*pageSize, len(rows)), min((page+1)*pageSize, len(rows))
	next := ""
	if to < len(rows) {
		next = fmt.Sprintf("%s/v1/ParticipantConversations?Address=%s&PageSize=%d&Page=%d&PageToken=%d", s.URL, address, pageSize, page+1, page+1)
	}
	return http.StatusOK, map[string]any{"conversations": rows[from:to], "meta": meta("conversations", next)}
}
