package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) serviceConfigurationRoutes() [][]route {
	return [][]route{
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

func (a *API) fetchServiceConfiguration(in *request) (result, error) {
	c, err := a.conversations.FetchServiceConfiguration(in.Context(), in.Scope)
	return ok(in.serviceConfiguration(c)), err
}

func (a *API) updateServiceConfiguration(in *request) (result, error) {
	var p conversations.ServiceConfigurationParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	c, err := a.conversations.UpdateServiceConfiguration(in.Context(), in.Scope, p)
	return ok(in.serviceConfiguration(c)), err
}
