package studio_test

import (
	"context"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
)

const (
	account = "AC0123456789abcdef0123456789abcdef"
	other   = "ACfedcba9876543210fedcba9876543210"
	flow    = "FW0123456789abcdef0123456789abcdef"
)

// The first message starts an execution, later ones resume it; each conversation has its own, and no other account's.
func TestMessagesStartAndResumeAnExecution(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	box, api, flows := newStudio(t)
	scope := conversations.Scope{AccountSID: account, WebhookEnabled: true}
	for _, name := range []string{"a", "b"} {
		if _, err := api.CreateConversation(ctx, scope, conversations.ConversationParams{UniqueName: &name}); err != nil {
			t.Fatal(err)
		}
		target, flowSID := conversations.TargetStudio, flow
		if _, err := api.CreateWebhook(ctx, scope, name, conversations.WebhookParams{Target: &target,
			Configuration: conversations.WebhookConfigurationParams{FlowSid: &flowSID}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range [][2]string{{"a", "one"}, {"b", "other"}, {"a", "two"}} {
		if _, err := api.CreateMessage(ctx, scope, m[0], conversations.MessageParams{Body: &m[1]}); err != nil {
			t.Fatal(err)
		}
		if err := box.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	list, err := flows.ListExecutions(ctx, account)
	if err != nil || len(list) != 2 {
		t.Fatalf("executions = %+v, %v; want one of each conversation", list, err)
	}
	first := list[0]
	var heard []string
	for _, trigger := range first.Triggers {
		heard = append(heard, trigger.Body)
	}
	if !slices.Equal(heard, []string{"one", "two"}) || first.FlowSID != flow || first.Status != studio.StatusActive || !sid.Valid(first.SID, "FN") {
		t.Errorf("execution = %+v", first)
	}
	if again, err := flows.FetchExecution(ctx, first.SID); err != nil || again.ConversationSID != first.ConversationSID {
		t.Errorf("fetched %+v, %v", again, err)
	}
	if foreign, err := flows.ListExecutions(ctx, other); err != nil || len(foreign) != 0 {
		t.Errorf("another account has %+v, %v", foreign, err)
	}
	if _, err := flows.FetchExecution(ctx, "FN0"); err == nil || err.Error() != "there is no execution FN0" {
		t.Errorf("an unknown execution: %v", err)
	}
}

func newStudio(t *testing.T) (*outbox.Outbox, *conversations.API, *studio.Studio) {
	t.Helper()
	return newStudioWith(t, &studio.Switches{})
}

// newStudioWith has switches that a test may change between two calls.
func newStudioWith(t *testing.T, set *studio.Switches) (*outbox.Outbox, *conversations.API, *studio.Studio) {
	t.Helper()
	memory, err := store.NewMemory(slices.Concat(content.Kinds(), conversations.Kinds(), studio.Kinds(), outbox.Kinds())...)
	if err != nil {
		t.Fatal(err)
	}
	ticking, sids := clock.New(clock.State{}), sid.NewSource(1)
	var flows *studio.Studio
	box := outbox.New(outbox.Config{Store: memory, Clock: ticking})
	api := conversations.New(conversations.Config{Outbox: box, Clock: ticking, SIDs: sids,
		MayConfigure: func(tx store.Tx, account, flow string) (bool, error) { return flows.MayConfigure(tx, account, flow) }})
	flows = studio.New(studio.Config{Outbox: box, Conversations: api, Clock: ticking, SIDs: sids,
		Switches: func(store.Tx) (studio.Switches, error) { return *set, nil }})
	for _, a := range []string{account, other} {
		if _, err := api.CreateAccount(t.Context(), conversations.Account{SID: a, AuthToken: "t"}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	box.Start(ctx)
	t.Cleanup(func() {
		stop()
		box.Wait()
	})
	return box, api, flows
}

// A job that runs again, as after a crash, triggers nothing again.
func TestTriggerRunsAgain(t *testing.T) {
	t.Parallel()
	box, _, flows := newStudio(t)
	event := conversations.Event{Type: conversations.OnMessageAdded, AccountSID: account, ConversationSID: "CH0123456789abcdef0123456789abcdef",
		Params: url.Values{"MessageSid": {"IM0123456789abcdef0123456789abcdef"}, "Body": {"one"}}}
	for range 2 {
		err := box.Update(t.Context(), func(tx store.Tx) error {
			return box.Put(tx, outbox.Job{Args: conversations.StudioJob{Event: event, FlowSID: flow}})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := box.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	list, err := flows.ListExecutions(t.Context(), account)
	if err != nil || len(list) != 1 || len(list[0].Triggers) != 1 {
		t.Errorf("executions = %+v, %v; want one with one trigger", list, err)
	}
}
