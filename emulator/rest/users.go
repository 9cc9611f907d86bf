package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) userRoutes() [][]route {
	return [][]route{
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

func (a *API) createUser(in *request) (result, error) {
	var p conversations.UserParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	u, err := a.conversations.CreateUser(in.Context(), in.Scope, p)
	return created(in.user(u)), err
}

func (a *API) fetchUser(in *request) (result, error) {
	u, err := a.conversations.FetchUser(in.Context(), in.Scope, in.vars["Sid"])
	return ok(in.user(u)), err
}

func (a *API) updateUser(in *request) (result, error) {
	var p conversations.UserParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	u, err := a.conversations.UpdateUser(in.Context(), in.Scope, in.vars["Sid"], p)
	return ok(in.user(u)), err
}

func (a *API) deleteUser(in *request) (result, error) {
	return deleted(), a.conversations.DeleteUser(in.Context(), in.Scope, in.vars["Sid"])
}

func (a *API) listUsers(in *request) (result, error) {
	q, err := in.paging(50)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListUsers(in.Context(), in.Scope, q.PageQuery)
	return list(in, q, "users", page, in.user), err
}
