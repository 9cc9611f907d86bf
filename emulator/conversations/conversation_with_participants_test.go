package conversations

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// phoneAndAgent are the participants of a form.
var phoneAndAgent = []string{`{"identity":"agent"}`, `{"messaging_binding":{"address":"` + testPhone + `","proxy_address":"` + testSender + `"}}`}

func TestCreateConversationWithParticipants(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global.example.com"), Filters: []string{"onConversationAdded", "onParticipantAdded"}})
	p := ConversationWithParticipantsParams{Participant: phoneAndAgent}
	first := must(w.api.CreateConversationWithParticipants(w.ctx, w.restWebhooks, p))(t)
	if got := w.received(); got != "global.example.com: onConversationAdded, global.example.com: onParticipantAdded, global.example.com: onParticipantAdded" {
		t.Errorf("with the header: %s", got)
	}
	if list := must(w.api.ListParticipants(w.ctx, w.rest, first.SID, twilio.PageQuery{Size: 5}))(t).Items; len(list) != 2 || *list[0].Identity != "agent" {
		t.Errorf("participants = %+v", list)
	}
	if _, err := w.api.CreateConversationWithParticipants(w.ctx, w.rest, p); codeOf(t, err) != 50425 {
		t.Errorf("the same pair again: %v", err)
	}
	if err := w.api.DeleteConversation(w.ctx, w.rest, first.SID); err != nil {
		t.Fatal(err)
	}
	must(w.api.CreateConversationWithParticipants(w.ctx, w.rest, p))(t)
	if got := w.received(); got != "" {
		t.Errorf("without the header: %s", got)
	}
}

// enqueueParticipants puts the job of a conversation into the outbox.
func (w *world) enqueueParticipants(conversationSID string) {
	w.t.Helper()
	list := must(parseParticipants(phoneAndAgent))(w.t)
	err := w.api.update(w.ctx, func(tx store.Tx) error {
		return w.api.enqueueParticipants(tx, w.rest, conversationDoc{Conversation: Conversation{SID: conversationSID}}, list)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// The conversation is closed when another one takes the pair of addresses before the job runs.
func TestParticipantsJobConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	holder := w.conversation(ConversationParams{})
	must(w.api.CreateParticipant(w.ctx, w.rest, holder.SID, CreateParticipantParams{MessagingBinding: BindingParams{Address: ptr(testPhone), ProxyAddress: ptr(testSender)}}))(t)
	loser := w.conversation(ConversationParams{})
	w.scoped(loser.SID, "webhook", "https://scoped.example.com", "onConversationStateUpdated", "onParticipantAdded")
	w.enqueueParticipants(loser.SID)
	if got := w.received(); got != "scoped.example.com: onConversationStateUpdated" {
		t.Errorf("webhooks %s", got)
	}
	if c := must(w.api.FetchConversation(w.ctx, w.rest, loser.SID))(t); c.State != StateClosed {
		t.Errorf("state = %s, want closed", c.State)
	}
	if list := must(w.api.ListParticipants(w.ctx, w.rest, loser.SID, twilio.PageQuery{Size: 5}))(t).Items; len(list) != 0 {
		t.Errorf("participants = %+v, want none", list)
	}
	if got := w.alerts(); !slices.Equal(got, []string{"50427"}) {
		t.Errorf("alerts = %v, want 50427", got)
	}
	w.enqueueParticipants(loser.SID)   // closed meanwhile
	w.enqueueParticipants("CHmissing") // deleted meanwhile
	w.settle()
	if got := w.alerts(); len(got) != 1 {
		t.Errorf("alerts = %v, want no more", got)
	}
}

// A job that runs again, as after a crash, changes nothing.
func TestParticipantsJobRunsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	c := must(w.api.CreateConversationWithParticipants(w.ctx, w.rest, ConversationWithParticipantsParams{Participant: phoneAndAgent}))(t)
	w.settle()
	args := participantsJob{Scope: w.rest, ConversationSID: c.SID, Participants: must(parseParticipants(phoneAndAgent))(t)}
	if err := w.api.runParticipants(w.ctx, outbox.Job{Key: "participants/" + c.SID}, args); err != nil {
		t.Errorf("run again: %v", err)
	}
	if c := must(w.api.FetchConversation(w.ctx, w.rest, c.SID))(t); c.State != StateActive || len(w.alerts()) != 0 {
		t.Errorf("run again, it left state %s and the alerts %v", c.State, w.alerts())
	}
}

// Every input is read, or refused with one of Twilio's errors.
func FuzzParticipant(f *testing.F) {
	for _, seed := range []string{"", "{}", "null", "[]", phoneAndAgent[0], phoneAndAgent[1], `{"messaging_binding":null,"identity":"x"}`,
		`{"messaging_binding":{"address":1}}`, `{"identity":"\ud800"}`, `{"identity":"a","identity":"b"}`, `{"identity":null}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		list, err := parseParticipants([]string{sent})
		var refused *twilio.Error
		if err != nil && (!errors.As(err, &refused) || refused.Code != 50424) {
			t.Fatalf("%q: %v is not 50424", sent, err)
		}
		if err == nil && (len(list) != 1 || !json.Valid([]byte(sent))) {
			t.Fatalf("%q was read as %+v", sent, list)
		}
	})
}
