package control

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func (h *Handler) sandboxRoutes() []route {
	return []route{
		{"GET", "/sandboxes/{account}", h.fetchSandbox},
		{"POST", "/sandboxes/{account}", h.updateSandbox},
	}
}

func (h *Handler) fetchSandbox(_ http.ResponseWriter, r *http.Request) (any, error) {
	settings, err := h.Sandbox.FetchSettings(r.Context(), mux.Vars(r)["account"])
	return settings, unknownAccount(r, err)
}

// FetchSandbox returns the settings of an account's sandbox.
func (c *Client) FetchSandbox(ctx context.Context, accountSID string) (settings whatsapp.Settings, err error) {
	err = c.do(ctx, "GET", "/sandboxes/"+url.PathEscape(accountSID), nil, &settings)
	return settings, err
}

func (h *Handler) updateSandbox(_ http.ResponseWriter, r *http.Request) (any, error) {
	var p whatsapp.SettingsParams
	if err := decode(r, &p); err != nil {
		return nil, err
	}
	settings, err := h.Sandbox.UpdateSettings(r.Context(), mux.Vars(r)["account"], p)
	return settings, unknownAccount(r, err)
}

// UpdateSandbox changes what is not nil in p.
func (c *Client) UpdateSandbox(ctx context.Context, accountSID string, p whatsapp.SettingsParams) (settings whatsapp.Settings, err error) {
	err = c.do(ctx, "POST", "/sandboxes/"+url.PathEscape(accountSID), p, &settings)
	return settings, err
}

func unknownAccount(r *http.Request, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound("there is no account %s in this emulator", mux.Vars(r)["account"])
	}
	return refused(err)
}
