package conversations

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

const (
	ownSender = "whatsapp:+13115552368"
	flowSID   = "FW0123456789abcdef0123456789abcdef"
)

// newAutoCreationWorld returns a world with a WhatsApp sender that is configured for auto-creation.
func newAutoCreationWorld(t *testing.T, webhooks WebhookConfig, p AutoCreationParams) *world {
	t.Helper()
	w := newWorld(t, webhooks)
	must(w.api.CreateSender(w.ctx, Sender{AccountSID: testAccount, Address: ownSender}))(t)
	p.Enabled = ptr(true)
	must(w.api.CreateAddress(w.ctx, w.rest, CreateAddressParams{Type: ptr("whatsapp"), Address: ptr(ownSender), AutoCreation: p}))(t)
	return w
}

// autoCreate sends a message of a phone.
func (w *world) autoCreate(from, body string) (Message, error) {
	return w.api.AutoCreate(w.ctx, Scope{AccountSID: testAccount, Source: SourceWhatsApp}, InboundMessage{From: from, To: ownSender, Body: &body})
}

const creationEvents = "onConversationAdd onConversationAdded onParticipantAdd onParticipantAdded onMessageAdd onMessageAdded"

func TestAutoCreate(t *testing.T) {
	t.Parallel()
	w := newAutoCreationWorld(t, WebhookConfig{}, AutoCreationParams{Type: ptr("webhook"), WebhookUrl: ptr("https://scoped.example.com"),
		WebhookFilters: []string{"onParticipantAdded", "onMessageAdded"}})
	w.global(ConfigurationWebhookParams{PreWebhookUrl: ptr("https://global.example.com/pre"),
		PostWebhookUrl: ptr("https://global.example.com/post"), Filters: strings.Fields(creationEvents)})
	m := must(w.autoCreate(testPhone, "Hola"))(t)
	if m.Index != 0 || m.Author != testPhone || *m.Body != "Hola" || m.ParticipantSID == nil {
		t.Errorf("message = %+v", m)
	}
	w.settle()
	got := sorted(w.customer.takeDeliveries())
	if want := "global.example.com: onConversationAdd, global.example.com: onConversationAdded, global.example.com: onParticipantAdded, " +
		"global.example.com: onMessageAdded, scoped.example.com: onParticipantAdded, scoped.example.com: onMessageAdded"; summary(got) != want {
		t.Fatalf("webhooks %s\nwant     %s", summary(got), want)
	}
	for name, want := range map[string]string{"MessageBody": "Hola", "MessagingBinding.Address": testPhone, "MessagingBinding.ProxyAddress": ownSender,
		"FriendlyName": testPhone, "State": "active", "Attributes": "{}", "Source": "WHATSAPP", "ConversationSid": ""} {
		if value := got[0].Params.Get(name); value != want {
			t.Errorf("onConversationAdd tells %s = %q, want %q", name, value, want)
		}
	}
	if added := got[1].Params; added.Get("MessagingBinding.Address") != testPhone || added.Get("ConversationSid") != m.ConversationSID || added.Has("MessageBody") {
		t.Errorf("onConversationAdded tells %v", added)
	}
	c := must(w.api.FetchConversation(w.ctx, w.rest, m.ConversationSID))(t)
	account := must(w.api.FetchAccount(w.ctx, testAccount))(t)
	if *c.FriendlyName != testPhone || c.UniqueName != nil || c.ChatServiceSID != account.DefaultServiceSID || c.MessagingServiceSID != account.DefaultMessagingServiceSID {
		t.Errorf("conversation = %+v", c)
	}
	p := must(w.api.FetchParticipant(w.ctx, w.rest, c.SID, *m.ParticipantSID))(t)
	if b := p.MessagingBinding; b.Type != "whatsapp" || *b.Address != testPhone || *b.ProxyAddress != ownSender {
		t.Errorf("binding = %+v", b)
	}
}

func TestAutoCreateTypes(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]AutoCreationParams{
		"webhook":          {Type: ptr("webhook"), WebhookUrl: ptr("https://example.com"), WebhookMethod: ptr("get"), WebhookFilters: []string{"onDeliveryUpdated"}},
		"webhook unfilled": {Type: ptr("webhook"), WebhookUrl: ptr("https://example.com")},
		"studio":           {Type: ptr("studio"), StudioFlowSid: ptr(flowSID), StudioRetryCount: ptr(3)},
		"default":          {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newAutoCreationWorld(t, WebhookConfig{}, p)
			m := must(w.autoCreate(testPhone, "Hola"))(t)
			hooks := must(w.api.ListWebhooks(w.ctx, w.rest, m.ConversationSID, twilio.PageQuery{Size: 5}))(t).Items
			if name == "default" {
				if len(hooks) != 0 {
					t.Errorf("webhooks = %+v", hooks)
				}
				return
			}
			if len(hooks) != 1 {
				t.Fatalf("%d webhooks, want 1", len(hooks))
			}
			switch h := hooks[0].Configuration; name {
			case "webhook":
				if *h.URL != "https://example.com" || *h.Method != "GET" || !slices.Equal(h.Filters, p.WebhookFilters) {
					t.Errorf("configuration = %+v", h)
				}
			case "webhook unfilled":
				if *h.Method != "POST" || !slices.Equal(h.Filters, []string{"onMessageAdded"}) {
					t.Errorf("configuration = %+v", h)
				}
			case "studio":
				if *h.FlowSID != flowSID {
					t.Errorf("configuration = %+v", h)
				}
			}
		})
	}
}

func TestAutoCreatePreAction(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]struct {
		status       int
		body         string
		code         int
		friendlyName string
	}{
		"agrees":          {200, "", 0, testPhone},
		"renames":         {200, `{"friendly_name":"Ada"}`, 0, "Ada"},
		"refuses":         {403, "", 50056, ""},
		"renames wrongly": {200, `{"friendly_name":"` + strings.Repeat("x", 257) + `"}`, 50003, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newAutoCreationWorld(t, WebhookConfig{}, AutoCreationParams{})
			w.global(ConfigurationWebhookParams{PreWebhookUrl: ptr("https://pre.example.com"), Filters: strings.Fields(creationEvents)})
			w.customer.answers(always(r.status, r.body, nil))
			m, err := w.api.AutoCreate(w.ctx, Scope{AccountSID: testAccount, Source: SourceWhatsApp}, InboundMessage{From: testPhone, To: ownSender,
				Media: &MediaFile{Content: []byte("picture"), Media: Media{ContentType: "image/jpeg"}}})
			if code := codeOf(t, err); code != r.code {
				t.Fatalf("error %v, want code %d", err, r.code)
			}
			asked := w.customer.takeDeliveries()
			if summary(asked) != "pre.example.com: onConversationAdd" || !strings.Contains(asked[0].Params.Get("Media"), `"ContentType":"image/jpeg"`) {
				t.Errorf("asked %s with %v", summary(asked), asked)
			}
			if r.code != 0 {
				if list := must(w.api.ListConversations(w.ctx, w.rest, ListConversationsParams{}, twilio.PageQuery{Size: 5}))(t).Items; len(list) != 0 {
					t.Errorf("a refused message left %+v", list)
				}
				if _, waiting, err := w.api.outbox.Agenda().Next(w.ctx); waiting || err != nil {
					t.Errorf("a refused message left a file to collect: %v", err)
				}
				return
			}
			if c := must(w.api.FetchConversation(w.ctx, w.rest, m.ConversationSID))(t); *c.FriendlyName != r.friendlyName {
				t.Errorf("friendly_name = %s, want %s", *c.FriendlyName, r.friendlyName)
			}
			if len(m.Media) != 1 || m.Body != nil {
				t.Errorf("message = %+v", m)
			}
			w.advance(time.Hour)
			if f := must(w.api.FetchMedia(w.ctx, testAccount, m.Media[0].SID))(t); string(f.Content) != "picture" || f.MessageSID != m.SID {
				t.Errorf("file = %+v", f)
			}
		})
	}
}

func TestAutoCreateNotConfigured(t *testing.T) {
	t.Parallel()
	w := newAutoCreationWorld(t, WebhookConfig{}, AutoCreationParams{})
	scope := Scope{AccountSID: testAccount, Source: SourceWhatsApp}
	if _, err := w.api.AutoCreate(w.ctx, scope, InboundMessage{From: testPhone, To: testSender, Body: ptr("x")}); !twilio.IsNotFound(err) {
		t.Errorf("to an address without a configuration: %v", err)
	}
	if _, err := w.api.AutoCreate(w.ctx, scope, InboundMessage{From: testPhone, To: ownSender}); codeOf(t, err) != 50503 {
		t.Errorf("an empty message: %v", err)
	}
	if _, err := w.api.AutoCreate(w.ctx, scope, InboundMessage{From: testPhone, To: ownSender, Body: ptr(strings.Repeat("x", maxBody+1))}); codeOf(t, err) != 50504 {
		t.Errorf("a message that is too long: %v", err)
	}
	must(w.api.UpdateAddress(w.ctx, w.rest, ownSender, UpdateAddressParams{AutoCreation: AutoCreationParams{Enabled: ptr(false)}}))(t)
	if _, err := w.autoCreate(testPhone, "x"); !twilio.IsNotFound(err) {
		t.Errorf("to an address that is switched off: %v", err)
	}
	service := must(w.api.CreateService(w.ctx, w.rest, CreateServiceParams{FriendlyName: ptr("Other")}))(t)
	must(w.api.UpdateAddress(w.ctx, w.rest, ownSender, UpdateAddressParams{AutoCreation: AutoCreationParams{Enabled: ptr(true), ConversationServiceSid: &service.SID}}))(t)
	m := must(w.autoCreate(testPhone, "x"))(t)
	if _, err := w.api.FetchConversation(w.ctx, Scope{AccountSID: testAccount, ServiceSID: service.SID}, m.ConversationSID); err != nil {
		t.Errorf("the conversation is not in the service of the configuration: %v", err)
	}
	if err := w.api.DeleteService(w.ctx, w.rest, service.SID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.autoCreate(testPhone, "x"); !twilio.IsNotFound(err) {
		t.Errorf("to a service that is gone: %v", err)
	}
	if got := w.alerts(); !slices.Equal(got, []string{"20404"}) {
		t.Errorf("alerts = %v, want one", got)
	}
}

// Two first messages at the same time create one conversation, which gets both.
func TestAutoCreateConcurrently(t *testing.T) {
	t.Parallel()
	w := newAutoCreationWorld(t, WebhookConfig{}, AutoCreationParams{})
	const writers = 20
	var wg sync.WaitGroup
	sids := make([]string, writers)
	for i := range writers {
		wg.Go(func() {
			m, err := w.autoCreate(testPhone, "Hola")
			if err != nil {
				t.Error(err)
			}
			sids[i] = m.ConversationSID
		})
	}
	wg.Wait()
	slices.Sort(sids)
	if sids[0] != sids[writers-1] {
		t.Errorf("conversations %v, want one", sids)
	}
	if page := must(w.api.ListMessages(w.ctx, w.rest, sids[0], false, twilio.PageQuery{Size: 50}))(t); len(page.Items) != writers {
		t.Errorf("%d messages, want %d", len(page.Items), writers)
	}
}
