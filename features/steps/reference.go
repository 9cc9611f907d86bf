package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	twilio "github.com/twilio/twilio-go/rest/conversations/v1"
)

// reference is a conversation that a step speaks of.
type reference struct {
	account *account
	sid     string
}

// conversation finds what "Acme's conversation with Ada's phone" or "Acme's conversation "Support"" means: the one that is
// not closed and holds the phone, or the one that the scenario has given a name, or the one with a unique name.
func (w *World) conversation(ctx context.Context, ref string) (reference, error) {
	accountName, what, _ := strings.Cut(ref, "'s conversation ")
	a, err := w.account(accountName)
	if err != nil {
		return reference{}, err
	}
	owner, byPhone := strings.CutPrefix(what, "with ")
	if !byPhone {
		name := strings.Trim(what, `"`)
		if sid, ok := a.conversations[name]; ok {
			return reference{a, sid}, nil
		}
		if found, err := a.sdk.FetchConversation(name); err == nil {
			return reference{a, deref(found.Sid)}, nil
		}
		return reference{}, fmt.Errorf("%s has no conversation %q, by that name in the scenario or by unique name%s", accountName, name, known(a.conversations))
	}
	p, err := w.phone(strings.TrimSuffix(owner, "'s phone"))
	if err != nil {
		return reference{}, err
	}
	return w.conversationWith(ctx, a, p)
}

func (w *World) conversationWith(_ context.Context, a *account, p *phone) (reference, error) {
	all, err := a.conversationsOf(p.address())
	if err == nil && len(all) == 0 && p.address() != p.byNumber() { // it was there before it had a username
		all, err = a.conversationsOf(p.byNumber())
	}
	if err != nil {
		return reference{}, err
	}
	open, closed := []string{}, 0
	for i := range all {
		if deref(all[i].ConversationState) == "closed" {
			closed++
			continue
		}
		open = append(open, deref(all[i].ConversationSid))
	}
	if len(open) == 1 {
		return reference{a, open[0]}, nil
	}
	return reference{}, fmt.Errorf("%s has %d conversations with %s's phone, and %d closed ones; the step needs one", a.name, len(open), p.name, closed)
}

// conversationsOf lists the conversations of an address. It writes the query itself, as twilio-go leaves out of one what is a period
// with digits behind it, which an ExternalUserId has.
func (a *account) conversationsOf(address string) ([]twilio.ConversationsV1ParticipantConversation, error) {
	query := url.Values{"Address": {address}, "PageSize": {"1000"}}
	response, err := a.sdk.RequestHandler().Get("https://conversations.twilio.com/v1/ParticipantConversations?"+query.Encode(), nil, nil, "")
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	var page twilio.ListParticipantConversationResponse
	err = json.NewDecoder(response.Body).Decode(&page)
	return page.Conversations, err
}

// bound is a field of a messaging binding; empty when there is none.
func bound(binding *any, field string) string {
	if binding == nil {
		return ""
	}
	fields, _ := (*binding).(map[string]any)
	text, _ := fields[field].(string)
	return text
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
