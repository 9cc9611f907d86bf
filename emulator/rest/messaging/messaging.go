// Package messaging is Twilio's Programmable Messaging over HTTP, the API of 2010-04-01: messages, their feedback and their files.
// Its URLs are relative, its dates are RFC 2822 and its pages have a form of their own. Reference, WhatsApp and messaging 4.1 and
// 5.2.
package messaging

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

type api struct {
	sandbox       *whatsapp.Sandbox
	conversations *conversations.API // has the accounts and the files
}

// New returns the product.
func New(sandbox *whatsapp.Sandbox, rules *conversations.API) rest.Product {
	a := &api{sandbox, rules}
	const (
		messages = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
		message  = "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json"
		below    = "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}"
		content  = below + "/Media/{Sid:[A-Za-z0-9]+}" // MediaUrl0 of an inbound webhook
	)
	return rest.Product{Open: a.open, Routes: []rest.Route{
		{Method: "POST", Path: messages, Handle: own(a.createMessage)},
		{Method: "GET", Path: message, Handle: own(a.fetchMessage)},
		{Method: "GET", Path: messages, Handle: own(a.listMessages)},
		{Method: "POST", Path: message, Handle: own(a.updateMessage)},
		{Method: "DELETE", Path: message, Handle: own(a.deleteMessage)},
		{Method: "POST", Path: below + "/Feedback.json", Handle: own(a.createFeedback)},
		{Method: "GET", Path: below + "/Media.json", Handle: own(a.listMedia)},
		{Method: "GET", Path: below + "/Media/{Sid}.json", Handle: own(a.fetchMedia)},
		{Method: "DELETE", Path: below + "/Media/{Sid}.json", Handle: own(a.deleteMedia)},
		{Method: "DELETE", Path: content, Handle: own(a.deleteMedia)},
		{Method: "GET", Path: content, Handle: a.fetchContent},
		{Method: "GET", Path: "/mms/{AccountSid}/{Sid}", Handle: a.fetchLinkedContent},
	}}
}

// own lets an account see nothing but its own part of the API.
func own(h rest.Handler) rest.Handler {
	return func(in *rest.Request) (rest.Result, error) {
		if in.Vars["AccountSid"] != in.Account.SID {
			return rest.Result{}, twilio.ErrNotFound
		}
		return h(in)
	}
}
