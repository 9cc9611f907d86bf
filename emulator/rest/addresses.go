package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) addressRoutes() [][]route {
	return [][]route{
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

func (a *API) createAddress(in *request) (result, error) {
	var p conversations.CreateAddressParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	d, err := a.conversations.CreateAddress(in.Context(), in.Scope, p)
	return created(in.addressConfiguration(d)), err
}

func (a *API) fetchAddress(in *request) (result, error) {
	d, err := a.conversations.FetchAddress(in.Context(), in.Scope, in.vars["Sid"])
	return ok(in.addressConfiguration(d)), err
}

func (a *API) updateAddress(in *request) (result, error) {
	var p conversations.UpdateAddressParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	d, err := a.conversations.UpdateAddress(in.Context(), in.Scope, in.vars["Sid"], p)
	return ok(in.addressConfiguration(d)), err
}

func (a *API) deleteAddress(in *request) (result, error) {
	return deleted(), a.conversations.DeleteAddress(in.Context(), in.Scope, in.vars["Sid"])
}

func (a *API) listAddresses(in *request) (result, error) {
	q, err := in.paging(50)
	if err != nil {
		return result{}, err
	}
	page, err := a.conversations.ListAddresses(in.Context(), in.Scope, in.URL.Query().Get("Type"), q.PageQuery)
	return list(in, q, "address_configurations", page, in.addressConfiguration), err
}
