// Package accounts is what Twilio's API of 2010-04-01 says of an account over HTTP: the account itself, its API keys, its phone numbers and
// its balance. Programs read it to test a connection.
package accounts

import (
	"slices"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

type api struct{ conversations *conversations.API }

// New returns the product.
func New(rules *conversations.API) rest.Product {
	a := &api{rules}
	const (
		account = "/2010-04-01/Accounts/{AccountSid}"
		numbers = account + "/IncomingPhoneNumbers"
	)
	routes := []rest.Route{
		{Method: "GET", Path: "/2010-04-01/Accounts.json", Handle: a.listAccounts, XML: "Account"},
		{Method: "GET", Path: account + ".json", Handle: rest.Own(a.fetchAccount), XML: "Account"},
		{Method: "POST", Path: account + ".json", Handle: rest.Own(a.updateAccount), XML: "Account"},
		{Method: "GET", Path: account + "/Balance.json", Handle: rest.Own(a.fetchBalance), XML: "Balance"},
		{Method: "GET", Path: numbers + ".json", Handle: rest.Own(a.listNumbers("")), XML: "IncomingPhoneNumber"},
		{Method: "GET", Path: numbers + "/Local.json", Handle: rest.Own(a.listNumbers("local")), XML: "IncomingPhoneNumber"},
		{Method: "GET", Path: numbers + "/Mobile.json", Handle: rest.Own(a.listNumbers("mobile")), XML: "IncomingPhoneNumber"},
		{Method: "GET", Path: numbers + "/TollFree.json", Handle: rest.Own(a.listNumbers("toll free")), XML: "IncomingPhoneNumber"},
		{Method: "GET", Path: numbers + "/{Sid}.json", Handle: rest.Own(a.fetchNumber), XML: "IncomingPhoneNumber"},
	}
	routes = append(routes, a.keyRoutes(account+"/Keys", "Key", "keys")...)
	return rest.Product{Routes: append(routes, a.keyRoutes(account+"/SigningKeys", "SigningKey", "signing_keys")...)}
}

// accountBody is Twilio's Account resource, in the order of its documentation.
type accountBody struct {
	AuthToken       string            `json:"auth_token"`
	DateCreated     *rest.RFC2822     `json:"date_created"`
	DateUpdated     *rest.RFC2822     `json:"date_updated"`
	FriendlyName    string            `json:"friendly_name"`
	OwnerAccountSID string            `json:"owner_account_sid"`
	SID             string            `json:"sid"`
	Status          string            `json:"status"`
	SubresourceURIs map[string]string `json:"subresource_uris"`
	Type            string            `json:"type"`
	URI             string            `json:"uri"`
}

// subresources of an account, with the last parts of their paths. Most are not emulated, as those who call them are told.
var subresources = map[string]string{
	"addresses": "Addresses", "applications": "Applications", "authorized_connect_apps": "AuthorizedConnectApps",
	"available_phone_numbers": "AvailablePhoneNumbers", "balance": "Balance", "calls": "Calls", "conferences": "Conferences",
	"connect_apps": "ConnectApps", "incoming_phone_numbers": "IncomingPhoneNumbers", "keys": "Keys", "messages": "Messages",
	"notifications": "Notifications", "outgoing_caller_ids": "OutgoingCallerIds", "queues": "Queues", "recordings": "Recordings",
	"short_codes": "SMS/ShortCodes", "signing_keys": "SigningKeys", "sip": "SIP", "transcriptions": "Transcriptions", "usage": "Usage",
}

// newAccountBody renders an account. It has no owner but itself, as it is no subaccount.
func newAccountBody(account conversations.Account) accountBody {
	self := "/2010-04-01/Accounts/" + account.SID
	b := accountBody{AuthToken: account.AuthToken, DateCreated: rest.Dated(account.DateCreated), DateUpdated: rest.Dated(account.DateUpdated),
		FriendlyName: account.FriendlyName, OwnerAccountSID: account.SID, SID: account.SID, Status: statusActive, Type: "Full",
		SubresourceURIs: map[string]string{}, URI: self + ".json"}
	for name, path := range subresources {
		b.SubresourceURIs[name] = self + "/" + path + ".json"
	}
	return b
}

// statusActive is the status of every account of the emulator.
const statusActive = "active"

// listAccounts lists the one account that the credentials belong to: the emulator has no subaccounts.
func (a *api) listAccounts(in *rest.Request) (rest.Result, error) {
	p, err := in.Paging(rest.MaxPageSize)
	if err != nil {
		return rest.Result{}, err
	}
	name, status := in.Values.Get("FriendlyName"), in.Values.Get("Status")
	if status != "" && !slices.Contains([]string{statusActive, "suspended", "closed"}, status) {
		return rest.Result{}, twilio.InvalidParameter("Status")
	}
	var page twilio.Page[conversations.Account]
	if (name == "" || name == in.Account.FriendlyName) && (status == "" || status == statusActive) && p.Page == 0 {
		page.Items = []conversations.Account{in.Account}
	}
	return rest.Page2010(in, p, "accounts", page, newAccountBody), nil
}

func (a *api) fetchAccount(in *rest.Request) (rest.Result, error) {
	return rest.OK(newAccountBody(in.Account)), nil
}

// updateAccount gives the account a name. To suspend or close it would end the program's own access and is refused.
func (a *api) updateAccount(in *rest.Request) (rest.Result, error) {
	var p struct{ FriendlyName, Status *string }
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	if status := twilio.Value(p.Status); status != "" && status != statusActive {
		return rest.Result{}, twilio.InvalidParameter("Status: accounts of this emulator stay active")
	}
	account, err := a.conversations.UpdateAccount(in.Context(), in.Account.SID, p.FriendlyName)
	return rest.OK(newAccountBody(account)), err
}

type balanceBody struct {
	AccountSID string `json:"account_sid"`
	Balance    string `json:"balance"`
	Currency   string `json:"currency"`
}

// fetchBalance always has the same amount, as nothing costs anything here.
func (a *api) fetchBalance(in *rest.Request) (rest.Result, error) {
	return rest.OK(balanceBody{AccountSID: in.Account.SID, Balance: "100.00", Currency: "USD"}), nil
}

// keyBody is Twilio's Key resource.
type keyBody struct {
	SID          string        `json:"sid"`
	FriendlyName string        `json:"friendly_name"`
	DateCreated  *rest.RFC2822 `json:"date_created"`
	DateUpdated  *rest.RFC2822 `json:"date_updated"`
}

// newKeyResource is a key that was just created: the only answer with its secret.
type newKeyResource struct {
	keyBody
	Secret string `json:"secret"`
}

func newKeyBody(k conversations.APIKey) keyBody {
	return keyBody{k.SID, k.FriendlyName, rest.Dated(k.DateCreated), rest.Dated(k.DateUpdated)}
}

// keyRoutes are the operations of keys, which Twilio has under two names.
func (a *api) keyRoutes(path, element, key string) []rest.Route {
	list := func(in *rest.Request) (rest.Result, error) {
		p, err := in.Paging(rest.MaxPageSize)
		if err != nil {
			return rest.Result{}, err
		}
		page, err := a.conversations.ListAPIKeys(in.Context(), in.Account.SID, p.PageQuery)
		return rest.Page2010(in, p, key, page, newKeyBody), err
	}
	return []rest.Route{
		{Method: "GET", Path: path + ".json", Handle: rest.Own(list), XML: element},
		{Method: "POST", Path: path + ".json", Handle: rest.Own(a.createKey), XML: element},
		{Method: "GET", Path: path + "/{Sid}.json", Handle: rest.Own(a.fetchKey), XML: element},
		{Method: "POST", Path: path + "/{Sid}.json", Handle: rest.Own(a.updateKey), XML: element},
		{Method: "DELETE", Path: path + "/{Sid}.json", Handle: rest.Own(a.deleteKey), XML: element},
	}
}

type keyForm struct{ FriendlyName *string }

func (a *api) createKey(in *rest.Request) (rest.Result, error) {
	var p keyForm
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	key, secret, err := a.conversations.CreateAPIKey(in.Context(), in.Account.SID, conversations.APIKeyParams{FriendlyName: p.FriendlyName})
	return rest.Created(newKeyResource{newKeyBody(key), secret}), err
}

func (a *api) fetchKey(in *rest.Request) (rest.Result, error) {
	key, err := a.conversations.FetchAPIKey(in.Context(), in.Account.SID, in.Vars["Sid"])
	return rest.OK(newKeyBody(key)), err
}

func (a *api) updateKey(in *rest.Request) (rest.Result, error) {
	var p keyForm
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	key, err := a.conversations.UpdateAPIKey(in.Context(), in.Account.SID, in.Vars["Sid"], p.FriendlyName)
	return rest.OK(newKeyBody(key)), err
}

func (a *api) deleteKey(in *rest.Request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteAPIKey(in.Context(), in.Account.SID, in.Vars["Sid"])
}
