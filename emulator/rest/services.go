package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) serviceRoutes() [][]route {
	return [][]route{
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

func (a *API) createService(in *request) (result, error) {
	var p conversations.CreateServiceParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	s, err := a.conversations.CreateService(in.Context(), in.Scope, p)
	return created(in.service(s)), err
}

func (a *API) fetchService(in *request) (result, error) {
	s, err := a.conversations.FetchService(in.Context(), in.Scope, in.vars["Sid"])
	return ok(in.service(s)), err
}

func (a *API) deleteService(in *request) (result, error) {
	return deleted(), a.conversations.DeleteService(in.Context(), in.Scope, in.vars["Sid"])
}

func (a *API) listServices(in *request) (result, error) {
	q, err := in.paging(100)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListServices(in.Context(), in.Scope, q.PageQuery)
	return list(in, q, "services", page, in.service), err
}
