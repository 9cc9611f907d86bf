package twiliotest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/emulator/studio"
)

// The account is looked at, and changed as an agent may, by the paths of its service: no fault of an operation hits these.

// Conversation is one conversation and all that is in it.
type Conversation struct {
	SID, Attributes, State string
	Created                time.Time
	Participants           []Participant
	Webhooks               []Webhook
	Messages               []Message
}

// Participant is a customer.
type Participant struct{ SID, Address, Proxy string }

// Webhook is a scoped webhook.
type Webhook struct{ Target, FlowSID string }

// Message is one message.
type Message struct {
	SID, Author, Body, Attributes, MediaSID string
	Created                                 time.Time
}

// Media is a file.
type Media struct {
	Type, Extension string
	Content         []byte
}

// Conversations returns all that exist, the one with the latest message last.
func (s *Server) Conversations() []Conversation {
	s.t.Helper()
	found := must(s.api.ListServiceConversation(s.service, nil))(s)
	slices.Reverse(found)
	all := make([]Conversation, 0, len(found))
	for _, c := range found {
		one := Conversation{SID: *c.Sid, Attributes: *c.Attributes, State: *c.State, Created: *c.DateCreated}
		for _, p := range must(s.api.ListServiceConversationParticipant(s.service, *c.Sid, nil))(s) {
			binding, _ := (*p.MessagingBinding).(map[string]any)
			address, _ := binding["address"].(string)
			proxy, _ := binding["proxy_address"].(string)
			one.Participants = append(one.Participants, Participant{*p.Sid, address, proxy})
		}
		for _, w := range must(s.api.ListServiceConversationScopedWebhook(s.service, *c.Sid, nil))(s) {
			configuration, _ := (*w.Configuration).(map[string]any)
			flow, _ := configuration["flow_sid"].(string)
			one.Webhooks = append(one.Webhooks, Webhook{*w.Target, flow})
		}
		one.Messages = s.messages(*c.Sid)
		all = append(all, one)
	}
	return all
}

func (s *Server) messages(conversationSID string) []Message {
	found := must(s.api.ListServiceConversationMessage(s.service, conversationSID, nil))(s)
	all := make([]Message, 0, len(found))
	for _, m := range found {
		one := Message{SID: *m.Sid, Author: *m.Author, Attributes: *m.Attributes, Created: *m.DateCreated}
		if m.Body != nil {
			one.Body = *m.Body
		}
		if m.Media != nil && len(*m.Media) > 0 {
			media, _ := (*m.Media)[0].(map[string]any)
			one.MediaSID, _ = media["sid"].(string)
		}
		all = append(all, one)
	}
	return all
}

// must returns a value, or ends the test.
func must[T any](value T, err error) func(*Server) T {
	return func(s *Server) T {
		s.t.Helper()
		if err != nil {
			s.t.Fatalf("Twilio: %v", err)
		}
		return value
	}
}

// Stored returns a file of the media service.
func (s *Server) Stored(mediaSID string) (Media, bool) {
	s.t.Helper()
	var found struct {
		ContentType string `json:"content_type"`
		Filename    string `json:"filename"`
		Links       struct {
			Content string `json:"content_direct_temporary"`
		} `json:"links"`
	}
	body, ok := s.get("https://mcs.us1.twilio.com/v1/Services/"+s.service+"/Media/"+mediaSID, true)
	if !ok || json.Unmarshal(body, &found) != nil {
		return Media{}, false
	}
	content, ok := s.get(found.Links.Content, false)
	return Media{Type: found.ContentType, Extension: found.Filename, Content: content}, ok
}

// get fetches a URL, with the account's credentials or without.
func (s *Server) get(rawURL string, credentials bool) ([]byte, bool) {
	r := must(http.NewRequestWithContext(context.Background(), http.MethodGet, rawURL, nil))(s)
	if credentials {
		r.SetBasicAuth(AccountSID, AuthToken)
	}
	response := must(s.emu.Client().Do(r))(s) //nolint:bodyclose // it is closed below
	defer response.Body.Close()
	body := must(io.ReadAll(response.Body))(s)
	return body, response.StatusCode == http.StatusOK
}

// bound returns the conversation that holds a customer, "" when none does.
func (s *Server) bound(customer string) string {
	s.t.Helper()
	params := new(conversations.ListServiceParticipantConversationParams).SetAddress(customer)
	for _, c := range must(s.api.ListServiceParticipantConversation(s.service, params))(s) {
		if *c.ConversationState != "closed" {
			return *c.ConversationSid
		}
	}
	return ""
}

// Close closes the conversation that holds a customer, as an agent may.
func (s *Server) Close(customer string) {
	s.t.Helper()
	if sid := s.bound(customer); sid != "" {
		must(s.api.UpdateServiceConversation(s.service, sid, new(conversations.UpdateServiceConversationParams).SetState("closed")))(s)
	}
}

// Open makes a conversation that holds a customer, as an agent may.
func (s *Server) Open(customer string) {
	s.t.Helper()
	c := must(s.api.CreateServiceConversation(s.service, nil))(s)
	must(s.api.CreateServiceConversationParticipant(s.service, *c.Sid, new(conversations.CreateServiceConversationParticipantParams).
		SetMessagingBindingAddress(customer).SetMessagingBindingProxyAddress(SandboxNumber)))(s)
}

// Write adds a message of an agent to every conversation.
func (s *Server) Write(body string) {
	s.t.Helper()
	for _, c := range s.Conversations() {
		must(s.api.CreateServiceConversationMessage(s.service, c.SID, new(conversations.CreateServiceConversationMessageParams).SetAuthor("agent").SetBody(body)))(s)
	}
}

// Edit changes the text of messages, as a pre-action webhook of the account may.
func (s *Server) Edit(from, to string) {
	s.t.Helper()
	for _, c := range s.Conversations() {
		for _, m := range c.Messages {
			if m.Body == from {
				must(s.api.UpdateServiceConversationMessage(s.service, c.SID, m.SID, new(conversations.UpdateServiceConversationMessageParams).SetBody(to)))(s)
			}
		}
	}
}

// Heard reports whether a flow hears a conversation of the customer that has a message with that text. The bridge may delete the
// conversation meanwhile, which is no error.
func (s *Server) Heard(customer, body string) bool {
	s.t.Helper()
	sid := s.bound(customer)
	if sid == "" {
		return false
	}
	hooks, err := s.api.ListServiceConversationScopedWebhook(s.service, sid, nil)
	if err != nil || len(hooks) == 0 {
		return false
	}
	messages, err := s.api.ListServiceConversationMessage(s.service, sid, nil)
	return err == nil && slices.ContainsFunc(messages, func(m conversations.ConversationsV1ServiceConversationMessage) bool {
		return m.Body != nil && *m.Body == body
	})
}

// Sent returns the texts that a customer was sent by the messaging API.
func (s *Server) Sent(customer string) []string {
	s.t.Helper()
	var texts []string
	for _, m := range must(s.control.ListMessages(context.Background(), customer, 0, 0))(s) {
		if m.To == customer && !m.Control && m.ConversationSID == "" {
			texts = append(texts, m.Body)
		}
	}
	return texts
}

// RegisterFlow adds a Studio flow to the account: draft or published.
func (s *Server) RegisterFlow(sid, status string) {
	s.t.Helper()
	must(s.control.RegisterFlow(context.Background(), AccountSID, studio.NewFlow{SID: sid, Status: status}))(s)
}

// RegisterSender adds a WhatsApp number of its own to the account.
func (s *Server) RegisterSender(address string) {
	s.t.Helper()
	must(s.control.CreateSender(context.Background(), AccountSID, address))(s)
}

// TellOfDeliveries sets the account's global webhook.
func (s *Server) TellOfDeliveries(postURL string, filters ...string) {
	s.t.Helper()
	must(s.api.UpdateConfigurationWebhook(new(conversations.UpdateConfigurationWebhookParams).SetPostWebhookUrl(postURL).SetFilters(filters)))(s)
}

// Attribute returns one string out of a JSON object of attributes, "" when it is not there.
func Attribute(attributes, name string) string {
	var all map[string]any
	_ = json.Unmarshal([]byte(attributes), &all)
	value, _ := all[name].(string)
	return value
}
