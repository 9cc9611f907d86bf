package rest

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// messageMedia is where MediaUrl0 of an inbound webhook leads.
const messageMedia = "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid:[A-Za-z0-9]+}"

// inboundMediaRoutes are the bytes of the files of phones, and the second host that they are served from. Reference,
// WhatsApp and messaging 4.1. What Twilio says of a file in JSON has a path of its own, which ends with .json.
func (a *API) inboundMediaRoutes() [][]route {
	return [][]route{
		at("GET", messageMedia, a.fetchMessageMedia),
		at("GET", "/mms/{AccountSid}/{Sid}", a.fetchLinkedMessageMedia),
	}
}

// open reports whether a request needs no credentials: the hosts of links, whose links are signed, and the files of
// phones where the switch media_auth is off.
func (a *API) open(in *request) (bool, error) {
	switch in.address.product {
	case products[mediaHost], products[inboundMediaHost]:
		return true, nil
	}
	parts := strings.Split(in.address.path, "/")
	if in.Method != http.MethodGet && in.Method != http.MethodHead || len(parts) != 8 || parts[1] != "2010-04-01" ||
		parts[6] != "Media" || strings.HasSuffix(parts[7], ".json") {
		return false, nil
	}
	access, err := a.sandbox.FetchMediaAccess(in.Context())
	return !access.Auth, err
}

// fetchMessageMedia redirects to a signed link on another host, or answers with the file, as a switch says. Clients must leave
// their credentials behind on the way to another host.
func (a *API) fetchMessageMedia(in *request) (result, error) {
	accountSID := in.vars["AccountSid"]
	if in.Account.SID != "" && in.Account.SID != accountSID {
		return result{}, twilio.ErrNotFound
	}
	f, err := a.sandbox.FetchMedia(in.Context(), whatsapp.MediaQuery{
		AccountSID: accountSID, MessageSID: in.vars["MessageSid"], MediaSID: in.vars["Sid"]})
	if err != nil {
		return result{}, err
	}
	access, err := a.sandbox.FetchMediaAccess(in.Context())
	if err != nil || !access.Redirect {
		return result{status: http.StatusOK, file: &f}, err
	}
	account, err := a.conversations.FetchAccount(in.Context(), accountSID)
	if err != nil {
		return result{}, err
	}
	link := a.conversations.LinkMedia(account, f.SID)
	q := url.Values{"Expires": {link.Expires}, "Signature": {link.Signature}, "Key-Pair-Id": {link.KeyPairID}}
	return result{status: http.StatusTemporaryRedirect,
		location: in.address.linkBase(inboundMediaHost) + "/" + accountSID + "/" + f.SID + "?" + q.Encode()}, nil
}

// fetchLinkedMessageMedia serves a signed link. Where it is on another host than the API it refuses credentials, which the
// client has taken along by mistake.
func (a *API) fetchLinkedMessageMedia(in *request) (result, error) {
	if in.address.apart() && in.Header.Get("Authorization") != "" {
		return twoProofs(), nil
	}
	q := in.URL.Query()
	f, err := a.conversations.FetchLinkedMedia(in.Context(), in.vars["Sid"], conversations.MediaLink{
		Expires: q.Get("Expires"), Signature: q.Get("Signature"), KeyPairID: q.Get("Key-Pair-Id")})
	if err == nil && f.AccountSID != in.vars["AccountSid"] {
		return result{}, twilio.ErrNotFound
	}
	return result{status: http.StatusOK, file: &f}, err
}
