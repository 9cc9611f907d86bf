package control

import (
	"context"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// NewBinding is a device of a user to register for push notifications.
type NewBinding struct {
	// ServiceSID is the user's Conversation Service; empty means the account's default service.
	ServiceSID string `json:"service_sid,omitempty"`
	conversations.CreateBindingParams
}

// ReachabilityReport is a report of a user's chat SDK.
type ReachabilityReport struct {
	// ServiceSID is the user's Conversation Service; empty means the account's default service.
	ServiceSID string `json:"service_sid,omitempty"`
	conversations.Reachability
}

var (
	createBinding      = endpoint[NewBinding, conversations.Binding]{"POST", "/accounts/{account}/bindings"}
	reportReachability = endpoint[ReachabilityReport, conversations.User]{"POST", "/accounts/{account}/users/{user}/reachability"}
)

// serveUsers registers what the chat SDKs of an account's users do, which are not emulated.
func (h *Handler) serveUsers() {
	serve(h, createBinding, func(r *http.Request, wanted NewBinding) (conversations.Binding, error) {
		scope := conversations.Scope{AccountSID: parameter(r, "account"), ServiceSID: wanted.ServiceSID}
		b, err := h.conversations.CreateBinding(r.Context(), scope, wanted.CreateBindingParams)
		return b, orMissing(err, "account %.100q has no Conversation Service %.100q (empty means its default service)",
			scope.AccountSID, scope.ServiceSID)
	})
	serve(h, reportReachability, func(r *http.Request, report ReachabilityReport) (conversations.User, error) {
		scope := conversations.Scope{AccountSID: parameter(r, "account"), ServiceSID: report.ServiceSID}
		u, err := h.conversations.ReportReachability(r.Context(), scope, parameter(r, "user"), report.Reachability)
		return u, orMissing(err, "account %.100q has no user %.100q in Conversation Service %.100q (empty means its default service)",
			scope.AccountSID, parameter(r, "user"), scope.ServiceSID)
	})
}

// CreateBinding registers a device of a user for push notifications, as a client SDK of Twilio's does. A device that is registered
// already changes its binding.
func (c *Client) CreateBinding(ctx context.Context, accountSID string, wanted NewBinding) (conversations.Binding, error) {
	return call(ctx, c, createBinding, wanted, accountSID)
}

// ReportReachability reports, as a client SDK of Twilio's does, whether a user is online and notifiable. The user is named by SID
// or identity. While the service has reachability off, nothing changes.
func (c *Client) ReportReachability(ctx context.Context, accountSID, user string, report ReachabilityReport,
) (conversations.User, error) {
	return call(ctx, c, reportReachability, report, accountSID, user)
}
