package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) serviceRoutes() [][]route {
	return [][]route{
		account("GET", "/Services/{Sid}", a.fetchService),
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

func (a *API) fetchService(in *request) (result, error) {
	s, err := a.conversations.FetchService(in.Context(), in.Scope, in.vars["Sid"])
	return ok(in.service(s)), err
}

func (a *API) listServices(in *request) (result, error) {
	q, err := in.paging(100)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListServices(in.Context(), in.Scope, q.PageQuery)
	return list(in, q, "services", page, in.service), err
}
