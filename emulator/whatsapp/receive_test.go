package whatsapp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

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
