package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) userConversationRoutes() [][]rest.Route {
	return [][]rest.Route{
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
	return conversations.UserConversationIDs{User: in.Vars["UserSid"], Conversation: in.Vars["ConversationSid"]}
}

func (a *api) fetchUserConversation(in *request) (rest.Result, error) {
	u, err := a.conversations.FetchUserConversation(in.Context(), in.Scope, in.userConversationIDs())
	return rest.OK(in.userConversation(u)), err
}

func (a *api) updateUserConversation(in *request) (rest.Result, error) {
	var p conversations.UserConversationParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	u, err := a.conversations.UpdateUserConversation(in.Context(), in.Scope, in.userConversationIDs(), p)
	return rest.OK(in.userConversation(u)), err
}

func (a *api) deleteUserConversation(in *request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteUserConversation(in.Context(), in.Scope, in.userConversationIDs())
}

func (a *api) listUserConversations(in *request) (rest.Result, error) {
	q, err := in.Paging(50)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.conversations.ListUserConversations(in.Context(), in.Scope, in.Vars["UserSid"], q.PageQuery)
	return rest.List(in.Request, q, "conversations", page, in.userConversation), err
}
