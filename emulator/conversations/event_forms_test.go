package conversations

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Reference, Conversations API 6.5: each event has these fields and no others.
func TestEventForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), PreWebhookUrl: ptr("https://global/"), Filters: allFilters()})
	c := must(w.api.CreateConversation(w.ctx, w.restWebhooks, ConversationParams{FriendlyName: ptr("Ada"), UniqueName: ptr("ada")}))(t)
	p := must(w.api.CreateParticipant(w.ctx, w.restWebhooks, c.SID, CreateParticipantParams{
		MessagingBinding: BindingParams{Address: ptr(testPhone), ProxyAddress: ptr(testSender)}}))(t)
	m := must(w.api.CreateMessage(w.ctx, w.restWebhooks, c.SID, MessageParams{Body: ptr("Hola"), Author: ptr(testPhone)}))(t)
	must(w.api.UpdateMessage(w.ctx, w.restWebhooks, c.SID, m.SID, MessageParams{Body: ptr("Hola!")}))(t)
	must(w.api.UpdateParticipant(w.ctx, w.restWebhooks, c.SID, p.SID, UpdateParticipantParams{LastReadMessageIndex: ptr("0")}))(t)
	must(w.api.UpdateConversation(w.ctx, w.restWebhooks, c.SID, ConversationParams{State: ptr("inactive")}))(t)
	for _, err := range []error{
		w.api.ReportDelivery(w.ctx, DeliveryReport{ConversationSID: c.SID, MessageSID: m.SID, ParticipantSID: p.SID,
			ChannelMessageSID: "SM1", Status: twilio.StatusFailed, ErrorCode: 63016}),
		w.api.DeleteMessage(w.ctx, w.restWebhooks, c.SID, m.SID),
		w.api.DeleteParticipant(w.ctx, w.restWebhooks, c.SID, p.SID),
		w.api.DeleteConversation(w.ctx, w.restWebhooks, c.SID),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.settle()
	got := map[string]string{}
	for _, d := range w.customer.takeDeliveries() {
		names := slices.Sorted(maps.Keys(d.Params))
		names = slices.DeleteFunc(names, func(s string) bool {
			return slices.Contains([]string{"AccountSid", "EventType", "Source", "RetryCount"}, s)
		})
		got[d.event()] = strings.Join(names, " ")
	}
	const (
		conversation = "Attributes ChatServiceSid ConversationSid DateCreated %sDateUpdated FriendlyName MessagingServiceSid State UniqueName"
		message      = "Attributes Author Body ChatServiceSid ConversationSid DateCreated %s%sIndex MessageSid MessagingServiceSid ParticipantSid"
		participant  = "Attributes ChatServiceSid ConversationSid DateCreated %s%s%sMessagingBinding.Address MessagingBinding.ProxyAddress MessagingBinding.Type ParticipantSid RoleSid"
	)
	want := map[string]string{
		"onConversationAdd":          "Attributes ChatServiceSid FriendlyName MessagingServiceSid State UniqueName",
		"onConversationAdded":        fmt.Sprintf(conversation, ""),
		"onConversationUpdate":       fmt.Sprintf(conversation, ""),
		"onConversationUpdated":      fmt.Sprintf(conversation, ""),
		"onConversationRemove":       fmt.Sprintf(conversation, ""),
		"onConversationRemoved":      fmt.Sprintf(conversation, "DateRemoved "),
		"onConversationStateUpdated": "ChatServiceSid ConversationSid MessagingServiceSid Reason StateFrom StateTo StateUpdated",
		"onMessageAdd":               "Attributes Author Body ChatServiceSid ConversationSid ParticipantSid",
		"onMessageAdded":             fmt.Sprintf(message, "", ""),
		"onMessageUpdate":            fmt.Sprintf(message, "", "DateUpdated "),
		"onMessageUpdated":           fmt.Sprintf(message, "", "DateUpdated "),
		"onMessageRemove":            fmt.Sprintf(message, "", "DateUpdated "),
		"onMessageRemoved":           fmt.Sprintf(message, "DateRemoved ", "DateUpdated "),
		"onParticipantAdd": "Attributes ChatServiceSid ConversationSid MessagingBinding.Address MessagingBinding.ProxyAddress " +
			"MessagingBinding.Type RoleSid",
		"onParticipantAdded":   fmt.Sprintf(participant, "", "", ""),
		"onParticipantUpdate":  fmt.Sprintf(participant, "", "DateUpdated ", ""),
		"onParticipantUpdated": fmt.Sprintf(participant, "", "DateUpdated ", "LastReadMessageIndex "),
		"onParticipantRemove":  fmt.Sprintf(participant, "", "DateUpdated ", ""),
		"onParticipantRemoved": fmt.Sprintf(participant, "DateRemoved ", "DateUpdated ", ""),
		"onDeliveryUpdated": "ChannelMessageSid ChatServiceSid ConversationSid DateCreated DateUpdated DeliveryReceiptSid ErrorCode " +
			"MessageSid ParticipantSid Status",
	}
	for name, fields := range want {
		if got[name] != fields {
			t.Errorf("%s\n got %s\nwant %s", name, got[name], fields)
		}
	}
	for name := range got {
		if _, known := want[name]; !known {
			t.Errorf("unexpected event %s with %s", name, got[name])
		}
	}
}
