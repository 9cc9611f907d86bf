package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) participantRoutes() [][]route {
	return [][]route{
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

func (a *API) createParticipant(in *request) (result, error) {
	var p conversations.CreateParticipantParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	participant, err := a.conversations.CreateParticipant(in.Context(), in.Scope, in.vars["ConversationSid"], p)
	return created(in.participant(participant)), err
}

func (a *API) fetchParticipant(in *request) (result, error) {
	p, err := a.conversations.FetchParticipant(in.Context(), in.Scope, in.vars["ConversationSid"], in.vars["Sid"])
	return ok(in.participant(p)), err
}

func (a *API) updateParticipant(in *request) (result, error) {
	var p conversations.UpdateParticipantParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	updated, err := a.conversations.UpdateParticipant(in.Context(), in.Scope, in.vars["ConversationSid"], in.vars["Sid"], p)
	return ok(in.participant(updated)), err
}

func (a *API) deleteParticipant(in *request) (result, error) {
	return deleted(), a.conversations.DeleteParticipant(in.Context(), in.Scope, in.vars["ConversationSid"], in.vars["Sid"])
}

func (a *API) listParticipants(in *request) (result, error) {
	q, err := in.paging(100)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListParticipants(in.Context(), in.Scope, in.vars["ConversationSid"], q.PageQuery)
	return list(in, q, "participants", page, in.participant), err
}
