package messaging

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// serviceRoutes are the operations of messaging services, at messaging.twilio.com.
func (a *api) serviceRoutes() []rest.Route {
	const (
		services = "/messaging/v1/Services"
		service  = services + "/{Sid}"
	)
	routes := []rest.Route{
		{Method: "POST", Path: services, Handle: a.createService},
		{Method: "GET", Path: services, Handle: a.listServices},
		{Method: "GET", Path: services + "/Usecases"},
		{Method: "POST", Path: services + "/PreregisteredUsa2p"},
		{Method: "GET", Path: service, Handle: a.fetchService},
		{Method: "POST", Path: service, Handle: a.updateService},
		{Method: "DELETE", Path: service, Handle: a.deleteService},
	}
	routes = append(routes, a.senderRoutes(poolKind{path: "PhoneNumbers", key: "phone_numbers", sid: "PN", parameter: "PhoneNumberSid"})...)
	return append(routes, a.senderRoutes(poolKind{path: "ChannelSenders", key: "senders", sid: "XE", parameter: "Sid"})...)
}

type serviceBody struct {
	whatsapp.MessagingService
	URL   string            `json:"url"`
	Links map[string]string `json:"links"`
}

// serviceBodies returns a function that renders a service for a caller.
func serviceBodies(in *rest.Request) func(whatsapp.MessagingService) serviceBody {
	return func(s whatsapp.MessagingService) serviceBody {
		self := in.Base() + "/v1/Services/" + s.SID
		links := map[string]string{}
		for name, path := range map[string]string{
			"alpha_senders": "AlphaSenders", "channel_senders": "ChannelSenders", "destination_alpha_senders": "DestinationAlphaSenders",
			"messages": "Messages", "phone_numbers": "PhoneNumbers", "short_codes": "ShortCodes", "us_app_to_person": "Compliance/Usa2p",
			"us_app_to_person_usecases": "Compliance/Usa2p/Usecases",
		} {
			links[name] = self + "/" + path
		}
		return serviceBody{s, self, links}
	}
}

func (a *api) createService(in *rest.Request) (rest.Result, error) {
	var p whatsapp.MessagingServiceParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	s, err := a.sandbox.CreateMessagingService(in.Context(), in.Account.SID, p)
	return rest.Created(serviceBodies(in)(s)), err
}

func (a *api) listServices(in *rest.Request) (rest.Result, error) {
	p, err := in.Paging(rest.MaxPageSize)
	if err != nil {
		return rest.Result{}, err
	}
	all, err := a.sandbox.ListMessagingServices(in.Context(), in.Account.SID)
	page := rest.Numbered(p, all, func(s whatsapp.MessagingService) string { return s.SID })
	return rest.List(in, p, "services", page, serviceBodies(in)), err
}

func (a *api) fetchService(in *rest.Request) (rest.Result, error) {
	s, err := a.sandbox.FetchMessagingService(in.Context(), in.Account.SID, in.Vars["Sid"])
	return rest.OK(serviceBodies(in)(s)), err
}

func (a *api) updateService(in *rest.Request) (rest.Result, error) {
	var p whatsapp.MessagingServiceParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	s, err := a.sandbox.UpdateMessagingService(in.Context(), in.Account.SID, in.Vars["Sid"], p)
	return rest.OK(serviceBodies(in)(s)), err
}

func (a *api) deleteService(in *rest.Request) (rest.Result, error) {
	return rest.Deleted(), a.sandbox.DeleteMessagingService(in.Context(), in.Account.SID, in.Vars["Sid"])
}

// poolKind is a kind of senders in the pool of a service.
type poolKind struct {
	// path and key are the names of the list; sid is the kind of SID; parameter names the sender that is added.
	path, key, sid, parameter string
}

// senderRoutes are the operations of one kind of senders of a service.
func (a *api) senderRoutes(kind poolKind) []rest.Route {
	list := "/messaging/v1/Services/{ServiceSid}/" + kind.path
	one := list + "/{Sid}"
	return []rest.Route{
		{Method: "POST", Path: list, Handle: func(in *rest.Request) (rest.Result, error) { return a.addSender(in, kind) }},
		{Method: "GET", Path: list, Handle: func(in *rest.Request) (rest.Result, error) { return a.listSenders(in, kind) }},
		{Method: "GET", Path: one, Handle: func(in *rest.Request) (rest.Result, error) { return a.fetchSender(in, kind) }},
		{Method: "DELETE", Path: one, Handle: func(in *rest.Request) (rest.Result, error) { return a.removeSender(in, kind) }},
	}
}

// senderBody is a sender in the pool of a service.
func senderBody(in *rest.Request, kind poolKind, s conversations.Sender) map[string]any {
	service := in.Vars["ServiceSid"]
	b := map[string]any{"account_sid": s.AccountSID, "sid": s.SID, "country_code": whatsapp.Country(s.Address), "date_created": s.DateCreated,
		"date_updated": s.DateCreated, "url": in.Base() + "/v1/Services/" + service + "/" + kind.path + "/" + s.SID}
	if kind.sid == "PN" {
		b["service_sid"], b["phone_number"], b["capabilities"] = service, s.Address, []string{"SMS", "MMS"}
		return b
	}
	b["messaging_service_sid"], b["sender"], b["sender_type"] = service, s.Address, "RCS"
	if twilio.IsWhatsApp(s.Address) {
		b["sender_type"] = "WhatsApp"
	}
	return b
}

func (a *api) addSender(in *rest.Request, kind poolKind) (rest.Result, error) {
	var p struct{ PhoneNumberSid, Sid string }
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	sender := p.Sid
	if kind.sid == "PN" {
		sender = p.PhoneNumberSid
	}
	switch {
	case sender == "":
		return rest.Result{}, twilio.MissingParameter(kind.parameter)
	case !sid.Valid(sender, kind.sid):
		return rest.Result{}, twilio.InvalidParameter(kind.parameter)
	}
	s, err := a.sandbox.AddServiceSender(in.Context(), in.Account.SID, in.Vars["ServiceSid"], sender)
	return rest.Created(senderBody(in, kind, s)), err
}

func (a *api) listSenders(in *rest.Request, kind poolKind) (rest.Result, error) {
	p, err := in.Paging(rest.MaxPageSize)
	if err != nil {
		return rest.Result{}, err
	}
	all, err := a.sandbox.ListServiceSenders(in.Context(), in.Account.SID, in.Vars["ServiceSid"], kind.sid)
	page := rest.Numbered(p, all, func(s conversations.Sender) string { return s.SID })
	return rest.List(in, p, kind.key, page, func(s conversations.Sender) map[string]any { return senderBody(in, kind, s) }), err
}

func (a *api) fetchSender(in *rest.Request, kind poolKind) (rest.Result, error) {
	all, err := a.sandbox.ListServiceSenders(in.Context(), in.Account.SID, in.Vars["ServiceSid"], kind.sid)
	if err != nil {
		return rest.Result{}, err
	}
	for _, s := range all {
		if s.SID == in.Vars["Sid"] {
			return rest.OK(senderBody(in, kind, s)), nil
		}
	}
	return rest.Result{}, twilio.ErrNotFound
}

func (a *api) removeSender(in *rest.Request, kind poolKind) (rest.Result, error) {
	if !sid.Valid(in.Vars["Sid"], kind.sid) {
		return rest.Result{}, twilio.ErrNotFound
	}
	return rest.Deleted(), a.sandbox.RemoveServiceSender(in.Context(), in.Account.SID, in.Vars["ServiceSid"], in.Vars["Sid"])
}
