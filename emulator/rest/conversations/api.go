// Package conversations is Twilio's Conversations API over HTTP: the 103 operations of its OpenAPI file, in front of the
// package of the same name that has the rules. A file is a chapter of Twilio's reference and begins with its routes.
//
// Handlers of the account's form (/v1/Conversations) and the service's form (/v1/Services/{ChatServiceSid}/Conversations)
// are the same.
package conversations

import (
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

type api struct{ conversations *conversations.API }

// New returns the product.
func New(rules *conversations.API) rest.Product {
	a := &api{conversations: rules}
	var p rest.Product
	for _, family := range [][][]rest.Route{ // the most frequent come first
		a.messageRoutes(), a.conversationRoutes(), a.participantRoutes(), a.webhookRoutes(), a.receiptRoutes(),
		a.addressRoutes(), a.channelMetadataRoutes(), a.conversationWithParticipantsRoutes(), a.credentialRoutes(),
		a.bindingRoutes(), a.participantConversationRoutes(), a.serviceRoutes(),
		a.configurationRoutes(), a.configurationWebhookRoutes(), a.serviceConfigurationRoutes(), a.notificationRoutes(),
		a.userRoutes(), a.userConversationRoutes(), a.roleRoutes(),
	} {
		for _, operation := range family {
			p.Routes = append(p.Routes, operation...)
		}
	}
	return p
}

// request is a request with the Conversation Service that it addresses.
type request struct {
	*rest.Request
	Scope conversations.Scope
	// conversations and messages are what the URLs of these resources begin with; empty before the first.
	conversations, messages string
}

type handler func(*request) (rest.Result, error)

// route is an operation under one path. It reads the scope before the handler runs.
func route(method, path string, h handler) rest.Route {
	return rest.Route{Method: method, Path: path, Handle: func(r *rest.Request) (rest.Result, error) {
		in := &request{Request: r, Scope: conversations.Scope{AccountSID: r.Account.SID, ServiceSID: r.Vars["ChatServiceSid"]}}
		switch enabled := in.Header.Get("X-Twilio-Webhook-Enabled"); {
		case strings.EqualFold(enabled, "true"):
			in.Scope.WebhookEnabled = true
		case enabled != "" && !strings.EqualFold(enabled, "false"):
			return rest.Result{}, twilio.InvalidParameter("X-Twilio-Webhook-Enabled")
		}
		return h(in)
	}}
}

// both is an operation that exists for the account's default service and under a service.
func both(method, path string, h handler) []rest.Route {
	return append(account(method, path, h), service(method, path, h)...)
}

// account is an operation under the account's form only.
func account(method, path string, h handler) []rest.Route {
	return []rest.Route{route(method, "/v1"+path, h)}
}

// service is an operation under a service only.
func service(method, path string, h handler) []rest.Route {
	return []rest.Route{route(method, "/v1/Services/{ChatServiceSid}"+path, h)}
}

// url is an absolute URL under the version that the caller used: in its service's form when that was used.
func (in *request) url(parts ...string) string {
	base := in.Base()
	n := len(base) + len("/v1/Services/") + len(in.Scope.ServiceSID)
	for _, p := range parts {
		n += 1 + len(p)
	}
	var b strings.Builder
	b.Grow(n)
	b.WriteString(base)
	b.WriteString("/v1")
	if in.Scope.ServiceSID != "" {
		b.WriteString("/Services/")
		b.WriteString(in.Scope.ServiceSID)
	}
	for _, p := range parts {
		b.WriteByte('/')
		b.WriteString(p)
	}
	return b.String()
}

// chatServiceSID is in the bodies of some resources in the service's form only; nil leaves it out.
func (in *request) chatServiceSID() *string {
	if in.Scope.ServiceSID == "" {
		return nil
	}
	return &in.Scope.ServiceSID
}
