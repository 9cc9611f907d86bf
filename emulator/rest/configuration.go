package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) configurationRoutes() [][]route {
	return [][]route{
		account("GET", "/Configuration", a.fetchConfiguration),
		account("POST", "/Configuration", a.updateConfiguration),
	}
}

type configurationBody struct {
	conversations.Configuration
	URL   string             `json:"url"`
	Links configurationLinks `json:"links"`
}

type configurationLinks struct {
	Service  string `json:"service"`
	Webhooks string `json:"webhooks"`
}

func (in *request) configuration(c conversations.Configuration) configurationBody {
	self := in.url("Configuration")
	return configurationBody{c, self, configurationLinks{
		Service: in.url("Services", c.DefaultChatServiceSID, "Configuration"), Webhooks: self + "/Webhooks"}}
}

func (a *API) fetchConfiguration(in *request) (result, error) {
	c, err := a.conversations.FetchConfiguration(in.Context(), in.Scope)
	return ok(in.configuration(c)), err
}

func (a *API) updateConfiguration(in *request) (result, error) {
	var p conversations.ConfigurationParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	c, err := a.conversations.UpdateConfiguration(in.Context(), in.Scope, p)
	return ok(in.configuration(c)), err
}
