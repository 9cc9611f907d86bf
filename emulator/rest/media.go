package rest

import (
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// mediaRoutes serve the files of messages: MediaUrl0 of an inbound webhook leads here. Reference, WhatsApp and messaging
// 4.1. Basic authentication is on, as for an account with that setting.
func (a *API) mediaRoutes() [][]route {
	return [][]route{
		at("GET", "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid}", a.fetchMedia),
	}
}

func (a *API) fetchMedia(in *request) (result, error) {
	if in.vars["AccountSid"] != in.Account.SID {
		return result{}, conversations.ErrNotFound("")
	}
	f, err := a.conversations.FetchMedia(in.Context(), in.Account.SID, in.vars["Sid"])
	if err == nil && f.MessageSID != in.vars["MessageSid"] {
		return result{}, conversations.ErrNotFound("")
	}
	return result{status: http.StatusOK, file: &f}, err
}
