package studio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

const unknownFlow = "FWffffffffffffffffffffffffffffffff"

// world is a conversation whose messages go to a flow.
type world struct {
	t      *testing.T
	ctx    context.Context
	outbox *outbox.Outbox
	api    *conversations.API
	flows  *studio.Studio
	set    *studio.Switches
	scope  conversations.Scope
}

func newWorld(t *testing.T) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	set := &studio.Switches{}
	box, api, flows := newStudioWith(t, set)
	return &world{t, ctx, box, api, flows, set, conversations.Scope{AccountSID: account, WebhookEnabled: true}}
}

// conversation makes one with a studio webhook; the error is that of the webhook.
func (w *world) conversation(name, flowSID string) error {
	w.t.Helper()
	if _, err := w.api.CreateConversation(w.ctx, w.scope, conversations.ConversationParams{UniqueName: &name}); err != nil {
		w.t.Fatal(err)
	}
	target := conversations.TargetStudio
	_, err := w.api.CreateWebhook(w.ctx, w.scope, name, conversations.WebhookParams{Target: &target,
		Configuration: conversations.WebhookConfigurationParams{FlowSid: &flowSID}})
	return err
}

// say adds a message, and returns the executions of the account and what the debugger has.
func (w *world) say(conversation string) (executions []studio.Execution, alerts []string) {
	w.t.Helper()
	body := "Hola"
	if _, err := w.api.CreateMessage(w.ctx, w.scope, conversation, conversations.MessageParams{Body: &body}); err != nil {
		w.t.Fatal(err)
	}
	if err := w.outbox.Settle(w.ctx); err != nil {
		w.t.Fatal(err)
	}
	executions, err := w.flows.ListExecutions(w.ctx, account)
	if err != nil {
		w.t.Fatal(err)
	}
	events, err := w.api.ListEvents(w.ctx, 0, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range events {
		if e.Type == conversations.Alerted {
			alerts = append(alerts, e.Params.Get("ErrorCode")+" "+e.Params.Get("ResourceSid"))
		}
	}
	return executions, alerts
}

func (w *world) register(f studio.NewFlow) studio.Flow {
	w.t.Helper()
	made, err := w.flows.RegisterFlow(w.ctx, account, f)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

// Any flow will do until the account has registered one; then a flow must be there and published when an event fires.
func TestFlowIsLookedForWhenAnEventFires(t *testing.T) {
	t.Parallel()
	draft := string(studio.Draft)
	for name, c := range map[string]struct {
		prepare func(w *world)
		alerts  []string
	}{
		"no flow registered": {func(*world) {}, nil},
		"registered":         {func(w *world) { w.register(studio.NewFlow{SID: flow}) }, nil},
		"unknown":            {func(w *world) { w.register(studio.NewFlow{SID: unknownFlow}) }, []string{"20404 " + flow}},
		"a draft":            {func(w *world) { w.register(studio.NewFlow{SID: flow, Status: draft}) }, []string{"20404 " + flow}},
		"a draft after a published revision": {func(w *world) {
			w.register(studio.NewFlow{SID: flow})
			if _, err := w.flows.UpdateFlow(w.ctx, account, flow, studio.FlowParams{Status: &draft}); err != nil {
				w.t.Error(err)
			}
		}, nil},
		"the only one, deleted": {func(w *world) {
			w.register(studio.NewFlow{SID: flow})
			if err := w.flows.DeleteFlow(w.ctx, account, flow); err != nil {
				w.t.Error(err)
			}
		}, []string{"20404 " + flow}},
		"of another account": {func(w *world) {
			w.register(studio.NewFlow{})
			if _, err := w.flows.RegisterFlow(w.ctx, other, studio.NewFlow{SID: flow}); err != nil {
				w.t.Error(err)
			}
		}, []string{"20404 " + flow}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.prepare(w)
			if err := w.conversation("a", flow); err != nil {
				t.Fatalf("at-fire, but the webhook was refused: %v", err)
			}
			executions, alerts := w.say("a")
			if !slices.Equal(alerts, c.alerts) || len(executions) != 1-len(c.alerts) {
				t.Errorf("alerts %v, want %v; executions %+v", alerts, c.alerts, executions)
			}
		})
	}
}

// With flow_exists_check at-create the configuration of a webhook and of an address is refused, and only that.
func TestFlowIsLookedForAtCreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set.CheckAtCreate = true
	if err := w.conversation("before", unknownFlow); err != nil {
		t.Errorf("no flow is registered, but the webhook was refused: %v", err)
	}
	w.register(studio.NewFlow{SID: flow})
	if err := w.conversation("known", flow); err != nil {
		t.Error(err)
	}
	wantCode(t, w.conversation("unknown", unknownFlow), 50367)
	if list, err := w.api.ListWebhooks(w.ctx, w.scope, "unknown", twilio.PageQuery{Size: 5}); err != nil || len(list.Items) != 0 {
		t.Errorf("a refused webhook stayed: %+v, %v", list, err)
	}
	hook, err := w.api.ListWebhooks(w.ctx, w.scope, "known", twilio.PageQuery{Size: 5})
	if err != nil {
		t.Fatal(err)
	}
	wrong := unknownFlow
	_, err = w.api.UpdateWebhook(w.ctx, w.scope, "known", hook.Items[0].SID, conversations.WebhookParams{
		Configuration: conversations.WebhookConfigurationParams{FlowSid: &wrong}})
	wantCode(t, err, 50367)
	address, kind := "whatsapp:+13115552368", "whatsapp"
	if _, err := w.api.CreateSender(w.ctx, conversations.Sender{AccountSID: account, Address: address}); err != nil {
		t.Fatal(err)
	}
	creation := "studio"
	form := conversations.CreateAddressParams{Type: &kind, Address: &address,
		AutoCreation: conversations.AutoCreationParams{Type: &creation, StudioFlowSid: &wrong}}
	_, err = w.api.CreateAddress(w.ctx, w.scope, form)
	wantCode(t, err, 20001)
	right := flow
	form.AutoCreation.StudioFlowSid = &right
	if _, err := w.api.CreateAddress(w.ctx, w.scope, form); err != nil {
		t.Error(err)
	}
}

func wantCode(t *testing.T, err error, code int) {
	t.Helper()
	var refused *twilio.Error
	if !errors.As(err, &refused) || refused.Code != code {
		t.Errorf("error %v, want code %d", err, code)
	}
}

// After a handoff the conversation's flow sleeps, unless a switch wakes it; an execution that has just ended does not
// keep the next from starting. Another conversation does not care.
func TestHandOffAndEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"a", "b"} {
		if err := w.conversation(name, flow); err != nil {
			t.Fatal(err)
		}
	}
	count := func(conversation string) int {
		t.Helper()
		list, _ := w.say(conversation)
		return len(list)
	}
	if n := count("a"); n != 1 {
		t.Fatalf("%d executions after the first message", n)
	}
	end := func(by func(context.Context, string) (studio.Execution, error), handedOff bool) {
		t.Helper()
		list, err := w.flows.ListExecutions(w.ctx, account)
		if err != nil {
			t.Fatal(err)
		}
		last := list[len(list)-1].SID
		if e, err := by(w.ctx, last); err != nil || e.Status != studio.StatusEnded || e.HandedOff != handedOff {
			t.Fatalf("ended: %+v, %v", e, err)
		}
		if _, err := by(w.ctx, last); err == nil || !strings.Contains(err.Error(), "ended already") {
			t.Errorf("ending it again: %v", err)
		}
	}
	end(w.flows.EndExecution, false)
	if n := count("a"); n != 2 {
		t.Errorf("%d executions after the first has ended, want 2", n)
	}
	end(w.flows.HandOff, true)
	if n := count("a"); n != 2 {
		t.Errorf("%d executions after a handoff, want 2: the flow sleeps", n)
	}
	if n := count("b"); n != 3 {
		t.Errorf("%d executions, want 3: another conversation has its own", n)
	}
	w.set.RefireAfterHandoff = true
	if n := count("a"); n != 4 {
		t.Errorf("%d executions, want 4: the switch wakes the flow", n)
	}
	if _, err := w.flows.HandOff(w.ctx, "FN0"); err == nil || err.Error() != "there is no execution FN0" {
		t.Errorf("an unknown execution: %v", err)
	}
}

// What a definition is looked at for.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, c := range []struct {
		definition, status string
		code               int // 0: taken
		valid              bool
	}{
		{`{"initial_state": "Trigger"}`, "published", 0, true},
		{`{"states":[{"name":"Trigger","type":"trigger"}],"initial_state":"Trigger"}`, "published", 0, true},
		{`{"states":[{"name":"Trigger"}],"initial_state":"Elsewhere"}`, "draft", 0, false},
		{`{"states":[{"name":"Trigger"}],"initial_state":"Elsewhere"}`, "published", 20001, false},
		{`[]`, "draft", 20001, false},
		{`null`, "draft", 20001, false},
		{`{"states":7}`, "draft", 20001, false},
		{`{`, "draft", 20001, false},
		{`{}`, "live", 20001, false},
	} {
		name := fmt.Sprint("flow ", i)
		f, err := w.flows.CreateFlow(w.ctx, account, studio.FlowParams{FriendlyName: &name, Status: &c.status, Definition: &c.definition})
		if c.code != 0 {
			wantCode(t, err, c.code)
			continue
		}
		if err != nil || f.Valid != c.valid || (len(f.Errors) == 0) != c.valid || f.Revision != 1 || !json.Valid(f.Definition) {
			t.Errorf("%s: %+v, %v", c.definition, f, err)
		}
	}
}
