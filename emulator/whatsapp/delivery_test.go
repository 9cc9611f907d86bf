package whatsapp_test

import (
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// A message of a conversation passes the same gate, and its receipt says what became of it; a failure is in the summary.
func TestReceiptsOfLegs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		before action
		params conversations.MessageParams
		status twilio.Status
		code   int
	}{
		"in the window":   {passes(time.Hour), conversations.MessageParams{Body: ptr("x")}, "read", 0},
		"outside":         {passes(25 * time.Hour), conversations.MessageParams{Body: ptr("x")}, "failed", 63016},
		"with a template": {passes(25 * time.Hour), conversations.MessageParams{ContentSid: ptr(whatsapp.TemplateOrder)}, "read", 0},
		"membership over": {passes(73 * time.Hour), conversations.MessageParams{Body: ptr("x")}, "failed", 63015},
		"blocked":         {behaves(whatsapp.BehaviourParams{Blocked: yes()}), conversations.MessageParams{Body: ptr("x")}, "failed", 63014},
		"offline":         {behaves(whatsapp.BehaviourParams{Offline: yes()}), conversations.MessageParams{Body: ptr("x")}, "sent", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			joinAcme(t, w)
			c, err := w.bind(t, acme)
			if err != nil {
				t.Fatal(err)
			}
			tc.before(t, w)
			scope := conversations.Scope{AccountSID: acme}
			m, err := w.api.CreateMessage(t.Context(), scope, c.SID, tc.params)
			if err != nil {
				t.Fatal(err)
			}
			w.settle(t)
			receipts, err := w.api.ListReceipts(t.Context(), scope, c.SID, m.SID, twilio.PageQuery{Size: 10})
			if err != nil || len(receipts.Items) != 1 {
				t.Fatalf("receipts %+v, %v", receipts, err)
			}
			r := receipts.Items[0]
			if r.Status != tc.status || r.ErrorCode != tc.code {
				t.Errorf("the receipt says %s %d, want %s %d", r.Status, r.ErrorCode, tc.status, tc.code)
			}
			carried, err := w.sandbox.FetchAccountMessage(t.Context(), acme, r.ChannelMessageSID)
			if err != nil || carried.Status != tc.status || carried.MessagingServiceSID == "" {
				t.Errorf("the message to the phone is %+v, %v", carried, err)
			}
		})
	}
}
