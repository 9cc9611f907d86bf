package bridge

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// callBudget is how long one call is tried again after 429, 503 and failed connections.
const callBudget = 8 * time.Second

// standard accepts a message and sees to it that it stands in a conversation.
func (h *Handler) standard(ctx context.Context, p parameters) answer {
	for _, name := range []string{"From", "To", "MessageSid"} {
		if p.get(name) == "" {
			h.log.Warn("webhook refused: parameter is missing", "parameter", name)
			return plain(http.StatusBadRequest, "From, To and MessageSid are required")
		}
	}
	log := h.log.With("message_sid", p.get("MessageSid"))
	api := h.twilio.conversations(context.WithoutCancel(ctx), callBudget)
	bound, err := findConversation(api, p.get("From"), p.get("To"))
	if err != nil {
		log.Error("message not delivered: conversations of the customer cannot be listed", "error", err)
		return emptyTwiML
	}
	if bound != "" {
		log.Info("conversation already holds the customer and captures the message itself", "conversation_sid", bound)
		return emptyTwiML
	}
	h.open(api, p)
	return emptyTwiML
}

// open makes a new conversation with the customer, the flow and the message in it, or leaves nothing behind.
func (h *Handler) open(api *conversations.ApiService, p parameters) {
	log := h.log.With("message_sid", p.get("MessageSid"))
	conversation, err := api.CreateConversation(new(conversations.CreateConversationParams).SetXTwilioWebhookEnabled("true"))
	if err != nil {
		log.Error("message not delivered: conversation not created", "error", err)
		return
	}
	sid := deref(conversation.Sid)
	log = log.With("conversation_sid", sid)
	if err := h.fill(api, sid, p); err != nil {
		h.reportFailure(api, sid, p, err)
		if err := api.DeleteConversation(sid, nil); err != nil && !notFound(err) {
			log.Error("conversation not deleted, it stays behind", "error", err)
		}
		return
	}
	log.Info("conversation opened")
}

// fill adds customer, flow and message. The customer comes first: a conflict then costs the fewest calls.
func (h *Handler) fill(api *conversations.ApiService, sid string, p parameters) error {
	if _, err := api.CreateConversationParticipant(sid, binding(p.get("From"), p.get("To"))); err != nil {
		return err
	}
	if _, err := api.CreateConversationScopedWebhook(sid, studioWebhook(h.config.FlowSID)); err != nil {
		return err
	}
	_, err := api.CreateConversationMessage(sid, new(conversations.CreateConversationMessageParams).
		SetAuthor(p.get("From")).SetBody(standardBody(p)).SetXTwilioWebhookEnabled("true"))
	return err
}

// reportFailure says what happened. A binding held by a conversation that this account cannot see belongs to another
// account that uses the same sandbox number.
func (h *Handler) reportFailure(api *conversations.ApiService, sid string, p parameters, err error) {
	log := h.log.With("message_sid", p.get("MessageSid"), "conversation_sid", sid)
	holder := boundConversation(err)
	if holder == "" {
		log.Error("message not delivered", "error", err)
		return
	}
	if _, fetchErr := api.FetchConversation(holder); notFound(fetchErr) {
		log.Error("message not delivered: ANOTHER ACCOUNT holds the binding of this customer and the sandbox number; "+
			"close or delete its conversation, or remove its participant", "holder_conversation_sid", holder)
		return
	}
	log.Info("another conversation of this account took the customer meanwhile", "holder_conversation_sid", holder)
}

// standardBody is the text of the message; what has no text is named.
func standardBody(p parameters) string {
	if body := p.get("Body"); strings.TrimSpace(body) != "" {
		return body
	}
	if kind := p.get("MediaContentType0"); kind != "" {
		return "[attachment: " + kind + "]"
	}
	if kind := p.get("MessageType"); kind != "" {
		return "[" + kind + "]"
	}
	return "[message without text]"
}

// findConversation returns the conversation of this account that holds the pair, "" when none does. A closed one has
// released it.
func findConversation(api *conversations.ApiService, address, proxy string) (string, error) {
	found, err := api.ListParticipantConversation(new(conversations.ListParticipantConversationParams).SetAddress(address))
	if err != nil {
		return "", err
	}
	for _, one := range found {
		if deref(one.ConversationState) != "closed" && proxyOf(one.ParticipantMessagingBinding) == proxy {
			return deref(one.ConversationSid), nil
		}
	}
	return "", nil
}

func proxyOf(binding *any) string {
	if binding == nil {
		return ""
	}
	fields, _ := (*binding).(map[string]any)
	proxy, _ := fields["proxy_address"].(string)
	return proxy
}

// redactQuery drops what a GET webhook carries in its URL.
func redactQuery(raw string) string {
	before, _, found := strings.Cut(raw, "?")
	if !found {
		return raw
	}
	return before + "?" + url.QueryEscape("…")
}
