package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) userRoutes() [][]rest.Route {
	return [][]rest.Route{
		both("POST", "/Users", a.createUser),
		both("GET", "/Users/{Sid}", a.fetchUser),
		both("POST", "/Users/{Sid}", a.updateUser),
		both("DELETE", "/Users/{Sid}", a.deleteUser),
		both("GET", "/Users", a.listUsers),
	}
}

type userBody struct {
	conversations.User
	URL   string    `json:"url"`
	Links userLinks `json:"links"`
}

type userLinks struct {
	UserConversations string `json:"user_conversations"`
}

func (in *request) user(u conversations.User) userBody {
	self := in.url("Users", u.SID)
	return userBody{u, self, userLinks{UserConversations: self + "/Conversations"}}
}

func (a *api) createUser(in *request) (rest.Result, error) {
	var p conversations.UserParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	u, err := a.conversations.CreateUser(in.Context(), in.Scope, p)
	return rest.Created(in.user(u)), err
}

func (a *api) fetchUser(in *request) (rest.Result, error) {
	u, err := a.conversations.FetchUser(in.Context(), in.Scope, in.Vars["Sid"])
	return rest.OK(in.user(u)), err
}

func (a *api) updateUser(in *request) (rest.Result, error) {
	var p conversations.UserParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	u, err := a.conversations.UpdateUser(in.Context(), in.Scope, in.Vars["Sid"], p)
	return rest.OK(in.user(u)), err
}

func (a *api) deleteUser(in *request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteUser(in.Context(), in.Scope, in.Vars["Sid"])
}

func (a *api) listUsers(in *request) (rest.Result, error) {
	q, err := in.Paging(50)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.conversations.ListUsers(in.Context(), in.Scope, q.PageQuery)
	return rest.List(in.Request, q, "users", page, in.user), err
}
