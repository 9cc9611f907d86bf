package control_test

import (
	"net/url"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func TestSendersAndAutoCreation(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	const own = "whatsapp:+13115552368"
	if s := must[conversations.Sender](t)(c.CreateSender(ctx, second.SID, own)); s.Address != own {
		t.Errorf("sender = %+v", s)
	}
	_, err := c.CreateSender(ctx, second.SID, "nobody")
	wantError(t, err, 400, "must be an E.164 number")
	post(t, emu, "/v1/Configuration/Addresses", url.Values{"Type": {"whatsapp"}, "Address": {own},
		"AutoCreation.Enabled": {"true"}, "AutoCreation.Type": {"default"}})
	m := must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{To: own, Body: "Hola"}))
	if m.ConversationSID == "" || m.AccountSID != second.SID {
		t.Fatalf("message to a registered sender = %+v, want it in a conversation", m)
	}
	next := must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{To: own, Body: "Otra"}))
	if next.ConversationSID != m.ConversationSID {
		t.Errorf("the second message is in %q, want %q", next.ConversationSID, m.ConversationSID)
	}
	if list := must[[]conversations.Sender](t)(c.ListSenders(ctx, second.SID)); len(list) != 1 {
		t.Errorf("senders = %+v", list)
	}
	if err := c.DeleteSender(ctx, second.SID, own); err != nil {
		t.Fatal(err)
	}
	_, err = c.SendMessage(ctx, phone, control.NewMessage{To: own, Body: "x"})
	wantError(t, err, 400, "is not a WhatsApp sender")
}
