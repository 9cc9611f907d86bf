// Package messaging is Twilio's Programmable Messaging over HTTP: messages, their feedback and their files in the API of 2010-04-01,
// messaging services in version 1 of the messaging API, and typing indicators in version 2.
//
// In the former URLs are relative, dates are RFC 2822 and pages have a form of their own. Reference, WhatsApp and messaging 4.1 and 5.2.
package messaging

import (
	"net/http"

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
	const oldMessages = "/2010-04-01/Accounts/{AccountSid}/SMS/Messages"
	routes := []rest.Route{
		{Method: "POST", Path: messages, Handle: rest.Own(a.createMessage), XML: "Message"},
		{Method: "GET", Path: message, Handle: rest.Own(a.fetchMessage), XML: "Message"},
		{Method: "GET", Path: messages, Handle: rest.Own(a.listMessages), XML: "Message"},
		{Method: "POST", Path: message, Handle: rest.Own(a.updateMessage), XML: "Message"},
		{Method: "DELETE", Path: message, Handle: rest.Own(a.deleteMessage), XML: "Message"},
		{Method: "POST", Path: below + "/Feedback.json", Handle: rest.Own(a.createFeedback), XML: "Feedback"},
		{Method: "GET", Path: below + "/Media.json", Handle: rest.Own(a.listMedia), XML: "Media"},
		{Method: "GET", Path: below + "/Media/{Sid}.json", Handle: rest.Own(a.fetchMedia)},
		{Method: "DELETE", Path: below + "/Media/{Sid}.json", Handle: rest.Own(a.deleteMedia)},
		{Method: "DELETE", Path: content, Handle: rest.Own(a.deleteMedia)},
		{Method: "GET", Path: content, Handle: a.fetchContent},
		{Method: "GET", Path: oldMessages + ".json", Handle: refuseOld, XML: "SMSMessage"},
		{Method: "POST", Path: oldMessages + ".json", Handle: refuseOld, XML: "SMSMessage"},
		{Method: "GET", Path: oldMessages + "/{Sid}.json", Handle: refuseOld, XML: "SMSMessage"},
		{Method: "POST", Path: oldMessages + "/{Sid}.json", Handle: refuseOld, XML: "SMSMessage"},
		{Method: "POST", Path: typingPath, Handle: a.createTyping},
		{Method: "GET", Path: "/mms/{AccountSid}/{Sid}", Handle: a.fetchLinkedContent},
	}
	return rest.Product{Open: a.open, Routes: append(routes, a.serviceRoutes()...)}
}

// refuseOld answers where messages were before 2013. The log shows it as unhandled, like all that is not emulated.
func refuseOld(in *rest.Request) (rest.Result, error) {
	in.MarkUnhandled()
	return rest.Result{}, twilio.NewError(http.StatusNotFound, 20404,
		"/SMS/Messages is the old name of a resource that is no longer served: use /Messages")
}
