// Package content is Twilio's Content API over HTTP: templates and their approval by WhatsApp. Unlike the other products it takes
// JSON. LegacyContent is always empty: the emulator has no templates from before the Content API.
package content

import (
	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

type api struct{ content *content.API }

// New returns the product.
func New(rules *content.API) rest.Product {
	a := &api{rules}
	return rest.Product{Routes: []rest.Route{
		{Method: "POST", Path: "/content/v1/Content", Handle: a.createContent},
		{Method: "GET", Path: "/content/v1/Content", Handle: a.listContent},
		{Method: "GET", Path: "/content/v1/Content/{Sid}", Handle: a.fetchContent},
		{Method: "PUT", Path: "/content/v1/Content/{Sid}", Handle: a.updateContent},
		{Method: "DELETE", Path: "/content/v1/Content/{Sid}", Handle: a.deleteContent},
		{Method: "GET", Path: "/content/v1/Content/{Sid}/ApprovalRequests", Handle: a.fetchApproval},
		{Method: "POST", Path: "/content/v1/Content/{ContentSid}/ApprovalRequests/whatsapp", Handle: a.createApproval},
		{Method: "GET", Path: "/content/v1/ContentAndApprovals", Handle: a.listContentAndApprovals},
		{Method: "GET", Path: "/content/v1/LegacyContent", Handle: a.listLegacyContent},
	}}
}

type contentBody struct {
	content.Template
	URL   string            `json:"url"`
	Links map[string]string `json:"links"`
}

func newContentBody(in *rest.Request, t content.Template) contentBody {
	self := in.Base() + "/v1/Content/" + t.SID
	return contentBody{Template: t, URL: self,
		Links: map[string]string{"approval_create": self + "/ApprovalRequests/whatsapp", "approval_fetch": self + "/ApprovalRequests"}}
}

func (a *api) createContent(in *rest.Request) (rest.Result, error) {
	var p content.Params
	if err := in.JSON(&p); err != nil {
		return rest.Result{}, err
	}
	t, err := a.content.Create(in.Context(), in.Account.SID, p)
	return rest.Created(newContentBody(in, t)), err
}

func (a *api) fetchContent(in *rest.Request) (rest.Result, error) {
	t, err := a.content.Fetch(in.Context(), in.Account.SID, in.Vars["Sid"])
	return rest.OK(newContentBody(in, t)), err
}

func (a *api) updateContent(in *rest.Request) (rest.Result, error) {
	var p content.Params
	if err := in.JSON(&p); err != nil {
		return rest.Result{}, err
	}
	t, err := a.content.Update(in.Context(), in.Account.SID, in.Vars["Sid"], p)
	return rest.OK(newContentBody(in, t)), err
}

func (a *api) deleteContent(in *rest.Request) (rest.Result, error) {
	return rest.Deleted(), a.content.Delete(in.Context(), in.Account.SID, in.Vars["Sid"])
}

func (a *api) listContent(in *rest.Request) (rest.Result, error) {
	q, err := in.Paging(rest.MaxPageSize)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.content.List(in.Context(), in.Account.SID, q.PageQuery)
	return rest.List(in, q, "contents", page, func(t content.Template) contentBody { return newContentBody(in, t) }), err
}

func (a *api) listContentAndApprovals(in *rest.Request) (rest.Result, error) {
	q, err := in.Paging(rest.MaxPageSize)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.content.ListApproved(in.Context(), in.Account.SID, q.PageQuery)
	return rest.List(in, q, "contents", page, func(t content.Approved) content.Approved { return t }), err
}

func (a *api) listLegacyContent(in *rest.Request) (rest.Result, error) {
	q, err := in.Paging(rest.MaxPageSize)
	return rest.List(in, q, "contents", twilio.Page[struct{}]{}, func(none struct{}) struct{} { return none }), err
}
