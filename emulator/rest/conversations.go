package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) conversationRoutes() [][]route {
	return [][]route{
		both("POST", "/Conversations", a.createConversation),
		both("GET", "/Conversations/{Sid}", a.fetchConversation),
		both("POST", "/Conversations/{Sid}", a.updateConversation),
		both("DELETE", "/Conversations/{Sid}", a.deleteConversation),
		both("GET", "/Conversations", a.listConversations),
	}
}

type conversationBody struct {
	conversations.Conversation
	URL   string            `json:"url"`
	Links conversationLinks `json:"links"`
}

type conversationLinks struct {
	Participants string `json:"participants"`
	Messages     string `json:"messages"`
	Webhooks     string `json:"webhooks"`
	Export       string `json:"export"`
}

func (in *request) conversation(c conversations.Conversation) conversationBody {
	self := in.url("Conversations", c.SID)
	return conversationBody{c, self, conversationLinks{
		Participants: self + "/Participants", Messages: self + "/Messages", Webhooks: self + "/Webhooks", Export: self + "/Export"}}
}

func (a *API) createConversation(in *request) (result, error) {
	var p conversations.ConversationParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	c, err := a.conversations.CreateConversation(in.Context(), in.Scope, p)
	return created(in.conversation(c)), err
}

func (a *API) fetchConversation(in *request) (result, error) {
	c, err := a.conversations.FetchConversation(in.Context(), in.Scope, in.vars["Sid"])
	return ok(in.conversation(c)), err
}

func (a *API) updateConversation(in *request) (result, error) {
	var p conversations.ConversationParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	c, err := a.conversations.UpdateConversation(in.Context(), in.Scope, in.vars["Sid"], p)
	return ok(in.conversation(c)), err
}

func (a *API) deleteConversation(in *request) (result, error) {
	return deleted(), a.conversations.DeleteConversation(in.Context(), in.Scope, in.vars["Sid"])
}

func (a *API) listConversations(in *request) (result, error) {
	var p conversations.ListConversationsParams
	if err := a.query(in, &p); err != nil {
		return result{}, err
	}
	q, err := in.paging(100)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListConversations(in.Context(), in.Scope, p, q.PageQuery)
	return list(in, q, "conversations", page, in.conversation), err
}
