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

func (h *Handler) deliveryRoutes() []route {
	return []route{
		{"POST", "/phones/{number}/behaviour", h.updateBehaviour},
		{"GET", "/messages/{sid}", h.fetchMessage},
		{"POST", "/messages/{sid}/status", h.updateStatus},
	}
}

func (h *Handler) updateBehaviour(_ http.ResponseWriter, r *http.Request) (any, error) {
	var p whatsapp.BehaviourParams
	if err := decode(r, &p); err != nil {
		return nil, err
	}
	phone, err := h.Sandbox.UpdateBehaviour(r.Context(), mux.Vars(r)["number"], p)
	return phone, refused(err)
}

// UpdateBehaviour changes what is not nil in p: is the phone offline, has it blocked the business, does it send read
// receipts, what is its profile name? A phone that comes back gets what was sent meanwhile.
func (c *Client) UpdateBehaviour(ctx context.Context, number string, p whatsapp.BehaviourParams) (phone whatsapp.Phone, err error) {
	err = c.do(ctx, "POST", phonePath(number)+"/behaviour", p, &phone)
	return phone, err
}

func (h *Handler) fetchMessage(_ http.ResponseWriter, r *http.Request) (any, error) {
	m, err := h.Sandbox.FetchMessage(r.Context(), mux.Vars(r)["sid"])
	return m, unknownMessage(r, err)
}

// FetchMessage returns a message between a phone and a sender (SM, MM), whichever way it went and however far.
func (c *Client) FetchMessage(ctx context.Context, messageSID string) (m whatsapp.Message, err error) {
	err = c.do(ctx, "GET", "/messages/"+url.PathEscape(messageSID), nil, &m)
	return m, err
}

func (h *Handler) updateStatus(_ http.ResponseWriter, r *http.Request) (any, error) {
	var change whatsapp.StatusChange
	if err := decode(r, &change); err != nil {
		return nil, err
	}
	m, err := h.Sandbox.UpdateStatus(r.Context(), mux.Vars(r)["sid"], change)
	return m, unknownMessage(r, err)
}

// UpdateStatus moves a message to a phone on by hand: to sent, delivered, read, failed or undelivered. With the switch
// delivery set to manual nothing else does.
func (c *Client) UpdateStatus(ctx context.Context, messageSID string, change whatsapp.StatusChange) (m whatsapp.Message, err error) {
	err = c.do(ctx, "POST", "/messages/"+url.PathEscape(messageSID)+"/status", change, &m)
	return m, err
}

func unknownMessage(r *http.Request, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound("there is no message %s in this emulator; its SID begins with SM or MM", mux.Vars(r)["sid"])
	}
	return refused(err)
}
