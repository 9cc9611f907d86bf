package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) serviceRoutes() [][]rest.Route {
	return [][]rest.Route{
		account("POST", "/Services", a.createService),
		account("GET", "/Services/{Sid}", a.fetchService),
		account("DELETE", "/Services/{Sid}", a.deleteService),
		account("GET", "/Services", a.listServices),
	}
}

type serviceBody struct {
	conversations.Service
	URL   string       `json:"url"`
	Links serviceLinks `json:"links"`
}

type serviceLinks struct {
	Conversations                string `json:"conversations"`
	Users                        string `json:"users"`
	Roles                        string `json:"roles"`
	Bindings                     string `json:"bindings"`
	Configuration                string `json:"configuration"`
	ParticipantConversations     string `json:"participant_conversations"`
	ConversationWithParticipants string `json:"conversation_with_participants"`
}

func (in *request) service(s conversations.Service) serviceBody {
	self := in.url("Services", s.SID)
	return serviceBody{s, self, serviceLinks{
		Conversations: self + "/Conversations", Users: self + "/Users", Roles: self + "/Roles", Bindings: self + "/Bindings",
		Configuration: self + "/Configuration", ParticipantConversations: self + "/ParticipantConversations",
		ConversationWithParticipants: self + "/ConversationWithParticipants"}}
}

func (a *api) createService(in *request) (rest.Result, error) {
	var p conversations.CreateServiceParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	s, err := a.conversations.CreateService(in.Context(), in.Scope, p)
	return rest.Created(in.service(s)), err
}

func (a *api) fetchService(in *request) (rest.Result, error) {
	s, err := a.conversations.FetchService(in.Context(), in.Scope, in.Vars["Sid"])
	return rest.OK(in.service(s)), err
}

func (a *api) deleteService(in *request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteService(in.Context(), in.Scope, in.Vars["Sid"])
}

func (a *api) listServices(in *request) (rest.Result, error) {
	q, err := in.Paging(100)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.conversations.ListServices(in.Context(), in.Scope, q.PageQuery)
	return rest.List(in.Request, q, "services", page, in.service), err
}
