package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) webhookRoutes() [][]rest.Route {
	return [][]rest.Route{
		both("POST", "/Conversations/{ConversationSid}/Webhooks", a.createWebhook),
		both("GET", "/Conversations/{ConversationSid}/Webhooks/{Sid}", a.fetchWebhook),
		both("POST", "/Conversations/{ConversationSid}/Webhooks/{Sid}", a.updateWebhook),
		both("DELETE", "/Conversations/{ConversationSid}/Webhooks/{Sid}", a.deleteWebhook),
		both("GET", "/Conversations/{ConversationSid}/Webhooks", a.listWebhooks),
	}
}

type webhookBody struct {
	conversations.Webhook
	ChatServiceSID *string `json:"chat_service_sid,omitempty"`
	URL            string  `json:"url"`
}

func (in *request) webhook(w conversations.Webhook) webhookBody {
	return webhookBody{w, in.chatServiceSID(), in.url("Conversations", w.ConversationSID, "Webhooks", w.SID)}
}

func (a *api) createWebhook(in *request) (rest.Result, error) {
	var p conversations.WebhookParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	w, err := a.conversations.CreateWebhook(in.Context(), in.Scope, in.Vars["ConversationSid"], p)
	return rest.Created(in.webhook(w)), err
}

func (a *api) fetchWebhook(in *request) (rest.Result, error) {
	w, err := a.conversations.FetchWebhook(in.Context(), in.Scope, in.Vars["ConversationSid"], in.Vars["Sid"])
	return rest.OK(in.webhook(w)), err
}

func (a *api) updateWebhook(in *request) (rest.Result, error) {
	var p conversations.WebhookParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	w, err := a.conversations.UpdateWebhook(in.Context(), in.Scope, in.Vars["ConversationSid"], in.Vars["Sid"], p)
	return rest.OK(in.webhook(w)), err
}

func (a *api) deleteWebhook(in *request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteWebhook(in.Context(), in.Scope, in.Vars["ConversationSid"], in.Vars["Sid"])
}

func (a *api) listWebhooks(in *request) (rest.Result, error) {
	q, err := in.Paging(5)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.conversations.ListWebhooks(in.Context(), in.Scope, in.Vars["ConversationSid"], q.PageQuery)
	return rest.List(in.Request, q, "webhooks", page, in.webhook), err
}
