package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) configurationRoutes() [][]rest.Route {
	return [][]rest.Route{
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

func (a *api) fetchConfiguration(in *request) (rest.Result, error) {
	c, err := a.conversations.FetchConfiguration(in.Context(), in.Scope)
	return rest.OK(in.configuration(c)), err
}

func (a *api) updateConfiguration(in *request) (rest.Result, error) {
	var p conversations.ConfigurationParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	c, err := a.conversations.UpdateConfiguration(in.Context(), in.Scope, p)
	return rest.OK(in.configuration(c)), err
}
