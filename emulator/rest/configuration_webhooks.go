package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) configurationWebhookRoutes() [][]route {
	return [][]route{
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

func (a *API) fetchConfigurationWebhook(in *request) (result, error) {
	w, err := a.conversations.FetchConfigurationWebhook(in.Context(), in.Scope)
	return ok(in.configurationWebhook(w)), err
}

func (a *API) updateConfigurationWebhook(in *request) (result, error) {
	var p conversations.ConfigurationWebhookParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	w, err := a.conversations.UpdateConfigurationWebhook(in.Context(), in.Scope, p)
	return ok(in.configurationWebhook(w)), err
}

func (a *API) fetchServiceWebhookConfiguration(in *request) (result, error) {
	w, err := a.conversations.FetchServiceWebhookConfiguration(in.Context(), in.Scope)
	return ok(in.serviceWebhookConfiguration(w)), err
}

func (a *API) updateServiceWebhookConfiguration(in *request) (result, error) {
	var p conversations.ConfigurationWebhookParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	w, err := a.conversations.UpdateServiceWebhookConfiguration(in.Context(), in.Scope, p)
	return ok(in.serviceWebhookConfiguration(w)), err
}
