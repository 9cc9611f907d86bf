package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) webhookRoutes() [][]route {
	return [][]route{
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

func (a *API) createWebhook(in *request) (result, error) {
	var p conversations.WebhookParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	w, err := a.conversations.CreateWebhook(in.Context(), in.Scope, in.vars["ConversationSid"], p)
	return created(in.webhook(w)), err
}

func (a *API) fetchWebhook(in *request) (result, error) {
	w, err := a.conversations.FetchWebhook(in.Context(), in.Scope, in.vars["ConversationSid"], in.vars["Sid"])
	return ok(in.webhook(w)), err
}

func (a *API) updateWebhook(in *request) (result, error) {
	var p conversations.WebhookParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	w, err := a.conversations.UpdateWebhook(in.Context(), in.Scope, in.vars["ConversationSid"], in.vars["Sid"], p)
	return ok(in.webhook(w)), err
}

func (a *API) deleteWebhook(in *request) (result, error) {
	return deleted(), a.conversations.DeleteWebhook(in.Context(), in.Scope, in.vars["ConversationSid"], in.vars["Sid"])
}

func (a *API) listWebhooks(in *request) (result, error) {
	q, err := in.paging(5)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListWebhooks(in.Context(), in.Scope, in.vars["ConversationSid"], q.PageQuery)
	return list(in, q, "webhooks", page, in.webhook), err
}
