// Package studio is Twilio's Studio API over HTTP: flows. Their executions, revisions and test users, which their links lead to,
// are not emulated.
package studio

import (
	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
)

type api struct{ studio *studio.Studio }

// New returns the product.
func New(rules *studio.Studio) rest.Product {
	a := &api{rules}
	return rest.Product{Routes: []rest.Route{
		{Method: "POST", Path: "/studio/v2/Flows", Handle: a.createFlow},
		{Method: "GET", Path: "/studio/v2/Flows", Handle: a.listFlows},
		{Method: "POST", Path: "/studio/v2/Flows/Validate"},
		{Method: "GET", Path: "/studio/v2/Flows/{Sid}", Handle: a.fetchFlow},
		{Method: "POST", Path: "/studio/v2/Flows/{Sid}", Handle: a.updateFlow},
		{Method: "DELETE", Path: "/studio/v2/Flows/{Sid}", Handle: a.deleteFlow},
	}}
}

type flowBody struct {
	studio.Flow
	AuthorSID  *string           `json:"author_sid"` // always null: the emulator has no users of the Console
	WebhookURL string            `json:"webhook_url"`
	URL        string            `json:"url"`
	Links      map[string]string `json:"links"`
}

func newFlowBody(in *rest.Request, f studio.Flow) flowBody {
	self := in.Base() + "/v2/Flows/" + f.SID
	return flowBody{Flow: f, WebhookURL: "https://webhooks.twilio.com/v1/Accounts/" + f.AccountSID + "/Flows/" + f.SID, URL: self,
		Links: map[string]string{"test_users": self + "/TestUsers", "revisions": self + "/Revisions", "executions": self + "/Executions"}}
}

// listedFlow is a flow in a list: without its definition and what there is to say of that, as in the example of Twilio's
// OpenAPI file.
type listedFlow struct {
	flowBody
	Definition    *struct{} `json:"definition"`
	CommitMessage *struct{} `json:"commit_message"`
	Valid         *struct{} `json:"valid"`
	Errors        *struct{} `json:"errors"`
	Warnings      *struct{} `json:"warnings"`
}

func (a *api) createFlow(in *rest.Request) (rest.Result, error) {
	var p studio.FlowParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	f, err := a.studio.CreateFlow(in.Context(), in.Account.SID, p)
	return rest.Created(newFlowBody(in, f)), err
}

func (a *api) fetchFlow(in *rest.Request) (rest.Result, error) {
	f, err := a.studio.FetchFlow(in.Context(), in.Account.SID, in.Vars["Sid"])
	return rest.OK(newFlowBody(in, f)), err
}

func (a *api) updateFlow(in *rest.Request) (rest.Result, error) {
	var p studio.FlowParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	f, err := a.studio.UpdateFlow(in.Context(), in.Account.SID, in.Vars["Sid"], p)
	return rest.OK(newFlowBody(in, f)), err
}

func (a *api) deleteFlow(in *rest.Request) (rest.Result, error) {
	return rest.Deleted(), a.studio.DeleteFlow(in.Context(), in.Account.SID, in.Vars["Sid"])
}

func (a *api) listFlows(in *rest.Request) (rest.Result, error) {
	q, err := in.Paging(rest.MaxPageSize)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.studio.ListFlows(in.Context(), in.Account.SID, q.PageQuery)
	return rest.List(in, q, "flows", page, func(f studio.Flow) listedFlow { return listedFlow{flowBody: newFlowBody(in, f)} }), err
}
