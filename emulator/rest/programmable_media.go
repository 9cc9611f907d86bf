package rest

import (
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// programmableMediaRoutes are what Twilio says of the files of a message in JSON; their bytes are in inbound_media.go.
// Reference, WhatsApp and messaging 4.1.
func (a *API) programmableMediaRoutes() [][]route {
	const list = "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media.json"
	const one = "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid}.json"
	return [][]route{
		at("GET", list, own(a.listProgrammableMedia)),
		at("GET", one, own(a.fetchProgrammableMedia)),
		at("DELETE", one, own(a.deleteProgrammableMedia)),
		at("DELETE", messageMedia, own(a.deleteProgrammableMedia)),
	}
}

type programmableMediaBody struct {
	AccountSID  string   `json:"account_sid"`
	ContentType string   `json:"content_type"`
	DateCreated *rfc2822 `json:"date_created"`
	DateUpdated *rfc2822 `json:"date_updated"`
	ParentSID   string   `json:"parent_sid"`
	SID         string   `json:"sid"`
	URI         string   `json:"uri"`
}

func programmableMedia(m whatsapp.Message, f whatsapp.File) programmableMediaBody {
	return programmableMediaBody{AccountSID: m.AccountSID, ContentType: f.ContentType, DateCreated: dated(m.DateCreated),
		DateUpdated: dated(m.DateCreated), ParentSID: m.SID, SID: f.SID,
		URI: "/2010-04-01/Accounts/" + m.AccountSID + "/Messages/" + m.SID + "/Media/" + f.SID + ".json"}
}

func (a *API) fetchProgrammableMedia(in *request) (result, error) {
	m, f, err := a.sandbox.FetchAccountMedia(in.Context(), in.Account.SID, in.vars["MessageSid"], in.vars["Sid"])
	return ok(programmableMedia(m, f)), err
}

func (a *API) deleteProgrammableMedia(in *request) (result, error) {
	return deleted(), a.sandbox.DeleteAccountMedia(in.Context(), in.Account.SID, in.vars["MessageSid"], in.vars["Sid"])
}

// listProgrammableMedia pages by number: a message has ten files at most.
func (a *API) listProgrammableMedia(in *request) (result, error) {
	p, err := in.paging(maxPageSize)
	if err != nil {
		return result{}, err
	}
	q, err := in.filters()
	if err != nil {
		return result{}, err
	}
	from, before, err := dateRange(q, "DateCreated")
	if err != nil {
		return result{}, err
	}
	m, err := a.sandbox.FetchAccountMessage(in.Context(), in.Account.SID, in.vars["MessageSid"])
	if err != nil {
		return result{}, err
	}
	items := []programmableMediaBody{}
	outside := m.DateCreated.Before(from) || (!before.IsZero() && !m.DateCreated.Before(before))
	for _, f := range m.Media {
		if !f.Deleted && !outside {
			items = append(items, programmableMedia(m, f))
		}
	}
	next, start := "", min(p.page*p.Size, len(items))
	if end := start + p.Size; end < len(items) {
		next, items = "PA"+items[end].SID, items[:end]
	}
	return ok(page2010(in, p, "media_list", next, items[start:])), nil
}
