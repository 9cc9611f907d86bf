package conversations

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// preActionReply has the fields that a pre-action webhook changes; nil fields stay as the caller sent them. Reference,
// Conversations API 6.6.
type preActionReply struct {
	FriendlyName *string `json:"friendly_name"`
	Body         *string `json:"body"`
	Author       *string `json:"author"`
	Attributes   *string `json:"attributes"`
}

// merge overwrites the fields that a later reply has.
func (r *preActionReply) merge(later preActionReply) {
	twilio.Assign(&r.FriendlyName, later.FriendlyName)
	twilio.Assign(&r.Body, later.Body)
	twilio.Assign(&r.Author, later.Author)
	twilio.Assign(&r.Attributes, later.Attributes)
}

// action is a change of a resource that a pre-action webhook may refuse.
type action struct {
	scope Scope
	// pre is the type of the event that the webhook gets.
	pre EventType
	// do makes the change in a transaction, with the webhook's reply.
	do func(tx store.Tx, reply preActionReply) error
	// event returns the event that the webhook gets. It is called after do.
	event func() Event
}

// perform makes a change, unless its pre-action webhook refuses. Where there is such a webhook, a dry run comes first, so that
// the webhook gets only changes that would succeed. No transaction is open while the webhook is called. The change is then made
// with its reply and checked again.
func (a *API) perform(ctx context.Context, do action) error {
	var reply preActionReply
	hasPreAction, err := a.hasPreAction(ctx, do)
	if err != nil {
		return err
	}
	if hasPreAction {
		if err := a.dryRun(ctx, do); err != nil {
			return err
		}
		if reply, err = a.callPreActions(ctx, do.scope, do.event()); err != nil {
			return err
		}
	}
	return a.update(ctx, func(tx store.Tx) error { return do.do(tx, reply) })
}

// hasPreAction reports whether a pre-action webhook is configured for an action. It returns false for a service that does not
// exist; the action itself refuses that.
func (a *API) hasPreAction(ctx context.Context, do action) (has bool, _ error) {
	if !a.firesPreActions(do.scope) {
		return false, nil
	}
	err := a.view(ctx, func(tx store.Tx) error {
		service, err := a.service(tx, do.scope)
		if err != nil {
			return store.IgnoreNotFound(err)
		}
		receivers, err := a.receivers(tx, service.AccountSID, service.SID, do.pre)
		has = len(receivers) > 0
		return err
	})
	return has, err
}

// firesPreActions reports whether actions of a scope fire pre-action webhooks. Reference, Conversations API 6.3.
func (a *API) firesPreActions(scope Scope) bool {
	if a.webhooks.NoPreActionForREST && scope.source() == SourceAPI {
		return false
	}
	return scope.firesWebhooks()
}

// errDryRun rolls back the transaction of a dry run.
var errDryRun = errors.New("conversations: the action was a dry run")

// dryRun makes a change and rolls it back. The error is the one that the change would return.
func (a *API) dryRun(ctx context.Context, do action) error {
	err := a.store.Update(ctx, func(tx store.Tx) error {
		if err := do.do(tx, preActionReply{}); err != nil {
			return err
		}
		return errDryRun
	})
	if errors.Is(err, errDryRun) {
		return nil
	}
	return a.twilioError(err)
}

// callPreActions calls the pre-action webhooks that are configured for an event, one after the other, and returns their merged
// replies. It must not be called in a transaction. The error is 50056 when one of them refuses.
func (a *API) callPreActions(ctx context.Context, scope Scope, e Event) (reply preActionReply, _ error) {
	if !a.firesPreActions(scope) {
		return preActionReply{}, nil
	}
	var receivers []receiver
	var account Account
	err := a.view(ctx, func(tx store.Tx) (err error) {
		if receivers, err = a.receivers(tx, scope.AccountSID, e.Params.Get("ChatServiceSid"), e.Type); err != nil {
			return err
		}
		account, err = accounts.Get(tx, scope.AccountSID)
		return err
	})
	if err != nil {
		return preActionReply{}, err
	}
	e = a.withScope(scope, e)
	for _, r := range receivers {
		next, err := a.callPreAction(ctx, r, account, e)
		if err != nil {
			return preActionReply{}, err
		}
		reply.merge(next)
	}
	return reply, nil
}

// callPreAction calls one pre-action webhook, with its retries, and reads the reply. Reference, Conversations API 6.6: an answer
// 4xx or 5xx refuses the action; without an answer the action goes on unchanged.
func (a *API) callPreAction(ctx context.Context, r receiver, account Account, e Event) (preActionReply, error) {
	attempt := webhookAttempt{event: e, token: a.sids.Token()}
	for {
		answer, err := a.callWebhook(ctx, r, account, attempt)
		a.alertFailure(ctx, r, e, answer, err)
		switch {
		case ctx.Err() != nil:
			return preActionReply{}, ctx.Err()
		case attempt.number < r.Retries && isRetried(answer, err):
			attempt.number++
		case err != nil:
			return preActionReply{}, nil //nolint:nilerr // without an answer the action goes on; the debugger has the error
		case answer.Status >= http.StatusBadRequest:
			return preActionReply{}, errCancelledByWebhook
		case answer.Status >= http.StatusMultipleChoices: // a redirect that was not followed neither refuses nor changes
			return preActionReply{}, nil
		default:
			return a.readReply(ctx, r, e, answer.Body)
		}
	}
}

// readReply reads the reply of a pre-action webhook. A malformed one is an entry of the debugger.
func (a *API) readReply(ctx context.Context, r receiver, e Event, body []byte) (preActionReply, error) {
	reply, err := parseReply(body)
	if err == nil {
		return reply, nil
	}
	a.webhookAlert(ctx, r, e, 50057, err.Error())
	if a.webhooks.RefuseMalformedReply {
		return preActionReply{}, errCancelledByWebhook
	}
	return preActionReply{}, nil
}

// parseReply reads the body of a pre-action webhook's answer: nothing, or a JSON object whose fields are strings. Unknown fields
// and null change nothing.
func parseReply(body []byte) (reply preActionReply, _ error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return preActionReply{}, nil
	}
	if body[0] != '{' {
		return preActionReply{}, fmt.Errorf("the reply is not a JSON object: %.80q", body)
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return preActionReply{}, fmt.Errorf("the reply cannot be used: %w", err)
	}
	return reply, nil
}
