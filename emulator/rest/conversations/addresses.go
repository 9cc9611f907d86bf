package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) addressRoutes() [][]rest.Route {
	return [][]rest.Route{
		account("POST", "/Configuration/Addresses", a.createAddress),
		account("GET", "/Configuration/Addresses/{Sid}", a.fetchAddress),
		account("POST", "/Configuration/Addresses/{Sid}", a.updateAddress),
		account("DELETE", "/Configuration/Addresses/{Sid}", a.deleteAddress),
		account("GET", "/Configuration/Addresses", a.listAddresses),
	}
}

type addressBody struct {
	conversations.Address
	URL string `json:"url"`
}

func (in *request) addressConfiguration(d conversations.Address) addressBody {
	return addressBody{d, in.url("Configuration", "Addresses", d.SID)}
}

func (a *api) createAddress(in *request) (rest.Result, error) {
	var p conversations.CreateAddressParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	d, err := a.conversations.CreateAddress(in.Context(), in.Scope, p)
	return rest.Created(in.addressConfiguration(d)), err
}

func (a *api) fetchAddress(in *request) (rest.Result, error) {
	d, err := a.conversations.FetchAddress(in.Context(), in.Scope, in.Vars["Sid"])
	return rest.OK(in.addressConfiguration(d)), err
}

func (a *api) updateAddress(in *request) (rest.Result, error) {
	var p conversations.UpdateAddressParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	d, err := a.conversations.UpdateAddress(in.Context(), in.Scope, in.Vars["Sid"], p)
	return rest.OK(in.addressConfiguration(d)), err
}

func (a *api) deleteAddress(in *request) (rest.Result, error) {
	return rest.Deleted(), a.conversations.DeleteAddress(in.Context(), in.Scope, in.Vars["Sid"])
}

func (a *api) listAddresses(in *request) (rest.Result, error) {
	q, err := in.Paging(50)
	if err != nil {
		return rest.Result{}, err
	}
	page, err := a.conversations.ListAddresses(in.Context(), in.Scope, in.Values.Get("Type"), q.PageQuery)
	return rest.List(in.Request, q, "address_configurations", page, in.addressConfiguration), err
}
