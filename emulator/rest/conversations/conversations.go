package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) conversationRoutes() [][]rest.Route {
	return [][]rest.Route{
		both("POST", "/Conversations", a.createConversation),
		both("GET", "/Conversations/{Sid}", a.fetchConversation),
		both("POST", "/Conversations/{Sid}", a.updateConversation),
		both("DELETE", "/Conversations/{Sid}", a.deleteConversation),
		both("GET", "/Conversations", a.listConversations),
	}
}

type conversationBody struct {
	conversations.Conversation
	URL   rest.URL          `json:"url"`
	Links conversationLinks `json:"links"`
}

type conversationLinks struct {
	Participants rest.URL `json:"participants"`
	Messages     rest.URL `json:"messages"`
	Webhooks     rest.URL `json:"webhooks"`
	Export       rest.URL `json:"export"`
}

func (in *request) conversation(c conversations.Conversation) conversationBody {
	if in.conversations == "" {
		in.conversations = in.url("Conversations") + "/"
	}
	self := rest.URL{Stem: in.conversations, Tail: c.SID}
	return conversationBody{c, self, conversationLinks{Participants: self.With("/Participants"), Messages: self.With("/Messages"),
		Webhooks: self.With("/Webhooks"), Export: self.With("/Export")}}
}

func (a *api) createConversation(in *request) (rest.Result, error) {
	var p conversations.ConversationParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	c, err := a.conversations.CreateConversation(in.Context(), in.Scope, p)
	return rest.Created(in.conversation(c)), err
}

func (a *api) fetchConversation(in *request) (rest.Result, error) {
	c, err := a.conversations.FetchConversation(in.Context(), in.Scope, in.Vars["Sid"])
	return rest.OK(in.conversation(c)), err
}

func (a *api) updateConversation(in *request) (rest.Result, error) {
	var p conversations.ConversationParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	c, err := a.conversations.UpdateConversation(in.Context(), in.Scope, in.Vars["Sid"], p)
	return rest.OK(in.conversation(c)), err
}

func (a *api) deleteConversation(in *request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteConversation(in.Context(), in.Scope, in.Vars["Sid"])
}

func (a *api) listConversations(in *request) (rest.Result, error) {
	var p conversations.ListConversationsParams
	if err := in.Query(&p); err != nil {
		return rest.Result{}, err
	}
	q, err := in.Paging(100)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.conversations.ListConversations(in.Context(), in.Scope, p, q.PageQuery)
	return rest.List(in.Request, q, "conversations", page, in.conversation), err
}
