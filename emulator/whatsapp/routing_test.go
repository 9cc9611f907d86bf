package whatsapp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

// bind adds Ada's phone to a new conversation of an account.
func (w *world) bind(t *testing.T, accountSID string) (conversations.Conversation, error) {
	t.Helper()
	scope := conversations.Scope{AccountSID: accountSID}
	c, err := w.api.CreateConversation(t.Context(), scope, conversations.ConversationParams{})
	if err != nil {
		t.Fatal(err)
	}
	var p conversations.CreateParticipantParams
	address, proxy := "whatsapp:"+ada, whatsapp.SandboxNumber
	p.MessagingBinding.Address, p.MessagingBinding.ProxyAddress = &address, &proxy
	_, err = w.api.CreateParticipant(t.Context(), scope, c.SID, p)
	return c, err
}

// Reference, WhatsApp and messaging 1.8, third row: the phone has moved to acme while a binding stayed with beta.
func TestForeignBinding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	held, err := w.bind(t, beta)
	if err != nil {
		t.Fatal(err)
	}
	w.send(t, ada, "join acme-code")
	if m := w.send(t, ada, "for acme"); m.ConversationSID != "" {
		t.Errorf("the message is in %s, want in none", m.ConversationSID)
	}
	w.turn(t, `{"foreign_binding_captures": true}`)
	m := w.receive(t, whatsapp.Inbound{Body: "for both", File: &whatsapp.InboundFile{Content: sample(t, fixtures.Photo)}})
	if m.ConversationSID != held.SID || m.AccountSID != acme {
		t.Errorf("the message of %s is in %q, want acme's in %s", m.AccountSID, m.ConversationSID, held.SID)
	}
	added, err := w.api.FetchMessage(t.Context(), conversations.Scope{AccountSID: beta}, held.SID, m.ConversationMessageSID)
	if err != nil || *added.Body != "for both" || len(added.Media) != 1 {
		t.Errorf("beta has %+v, %v", added, err)
	}
	told := w.requests()
	if len(told) != 2 || told[1].PostForm.Get("AccountSid") != acme {
		t.Errorf("%d webhooks, want one to acme for each message", len(told))
	}
}

// Reference, WhatsApp and messaging 1.9: does 50416 name another account's conversation?
func TestForeignSIDInRefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	held, err := w.bind(t, beta)
	if err != nil {
		t.Fatal(err)
	}
	refusal := func(accountSID string) string {
		t.Helper()
		_, err := w.bind(t, accountSID)
		var refused *twilio.Error
		if !errors.As(err, &refused) || refused.Code != 50416 || refused.Status != 409 {
			t.Fatalf("a second binding: %v", err)
		}
		return refused.Message
	}
	const message = "A binding for this participant and proxy address already exists"
	named := message + " in Conversation " + held.SID
	for _, account := range []string{acme, beta} {
		if got := refusal(account); got != named {
			t.Errorf("%s is told %q", account, got)
		}
	}
	w.turn(t, `{"foreign_ch_sid_in_50416": "hide"}`)
	if got := refusal(acme); got != message || strings.Contains(got, "CH") {
		t.Errorf("acme is told %q, want %q", got, message)
	}
	if got := refusal(beta); got != named {
		t.Errorf("beta is told %q of its own conversation", got)
	}
}

// What a conversation has of a place, and of a file with its name.
func TestCapturedKinds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, ada, "join acme-code")
	held, err := w.bind(t, acme)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in          whatsapp.Inbound
		body, media string
	}{
		{whatsapp.Inbound{Details: whatsapp.Details{Location: &whatsapp.Location{Latitude: 52.5, Longitude: 13.4}}}, "https://maps.google.com/?q=52.5,13.4", ""},
		{whatsapp.Inbound{Details: whatsapp.Details{Location: &whatsapp.Location{Latitude: 52.5, Longitude: -13.4, Label: "Café", Address: "Main St 1"}}},
			"Café\nMain St 1\nhttps://maps.google.com/?q=52.5,-13.4", ""},
		{whatsapp.Inbound{Contact: &whatsapp.Contact{Name: "Grace", Phone: "+15557654321"}}, "", "text/vcard contact.vcf"},
		{whatsapp.Inbound{File: &whatsapp.InboundFile{Filename: "a.ogg", Content: sample(t, fixtures.Voice)}}, "", "audio/ogg a.ogg"},
		{whatsapp.Inbound{Details: whatsapp.Details{Button: &whatsapp.Button{Text: "Yes", Payload: "y"}}}, "Yes", ""},
	} {
		m := w.receive(t, c.in)
		added, err := w.api.FetchMessage(t.Context(), conversations.Scope{AccountSID: acme}, held.SID, m.ConversationMessageSID)
		if err != nil {
			t.Fatal(err)
		}
		body, media := "", ""
		if added.Body != nil {
			body = *added.Body
		}
		for _, f := range added.Media {
			media += f.ContentType + " " + *f.Filename
		}
		if body != c.body || media != c.media {
			t.Errorf("a %s is captured as %q with %q, want %q with %q", m.MessageType, body, media, c.body, c.media)
		}
	}
}
