package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) participantRoutes() [][]rest.Route {
	return [][]rest.Route{
		both("POST", "/Conversations/{ConversationSid}/Participants", a.createParticipant),
		both("GET", "/Conversations/{ConversationSid}/Participants/{Sid}", a.fetchParticipant),
		both("POST", "/Conversations/{ConversationSid}/Participants/{Sid}", a.updateParticipant),
		both("DELETE", "/Conversations/{ConversationSid}/Participants/{Sid}", a.deleteParticipant),
		both("GET", "/Conversations/{ConversationSid}/Participants", a.listParticipants),
	}
}

type participantBody struct {
	conversations.Participant
	ChatServiceSID *string `json:"chat_service_sid,omitempty"`
	URL            string  `json:"url"`
}

func (in *request) participant(p conversations.Participant) participantBody {
	return participantBody{p, in.chatServiceSID(), in.url("Conversations", p.ConversationSID, "Participants", p.SID)}
}

func (a *api) createParticipant(in *request) (rest.Result, error) {
	var p conversations.CreateParticipantParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	participant, err := a.conversations.CreateParticipant(in.Context(), in.Scope, in.Vars["ConversationSid"], p)
	return rest.Created(in.participant(participant)), err
}

func (a *api) fetchParticipant(in *request) (rest.Result, error) {
	p, err := a.conversations.FetchParticipant(in.Context(), in.Scope, in.Vars["ConversationSid"], in.Vars["Sid"])
	return rest.OK(in.participant(p)), err
}

func (a *api) updateParticipant(in *request) (rest.Result, error) {
	var p conversations.UpdateParticipantParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	updated, err := a.conversations.UpdateParticipant(in.Context(), in.Scope, in.Vars["ConversationSid"], in.Vars["Sid"], p)
	return rest.OK(in.participant(updated)), err
}

func (a *api) deleteParticipant(in *request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteParticipant(in.Context(), in.Scope, in.Vars["ConversationSid"], in.Vars["Sid"])
}

func (a *api) listParticipants(in *request) (rest.Result, error) {
	q, err := in.Paging(100)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.conversations.ListParticipants(in.Context(), in.Scope, in.Vars["ConversationSid"], q.PageQuery)
	return rest.List(in.Request, q, "participants", page, in.participant), err
}
