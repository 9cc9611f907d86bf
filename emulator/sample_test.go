package emulator_test

import (
	"slices"
	"testing"
	"time"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// This is the sample of the README.

func TestAgentTalksToCustomer(t *testing.T) {
	emu := emulator.RunT(t, emulator.Config{})                    // in process, no port; it ends with the test
	api := conversations.NewApiServiceWithClient(emu.Requester()) // twilio-go, unchanged
	phones, ctx, ada := emu.Control(), t.Context(), "+15558675310"
	check := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	// Ada's phone joins the sandbox, and an agent opens a conversation with it.
	check(phones.Join(ctx, ada, emulator.DefaultJoinCode))
	c, err := api.CreateConversation(nil)
	check(c, err)
	customer := new(conversations.CreateConversationParticipantParams).
		SetMessagingBindingAddress("whatsapp:" + ada).SetMessagingBindingProxyAddress("whatsapp:+14155238886")
	check(api.CreateConversationParticipant(*c.Sid, customer))

	// What one writes, the other gets.
	check(phones.SendMessage(ctx, ada, control.NewMessage{Body: "Hola"}))
	check(api.CreateConversationMessage(*c.Sid, new(conversations.CreateConversationMessageParams).SetAuthor("agent").SetBody("Hi Ada!")))
	check(nil, phones.Settle(ctx)) // returns when nothing is under way any more
	messages, err := api.ListConversationMessage(*c.Sid, nil)
	check(messages, err)
	inbox, err := phones.ListMessages(ctx, ada, 0, 0)
	check(inbox, err)
	var said []string
	for _, m := range messages {
		said = append(said, *m.Body)
	}
	got := func(m whatsapp.Message) bool { return m.Body == "Hi Ada!" && m.Status == "read" }
	if !slices.Equal(said, []string{"Hola", "Hi Ada!"}) || !slices.ContainsFunc(inbox, got) {
		t.Errorf("the conversation holds %q, and the phone %+v", said, inbox)
	}

	// Three days later the phone is in no sandbox any more.
	check(phones.Advance(ctx, 72*time.Hour))
	if p, err := phones.FetchPhone(ctx, ada); err != nil || p.Membership != nil {
		t.Errorf("the phone is still in the sandbox: %+v, %v", p.Membership, err)
	}
}
