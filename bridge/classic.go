package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// emptyBodyApology is the text that the Function posts, as if the customer had written it, in place of an attachment.
const emptyBodyApology = "Empty body, maybe an attachment. Sorry this function doesnt support adding media to the " +
	"conversation. This should work post private beta"

// Answers of Twilio's Functions runtime (reference, WhatsApp 8.1).
var (
	functionDone = plain(http.StatusOK, "")
	// functionTimeout stands for a Function that never calls back. Twilio gives up after ten seconds; the bridge does
	// not make the caller wait for that.
	functionTimeout = plain(http.StatusGatewayTimeout, "runtime application timed out")
)

// functionError is the JSON of callback(err). The runtime puts a JavaScript stack into "stack"; here it is its first
// line.
type functionError struct {
	Message string `json:"message"`
	Name    string `json:"name"`
	Stack   string `json:"stack"`
}

// classic is the Function that Twilio publishes for the sandbox: the same calls in the same order, the same cleanup or
// lack of it, the same answers (reference, WhatsApp 8.2 and 8.3). Its defects are kept on purpose.
func (h *Handler) classic(ctx context.Context, w webhook) (answer, bool) {
	ctx, cancel := h.pace.withTimeout(context.WithoutCancel(ctx), h.config.FunctionTimeout)
	defer cancel()
	a := h.runFunction(ctx, w.parameters)
	if ctx.Err() != nil {
		h.log.Error("classic: the Function is stopped at its time limit, without cleanup", "message_sid", w.get("MessageSid"))
		return functionTimeout, false
	}
	return a, false
}

func (h *Handler) runFunction(ctx context.Context, p parameters) answer {
	if h.config.FlowSID == "" {
		return functionUnconfigured()
	}
	if h.config.AccountSID == "" && h.config.Client == nil {
		h.log.Error("classic: no account SID, so getTwilioClient throws and the Function never answers")
		return functionTimeout
	}
	api := h.twilio.conversations(ctx, 0)

	conversation, err := api.CreateConversation(new(conversations.CreateConversationParams).SetXTwilioWebhookEnabled("true"))
	if err != nil {
		h.log.Error("classic: conversation not created", "error", err)
		return functionFailed(err)
	}
	sid := deref(conversation.Sid)
	log := h.log.With("conversation_sid", sid, "message_sid", p.get("MessageSid"))

	if _, err = api.CreateConversationScopedWebhook(sid, studioWebhook(h.config.FlowSID)); err != nil {
		log.Error("classic: webhook not created, conversation stays behind", "error", err)
		return functionFailed(err)
	}
	if _, err = api.CreateConversationParticipant(sid, binding(p.javaScript("From"), p.javaScript("To"))); err != nil {
		log.Error("classic: participant not added", "error", err)
		h.classicDelete(api, sid)
		return functionDone
	}
	if _, err = api.CreateConversationMessage(sid, classicMessage(p)); err != nil {
		log.Error("classic: message not added, its error goes to the customer", "error", err)
		h.classicDelete(api, sid)
		return plain(http.StatusOK, javaScriptError(err).String())
	}
	log.Info("classic: conversation opened")
	return functionDone
}

func (h *Handler) classicDelete(api *conversations.ApiService, sid string) {
	if err := api.DeleteConversation(sid, nil); err != nil {
		h.log.Error("classic: conversation not deleted, it stays behind", "conversation_sid", sid, "error", err)
	}
}

func classicMessage(p parameters) *conversations.CreateConversationMessageParams {
	body := p.javaScript("Body")
	if p.isEmptyString("Body") {
		body = emptyBodyApology
	}
	return new(conversations.CreateConversationMessageParams).
		SetAuthor(p.javaScript("From")).SetBody(body).SetXTwilioWebhookEnabled("true")
}

// studioWebhook leads a conversation's messages to a Studio flow. ReplayAfter 0 is really sent.
func studioWebhook(flowSID string) *conversations.CreateConversationScopedWebhookParams {
	return new(conversations.CreateConversationScopedWebhookParams).SetTarget("studio").
		SetConfigurationFlowSid(flowSID).SetConfigurationReplayAfter(0).SetConfigurationFilters([]string{"onMessageAdded"})
}

// binding returns the parameters of the customer as a participant: address is the phone, proxy the sandbox number.
func binding(address, proxy string) *conversations.CreateConversationParticipantParams {
	return new(conversations.CreateConversationParticipantParams).
		SetMessagingBindingAddress(address).SetMessagingBindingProxyAddress(proxy)
}

// functionUnconfigured returns the Function's answer without STUDIO_FLOW_SID: the 500 is in the body only.
func functionUnconfigured() answer {
	a := jsonAnswer(http.StatusOK, struct {
		Status  int    `json:"status"`
		Message string `json:"message"`
	}{http.StatusInternalServerError, "Studio Flow SID is not configured"})
	a.header = http.Header{
		"Access-Control-Allow-Origin":  {"*"},
		"Access-Control-Allow-Methods": {"GET,POST,OPTIONS"},
		"Access-Control-Allow-Headers": {"Content-Type"},
	}
	return a
}

// functionFailed returns the answer of callback(err).
func functionFailed(err error) answer {
	thrown := javaScriptError(err)
	return jsonAnswer(http.StatusInternalServerError, functionError{Message: thrown.message, Name: thrown.name, Stack: thrown.String()})
}

// thrown is an error of JavaScript.
type thrown struct{ name, message string }

// String returns `${error}`.
func (t thrown) String() string { return t.name + ": " + t.message }

// javaScriptError returns the error of twilio-node 5 on Node 20 in place of twilio-go's, as seen beside this handler: Twilio's
// message, or for an answer that is not JSON the status, or what Node says of a connection.
func javaScriptError(err error) thrown {
	failed := new(callError)
	if !errors.As(err, &failed) {
		failed = newCallError("", err)
	}
	notJSON, exchange, dial := new(json.SyntaxError), new(url.Error), new(net.OpError)
	switch {
	case failed.code != 0:
	case failed.status >= http.StatusBadRequest && errors.As(failed.cause, &notJSON):
		return thrown{"Error", fmt.Sprintf("[HTTP %d] Failed to execute request", failed.status)}
	case errors.Is(failed.cause, io.EOF) && errors.As(failed.cause, &exchange):
		return thrown{"Error", "socket hang up"}
	case errors.Is(failed.cause, io.EOF): // an answer without a body
		return thrown{"SyntaxError", "Unexpected end of JSON input"}
	case errors.As(failed.cause, &dial) && errors.Is(dial, syscall.ECONNREFUSED):
		return thrown{"Error", fmt.Sprintf("connect ECONNREFUSED %s", dial.Addr)}
	}
	return thrown{"Error", failed.message}
}
