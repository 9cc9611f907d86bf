package rest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const typingURL = "https://messaging.twilio.com/v2/Indicators/Typing.json"

// A typing indicator is shown by the phone for 25 seconds, or until the message is there.
func TestTypingIndicator(t *testing.T) {
	t.Parallel()
	c := newMessaging(t, nil)
	in, err := c.phones.Receive(t.Context(), whatsapp.Inbound{From: ada, To: ownSender, Body: "Hola"})
	if err != nil {
		t.Fatal(err)
	}
	typing := func() string {
		t.Helper()
		phone, err := c.phones.FetchPhone(t.Context(), ada)
		switch {
		case err != nil:
			t.Fatal(err)
		case phone.Typing != nil:
			return phone.Typing.From
		}
		return ""
	}
	show := func() {
		t.Helper()
		if r := c.post(typingURL, "messageId", in.SID, "channel", "whatsapp"); r.status != 200 || string(r.body) != `{"success":true}` {
			t.Fatalf("%d %s", r.status, r.body)
		}
		if got := typing(); got != ownSender {
			t.Fatalf("the phone sees %q typing", got)
		}
	}
	show()
	c.advance("24s")
	if typing() == "" {
		t.Error("the indicator is gone after 24 seconds")
	}
	c.advance("1s")
	if got := typing(); got != "" {
		t.Errorf("after 25 seconds the phone sees %q typing", got)
	}
	show()
	c.post(messagesPath+".json", "To", ada, "From", ownSender, "Body", "Hi")
	c.settle()
	if got := typing(); got != "" {
		t.Errorf("after the message the phone sees %q typing", got)
	}
}

// The event of an indicator names the phone as the account knows it; a phone that shows none has no event.
func TestTypingIndicatorEvent(t *testing.T) {
	t.Parallel()
	c := newMessaging(t, nil)
	yes, username := true, "ada"
	for _, behaviour := range []whatsapp.BehaviourParams{{Username: &username}, {Blocked: &yes}} {
		if _, err := c.phones.UpdateBehaviour(t.Context(), ada, behaviour); err != nil {
			t.Fatal(err)
		}
		in, err := c.phones.Receive(t.Context(), whatsapp.Inbound{From: ada, To: ownSender, Body: "Hola"})
		if err != nil {
			t.Fatal(err)
		}
		c.post(typingURL, "messageId", in.SID, "channel", "whatsapp")
	}
	events, err := c.api.ListEvents(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	events = slices.DeleteFunc(events, func(e conversations.Event) bool { return e.Type != whatsapp.TypingStarted })
	if len(events) != 1 || events[0].Params.Get("Username") != username || "whatsapp:"+events[0].Params.Get("Phone") != ada {
		t.Errorf("the events are %+v", events)
	}
}

func TestTypingIndicatorRefusals(t *testing.T) {
	t.Parallel()
	c := newMessaging(t, nil)
	in, err := c.phones.Receive(t.Context(), whatsapp.Inbound{From: ada, To: ownSender, Body: "Hola"})
	if err != nil {
		t.Fatal(err)
	}
	out := c.post(messagesPath+".json", "To", ada, "From", ownSender, "Body", "Hi").text("sid")
	for name, r := range map[string]struct {
		status, code int
		form         []string
	}{
		"nothing":            {400, 20001, nil},
		"no channel":         {400, 20001, []string{"messageId", in.SID}},
		"another channel":    {400, 20001, []string{"messageId", in.SID, "channel", "sms"}},
		"no message":         {400, 20001, []string{"channel", "whatsapp"}},
		"no SID":             {400, 20001, []string{"messageId", "Hola", "channel", "whatsapp"}},
		"the account's own":  {400, 20001, []string{"messageId", out, "channel", "whatsapp"}},
		"an unknown message": {404, 20404, []string{"messageId", "SM" + strings.Repeat("0", 32), "channel", "whatsapp"}},
	} {
		t.Log(name)
		c.refused(c.try(typingURL, r.form...), r.status, r.code, "")
	}
	c.refused(c.as(foreignSID, authToken).try(typingURL, "messageId", in.SID, "channel", "whatsapp"), 404, 20404, "")
}
