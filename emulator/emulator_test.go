package emulator_test

import (
	"context"
	"strings"
	"testing"
	"time"

	twilio "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const phone = "+15558675310"

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// The whole way of a message in both directions, through the stock SDK, in process.
func TestMessageToConversationAndBack(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	emu := emulator.RunT(t, emulator.Config{Seed: 1})
	sdk := twilio.NewApiServiceWithClient(emu.Requester())

	conversation, err := sdk.CreateConversation((&twilio.CreateConversationParams{}).SetFriendlyName("Ada"))
	if err != nil {
		t.Fatal(err)
	}
	joined, err := emu.Control().Join(ctx, phone, emulator.DefaultJoinCode)
	if err != nil {
		t.Fatal(err)
	}
	if joined.Membership == nil || joined.Membership.ExpiresAt.Sub(joined.Membership.JoinedAt) != whatsapp.MembershipLength {
		t.Fatalf("membership = %+v, want one of 72 hours", joined.Membership)
	}
	participant, err := sdk.CreateConversationParticipant(*conversation.Sid, (&twilio.CreateConversationParticipantParams{}).
		SetMessagingBindingAddress("whatsapp:"+phone).SetMessagingBindingProxyAddress(whatsapp.SandboxNumber))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := emu.Control().SendMessage(ctx, "whatsapp:"+phone, control.NewMessage{Body: "Hola"}); err != nil {
		t.Fatal(err)
	}
	if _, err := sdk.CreateConversationMessage(*conversation.Sid,
		(&twilio.CreateConversationMessageParams{}).SetAuthor("agent").SetBody("Good morning")); err != nil {
		t.Fatal(err)
	}
	if err := emu.Control().Settle(ctx); err != nil {
		t.Fatal(err)
	}
	messages, err := sdk.ListConversationMessage(*conversation.Sid, &twilio.ListConversationMessageParams{})
	if err != nil {
		t.Fatal(err)
	}
	if len(messages) != 2 {
		t.Fatalf("%d messages, want the phone's and the agent's", len(messages))
	}
	if m := messages[0]; *m.Body != "Hola" || *m.Author != "whatsapp:"+phone || *m.ParticipantSid != *participant.Sid {
		t.Errorf("captured message = %s by %s of %v", *m.Body, *m.Author, m.ParticipantSid)
	}
	receipts, err := sdk.ListConversationMessageReceipt(*conversation.Sid, *messages[1].Sid, &twilio.ListConversationMessageReceiptParams{})
	if err != nil {
		t.Fatal(err)
	}
	if len(receipts) != 1 || *receipts[0].Status != "read" {
		t.Errorf("receipts = %+v, want one that is read", receipts)
	}
	thread, err := emu.Control().ListMessages(ctx, phone, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, m := range thread {
		texts = append(texts, m.Direction+": "+m.Body)
	}
	got := strings.Join(texts, "\n")
	for _, want := range []string{"inbound: join cloud-forgot", "You are all set!", "inbound: Hola", "You said :Hola.", "outbound-api: Good morning"} {
		if !strings.Contains(got, want) {
			t.Errorf("the phone's thread lacks %q:\n%s", want, got)
		}
	}
}
