package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) configurationWebhookRoutes() [][]rest.Route {
	return [][]rest.Route{
		account("GET", "/Configuration/Webhooks", a.fetchConfigurationWebhook),
		account("POST", "/Configuration/Webhooks", a.updateConfigurationWebhook),
		service("GET", "/Configuration/Webhooks", a.fetchServiceWebhookConfiguration),
		service("POST", "/Configuration/Webhooks", a.updateServiceWebhookConfiguration),
	}
}

type configurationWebhookBody struct {
	conversations.ConfigurationWebhook
	URL string `json:"url"`
}

func (in *request) configurationWebhook(w conversations.ConfigurationWebhook) configurationWebhookBody {
	return configurationWebhookBody{w, in.url("Configuration", "Webhooks")}
}

type serviceWebhookConfigurationBody struct {
	conversations.ServiceWebhookConfiguration
	URL string `json:"url"`
}

func (in *request) serviceWebhookConfiguration(w conversations.ServiceWebhookConfiguration) serviceWebhookConfigurationBody {
	return serviceWebhookConfigurationBody{w, in.url("Configuration", "Webhooks")}
}

func (a *api) fetchConfigurationWebhook(in *request) (rest.Result, error) {
	w, err := a.conversations.FetchConfigurationWebhook(in.Context(), in.Scope)
	return rest.OK(in.configurationWebhook(w)), err
}

func (a *api) updateConfigurationWebhook(in *request) (rest.Result, error) {
	var p conversations.ConfigurationWebhookParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	w, err := a.conversations.UpdateConfigurationWebhook(in.Context(), in.Scope, p)
	return rest.OK(in.configurationWebhook(w)), err
}

func (a *api) fetchServiceWebhookConfiguration(in *request) (rest.Result, error) {
	w, err := a.conversations.FetchServiceWebhookConfiguration(in.Context(), in.Scope)
	return rest.OK(in.serviceWebhookConfiguration(w)), err
}

func (a *api) updateServiceWebhookConfiguration(in *request) (rest.Result, error) {
	var p conversations.ConfigurationWebhookParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	w, err := a.conversations.UpdateServiceWebhookConfiguration(in.Context(), in.Scope, p)
	return rest.OK(in.serviceWebhookConfiguration(w)), err
}
