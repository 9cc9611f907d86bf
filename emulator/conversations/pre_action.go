package conversations

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// preActions are the events before the fact.
var preActions = []EventType{
	OnConversationAdd, OnConversationUpdate, OnConversationRemove, OnMessageAdd, OnMessageUpdate, OnMessageRemove,
	OnParticipantAdd, OnParticipantUpdate, OnParticipantRemove, OnUserUpdate,
}

func (t EventType) isPreAction() bool { return slices.Contains(preActions, t) }

// hookReply is what a pre-action webhook wants changed: nil fields stay as they were asked for. Reference, Conversations
// API 6.6.
type hookReply struct {
	FriendlyName *string `json:"friendly_name"`
	Body         *string `json:"body"`
	Author       *string `json:"author"`
	Attributes   *string `json:"attributes"`
}

// merge takes over what a later reply wants changed.
func (r *hookReply) merge(later hookReply) {
	twilio.Assign(&r.FriendlyName, later.FriendlyName)
	twilio.Assign(&r.Body, later.Body)
	twilio.Assign(&r.Author, later.Author)
	twilio.Assign(&r.Attributes, later.Attributes)
}

// action is a change of a resource that a pre-action webhook is asked about.
type action struct {
	scope Scope
	// pre is the event that the webhook is asked about.
	pre EventType
	// do makes the change in a transaction, with what the webhook wants changed.
	do func(tx store.Tx, reply hookReply) error
	// event is the form of the event, after do.
	event func() Event
}

// act makes a change, unless its pre-action webhook refuses. Where there is one, the change is first tried and taken back,
// so that the webhook is only asked about what would succeed; no transaction is open while it is asked. A change that the
// webhook has altered is checked anew, and its errors are the caller's.
func (a *API) act(ctx context.Context, do action) error {
	var reply hookReply
	asked, err := a.isAsked(ctx, do)
	if err != nil {
		return err
	}
	if asked {
		if err := a.try(ctx, do); err != nil {
			return err
		}
		if reply, err = a.before(ctx, do.scope, do.event()); err != nil {
			return err
		}
	}
	return a.update(ctx, func(tx store.Tx) error { return do.do(tx, reply) })
}

// isAsked reports whether a webhook wants to be asked about an action. A service that does not exist is the action's to
// find.
func (a *API) isAsked(ctx context.Context, do action) (asked bool, _ error) {
	if !a.asks(do.scope) {
		return false, nil
	}
	err := a.view(ctx, func(tx store.Tx) error {
		service, err := a.service(tx, do.scope)
		if err != nil {
			return store.IgnoreNotFound(err)
		}
		hooks, err := a.hooks(tx, service.AccountSID, service.SID, do.pre)
		asked = len(hooks) > 0
		return err
	})
	return asked, err
}

// asks reports whether pre-action webhooks are asked about what happens in a scope. Reference, Conversations API 6.3.
func (a *API) asks(scope Scope) bool {
	if a.webhooks.NoPreActionForREST && scope.source() == SourceAPI {
		return false
	}
	return scope.firesWebhooks()
}

// errTried ends the transaction of an action that was only tried.
var errTried = errors.New("conversations: the action was tried and taken back")

// try makes a change and takes it back; the error is why it would fail.
func (a *API) try(ctx context.Context, do action) error {
	err := a.store.Update(ctx, func(tx store.Tx) error {
		if err := do.do(tx, hookReply{}); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		return nil
	}
	return a.twilioError(err)
}

// before asks the pre-action webhooks, where they are configured for this event, whether an action may happen, and returns
// what they want changed. It must not be called in a transaction. The error is 50056 when one refuses.
func (a *API) before(ctx context.Context, scope Scope, e Event) (reply hookReply, _ error) {
	if !a.asks(scope) {
		return hookReply{}, nil
	}
	var hooks []hook
	var account Account
	err := a.view(ctx, func(tx store.Tx) (err error) {
		if hooks, err = a.hooks(tx, scope.AccountSID, e.Params.Get("ChatServiceSid"), e.Type); err != nil {
			return err
		}
		account, err = accounts.Get(tx, scope.AccountSID)
		return err
	})
	if err != nil {
		return hookReply{}, err
	}
	e = a.addressed(scope, e)
	for _, h := range hooks {
		one, err := a.ask(ctx, h, account, e)
		if err != nil {
			return hookReply{}, err
		}
		reply.merge(one)
	}
	return reply, nil
}

// ask calls one pre-action webhook, again where it may be tried again, and reads its reply. Reference, Conversations API
// 6.6: an answer 4xx or 5xx refuses, and no answer lets the action go on unchanged.
func (a *API) ask(ctx context.Context, h hook, account Account, e Event) (hookReply, error) {
	c := call{event: e, token: a.sids.Token()}
	for {
		answer, err := a.call(ctx, h, account, c)
		a.enterFailure(ctx, h, e, answer, err)
		switch {
		case ctx.Err() != nil:
			return hookReply{}, ctx.Err()
		case c.attempt < h.Retries && isRetried(answer, err):
			c.attempt++
		case err != nil:
			return hookReply{}, nil //nolint:nilerr // no answer lets the action go on; it is in the debugger
		case answer.Status >= http.StatusBadRequest:
			return hookReply{}, errCancelledByWebhook
		case answer.Status >= http.StatusMultipleChoices: // a redirect to nowhere says neither yes nor no
			return hookReply{}, nil
		default:
			return a.readReply(ctx, h, e, answer.Body)
		}
	}
}

// readReply reads what a webhook wants changed. A reply that is malformed is entered in the debugger.
func (a *API) readReply(ctx context.Context, h hook, e Event, body []byte) (hookReply, error) {
	reply, err := parseReply(body)
	if err == nil {
		return reply, nil
	}
	a.webhookAlert(ctx, h, e, 50057, err.Error())
	if a.webhooks.RefuseMalformedReply {
		return hookReply{}, errCancelledByWebhook
	}
	return hookReply{}, nil
}

// parseReply reads the body of a pre-action webhook's answer: nothing, or a JSON object whose fields are texts. Fields that
// are not known, or null, change nothing.
func parseReply(body []byte) (reply hookReply, _ error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return hookReply{}, nil
	}
	if body[0] != '{' {
		return hookReply{}, fmt.Errorf("the reply is not a JSON object: %.80q", body)
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return hookReply{}, fmt.Errorf("the reply cannot be used: %w", err)
	}
	return reply, nil
}
