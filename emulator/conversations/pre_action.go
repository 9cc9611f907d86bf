package conversations

import "context"

// hookReply is what a pre-action webhook wants changed: nil fields stay as they were asked for. Reference, Conversations
// API 6.6.
type hookReply struct {
	FriendlyName *string `json:"friendly_name"`
	Body         *string `json:"body"`
	Author       *string `json:"author"`
	Attributes   *string `json:"attributes"`
}

// before asks the pre-action webhook, where one is configured for this event, whether an action may happen. It is called
// before the action's transaction, so no lock is held meanwhile.
func (a *API) before(_ context.Context, _ Scope, _ Event) (hookReply, error) {
	return hookReply{}, nil
}
