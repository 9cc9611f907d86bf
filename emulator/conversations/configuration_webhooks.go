package conversations

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// TargetFlex routes the global webhook to Flex. Flex is not emulated, so none of the URLs is called.
const TargetFlex = "flex"

// ConfigurationWebhook is the account's global webhook, without url. It gets the events in Filters of all services that have no
// webhook of their own. Reference, Conversations API 6.1.
type ConfigurationWebhook struct {
	AccountSID string `json:"account_sid"`
	// Method is POST or GET.
	Method string `json:"method"`
	// Filters are the names of the events that fire: pre-actions go to PreWebhookURL, the others to PostWebhookURL.
	Filters        []string `json:"filters"`
	PreWebhookURL  *string  `json:"pre_webhook_url"`
	PostWebhookURL *string  `json:"post_webhook_url"`
	// Target is webhook or flex.
	Target string `json:"target"`
}

// ServiceWebhookConfiguration is the webhook of a service, without url. A field that was never set is nil.
type ServiceWebhookConfiguration struct {
	AccountSID     string   `json:"account_sid"`
	ChatServiceSID string   `json:"chat_service_sid"`
	PreWebhookURL  *string  `json:"pre_webhook_url"`
	PostWebhookURL *string  `json:"post_webhook_url"`
	Filters        []string `json:"filters"`
	Method         *string  `json:"method"`
}

// ConfigurationWebhookParams is the form of updating a global or service webhook; only the global one has a Target. An empty URL
// removes the URL, an empty filter all filters.
type ConfigurationWebhookParams struct {
	Method         *string // in any case
	Filters        []string
	PreWebhookUrl  *string //nolint:revive // Twilio's form name
	PostWebhookUrl *string //nolint:revive // Twilio's form name
	Target         *string // in any case
}

// webhookSettings is the stored form of a global or service webhook. The zero value is one that was never set.
type webhookSettings struct {
	Method                        *string
	Filters                       []string
	PreWebhookURL, PostWebhookURL *string
	Target                        string
}

// webhookSettingsDocs have the SID of the account or the service as their key.
var webhookSettingsDocs = store.NewTable[webhookSettings]("webhook_settings")

// FetchConfigurationWebhook returns the account's global webhook.
func (a *API) FetchConfigurationWebhook(ctx context.Context, scope Scope) (ConfigurationWebhook, error) {
	var found webhookSettings
	err := a.view(ctx, func(tx store.Tx) (err error) {
		found, err = settingsOf(tx, scope.AccountSID)
		return err
	})
	return found.configurationWebhook(scope.AccountSID), err
}

// UpdateConfigurationWebhook changes the account's global webhook. Errors: 50054, 50055 and 50077.
func (a *API) UpdateConfigurationWebhook(ctx context.Context, scope Scope, p ConfigurationWebhookParams) (ConfigurationWebhook, error) {
	updated, err := a.updateSettings(ctx, p, func(store.Tx) (string, error) { return scope.AccountSID, nil })
	return updated.configurationWebhook(scope.AccountSID), err
}

// FetchServiceWebhookConfiguration returns the webhook of the scope's service, or a 404.
func (a *API) FetchServiceWebhookConfiguration(ctx context.Context, scope Scope) (ServiceWebhookConfiguration, error) {
	var found webhookSettings
	var service serviceDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		if service, err = a.service(tx, scope); err != nil {
			return err
		}
		found, err = settingsOf(tx, service.SID)
		return err
	})
	return found.serviceWebhook(service.Service), err
}

// UpdateServiceWebhookConfiguration changes the webhook of the scope's service. Errors: 50054, 50055, 50077, and 404 for
// the service.
func (a *API) UpdateServiceWebhookConfiguration(ctx context.Context, scope Scope, p ConfigurationWebhookParams) (ServiceWebhookConfiguration, error) {
	var service serviceDoc
	p.Target = nil
	updated, err := a.updateSettings(ctx, p, func(tx store.Tx) (_ string, err error) {
		service, err = a.service(tx, scope)
		return service.SID, err
	})
	return updated.serviceWebhook(service.Service), err
}

// updateSettings changes the settings of an account or service. In the transaction, owner returns its SID.
func (a *API) updateSettings(ctx context.Context, p ConfigurationWebhookParams, owner func(store.Tx) (string, error)) (webhookSettings, error) {
	var updated webhookSettings
	err := a.update(ctx, func(tx store.Tx) error {
		key, err := owner(tx)
		if err != nil {
			return err
		}
		s, err := settingsOf(tx, key)
		if err != nil {
			return err
		}
		if err := s.apply(p); err != nil {
			return err
		}
		updated = s
		return webhookSettingsDocs.Put(tx, key, s)
	})
	return updated, err
}

// settingsOf returns the webhook settings of an account or a service, or zero settings when none were set.
func settingsOf(tx store.Tx, key string) (webhookSettings, error) {
	s, err := webhookSettingsDocs.Get(tx, key)
	if errors.Is(err, store.ErrNotFound) {
		return webhookSettings{}, nil
	}
	return s, err
}

func (s webhookSettings) configurationWebhook(accountSID string) ConfigurationWebhook {
	w := ConfigurationWebhook{AccountSID: accountSID, Method: "POST", Filters: []string{}, Target: TargetWebhook,
		PreWebhookURL: s.PreWebhookURL, PostWebhookURL: s.PostWebhookURL}
	if s.Method != nil {
		w.Method = *s.Method
	}
	if s.Filters != nil {
		w.Filters = s.Filters
	}
	if s.Target != "" {
		w.Target = s.Target
	}
	return w
}

func (s webhookSettings) serviceWebhook(service Service) ServiceWebhookConfiguration {
	return ServiceWebhookConfiguration{AccountSID: service.AccountSID, ChatServiceSID: service.SID, Method: s.Method,
		Filters: s.Filters, PreWebhookURL: s.PreWebhookURL, PostWebhookURL: s.PostWebhookURL}
}

// apply checks the fields of a form and sets those that were sent.
func (s *webhookSettings) apply(p ConfigurationWebhookParams) error {
	if p.Method != nil {
		method := strings.ToUpper(*p.Method)
		if method != "GET" && method != "POST" {
			return errWebhookMethod
		}
		s.Method = &method
	}
	if p.Target != nil {
		target := strings.ToLower(*p.Target)
		if target != TargetWebhook && target != TargetFlex {
			return errWebhookFormat
		}
		s.Target = target
	}
	if err := setURL(&s.PreWebhookURL, p.PreWebhookUrl, errPreWebhookURL); err != nil {
		return err
	}
	if err := setURL(&s.PostWebhookURL, p.PostWebhookUrl, errWebhookFormat); err != nil {
		return err
	}
	if p.Filters == nil {
		return nil
	}
	filters := make([]string, 0, len(p.Filters))
	for _, name := range p.Filters {
		switch {
		case name == "":
		case !EventType(name).isFilter():
			return errWebhookFormat
		case !slices.Contains(filters, name):
			filters = append(filters, name)
		}
	}
	s.Filters = filters
	return nil
}

// setURL checks and sets the URL of a webhook. An empty text removes it. Its error is refuse.
func setURL(target **string, sent *string, refuse *twilio.Error) error {
	switch {
	case sent == nil:
	case *sent == "":
		*target = nil
	default:
		if err := webhook.CheckCallback(*sent); err != nil {
			return refuse
		}
		*target = sent
	}
	return nil
}
