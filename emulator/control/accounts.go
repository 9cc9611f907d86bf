package control

import (
	"context"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
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
	SID               string `json:"sid"`
	AuthToken         string `json:"auth_token"`
	FriendlyName      string `json:"friendly_name"`
	DefaultServiceSID string `json:"default_service_sid"`
	// APIKey came with the account; nil when none did, or when it was revoked.
	APIKey  *APIKey           `json:"api_key,omitempty"`
	Sandbox whatsapp.Settings `json:"sandbox"`
}

// APIKey is a pair of SID and secret, with which a program logs in.
type APIKey struct {
	SID    string `json:"sid"`
	Secret string `json:"secret"`
}

// NewAPIKey is a key to create. What is empty is made up.
type NewAPIKey struct {
	SID          string `json:"sid,omitempty"`
	Secret       string `json:"secret,omitempty"`
	FriendlyName string `json:"friendly_name,omitempty"`
}

// CreatedAPIKey is a key with its secret, which is shown this once.
type CreatedAPIKey struct {
	conversations.APIKey
	Secret string `json:"secret"`
}

type apiKeyList struct {
	Keys []conversations.APIKey `json:"keys"`
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
	listAPIKeys   = endpoint[none, apiKeyList]{"GET", "/accounts/{account}/keys"}
	createAPIKey  = endpoint[NewAPIKey, CreatedAPIKey]{"POST", "/accounts/{account}/keys"}
	deleteAPIKey  = endpoint[none, none]{"DELETE", "/accounts/{account}/keys/{key}"}
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
	h.serveAPIKeys()
}

func (h *Handler) serveAPIKeys() {
	serve(h, listAPIKeys, h.listAPIKeys)
	serve(h, createAPIKey, func(r *http.Request, wanted NewAPIKey) (CreatedAPIKey, error) {
		accountSID := parameter(r, "account")
		key, secret, err := h.conversations.CreateAPIKey(r.Context(), accountSID, conversations.APIKeyParams{
			SID: wanted.SID, Secret: wanted.Secret, FriendlyName: &wanted.FriendlyName})
		return CreatedAPIKey{key, secret}, orMissing(err, "there is no account %.100q", accountSID)
	})
	serve(h, deleteAPIKey, func(r *http.Request, _ none) (none, error) {
		accountSID, keySID := parameter(r, "account"), parameter(r, "key")
		return none{}, orMissing(h.conversations.DeleteAPIKey(r.Context(), accountSID, keySID), "account %.100q has no API key %.100q", accountSID, keySID)
	})
}

// listAPIKeys lists all keys of an account: nobody has so many that they need pages.
func (h *Handler) listAPIKeys(r *http.Request, _ none) (apiKeyList, error) {
	accountSID := parameter(r, "account")
	list := apiKeyList{Keys: []conversations.APIKey{}}
	if _, err := h.conversations.FetchAccount(r.Context(), accountSID); err != nil {
		return list, orMissing(err, "there is no account %.100q", accountSID)
	}
	for next := (twilio.PageQuery{Size: 1000}); ; {
		page, err := h.conversations.ListAPIKeys(r.Context(), accountSID, next)
		list.Keys = append(list.Keys, page.Items...)
		if err != nil || page.Next == "" {
			return list, err
		}
		next.Token = page.Next
	}
}

// configuredAPIKey returns the key that came with an account, or nil.
func (h *Handler) configuredAPIKey(ctx context.Context, accountSID string) (*APIKey, error) {
	keySID, secret, err := h.conversations.FetchConfiguredAPIKey(ctx, accountSID)
	if err != nil || keySID == "" {
		return nil, err
	}
	return &APIKey{SID: keySID, Secret: secret}, nil
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
		key, err := h.configuredAPIKey(r.Context(), a.SID)
		if err != nil {
			return list, err
		}
		list.Accounts = append(list.Accounts, Account{SID: a.SID, AuthToken: a.AuthToken, FriendlyName: a.FriendlyName,
			DefaultServiceSID: a.DefaultServiceSID, APIKey: key, Sandbox: sandbox})
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

// ListAPIKeys returns the keys of an account, oldest first.
func (c *Client) ListAPIKeys(ctx context.Context, accountSID string) ([]conversations.APIKey, error) {
	list, err := call(ctx, c, listAPIKeys, none{}, accountSID)
	return list.Keys, err
}

// CreateAPIKey gives an account a key. Its secret cannot be read again.
func (c *Client) CreateAPIKey(ctx context.Context, accountSID string, wanted NewAPIKey) (CreatedAPIKey, error) {
	return call(ctx, c, createAPIKey, wanted, accountSID)
}

// DeleteAPIKey revokes a key of an account.
func (c *Client) DeleteAPIKey(ctx context.Context, accountSID, keySID string) error {
	_, err := call(ctx, c, deleteAPIKey, none{}, accountSID, keySID)
	return err
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
