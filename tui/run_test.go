package tui

import (
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// What is typed as a command comes to the emulator as the kind of message that it names.
func TestSendsKinds(t *testing.T) {
	t.Parallel()
	emu := emulator.RunT(t, emulator.Config{})
	chat := chatWith(t, emu.Control())
	chat.enter("/join cloud-forgot")
	chat.await("*Twilio Sandbox*")
	chat.enter("/location -33.4372, -70.6506 Plaza de Armas")
	chat.await("Plaza de Armas")
	chat.enter("/contact Grace Hopper +15558675312")
	chat.await("contact.vcf")
	chat.enter("/forward News")
	chat.enter("/button Confirm")
	chat.await("tapped a button")
	chat.enter("first")
	chat.await("│ You said :first.") // in the thread, not only behind it
	chat.enter("/reply ^2 To the one before")
	chat.await("│ You said :To the one before.")
	thread := chat.quit().thread

	said := map[string]whatsapp.Message{}
	answers := map[string]string{}
	for _, m := range thread.messages {
		said[m.Body] = m
		if m.MessageType != "" {
			said[m.MessageType] = m
		}
		if m.Direction != whatsapp.DirectionInbound {
			answers[m.SID] = m.Body
		}
	}
	if l := said["location"].Location; l == nil || l.Latitude != -33.4372 || l.Longitude != -70.6506 || l.Label != "Plaza de Armas" {
		t.Errorf("the location is %+v", l)
	}
	if c := said["contacts"]; len(c.Media) != 1 {
		t.Errorf("the contact is %+v", c)
	}
	if !said["News"].Forwarded {
		t.Error("the text is not forwarded")
	}
	if b := said["button"]; b.Button == nil || b.Button.Payload != "Confirm" || answers[b.ReplyTo] == "" {
		t.Errorf("the tap is %+v, on %q", b.Button, answers[b.ReplyTo])
	}
	if to := answers[said["To the one before"].ReplyTo]; to == "" || strings.HasPrefix(to, "You said :first.") {
		t.Errorf("the answer is one to %q", to)
	}
}

// What is typed of the phone takes effect at once, and is seen.
func TestChangesPhone(t *testing.T) {
	t.Parallel()
	emu := emulator.RunT(t, emulator.Config{})
	chat := chatWith(t, emu.Control())
	check := func(want whatsapp.Behaviour) {
		t.Helper()
		phone, err := emu.Control().FetchPhone(t.Context(), ada)
		if err != nil || phone.Behaviour != want {
			t.Errorf("the phone is %+v, %v, want %+v", phone.Behaviour, err, want)
		}
	}
	chat.enter("/name Grace Hopper")
	chat.await("Your WhatsApp name is Grace Hopper.")
	chat.await(ada + " · Grace Hopper")
	chat.enter("/offline")
	chat.await("This phone is offline")
	chat.enter("/block")
	chat.await("The business is blocked")
	chat.enter("/receipts off")
	chat.await("No read receipts are sent")
	chat.await("offline, blocking, no receipts")
	check(whatsapp.Behaviour{Offline: true, Blocked: true})
	chat.enter("/online")
	chat.await("This phone is online.")
	chat.enter("/unblock")
	chat.await("The business is not blocked.")
	chat.enter("/receipts on")
	chat.await("Read receipts are sent.")
	check(whatsapp.Behaviour{ReadReceipts: true})
	if m := chat.quit(); m.phone.ProfileName != "Grace Hopper" {
		t.Errorf("the phone's name is %q", m.phone.ProfileName)
	}
}
