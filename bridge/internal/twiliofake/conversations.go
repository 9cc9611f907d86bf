package twiliofake

import (
	"encoding/json"
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

// bound returns the conversation that holds the pair, and the participant.
func (s *Server) bound(address, proxy string) (*Conversation, *Participant) {
	for _, c := range s.state {
		if c.State == "closed" {
			continue
		}
		for i, p := range c.Participants {
			if p.Address == address && p.Proxy == proxy {
				return c, &c.Participants[i]
			}
		}
	}
	return nil, nil
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
	if holder, _ := s.bound(address, proxy); holder != nil {
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

func meta(key, next string) map[string]any {
	m := map[string]any{"key": key, "page": 0, "page_size": 50, "next_page_url": nil}
	if next != "" {
		m["next_page_url"] = next
	}
	return m
}

func (c *Conversation) json() any {
	return map[string]any{"sid": c.SID, "account_sid": AccountSID, "chat_service_sid": ServiceSID, "unique_name": null(c.UniqueName),
		"attributes": c.Attributes, "state": c.State, "date_created": c.Created, "date_updated": c.Created, "timers": map[string]any{}}
}

func (p Participant) json(c *Conversation) any {
	return map[string]any{"sid": p.SID, "conversation_sid": c.SID, "date_created": p.Created, "attributes": "{}", "messaging_binding": p.binding()}
}

func (p Participant) binding() any {
	return map[string]any{"type": "whatsapp", "address": p.Address, "proxy_address": p.Proxy}
}

func (p Participant) listed(c *Conversation) any {
	return map[string]any{"participant_sid": p.SID, "conversation_sid": c.SID, "chat_service_sid": ServiceSID, "conversation_state": c.State,
		"conversation_unique_name": null(c.UniqueName), "conversation_attributes": c.Attributes,
		"conversation_date_created": c.Created, "participant_messaging_binding": p.binding()}
}

func (h Webhook) json(c *Conversation) any {
	return map[string]any{"sid": h.SID, "conversation_sid": c.SID, "target": h.Target, "configuration": map[string]any{"flow_sid": h.FlowSID}}
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// Attribute returns one string out of a JSON object of attributes, "" when it is not there.
func Attribute(attributes, name string) string {
	var all map[string]any
	_ = json.Unmarshal([]byte(attributes), &all)
	value, _ := all[name].(string)
	return value
}

// Close closes the conversation that holds the customer.
func (s *Server) Close(customer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, _ := s.bound(customer, SandboxNumber); c != nil {
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

// Has reports whether a conversation of the customer has a message with that text.
func (s *Server) Has(customer, body string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.state {
		if len(c.Participants) > 0 && c.Participants[0].Address == customer &&
			slices.ContainsFunc(c.Messages, func(m Message) bool { return m.Body == body }) {
			return true
		}
	}
	return false
}
