package control

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// newSender is a sender to register.
type newSender struct {
	Address             string `json:"address"`
	MessagingServiceSID string `json:"messaging_service_sid,omitempty"`
}

type senderList struct {
	Senders []conversations.Sender `json:"senders"`
}

func (h *Handler) senderRoutes() []route {
	return []route{
		{"GET", "/accounts/{account}/senders", h.listSenders},
		{"POST", "/accounts/{account}/senders", h.createSender},
		{"DELETE", "/accounts/{account}/senders/{address}", h.deleteSender},
	}
}

func (h *Handler) listSenders(_ http.ResponseWriter, r *http.Request) (any, error) {
	senders, err := h.Conversations.ListSenders(r.Context(), mux.Vars(r)["account"])
	if senders == nil {
		senders = []conversations.Sender{}
	}
	return senderList{senders}, err
}

// ListSenders returns the senders that an account has registered, by address.
func (c *Client) ListSenders(ctx context.Context, accountSID string) ([]conversations.Sender, error) {
	var list senderList
	err := c.do(ctx, "GET", sendersPath(accountSID), nil, &list)
	return list.Senders, err
}

func (h *Handler) createSender(_ http.ResponseWriter, r *http.Request) (any, error) {
	var wanted newSender
	if err := decode(r, &wanted); err != nil {
		return nil, err
	}
	sender, err := h.Conversations.CreateSender(r.Context(), conversations.Sender{
		AccountSID: mux.Vars(r)["account"], Address: wanted.Address, MessagingServiceSID: wanted.MessagingServiceSID})
	return sender, refused(err)
}

// CreateSender registers an address ("whatsapp:+13115552368") as a sender of an account's own: phones can write to it
// without joining a sandbox, and it can have an address configuration.
func (c *Client) CreateSender(ctx context.Context, accountSID, address string) (sender conversations.Sender, err error) {
	err = c.do(ctx, "POST", sendersPath(accountSID), newSender{Address: address}, &sender)
	return sender, err
}

func (h *Handler) deleteSender(_ http.ResponseWriter, r *http.Request) (any, error) {
	return struct{}{}, refused(h.Conversations.DeleteSender(r.Context(), mux.Vars(r)["account"], mux.Vars(r)["address"]))
}

// DeleteSender takes a sender away from its account.
func (c *Client) DeleteSender(ctx context.Context, accountSID, address string) error {
	return c.do(ctx, "DELETE", sendersPath(accountSID)+"/"+url.PathEscape(address), nil, nil)
}

func sendersPath(accountSID string) string {
	return "/accounts/" + url.PathEscape(accountSID) + "/senders"
}
