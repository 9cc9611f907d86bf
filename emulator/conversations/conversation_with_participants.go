package conversations

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// maxParticipantsAtOnce is the number of participants that one request may add. Reference, Conversations API 11.
const maxParticipantsAtOnce = 10

// participantsJob adds the participants of a new conversation. As on Twilio, that happens after the answer. Reference,
// Conversations API 3.4.
type participantsJob struct {
	Scope           Scope
	ConversationSID string
	Participants    []CreateParticipantParams
}

// Kind is the type of the job.
func (participantsJob) Kind() string { return "participants" }

// ConversationWithParticipantsParams is the form of creating a conversation with participants.
type ConversationWithParticipantsParams struct {
	ConversationParams
	// Participant is a list of JSON objects with the keys of the Participant resource: identity, messaging_binding (address,
	// proxy_address, projected_address), attributes, role_sid, date_created, date_updated.
	Participant []string
}

// CreateConversationWithParticipants creates a conversation and a job that adds its participants. When one of them cannot be
// added, nothing is created. Errors: those of CreateConversation, 50424, 50425, 50426, 50435, 50438, 50452.
func (a *API) CreateConversationWithParticipants(ctx context.Context, scope Scope, p ConversationWithParticipantsParams) (Conversation, error) {
	list, err := parseParticipants(p.Participant)
	if err != nil {
		return Conversation{}, err
	}
	isGroup, err := checkGroupList(list)
	if err != nil {
		return Conversation{}, err
	}
	if err := a.dryRunParticipants(ctx, scope, p.ConversationParams, list); err != nil {
		return Conversation{}, err
	}
	var created conversationDoc
	err = a.perform(ctx, action{scope: scope, pre: OnConversationAdd,
		event: func() Event { return conversationEvent(OnConversationAdd, created) },
		do: func(tx store.Tx, reply preActionReply) (err error) {
			twilio.Assign(&p.FriendlyName, reply.FriendlyName)
			if created, err = a.addConversation(tx, scope, p.ConversationParams); err != nil {
				return err
			}
			if isGroup {
				if err := a.initializeGroup(tx, &created); err != nil {
					return err
				}
			}
			if err := a.emit(tx, scope, conversationEvent(OnConversationAdded, created)); err != nil {
				return err
			}
			return a.enqueueParticipants(tx, scope, created, list)
		}})
	return created.Conversation, err
}

// dryRunParticipants creates the conversation with its participants and rolls that back. The error is the one of the whole
// request.
func (a *API) dryRunParticipants(ctx context.Context, scope Scope, p ConversationParams, list []CreateParticipantParams) error {
	if len(list) == 0 {
		return nil
	}
	return a.dryRun(ctx, action{do: func(tx store.Tx, _ preActionReply) error {
		c, err := a.addConversation(tx, scope, p)
		if err != nil {
			return err
		}
		for _, one := range list {
			if _, err := a.addParticipant(tx, scope, &c, one); err != nil {
				return requestError(err)
			}
		}
		return nil
	}})
}

// requestError returns the error of a request for the error of one of its participants. It does not name the participant.
func requestError(err error) error {
	var refused *twilio.Error
	switch {
	case !errors.As(err, &refused), errors.Is(err, errGroupMMS), refused.Code == errGroupExists("").Code:
		return err
	case refused.Code == errBindingExists("").Code:
		return errParticipantsInUse
	}
	return errParticipantsInvalid
}

func (a *API) enqueueParticipants(tx store.Tx, scope Scope, c conversationDoc, list []CreateParticipantParams) error {
	if len(list) == 0 {
		return nil
	}
	return a.outbox.Put(tx, outbox.Job{ID: "participants/" + c.SID,
		Args: participantsJob{Scope: scope, ConversationSID: c.SID, Participants: list}})
}

// runParticipants is the worker of participantsJob. When a pair of addresses was taken meanwhile, it adds no participant, closes
// the conversation and records an alert 50427.
func (a *API) runParticipants(ctx context.Context, job outbox.Job, args participantsJob) error {
	err := a.update(ctx, func(tx store.Tx) error {
		c, err := a.pendingConversation(tx, job, args)
		if err != nil {
			return store.IgnoreNotFound(err)
		}
		for _, one := range args.Participants {
			if _, err := a.addParticipant(tx, args.Scope, &c, one); err != nil {
				return err
			}
		}
		return a.activateGroup(tx, c)
	})
	var refused *twilio.Error
	if !errors.As(err, &refused) {
		return err
	}
	a.Alert(ctx, Alert{AccountSID: args.Scope.AccountSID, Code: 50427, ResourceSID: args.ConversationSID,
		Text: "the conversation was closed because its participants could not be added: " + refused.Error()})
	return a.update(ctx, func(tx store.Tx) error {
		c, err := a.pendingConversation(tx, job, args)
		if err != nil {
			return store.IgnoreNotFound(err)
		}
		return a.closeConversation(tx, c)
	})
}

// initializeGroup sets the state initializing, in which the participants of a group are added. Timers start when the group is
// active.
func (a *API) initializeGroup(tx store.Tx, c *conversationDoc) error {
	c.State = StateInitializing
	if err := a.armTimers(tx, c, a.now()); err != nil {
		return err
	}
	return a.putConversation(tx, *c)
}

// activateGroup ends the state initializing, with the reason EVENT. Reference, Conversations API 3.2.
func (a *API) activateGroup(tx store.Tx, c conversationDoc) error {
	if c.State != StateInitializing {
		return nil
	}
	now, from := a.now(), c.State
	c.State, c.DateUpdated = StateActive, now
	if err := a.armTimers(tx, &c, now); err != nil {
		return err
	}
	if err := a.putConversation(tx, c); err != nil {
		return err
	}
	return a.emit(tx, automaticScope(c), stateEvent(c, from, reasonEvent))
}

// pendingConversation returns the conversation of a job and completes the job in the same transaction, so that the job is done
// once. The error is ErrNotFound when the job was done before, or the conversation is deleted or closed.
func (a *API) pendingConversation(tx store.Tx, job outbox.Job, args participantsJob) (conversationDoc, error) {
	if err := a.outbox.Complete(tx, job); err != nil {
		return conversationDoc{}, err
	}
	c, err := conversationDocs.Get(tx, args.ConversationSID)
	if err == nil && c.State == StateClosed {
		return c, store.ErrNotFound
	}
	return c, err
}

// closeConversation closes a conversation without a request.
func (a *API) closeConversation(tx store.Tx, c conversationDoc) error {
	now, from := a.now(), c.State
	c.State, c.DateUpdated = StateClosed, now
	if err := a.completeStateChange(tx, &c, from, now); err != nil {
		return err
	}
	if err := a.putConversation(tx, c); err != nil {
		return err
	}
	return a.emit(tx, automaticScope(c), stateEvent(c, from, reasonEvent))
}

// parseParticipants reads the participants of a form. The error is 50424 or 50426.
func parseParticipants(sent []string) ([]CreateParticipantParams, error) {
	if len(sent) > maxParticipantsAtOnce {
		return nil, errTooManyParticipants
	}
	list := make([]CreateParticipantParams, len(sent))
	for i, s := range sent {
		p := &list[i]
		var binding json.RawMessage
		err := parseFields(s, map[string]any{"identity": &p.Identity, "messaging_binding": &binding, "attributes": &p.Attributes,
			"role_sid": &p.RoleSid, "date_created": &p.DateCreated, "date_updated": &p.DateUpdated})
		if err == nil && len(binding) > 0 && string(binding) != "null" {
			b := &p.MessagingBinding
			err = parseFields(string(binding), map[string]any{"address": &b.Address, "proxy_address": &b.ProxyAddress,
				"projected_address": &b.ProjectedAddress})
		}
		if err != nil {
			return nil, errParticipantsInvalid
		}
	}
	return list, nil
}

// parseFields reads a JSON object into variables by its keys, which are case-sensitive. Other keys are ignored.
func parseFields(s string, fields map[string]any) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(s), &object); err != nil {
		return err
	}
	if object == nil {
		return errors.New("null is not an object")
	}
	for key, target := range fields {
		if value, ok := object[key]; ok {
			if err := json.Unmarshal(value, target); err != nil {
				return err
			}
		}
	}
	return nil
}
