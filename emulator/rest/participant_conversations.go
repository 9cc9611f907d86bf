package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) participantConversationRoutes() [][]route {
	return [][]route{both("GET", "/ParticipantConversations", a.listParticipantConversations)}
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

func (a *API) listParticipantConversations(in *request) (result, error) {
	var p conversations.ListParticipantConversationsParams
	if err := a.query(in, &p); err != nil {
		return result{}, err
	}
	q, err := in.paging(50)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListParticipantConversations(in.Context(), in.Scope, p, q.PageQuery)
	return list(in, q, "conversations", page, in.participantConversation), err
}
