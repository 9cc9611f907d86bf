package control

import (
	"context"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// NewAccount is an account to open.
type NewAccount struct {
	SID       string `json:"sid"`
	AuthToken string `json:"auth_token"`
	// JoinCode of its sandbox; made up when empty.
	JoinCode string `json:"join_code,omitempty"`
}

// Account is an account of the emulator, with what a program needs to use it.
type Account struct {
	SID               string            `json:"sid"`
	AuthToken         string            `json:"auth_token"`
	FriendlyName      string            `json:"friendly_name"`
	DefaultServiceSID string            `json:"default_service_sid"`
	Sandbox           whatsapp.Settings `json:"sandbox"`
}

type accountList struct {
	Accounts []Account `json:"accounts"`
}

func (h *Handler) accountRoutes() []route {
	return []route{
		{"GET", "/accounts", h.listAccounts},
		{"POST", "/accounts", h.createAccount},
	}
}

func (h *Handler) listAccounts(_ http.ResponseWriter, r *http.Request) (any, error) {
	all, err := h.Conversations.ListAccounts(r.Context())
	if err != nil {
		return nil, err
	}
	list := accountList{Accounts: []Account{}}
	for _, a := range all {
		sandbox, err := h.Sandbox.FetchSettings(r.Context(), a.SID)
		if err != nil {
			return nil, err
		}
		list.Accounts = append(list.Accounts, Account{SID: a.SID, AuthToken: a.AuthToken, FriendlyName: a.FriendlyName,
			DefaultServiceSID: a.DefaultServiceSID, Sandbox: sandbox})
	}
	return list, nil
}

// ListAccounts returns the emulator's accounts by SID, with their tokens.
func (c *Client) ListAccounts(ctx context.Context) ([]Account, error) {
	var list accountList
	err := c.do(ctx, "GET", "/accounts", nil, &list)
	return list.Accounts, err
}

func (h *Handler) createAccount(_ http.ResponseWriter, r *http.Request) (any, error) {
	var wanted NewAccount
	if err := decode(r, &wanted); err != nil {
		return nil, err
	}
	account, err := h.CreateAccount(r.Context(), wanted)
	return account, refused(err)
}

// CreateAccount opens an account with its sandbox.
func (c *Client) CreateAccount(ctx context.Context, wanted NewAccount) (account Account, err error) {
	err = c.do(ctx, "POST", "/accounts", wanted, &account)
	return account, err
}
