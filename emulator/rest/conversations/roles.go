package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) roleRoutes() [][]rest.Route {
	return [][]rest.Route{
		both("POST", "/Roles", a.createRole),
		both("GET", "/Roles/{Sid}", a.fetchRole),
		both("POST", "/Roles/{Sid}", a.updateRole),
		both("DELETE", "/Roles/{Sid}", a.deleteRole),
		both("GET", "/Roles", a.listRoles),
	}
}

type roleBody struct {
	conversations.Role
	URL string `json:"url"`
}

func (in *request) role(r conversations.Role) roleBody { return roleBody{r, in.url("Roles", r.SID)} }

func (a *api) createRole(in *request) (rest.Result, error) {
	var p conversations.CreateRoleParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	r, err := a.conversations.CreateRole(in.Context(), in.Scope, p)
	return rest.Created(in.role(r)), err
}

func (a *api) fetchRole(in *request) (rest.Result, error) {
	r, err := a.conversations.FetchRole(in.Context(), in.Scope, in.Vars["Sid"])
	return rest.OK(in.role(r)), err
}

func (a *api) updateRole(in *request) (rest.Result, error) {
	var p conversations.UpdateRoleParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	r, err := a.conversations.UpdateRole(in.Context(), in.Scope, in.Vars["Sid"], p)
	return rest.OK(in.role(r)), err
}

func (a *api) deleteRole(in *request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteRole(in.Context(), in.Scope, in.Vars["Sid"])
}

func (a *api) listRoles(in *request) (rest.Result, error) {
	q, err := in.Paging(50)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.conversations.ListRoles(in.Context(), in.Scope, q.PageQuery)
	return rest.List(in.Request, q, "roles", page, in.role), err
}
