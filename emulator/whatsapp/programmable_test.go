package whatsapp_test

import (
	"errors"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// An account has its own messages only, also when it knows the SID of another's.
func TestMessagesAreOfAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	joinAcme(t, w)
	m := w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{Body: ptr("secret")})
	sms := w.send(t, ada, "Hola")
	for _, sid := range []string{m.SID, sms.SID} {
		_, fetched := w.sandbox.FetchAccountMessage(t.Context(), beta, sid)
		_, updated := w.sandbox.UpdateMessage(t.Context(), beta, sid, whatsapp.MessageUpdate{Body: ptr("")})
		for what, err := range map[string]error{"fetch": fetched, "redact": updated, "delete": w.sandbox.DeleteMessage(t.Context(), beta, sid)} {
			if !twilio.IsNotFound(err) {
				t.Errorf("another account may %s %s: %v", what, sid, err)
			}
		}
		if got, err := w.sandbox.FetchAccountMessage(t.Context(), acme, sid); err != nil || got.Body == "" {
			t.Errorf("%s is %+v, %v", sid, got, err)
		}
	}
}

// SendAt may be 15 minutes to 35 days ahead, both included, and the validity of a message begins there.
func TestScheduleBounds(t *testing.T) {
	t.Parallel()
	const ahead, far = 15 * time.Minute, 35 * 24 * time.Hour
	second := 1
	for name, c := range map[string]struct {
		in    time.Duration
		taken bool
	}{
		"too soon": {ahead - time.Second, false}, "soon": {ahead, true}, "far": {far, true}, "too far": {far + time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.set(t, `{"sandbox_ttl":"1000h","service_window":"1000h"}`)
			joinAcme(t, w)
			account, err := w.api.FetchAccount(t.Context(), acme)
			if err != nil {
				t.Fatal(err)
			}
			p := whatsapp.MessageParams{To: ptr("whatsapp:" + ada), MessagingServiceSid: &account.DefaultMessagingServiceSID, Body: ptr("x"),
				ScheduleType: ptr("fixed"), SendAt: ptr(w.clock.Now().Add(c.in).Format(time.RFC3339Nano)),
				MessageOptions: whatsapp.MessageOptions{ValidityPeriod: &second}}
			m, err := w.sandbox.CreateMessage(t.Context(), acme, p)
			var refused *twilio.Error
			if !c.taken {
				if !errors.As(err, &refused) || refused.Code != 35114 {
					t.Errorf("the error is %v, want 35114", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			w.advance(t, c.in)
			w.settle(t)
			if got := w.outcome(t, m); got != "read" {
				t.Errorf("it became %q", got)
			}
		})
	}
}

// Who blocks a business on WhatsApp has not blocked its text messages.
func TestBlockingIsOfWhatsApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	joinAcme(t, w)
	const number = "+13115552369"
	if _, err := w.api.CreateSender(t.Context(), conversations.Sender{AccountSID: acme, Address: number}); err != nil {
		t.Fatal(err)
	}
	behaves(whatsapp.BehaviourParams{Blocked: yes()})(t, w)
	m, err := w.sandbox.CreateMessage(t.Context(), acme, whatsapp.MessageParams{To: ptr(ada), From: ptr(number), Body: ptr("x")})
	if err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if got := w.outcome(t, m); got != "delivered" {
		t.Errorf("the text message became %q", got)
	}
}

// A button with the text of a command is a button.
func TestButtonIsNoCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	joinAcme(t, w)
	for _, text := range []string{"stop", "join beta-code"} {
		m := w.receive(t, whatsapp.Inbound{Details: whatsapp.Details{Button: &whatsapp.Button{Text: text}}})
		if m.Control || m.AccountSID != acme {
			t.Errorf("a button %q is taken for a command: %+v", text, m)
		}
	}
}

// A clock that is set back does not make anybody wait for the time that has been.
func TestRateAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	joinAcme(t, w)
	w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{})
	if err := w.clock.Set(w.clock.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := w.outcome(t, w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{})); got != "read" {
		t.Errorf("after the clock was set back a message is %q", got)
	}
}
