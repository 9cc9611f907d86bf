package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) credentialRoutes() [][]route {
	return [][]route{
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

func (a *API) createCredential(in *request) (result, error) {
	var p conversations.CredentialParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	c, err := a.conversations.CreateCredential(in.Context(), in.Scope, p)
	return created(in.credential(c)), err
}

func (a *API) fetchCredential(in *request) (result, error) {
	c, err := a.conversations.FetchCredential(in.Context(), in.Scope, in.vars["Sid"])
	return ok(in.credential(c)), err
}

func (a *API) updateCredential(in *request) (result, error) {
	var p conversations.CredentialParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	c, err := a.conversations.UpdateCredential(in.Context(), in.Scope, in.vars["Sid"], p)
	return ok(in.credential(c)), err
}

func (a *API) deleteCredential(in *request) (result, error) {
	return deleted(), a.conversations.DeleteCredential(in.Context(), in.Scope, in.vars["Sid"])
}

func (a *API) listCredentials(in *request) (result, error) {
	q, err := in.paging(100)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListCredentials(in.Context(), in.Scope, q.PageQuery)
	return list(in, q, "credentials", page, in.credential), err
}
