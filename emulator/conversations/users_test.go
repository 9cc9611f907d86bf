package conversations

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// join creates a conversation with one chat participant.
func (a *API) join(ctx context.Context, scope Scope, uniqueName, identity string) error {
	if _, err := a.CreateConversation(ctx, scope, ConversationParams{UniqueName: &uniqueName}); err != nil {
		return err
	}
	_, err := a.CreateParticipant(ctx, scope, uniqueName, CreateParticipantParams{Identity: &identity})
	return err
}

// An identity has 1,000 open conversations at most. Another identity has its own 1,000, even one that begins with the first.
func TestUserConversationLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	api, scope := w.api, w.rest
	ctx := t.Context()
	name := func(i int) string { return fmt.Sprint("c", i) }
	for i := range maxUserConversations {
		if err := api.join(ctx, scope, name(i), "agent"); err != nil {
			t.Fatalf("conversation %d: %v", i, err)
		}
	}
	inactive, closed, agent := "inactive", "closed", "agent"
	if _, err := api.UpdateConversation(ctx, scope, name(0), ConversationParams{State: &inactive}); err != nil {
		t.Fatal(err)
	}
	for i, other := range []string{"agent2", "agen", "agent\x1f"} {
		if err := api.join(ctx, scope, fmt.Sprint("other", i), other); err != nil {
			t.Errorf("identity %q: %v", other, err)
		}
	}
	if code := codeOf(t, api.join(ctx, scope, "full", "agent")); code != 50214 {
		t.Errorf("the 1,001st conversation: code %d, want 50214", code)
	}
	for what, free := range map[string]func() error{
		"closing": func() error {
			_, err := api.UpdateConversation(ctx, scope, name(1), ConversationParams{State: &closed})
			return err
		},
		"closing and deleting": func() error {
			if _, err := api.UpdateConversation(ctx, scope, name(5), ConversationParams{State: &closed}); err != nil {
				return err
			}
			return api.DeleteConversation(ctx, scope, name(5))
		},
		"deleting":             func() error { return api.DeleteConversation(ctx, scope, name(2)) },
		"leaving":              func() error { return api.DeleteParticipant(ctx, scope, name(3), "agent") },
		"leaving, as the user": func() error { return api.DeleteUserConversation(ctx, scope, UserConversationIDs{"agent", name(4)}) },
	} {
		if err := free(); err != nil {
			t.Fatal(err)
		}
		if err := api.join(ctx, scope, "after "+what, "agent"); err != nil {
			t.Errorf("after %s a conversation: %v", what, err)
		}
		_, err := api.CreateParticipant(ctx, scope, "full", CreateParticipantParams{Identity: &agent})
		if code := codeOf(t, err); code != 50214 {
			t.Errorf("after %s and joining another: code %d, want 50214", what, code)
		}
	}
	if participants, err := api.ListParticipants(ctx, scope, "full", twilio.PageQuery{Size: 10}); err != nil || len(participants.Items) != 0 {
		t.Errorf("the refusals left %v, %v", participants.Items, err)
	}
}

// Concurrent participants of an identity create one user.
func TestJoinUserConcurrently(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	api, scope := w.api, w.rest
	identity := "agent"
	const askers = 8
	codes := make([]error, 2*askers)
	var wait sync.WaitGroup
	for i := range askers {
		wait.Go(func() { codes[i] = api.join(t.Context(), scope, fmt.Sprint("c", i), identity) })
		wait.Go(func() { _, codes[askers+i] = api.CreateUser(t.Context(), scope, UserParams{Identity: &identity}) })
	}
	wait.Wait()
	created := 0
	for i, err := range codes {
		switch code := codeOf(t, err); {
		case i < askers && code != 0:
			t.Errorf("participant %d: %v", i, err)
		case i >= askers && code == 0:
			created++
		case i >= askers && code != 50201:
			t.Errorf("user: code %d, want 50201", code)
		}
	}
	users, err := api.ListUsers(t.Context(), scope, twilio.PageQuery{Size: 10})
	if err != nil || len(users.Items) != 1 || created > 1 {
		t.Errorf("%d users, %d of them created as such, %v: want one", len(users.Items), created, err)
	}
	page, err := api.ListUserConversations(t.Context(), scope, identity, twilio.PageQuery{Size: 50})
	if err != nil || len(page.Items) != askers {
		t.Errorf("the user is in %d conversations, %v: want %d", len(page.Items), err, askers)
	}
}

// A participant without its proxy address can get an identity, which becomes a user.
func TestUpdateParticipantAddsUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	api, scope := w.api, w.rest
	ctx := t.Context()
	name, address, proxy, none, identity := "c", "+15558675310", "+15550001111", "null", "ada"
	if _, err := api.CreateConversation(ctx, scope, ConversationParams{UniqueName: &name}); err != nil {
		t.Fatal(err)
	}
	p, err := api.CreateParticipant(ctx, scope, name, CreateParticipantParams{MessagingBinding: BindingParams{Address: &address, ProxyAddress: &proxy}})
	if err != nil {
		t.Fatal(err)
	}
	var change UpdateParticipantParams
	change.MessagingBinding.ProxyAddress = &none
	for _, step := range []UpdateParticipantParams{change, {Identity: &identity}} {
		if _, err := api.UpdateParticipant(ctx, scope, name, p.SID, step); err != nil {
			t.Fatal(err)
		}
	}
	u, err := api.FetchUser(ctx, scope, identity)
	if err != nil {
		t.Fatal(err)
	}
	page, err := api.ListParticipantConversations(ctx, scope, ListParticipantConversationsParams{Identity: &identity}, twilio.PageQuery{Size: 1})
	if err != nil || len(page.Items) != 1 || *page.Items[0].ParticipantUserSID != u.SID {
		t.Errorf("participations of the identity = %+v, %v: want one of user %s", page.Items, err, u.SID)
	}
}

func TestReachability(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	api, scope := w.api, w.rest
	ctx := t.Context()
	identity, on, off := "ada", true, false
	if _, err := api.CreateUser(ctx, scope, UserParams{Identity: &identity}); err != nil {
		t.Fatal(err)
	}
	show := func(flag *bool) string {
		if flag == nil {
			return "null"
		}
		return fmt.Sprint(*flag)
	}
	expect := func(when, online, notifiable string) {
		t.Helper()
		u, err := api.FetchUser(ctx, scope, identity)
		if got := show(u.IsOnline) + " " + show(u.IsNotifiable); err != nil || got != online+" "+notifiable {
			t.Errorf("%s: %s, %v: want %s %s", when, got, err, online, notifiable)
		}
	}
	enable := func(enabled bool) {
		t.Helper()
		if _, err := api.UpdateServiceConfiguration(ctx, scope, ServiceConfigurationParams{ReachabilityEnabled: &enabled}); err != nil {
			t.Fatal(err)
		}
	}
	report := func(r Reachability) {
		t.Helper()
		if _, err := api.ReportReachability(ctx, scope, identity, r); err != nil {
			t.Fatal(err)
		}
	}
	report(Reachability{Online: &on, Notifiable: &on})
	enable(true)
	expect("reported while it was off", "null", "null")
	report(Reachability{Online: &on})
	expect("online", "true", "null")
	report(Reachability{Online: &off, Notifiable: &on})
	expect("gone, notifiable", "false", "true")
	page, err := api.ListUsers(ctx, scope, twilio.PageQuery{Size: 1})
	if err != nil || page.Items[0].IsOnline != nil || page.Items[0].IsNotifiable != nil {
		t.Errorf("a list shows %+v, %v: want null for both", page.Items, err)
	}
	enable(false)
	expect("switched off", "null", "null")
	events, err := api.ListEvents(ctx, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var last Event
	for _, e := range events {
		if e.Type == OnUserUpdated {
			last = e
		}
	}
	if p := last.Params; p.Get("isOnline") != "false" || p.Get("isNotifiable") != "true" || p.Get("Source") != "SDK" {
		t.Errorf("onUserUpdated = %v", p)
	}
	if _, err := api.ReportReachability(ctx, scope, "nobody", Reachability{}); !twilio.IsNotFound(err) {
		t.Errorf("a report of nobody: %v, want 404", err)
	}
}
