package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) serviceConfigurationRoutes() [][]rest.Route {
	return [][]rest.Route{
		service("GET", "/Configuration", a.fetchServiceConfiguration),
		service("POST", "/Configuration", a.updateServiceConfiguration),
	}
}

type serviceConfigurationBody struct {
	conversations.ServiceConfiguration
	URL   string                    `json:"url"`
	Links serviceConfigurationLinks `json:"links"`
}

type serviceConfigurationLinks struct {
	Notifications string `json:"notifications"`
	Webhooks      string `json:"webhooks"`
}

func (in *request) serviceConfiguration(c conversations.ServiceConfiguration) serviceConfigurationBody {
	self := in.url("Configuration")
	return serviceConfigurationBody{c, self, serviceConfigurationLinks{
		Notifications: self + "/Notifications", Webhooks: self + "/Webhooks"}}
}

func (a *api) fetchServiceConfiguration(in *request) (rest.Result, error) {
	c, err := a.conversations.FetchServiceConfiguration(in.Context(), in.Scope)
	return rest.OK(in.serviceConfiguration(c)), err
}

func (a *api) updateServiceConfiguration(in *request) (rest.Result, error) {
	var p conversations.ServiceConfigurationParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	c, err := a.conversations.UpdateServiceConfiguration(in.Context(), in.Scope, p)
	return rest.OK(in.serviceConfiguration(c)), err
}
