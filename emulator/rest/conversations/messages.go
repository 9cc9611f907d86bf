package conversations

import (
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

func (a *api) messageRoutes() [][]rest.Route {
	return [][]rest.Route{
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
	URL            rest.URL     `json:"url"`
	Links          messageLinks `json:"links"`
}

type messageLinks struct {
	DeliveryReceipts rest.URL `json:"delivery_receipts"`
	ChannelMetadata  rest.URL `json:"channel_metadata"`
}

func (in *request) message(m conversations.Message) messageBody {
	if in.messages == "" { // all messages of an answer are of one conversation
		in.messages = in.url("Conversations", m.ConversationSID, "Messages") + "/"
	}
	self := rest.URL{Stem: in.messages, Tail: m.SID}
	return messageBody{m, in.chatServiceSID(), self,
		messageLinks{DeliveryReceipts: self.With("/Receipts"), ChannelMetadata: self.With("/ChannelMetadata")}}
}

func (a *api) createMessage(in *request) (rest.Result, error) {
	var p conversations.MessageParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	m, err := a.conversations.CreateMessage(in.Context(), in.Scope, in.Vars["ConversationSid"], p)
	return rest.Created(in.message(m)), err
}

func (a *api) fetchMessage(in *request) (rest.Result, error) {
	m, err := a.conversations.FetchMessage(in.Context(), in.Scope, in.Vars["ConversationSid"], in.Vars["Sid"])
	return rest.OK(in.message(m)), err
}

func (a *api) updateMessage(in *request) (rest.Result, error) {
	var p conversations.MessageParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	m, err := a.conversations.UpdateMessage(in.Context(), in.Scope, in.Vars["ConversationSid"], in.Vars["Sid"], p)
	return rest.OK(in.message(m)), err
}

func (a *api) deleteMessage(in *request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteMessage(in.Context(), in.Scope, in.Vars["ConversationSid"], in.Vars["Sid"])
}

func (a *api) listMessages(in *request) (rest.Result, error) {
	q, err := in.Paging(100)
	if err != nil {
		return rest.Result{}, err
	}
	order := in.Values.Get("Order")
	if order != "" && !strings.EqualFold(order, "asc") && !strings.EqualFold(order, "desc") {
		return rest.Result{}, twilio.InvalidParameter("Order")
	}
	page, err := a.conversations.ListMessages(in.Context(), in.Scope, in.Vars["ConversationSid"],
		strings.EqualFold(order, "desc"), q.PageQuery)
	return rest.List(in.Request, q, "messages", page, in.message), err
}
