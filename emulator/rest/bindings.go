package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) bindingRoutes() [][]route {
	return [][]route{
		service("GET", "/Bindings/{Sid}", a.fetchBinding),
		service("DELETE", "/Bindings/{Sid}", a.deleteBinding),
		service("GET", "/Bindings", a.listBindings),
	}
}

type bindingBody struct {
	conversations.Binding
	URL string `json:"url"`
}

func (in *request) binding(b conversations.Binding) bindingBody {
	return bindingBody{b, in.url("Bindings", b.SID)}
}

func (a *API) fetchBinding(in *request) (result, error) {
	b, err := a.conversations.FetchBinding(in.Context(), in.Scope, in.vars["Sid"])
	return ok(in.binding(b)), err
}

func (a *API) deleteBinding(in *request) (result, error) {
	return deleted(), a.conversations.DeleteBinding(in.Context(), in.Scope, in.vars["Sid"])
}

func (a *API) listBindings(in *request) (result, error) {
	var p conversations.ListBindingsParams
	if err := a.query(in, &p); err != nil {
		return result{}, err
	}
	q, err := in.paging(100)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListBindings(in.Context(), in.Scope, p, q.PageQuery)
	return list(in, q, "bindings", page, in.binding), err
}
