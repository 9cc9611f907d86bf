package rest

import (
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

func (a *API) messageRoutes() [][]route {
	return [][]route{
		both("POST", "/Conversations/{ConversationSid}/Messages", a.createMessage),
		both("GET", "/Conversations/{ConversationSid}/Messages/{Sid}", a.fetchMessage),
		both("POST", "/Conversations/{ConversationSid}/Messages/{Sid}", a.updateMessage),
		both("DELETE", "/Conversations/{ConversationSid}/Messages/{Sid}", a.deleteMessage),
		both("GET", "/Conversations/{ConversationSid}/Messages", a.listMessages),
	}
}

type messageBody struct {
	conversations.Message
	ChatServiceSID *string      `json:"chat_service_sid,omitempty"`
	URL            string       `json:"url"`
	Links          messageLinks `json:"links"`
}

type messageLinks struct {
	DeliveryReceipts string `json:"delivery_receipts"`
	ChannelMetadata  string `json:"channel_metadata"`
}

func (in *request) message(m conversations.Message) messageBody {
	self := in.url("Conversations", m.ConversationSID, "Messages", m.SID)
	return messageBody{m, in.chatServiceSID(), self,
		messageLinks{DeliveryReceipts: self + "/Receipts", ChannelMetadata: self + "/ChannelMetadata"}}
}

func (a *API) createMessage(in *request) (result, error) {
	var p conversations.MessageParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	m, err := a.conversations.CreateMessage(in.Context(), in.Scope, in.vars["ConversationSid"], p)
	return created(in.message(m)), err
}

func (a *API) fetchMessage(in *request) (result, error) {
	m, err := a.conversations.FetchMessage(in.Context(), in.Scope, in.vars["ConversationSid"], in.vars["Sid"])
	return ok(in.message(m)), err
}

func (a *API) updateMessage(in *request) (result, error) {
	var p conversations.MessageParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	m, err := a.conversations.UpdateMessage(in.Context(), in.Scope, in.vars["ConversationSid"], in.vars["Sid"], p)
	return ok(in.message(m)), err
}

func (a *API) deleteMessage(in *request) (result, error) {
	return deleted(), a.conversations.DeleteMessage(in.Context(), in.Scope, in.vars["ConversationSid"], in.vars["Sid"])
}

func (a *API) listMessages(in *request) (result, error) {
	q, err := in.paging(100)
	if err != nil {
		return result{}, err
	}
	order := in.URL.Query().Get("Order")
	if order != "" && !strings.EqualFold(order, "asc") && !strings.EqualFold(order, "desc") {
		return result{}, twilio.InvalidParameter("Order")
	}
	page, err := a.conversations.ListMessages(in.Context(), in.Scope, in.vars["ConversationSid"],
		strings.EqualFold(order, "desc"), q.PageQuery)
	return list(in, q, "messages", page, in.message), err
}
