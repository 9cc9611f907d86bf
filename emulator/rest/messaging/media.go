package messaging

import (
	"net/http"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

type mediaBody struct {
	AccountSID  string        `json:"account_sid"`
	ContentType string        `json:"content_type"`
	DateCreated *rest.RFC2822 `json:"date_created"`
	DateUpdated *rest.RFC2822 `json:"date_updated"`
	ParentSID   string        `json:"parent_sid"`
	SID         string        `json:"sid"`
	URI         string        `json:"uri"`
}

func newMediaBody(m whatsapp.Message, f whatsapp.File) mediaBody {
	return mediaBody{AccountSID: m.AccountSID, ContentType: f.ContentType, DateCreated: rest.Dated(m.DateCreated),
		DateUpdated: rest.Dated(m.DateCreated), ParentSID: m.SID, SID: f.SID,
		URI: "/2010-04-01/Accounts/" + m.AccountSID + "/Messages/" + m.SID + "/Media/" + f.SID + ".json"}
}

func (a *api) fetchMedia(in *rest.Request) (rest.Result, error) {
	m, f, err := a.sandbox.FetchAccountMedia(in.Context(), in.Account.SID, in.Vars["MessageSid"], in.Vars["Sid"])
	return rest.OK(newMediaBody(m, f)), err
}

func (a *api) deleteMedia(in *rest.Request) (rest.Result, error) {
	return rest.Deleted(), a.sandbox.DeleteAccountMedia(in.Context(), in.Account.SID, in.Vars["MessageSid"], in.Vars["Sid"])
}

// listMedia pages by number: a message has ten files at most.
func (a *api) listMedia(in *rest.Request) (rest.Result, error) {
	p, err := in.Paging(rest.MaxPageSize)
	if err != nil {
		return rest.Result{}, err
	}
	q := in.Values
	from, before, err := dateRange(q, "DateCreated")
	if err != nil {
		return rest.Result{}, err
	}
	m, err := a.sandbox.FetchAccountMessage(in.Context(), in.Account.SID, in.Vars["MessageSid"])
	if err != nil {
		return rest.Result{}, err
	}
	items := []mediaBody{}
	outside := m.DateCreated.Before(from) || (!before.IsZero() && !m.DateCreated.Before(before))
	for _, f := range m.Media {
		if !f.Deleted && !outside {
			items = append(items, newMediaBody(m, f))
		}
	}
	page := rest.Numbered(p, items, func(b mediaBody) string { return b.SID })
	return rest.Page2010(in, p, "media_list", page, func(b mediaBody) mediaBody { return b }), nil
}

// open reports whether a request needs no credentials: the host of links, whose links are signed, and the files of
// phones where the switch media_auth is off.
func (a *api) open(in *rest.Request) (bool, error) {
	if in.OnHost(rest.InboundMediaHost) {
		return true, nil
	}
	parts := strings.Split(in.Path(), "/")
	if in.Method != http.MethodGet && in.Method != http.MethodHead || len(parts) != 8 || parts[1] != "2010-04-01" ||
		parts[6] != "Media" || strings.HasSuffix(parts[7], ".json") {
		return false, nil
	}
	access, err := a.sandbox.FetchMediaAccess(in.Context())
	return !access.Auth, err
}

// fetchContent redirects to a signed link on another host, or answers with the file, as a switch says. Clients must leave
// their credentials behind on the way to another host.
func (a *api) fetchContent(in *rest.Request) (rest.Result, error) {
	accountSID := in.Vars["AccountSid"]
	if in.Account.SID != "" && in.Account.SID != accountSID {
		return rest.Result{}, twilio.ErrNotFound
	}
	f, err := a.sandbox.FetchMedia(in.Context(), whatsapp.MediaQuery{
		AccountSID: accountSID, MessageSID: in.Vars["MessageSid"], MediaSID: in.Vars["Sid"]})
	if err != nil {
		return rest.Result{}, err
	}
	access, err := a.sandbox.FetchMediaAccess(in.Context())
	if err != nil || !access.Redirect {
		return rest.Result{Status: http.StatusOK, File: &f}, err
	}
	account, err := a.conversations.FetchAccount(in.Context(), accountSID)
	if err != nil {
		return rest.Result{}, err
	}
	link := in.Link(rest.InboundMediaHost, "/"+accountSID+"/"+f.SID, a.conversations.LinkMedia(account, f.SID))
	return rest.Result{Status: http.StatusTemporaryRedirect, Location: link}, nil
}

// fetchLinkedContent serves a signed link. Where it is on another host than the API it refuses credentials, which the
// client has taken along by mistake.
func (a *api) fetchLinkedContent(in *rest.Request) (rest.Result, error) {
	if in.LinksApart() && in.Header.Get("Authorization") != "" {
		return rest.RefuseCredentials(), nil
	}
	f, err := a.conversations.FetchLinkedMedia(in.Context(), in.Vars["Sid"], in.SignedLink())
	if err == nil && f.AccountSID != in.Vars["AccountSid"] {
		return rest.Result{}, twilio.ErrNotFound
	}
	return rest.Result{Status: http.StatusOK, File: &f}, err
}
