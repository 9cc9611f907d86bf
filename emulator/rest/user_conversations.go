package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) userConversationRoutes() [][]route {
	return [][]route{
		both("GET", "/Users/{UserSid}/Conversations/{ConversationSid}", a.fetchUserConversation),
		both("POST", "/Users/{UserSid}/Conversations/{ConversationSid}", a.updateUserConversation),
		both("DELETE", "/Users/{UserSid}/Conversations/{ConversationSid}", a.deleteUserConversation),
		both("GET", "/Users/{UserSid}/Conversations", a.listUserConversations),
	}
}

type userConversationBody struct {
	conversations.UserConversation
	URL   string                `json:"url"`
	Links userConversationLinks `json:"links"`
}

type userConversationLinks struct {
	Participant  string `json:"participant"`
	Conversation string `json:"conversation"`
}

func (in *request) userConversation(u conversations.UserConversation) userConversationBody {
	conversation := in.url("Conversations", u.ConversationSID)
	return userConversationBody{u, in.url("Users", u.UserSID, "Conversations", u.ConversationSID),
		userConversationLinks{Participant: conversation + "/Participants/" + u.ParticipantSID, Conversation: conversation}}
}

// userConversationIDs are the ids of the path.
func (in *request) userConversationIDs() conversations.UserConversationIDs {
	return conversations.UserConversationIDs{User: in.vars["UserSid"], Conversation: in.vars["ConversationSid"]}
}

func (a *API) fetchUserConversation(in *request) (result, error) {
	u, err := a.conversations.FetchUserConversation(in.Context(), in.Scope, in.userConversationIDs())
	return ok(in.userConversation(u)), err
}

func (a *API) updateUserConversation(in *request) (result, error) {
	var p conversations.UserConversationParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	u, err := a.conversations.UpdateUserConversation(in.Context(), in.Scope, in.userConversationIDs(), p)
	return ok(in.userConversation(u)), err
}

func (a *API) deleteUserConversation(in *request) (result, error) {
	return deleted(), a.conversations.DeleteUserConversation(in.Context(), in.Scope, in.userConversationIDs())
}

func (a *API) listUserConversations(in *request) (result, error) {
	q, err := in.paging(50)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListUserConversations(in.Context(), in.Scope, in.vars["UserSid"], q.PageQuery)
	return list(in, q, "conversations", page, in.userConversation), err
}
