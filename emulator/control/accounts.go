package control

import (
	"context"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
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

// newSender is a sender to register.
type newSender struct {
	Address             string `json:"address"`
	MessagingServiceSID string `json:"messaging_service_sid,omitempty"`
}

type senderList struct {
	Senders []conversations.Sender `json:"senders"`
}

var (
	listAccounts  = endpoint[none, accountList]{"GET", "/accounts"}
	createAccount = endpoint[NewAccount, Account]{"POST", "/accounts"}
	listSenders   = endpoint[none, senderList]{"GET", "/accounts/{account}/senders"}
	createSender  = endpoint[newSender, conversations.Sender]{"POST", "/accounts/{account}/senders"}
	deleteSender  = endpoint[none, none]{"DELETE", "/accounts/{account}/senders/{address}"}
)

func (h *Handler) serveAccounts() {
	serve(h, listAccounts, h.listAccounts)
	serve(h, createAccount, func(r *http.Request, wanted NewAccount) (Account, error) {
		return h.config.CreateAccount(r.Context(), wanted)
	})
	serve(h, listSenders, func(r *http.Request, _ none) (senderList, error) {
		senders, err := h.conversations.ListSenders(r.Context(), parameter(r, "account"))
		return senderList{append([]conversations.Sender{}, senders...)}, err
	})
	serve(h, createSender, func(r *http.Request, wanted newSender) (conversations.Sender, error) {
		return h.conversations.CreateSender(r.Context(), conversations.Sender{AccountSID: parameter(r, "account"),
			Address: wanted.Address, MessagingServiceSID: wanted.MessagingServiceSID})
	})
	serve(h, deleteSender, func(r *http.Request, _ none) (none, error) {
		return none{}, h.conversations.DeleteSender(r.Context(), parameter(r, "account"), parameter(r, "address"))
	})
}

func (h *Handler) listAccounts(r *http.Request, _ none) (accountList, error) {
	list := accountList{Accounts: []Account{}}
	all, err := h.conversations.ListAccounts(r.Context())
	if err != nil {
		return list, err
	}
	for _, a := range all {
		sandbox, err := h.sandbox.FetchSettings(r.Context(), a.SID)
		if err != nil {
			return list, err
		}
		list.Accounts = append(list.Accounts, Account{SID: a.SID, AuthToken: a.AuthToken, FriendlyName: a.FriendlyName,
			DefaultServiceSID: a.DefaultServiceSID, Sandbox: sandbox})
	}
	return list, nil
}

// ListAccounts returns the emulator's accounts by SID, with their tokens.
func (c *Client) ListAccounts(ctx context.Context) ([]Account, error) {
	list, err := call(ctx, c, listAccounts, none{})
	return list.Accounts, err
}

// CreateAccount opens an account with its sandbox.
func (c *Client) CreateAccount(ctx context.Context, wanted NewAccount) (Account, error) {
	return call(ctx, c, createAccount, wanted)
}

// ListSenders returns the senders that an account has registered, by address.
func (c *Client) ListSenders(ctx context.Context, accountSID string) ([]conversations.Sender, error) {
	list, err := call(ctx, c, listSenders, none{}, accountSID)
	return list.Senders, err
}

// CreateSender registers an address ("whatsapp:+13115552368") as a sender of an account's own: phones can write to it
// without joining a sandbox, and it can have an address configuration.
func (c *Client) CreateSender(ctx context.Context, accountSID, address string) (conversations.Sender, error) {
	return call(ctx, c, createSender, newSender{Address: address}, accountSID)
}

// DeleteSender takes a sender away from its account.
func (c *Client) DeleteSender(ctx context.Context, accountSID, address string) error {
	_, err := call(ctx, c, deleteSender, none{}, accountSID, address)
	return err
}
