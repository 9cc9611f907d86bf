package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) credentialRoutes() [][]rest.Route {
	return [][]rest.Route{
		account("POST", "/Credentials", a.createCredential),
		account("GET", "/Credentials/{Sid}", a.fetchCredential),
		account("POST", "/Credentials/{Sid}", a.updateCredential),
		account("DELETE", "/Credentials/{Sid}", a.deleteCredential),
		account("GET", "/Credentials", a.listCredentials),
	}
}

type credentialBody struct {
	conversations.Credential
	URL string `json:"url"`
}

func (in *request) credential(c conversations.Credential) credentialBody {
	return credentialBody{c, in.url("Credentials", c.SID)}
}

func (a *api) createCredential(in *request) (rest.Result, error) {
	var p conversations.CredentialParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	c, err := a.conversations.CreateCredential(in.Context(), in.Scope, p)
	return rest.Created(in.credential(c)), err
}

func (a *api) fetchCredential(in *request) (rest.Result, error) {
	c, err := a.conversations.FetchCredential(in.Context(), in.Scope, in.Vars["Sid"])
	return rest.OK(in.credential(c)), err
}

func (a *api) updateCredential(in *request) (rest.Result, error) {
	var p conversations.CredentialParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	c, err := a.conversations.UpdateCredential(in.Context(), in.Scope, in.Vars["Sid"], p)
	return rest.OK(in.credential(c)), err
}

func (a *api) deleteCredential(in *request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteCredential(in.Context(), in.Scope, in.Vars["Sid"])
}

func (a *api) listCredentials(in *request) (rest.Result, error) {
	q, err := in.Paging(100)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.conversations.ListCredentials(in.Context(), in.Scope, q.PageQuery)
	return rest.List(in.Request, q, "credentials", page, in.credential), err
}
