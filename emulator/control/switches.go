package control

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func (h *Handler) switchRoutes() []route {
	return []route{
		{"GET", "/switches", h.fetchSwitches},
		{"POST", "/switches", h.updateSwitches},
	}
}

func (h *Handler) fetchSwitches(_ http.ResponseWriter, r *http.Request) (any, error) {
	return h.Sandbox.FetchSwitches(r.Context())
}

// FetchSwitches returns the switches that are in force.
func (c *Client) FetchSwitches(ctx context.Context) (set whatsapp.Switches, err error) {
	err = c.do(ctx, "GET", "/switches", nil, &set)
	return set, err
}

func (h *Handler) updateSwitches(_ http.ResponseWriter, r *http.Request) (any, error) {
	var change json.RawMessage
	if err := decode(r, &change); err != nil {
		return nil, err
	}
	set, err := h.Sandbox.UpdateSwitches(r.Context(), change)
	return set, refused(err)
}

// UpdateSwitches changes the switches that a map names, by their JSON names, and leaves the others.
func (c *Client) UpdateSwitches(ctx context.Context, change map[string]any) (set whatsapp.Switches, err error) {
	err = c.do(ctx, "POST", "/switches", change, &set)
	return set, err
}
