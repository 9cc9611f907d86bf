package steps

import (
	"context"
	"fmt"
	"net/http"

	twilio "github.com/twilio/twilio-go/rest/conversations/v1"
)

func (w *World) conversationSteps() []definition {
	return []definition{
		{form: "{account} creates conversation {text}", run: w.CreateConversation},
		{form: "{account} creates conversation {text} with {phone}'s phone", run: w.CreateConversationWith},
		{form: "{account} creates a conversation with the unique name {text}", run: w.CreateUniqueConversation},
		{form: "{account} calls its conversation with {phone}'s phone {text}", run: w.CallConversation},
		{form: "the agent closes {conversation}", run: w.CloseConversation, beside: true},
		{form: "the agent makes {conversation} {state}", run: w.UpdateState},
		{form: "the agent deletes {conversation}", run: w.DeleteConversation, beside: true},
		{form: "the agent adds {phone}'s phone to {conversation}", run: w.AddPhone, beside: true},
		{form: "the agent removes {phone}'s phone from {conversation}", run: w.RemovePhone, beside: true},
		{form: "{account} has {count} conversation(s)", run: w.HasConversations},
		{form: "{conversation} is {state}", run: w.ConversationIs},
		{form: "{conversation} is gone", run: w.ConversationIsGone},
		{form: "{conversation} has these participants:", run: w.HasParticipants},
	}
}

// CreateConversation creates a conversation with a friendly name, by which the scenario knows it from now on.
func (w *World) CreateConversation(_ context.Context, accountName, name string) error {
	return w.createConversation(accountName, name, new(twilio.CreateConversationParams).SetFriendlyName(name))
}

// CreateUniqueConversation creates a conversation with a unique name, by which the scenario knows it from now on.
func (w *World) CreateUniqueConversation(_ context.Context, accountName, name string) error {
	return w.createConversation(accountName, name, new(twilio.CreateConversationParams).SetUniqueName(name))
}

func (w *World) createConversation(accountName, name string, params *twilio.CreateConversationParams) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	created, err := a.sdk.CreateConversation(params)
	if err == nil {
		a.conversations[name] = *created.Sid
	}
	return w.attempt("creating the conversation "+name, err)
}

// CreateConversationWith creates a conversation with a friendly name, and adds a phone, by its pair with the sandbox number.
func (w *World) CreateConversationWith(ctx context.Context, accountName, name, owner string) error {
	if err := w.CreateConversation(ctx, accountName, name); err != nil || w.refused != nil {
		return err
	}
	return w.AddPhone(ctx, owner, fmt.Sprintf("%s's conversation %q", accountName, name))
}

// CallConversation gives a name to the conversation that holds a phone, so that the scenario can speak of it when it holds
// it no longer.
func (w *World) CallConversation(ctx context.Context, accountName, owner, name string) error {
	c, err := w.conversation(ctx, fmt.Sprintf("%s's conversation with %s's phone", accountName, owner))
	if err == nil {
		c.account.conversations[name] = c.sid
	}
	return err
}

// CloseConversation closes a conversation.
func (w *World) CloseConversation(ctx context.Context, ref string) error {
	return w.UpdateState(ctx, ref, "closed")
}

// UpdateState makes a conversation active, inactive or closed.
func (w *World) UpdateState(ctx context.Context, ref, state string) error {
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	_, err = c.account.sdk.UpdateConversation(c.sid, new(twilio.UpdateConversationParams).SetState(state))
	return w.attempt("making "+ref+" "+state, err)
}

// DeleteConversation deletes a conversation.
func (w *World) DeleteConversation(ctx context.Context, ref string) error {
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	return w.attempt("deleting "+ref, c.account.sdk.DeleteConversation(c.sid, nil))
}

// AddPhone adds a phone to a conversation, by its pair with the sandbox number.
func (w *World) AddPhone(ctx context.Context, owner, ref string) error {
	p, err := w.phone(owner)
	if err != nil {
		return err
	}
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	_, err = c.account.sdk.CreateConversationParticipant(c.sid, new(twilio.CreateConversationParticipantParams).
		SetMessagingBindingAddress(p.address()).SetMessagingBindingProxyAddress(sandboxNumber))
	return w.attempt("adding "+owner+"'s phone to "+ref, err)
}

// RemovePhone removes a phone's participant from a conversation.
func (w *World) RemovePhone(ctx context.Context, owner, ref string) error {
	p, err := w.phone(owner)
	if err != nil {
		return err
	}
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	all, err := c.account.sdk.ListConversationParticipant(c.sid, new(twilio.ListConversationParticipantParams))
	if err != nil {
		return err
	}
	for i := range all {
		if bound(all[i].MessagingBinding, "address") == p.address() {
			return w.attempt("removing "+owner+"'s phone from "+ref, c.account.sdk.DeleteConversationParticipant(c.sid, *all[i].Sid, nil))
		}
	}
	return fmt.Errorf("%s has no participant %s", ref, p.address())
}

// HasConversations checks how many conversations an account has, closed ones among them.
func (w *World) HasConversations(_ context.Context, accountName string, count int) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	all, err := a.sdk.ListConversation(new(twilio.ListConversationParams))
	if err != nil || len(all) == count {
		return err
	}
	there := make([]string, len(all))
	for i := range all {
		there[i] = fmt.Sprintf("%s (%s)", *all[i].Sid, *all[i].State)
	}
	return fmt.Errorf("%s has %d conversations, not %d: %s", accountName, len(all), count, list(there))
}

// ConversationIs checks the state of a conversation.
func (w *World) ConversationIs(ctx context.Context, ref, state string) error {
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	found, err := c.account.sdk.FetchConversation(c.sid)
	if err == nil && *found.State != state {
		err = fmt.Errorf("%s is %s, not %s", ref, *found.State, state)
	}
	return err
}

// ConversationIsGone checks that a conversation does not exist any more.
func (w *World) ConversationIsGone(ctx context.Context, ref string) error {
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	found, err := c.account.sdk.FetchConversation(c.sid)
	if err == nil {
		return fmt.Errorf("%s is still there, and %s", ref, *found.State)
	}
	if failed := restError(err); failed == nil || failed.Status != http.StatusNotFound {
		return err
	}
	return nil
}

// HasParticipants compares the participants of a conversation, in the order in which they came. Columns: address, proxy,
// identity.
func (w *World) HasParticipants(ctx context.Context, ref string, table Table) error {
	header, rows, err := table.columns("address", "proxy", "identity")
	if err != nil {
		return err
	}
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	all, err := c.account.sdk.ListConversationParticipant(c.sid, new(twilio.ListConversationParticipantParams))
	if err != nil {
		return err
	}
	got := make([][]string, len(all))
	for i := range all {
		got[i] = pick(header, map[string]string{"address": bound(all[i].MessagingBinding, "address"),
			"proxy": bound(all[i].MessagingBinding, "proxy_address"), "identity": deref(all[i].Identity)})
	}
	return w.compare(header, rows, got)
}
