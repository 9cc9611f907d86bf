package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) bindingRoutes() [][]rest.Route {
	return [][]rest.Route{
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

func (a *api) fetchBinding(in *request) (rest.Result, error) {
	b, err := a.conversations.FetchBinding(in.Context(), in.Scope, in.Vars["Sid"])
	return rest.OK(in.binding(b)), err
}

func (a *api) deleteBinding(in *request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteBinding(in.Context(), in.Scope, in.Vars["Sid"])
}

func (a *api) listBindings(in *request) (rest.Result, error) {
	var p conversations.ListBindingsParams
	if err := in.Query(&p); err != nil {
		return rest.Result{}, err
	}
	q, err := in.Paging(100)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.conversations.ListBindings(in.Context(), in.Scope, p, q.PageQuery)
	return rest.List(in.Request, q, "bindings", page, in.binding), err
}
