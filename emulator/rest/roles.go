package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) roleRoutes() [][]route {
	return [][]route{
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

func (a *API) createRole(in *request) (result, error) {
	var p conversations.CreateRoleParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	r, err := a.conversations.CreateRole(in.Context(), in.Scope, p)
	return created(in.role(r)), err
}

func (a *API) fetchRole(in *request) (result, error) {
	r, err := a.conversations.FetchRole(in.Context(), in.Scope, in.vars["Sid"])
	return ok(in.role(r)), err
}

func (a *API) updateRole(in *request) (result, error) {
	var p conversations.UpdateRoleParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	r, err := a.conversations.UpdateRole(in.Context(), in.Scope, in.vars["Sid"], p)
	return ok(in.role(r)), err
}

func (a *API) deleteRole(in *request) (result, error) {
	return deleted(), a.conversations.DeleteRole(in.Context(), in.Scope, in.vars["Sid"])
}

func (a *API) listRoles(in *request) (result, error) {
	q, err := in.paging(50)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListRoles(in.Context(), in.Scope, q.PageQuery)
	return list(in, q, "roles", page, in.role), err
}
