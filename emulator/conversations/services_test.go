package conversations

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// documents returns all documents of the store as "kind key json".
func documents(t *testing.T, w *world) []string {
	t.Helper()
	var list []string
	err := w.store.View(w.ctx, func(tx store.Tx) error {
		for _, kind := range Kinds() {
			for item, err := range tx.Find(store.Query{Kind: kind.Name}) {
				if err != nil {
					return err
				}
				b, err := json.Marshal(item.Doc)
				if err != nil {
					return err
				}
				list = append(list, kind.Name+" "+item.Key+" "+string(b))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestCreateServiceRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	for want, name := range map[int]*string{50000: nil, 50003: ptr(strings.Repeat("ä", 257)), 0: ptr(strings.Repeat("ä", 256))} {
		if _, err := w.api.CreateService(w.ctx, w.rest, CreateServiceParams{FriendlyName: name}); codeOf(t, err) != want {
			t.Errorf("%v, want %d", err, want)
		}
	}
	if _, err := w.api.CreateService(w.ctx, w.rest, CreateServiceParams{FriendlyName: ptr("")}); codeOf(t, err) != 50000 {
		t.Errorf("empty name: %v", err)
	}
}

// DeleteService leaves no document of the service but its events. The default service cannot be deleted.
func TestDeleteService(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	s := must(w.api.CreateService(w.ctx, w.rest, CreateServiceParams{FriendlyName: ptr("shop")}))(t)
	in := Scope{AccountSID: testAccount, ServiceSID: s.SID}
	c := must(w.api.CreateConversation(w.ctx, in, ConversationParams{UniqueName: ptr("c"), Timers: TimersParams{Inactive: ptr("P1D")}}))(t)
	p := must(w.api.CreateParticipant(w.ctx, in, c.SID, CreateParticipantParams{
		MessagingBinding: BindingParams{Address: ptr(testPhone), ProxyAddress: ptr(testSender)}}))(t)
	must(w.api.CreateParticipant(w.ctx, in, c.SID, CreateParticipantParams{Identity: ptr("ada")}))(t)
	media := must(w.api.CreateMedia(w.ctx, MediaFile{AccountSID: testAccount, ServiceSID: s.SID, Media: Media{ContentType: "image/png"}, Content: []byte("x")}))(t)
	must(w.api.CreateMedia(w.ctx, MediaFile{AccountSID: testAccount, ServiceSID: s.SID, Media: Media{ContentType: "image/png"}, Content: []byte("y")}))(t)
	m := must(w.api.CreateMessage(w.ctx, in, c.SID, MessageParams{Body: ptr("Hola"), MediaSid: &media.SID}))(t)
	deleted := w.message(in, c.SID, "x")
	if err := w.api.DeleteMessage(w.ctx, in, c.SID, deleted.SID); err != nil { // leaves a document that says so
		t.Fatal(err)
	}
	if err := w.api.ReportDelivery(w.ctx, DeliveryReport{ConversationSID: c.SID, MessageSID: m.SID, ParticipantSID: p.SID,
		ChannelMessageSID: "SM1", Status: twilio.StatusSent}); err != nil {
		t.Fatal(err)
	}
	must(w.api.CreateWebhook(w.ctx, in, c.SID, WebhookParams{Target: ptr("studio"),
		Configuration: WebhookConfigurationParams{FlowSid: ptr("FW0123456789abcdef0123456789abcdef")}}))(t)
	must(w.api.CreateUser(w.ctx, in, UserParams{Identity: ptr("bob")}))(t)
	must(w.api.UpdateServiceWebhookConfiguration(w.ctx, in, ConfigurationWebhookParams{Filters: allFilters()}))(t)
	must(w.api.UpdateNotification(w.ctx, in, NotificationParams{LogEnabled: ptr(true)}))(t)
	w.settle()
	if err := w.api.DeleteService(w.ctx, w.rest, s.SID); err != nil {
		t.Fatal(err)
	}
	w.advance(time.Hour) // a file that no message has is collected in its time
	for _, doc := range documents(t, w) {
		kind, _, _ := strings.Cut(doc, " ")
		if kind != "event" && (strings.Contains(doc, s.SID) || strings.Contains(doc, c.SID) || strings.Contains(doc, m.SID)) {
			t.Errorf("left behind: %s", doc)
		}
	}
	if _, err := w.api.FetchConversation(w.ctx, in, "c"); codeOf(t, err) != 20404 {
		t.Errorf("its conversation: %v", err)
	}
	if err := w.api.DeleteService(w.ctx, w.rest, s.SID); codeOf(t, err) != 20404 {
		t.Errorf("deleted again: %v", err)
	}
	standard := must(w.api.FetchConfiguration(w.ctx, w.rest))(t).DefaultChatServiceSID
	if err := w.api.DeleteService(w.ctx, w.rest, standard); codeOf(t, err) != 20409 {
		t.Errorf("the default service: %v", err)
	}
	if err := w.api.DeleteService(w.ctx, Scope{AccountSID: "AC" + strings.Repeat("1", 32)}, standard); codeOf(t, err) != 20404 {
		t.Errorf("of another account: %v", err)
	}
}
