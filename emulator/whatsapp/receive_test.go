package whatsapp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// A message whose sender's caller goes away while a hook is asked comes to its conversation and to the webhook all the same.
func TestReceiveWhenTheCallerGoesAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, ada, "join acme-code")
	conversation, err := w.bind(t, acme)
	if err != nil {
		t.Fatal(err)
	}
	hook := "https://hook.example.com/pre"
	scope := conversations.Scope{AccountSID: acme}
	if _, err := w.api.UpdateConfigurationWebhook(t.Context(), scope,
		conversations.ConfigurationWebhookParams{PreWebhookUrl: &hook, Filters: []string{"onMessageAdd"}}); err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	w.requests()
	w.fail = func(r *http.Request) error {
		if r.URL.Host == "hook.example.com" {
			leave()
			if r.Context().Err() != nil {
				return io.EOF // what a real transport does for a caller that has gone
			}
		}
		return nil
	}
	m, err := w.sandbox.Receive(ctx, whatsapp.Inbound{From: ada, Body: "Hola"})
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Receive: %v", err)
	}
	w.settle(t)
	list, err := w.api.ListMessages(t.Context(), scope, conversation.SID, false, twilio.PageQuery{Size: 10})
	if err != nil || len(list.Items) != 1 || *list.Items[0].Body != "Hola" {
		t.Fatalf("the conversation has %+v, %v", list.Items, err)
	}
	stored, err := w.sandbox.FetchMessage(t.Context(), m.SID)
	if err != nil || stored.ConversationMessageSID != list.Items[0].SID {
		t.Errorf("the message says that it is %q of its conversation, %v; want %s", stored.ConversationMessageSID, err, list.Items[0].SID)
	}
	var told int
	for _, r := range w.requests() {
		if r.PostForm.Get("SmsMessageSid") == m.SID {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the account's URL was called %d times", told)
	}
}

// Of a text above 1,600 characters the account has the first 1,600, in a message that has failed; the phone has what it wrote, and so has
// the conversation unless a switch says otherwise.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		switches               string
		length                 int // of what the phone writes
		status                 string
		webhook, inThe, alerts int // lengths in the webhook (0: it is not called) and in the conversation; number of alerts
	}{
		"as long as it may be":     {`{}`, 1600, "received", 1600, 1600, 0},
		"too long":                 {`{}`, 1601, "failed 21617", 1600, 1601, 1},
		"as long as WhatsApp's":    {`{}`, whatsapp.MaxText, "failed 21617", 1600, whatsapp.MaxText, 1},
		"no webhook":               {`{"long_text_webhook":"none"}`, 1700, "failed 21617", 0, 1700, 1},
		"a whole webhook":          {`{"long_text_webhook":"whole"}`, 1700, "failed 21617", 1700, 1700, 1},
		"cut everywhere":           {`{"long_text_in_conversation":"cut"}`, 1700, "failed 21617", 1600, 1600, 1},
		"late in the conversation": {`{"capture_before_webhook":false,"capture_delay":"0s","long_text_webhook":"none"}`, 1700, "failed 21617", 0, 1700, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := joined(t, "https://example.com/in")
			w.set(t, c.switches)
			held, err := w.bind(t, acme)
			if err != nil {
				t.Fatal(err)
			}
			w.requests()
			text := strings.Repeat("é", c.length)
			m := w.send(t, ada, text)
			w.settle(t)
			if got := w.outcome(t, m); got != c.status {
				t.Errorf("the message is %q, want %q", got, c.status)
			}
			shown, err := w.sandbox.FetchAccountMessage(t.Context(), acme, m.SID)
			if got := utf8.RuneCountInString(shown.Body); err != nil || got != min(c.length, 1600) {
				t.Errorf("the account's message has %d characters, %v", got, err)
			}
			if thread, err := w.sandbox.ListMessages(t.Context(), ada, 0, 0); err != nil || thread[len(thread)-1].Body != text {
				t.Errorf("the phone has not what it wrote, %v", err)
			}
			told := 0
			for _, r := range w.callbacks("/in") {
				told = utf8.RuneCountInString(r.PostForm.Get("Body"))
				if status := r.PostForm.Get("SmsStatus"); status != "received" {
					t.Errorf("the webhook says %s", status)
				}
			}
			list, err := w.api.ListMessages(t.Context(), conversations.Scope{AccountSID: acme}, held.SID, false, twilio.PageQuery{Size: 10})
			if err != nil || len(list.Items) != 1 {
				t.Fatalf("the conversation has %d messages, %v", len(list.Items), err)
			}
			if got := utf8.RuneCountInString(*list.Items[0].Body); told != c.webhook || got != c.inThe {
				t.Errorf("the webhook has %d characters and the conversation %d, want %d and %d", told, got, c.webhook, c.inThe)
			}
			if alerts := w.alerts(t); len(alerts) != c.alerts {
				t.Errorf("the debugger has %q", alerts)
			}
		})
	}
}
