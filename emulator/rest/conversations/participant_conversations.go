package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) participantConversationRoutes() [][]rest.Route {
	return [][]rest.Route{both("GET", "/ParticipantConversations", a.listParticipantConversations)}
}

type participantConversationBody struct {
	conversations.ParticipantConversation
	Links participantConversationLinks `json:"links"`
}

type participantConversationLinks struct {
	Participant  string `json:"participant"`
	Conversation string `json:"conversation"`
}

func (in *request) participantConversation(p conversations.ParticipantConversation) participantConversationBody {
	conversation := in.url("Conversations", p.ConversationSID)
	return participantConversationBody{p, participantConversationLinks{
		Participant: conversation + "/Participants/" + p.ParticipantSID, Conversation: conversation}}
}

func (a *api) listParticipantConversations(in *request) (rest.Result, error) {
	var p conversations.ListParticipantConversationsParams
	if err := in.Query(&p); err != nil {
		return rest.Result{}, err
	}
	q, err := in.Paging(50)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.conversations.ListParticipantConversations(in.Context(), in.Scope, p, q.PageQuery)
	return rest.List(in.Request, q, "conversations", page, in.participantConversation), err
}
