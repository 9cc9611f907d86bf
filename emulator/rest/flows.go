package rest

import (
	"github.com/cloudforgot/cloudforgot/emulator/studio"
)

// flowRoutes are Studio's flows. Their executions, revisions and test users, which their links lead to, are not emulated.
func (a *API) flowRoutes() [][]route {
	return [][]route{
		at("POST", "/studio/v2/Flows", a.createFlow),
		at("GET", "/studio/v2/Flows", a.listFlows),
		at("GET", "/studio/v2/Flows/{Sid}", a.fetchFlow),
		at("POST", "/studio/v2/Flows/{Sid}", a.updateFlow),
		at("DELETE", "/studio/v2/Flows/{Sid}", a.deleteFlow),
	}
}

type flowBody struct {
	studio.Flow
	AuthorSID  *string           `json:"author_sid"` // nobody: the emulator has no users of the Console
	WebhookURL string            `json:"webhook_url"`
	URL        string            `json:"url"`
	Links      map[string]string `json:"links"`
}

func (in *request) flow(f studio.Flow) flowBody {
	self := in.address.base + "/v2/Flows/" + f.SID
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

func (a *API) createFlow(in *request) (result, error) {
	var p studio.FlowParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	f, err := a.studio.CreateFlow(in.Context(), in.Account.SID, p)
	return created(in.flow(f)), err
}

func (a *API) fetchFlow(in *request) (result, error) {
	f, err := a.studio.FetchFlow(in.Context(), in.Account.SID, in.vars["Sid"])
	return ok(in.flow(f)), err
}

func (a *API) updateFlow(in *request) (result, error) {
	var p studio.FlowParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	f, err := a.studio.UpdateFlow(in.Context(), in.Account.SID, in.vars["Sid"], p)
	return ok(in.flow(f)), err
}

func (a *API) deleteFlow(in *request) (result, error) {
	return deleted(), a.studio.DeleteFlow(in.Context(), in.Account.SID, in.vars["Sid"])
}

func (a *API) listFlows(in *request) (result, error) {
	q, err := in.paging(maxPageSize)
	if err != nil {
		return result{}, err
	}
	page, err := a.studio.ListFlows(in.Context(), in.Account.SID, q.PageQuery)
	return list(in, q, "flows", page, func(f studio.Flow) listedFlow { return listedFlow{flowBody: in.flow(f)} }), err
}
