package control

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

var (
	fetchSandbox   = endpoint[none, whatsapp.Settings]{"GET", "/sandboxes/{account}"}
	updateSandbox  = endpoint[whatsapp.SettingsParams, whatsapp.Settings]{"POST", "/sandboxes/{account}"}
	fetchSwitches  = endpoint[none, whatsapp.Switches]{"GET", "/switches"}
	updateSwitches = endpoint[json.RawMessage, whatsapp.Switches]{"POST", "/switches"}
)

func (h *Handler) serveSandboxes() {
	serve(h, fetchSandbox, func(r *http.Request, _ none) (whatsapp.Settings, error) {
		settings, err := h.sandbox.FetchSettings(r.Context(), parameter(r, "account"))
		return settings, missingAccount(r, err)
	})
	serve(h, updateSandbox, func(r *http.Request, p whatsapp.SettingsParams) (whatsapp.Settings, error) {
		settings, err := h.sandbox.UpdateSettings(r.Context(), parameter(r, "account"), p)
		return settings, missingAccount(r, err)
	})
	serve(h, fetchSwitches, func(r *http.Request, _ none) (whatsapp.Switches, error) {
		return h.sandbox.FetchSwitches(r.Context())
	})
	serve(h, updateSwitches, func(r *http.Request, change json.RawMessage) (whatsapp.Switches, error) {
		return h.sandbox.UpdateSwitches(r.Context(), change)
	})
}

func missingAccount(r *http.Request, err error) error {
	return orMissing(err, "there is no account %s in this emulator", parameter(r, "account"))
}

// FetchSandbox returns the settings of an account's sandbox.
func (c *Client) FetchSandbox(ctx context.Context, accountSID string) (whatsapp.Settings, error) {
	return call(ctx, c, fetchSandbox, none{}, accountSID)
}

// UpdateSandbox changes what is not nil in p.
func (c *Client) UpdateSandbox(ctx context.Context, accountSID string, p whatsapp.SettingsParams) (whatsapp.Settings, error) {
	return call(ctx, c, updateSandbox, p, accountSID)
}

// FetchSwitches returns the switches that are in force.
func (c *Client) FetchSwitches(ctx context.Context) (whatsapp.Switches, error) {
	return call(ctx, c, fetchSwitches, none{})
}

// UpdateSwitches changes the switches that a map names, by their JSON names, and leaves the others.
func (c *Client) UpdateSwitches(ctx context.Context, change map[string]any) (set whatsapp.Switches, err error) {
	encoded, err := json.Marshal(change)
	if err != nil {
		return set, err
	}
	return call(ctx, c, updateSwitches, encoded)
}
