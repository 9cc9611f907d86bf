package rest_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// Addresses, credentials and bindings: every operation with every parameter.
func TestAccountFamiliesConform(t *testing.T) {
	t.Parallel()
	description := openAPI(t)
	c := newAPI(t, nil)
	auto := []string{"AutoCreation.Enabled", "true", "AutoCreation.Type", "Webhook", "AutoCreation.ConversationServiceSid", c.service(),
		"AutoCreation.WebhookUrl", "https://example.com", "AutoCreation.WebhookMethod", "post",
		"AutoCreation.WebhookFilters", "onMessageAdded", "AutoCreation.StudioFlowSid", "FW0123456789abcdef0123456789abcdef",
		"AutoCreation.StudioRetryCount", "3", "FriendlyName", "Support"}
	const addresses, address = "/v1/Configuration/Addresses", "/v1/Configuration/Addresses/{Sid}"
	byAddress := addresses + "/" + url.PathEscape("whatsapp:+13115552368")
	c.conform(description, sample{"POST", addresses, addresses,
		slices.Concat([]string{"Type", "whatsapp", "Address", "whatsapp:+13115552368", "AddressCountry", "US"}, auto), 201})
	c.conform(description, sample{"GET", address, byAddress, nil, 200})
	c.conform(description, sample{"POST", address, byAddress, auto, 200})
	c.conform(description, sample{"GET", addresses, addresses + "?Type=whatsapp&PageSize=20", nil, 200})
	c.conform(description, sample{"DELETE", address, byAddress, nil, 204})

	secrets := []string{"FriendlyName", "x", "Certificate", "c", "PrivateKey", "k", "Sandbox", "true", "ApiKey", "a", "Secret", "s"}
	const credentials, credential = "/v1/Credentials", "/v1/Credentials/{Sid}"
	first := c.conform(description, sample{"POST", credentials, credentials, slices.Concat([]string{"Type", "apn"}, secrets), 201}).text("sid")
	c.conform(description, sample{"GET", credential, credentials + "/" + first, nil, 200})
	c.conform(description, sample{"POST", credential, credentials + "/" + first, slices.Concat([]string{"Type", "fcm"}, secrets), 200})
	c.conform(description, sample{"GET", credentials, credentials + "?PageSize=20", nil, 200})

	bindings := "/v1/Services/" + c.service() + "/Bindings"
	device := c.device("fcm", "ada", "device", first)
	c.device("twilsock", "ada", "socket", "")
	const list, binding = "/v1/Services/{ChatServiceSid}/Bindings", "/v1/Services/{ChatServiceSid}/Bindings/{Sid}"
	c.conform(description, sample{"GET", binding, bindings + "/" + device, nil, 200})
	c.conform(description, sample{"GET", list, bindings + "?BindingType=fcm&BindingType=twilsock&Identity=ada&PageSize=20", nil, 200})
	c.conform(description, sample{"DELETE", binding, bindings + "/" + device, nil, 204})
	c.conform(description, sample{"DELETE", credential, credentials + "/" + first, nil, 204})
}

// Conversations with participants, messages and receipts, in both forms: every operation with every parameter.
func TestMessageFamiliesConform(t *testing.T) {
	t.Parallel()
	description := openAPI(t)
	for _, form := range []string{"/v1", "/v1/Services/{ChatServiceSid}"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			c := newAPI(t, nil)
			base := form
			if form != "/v1" {
				base = "/v1/Services/" + c.service()
			}
			conversation := []string{"FriendlyName", "x", "UniqueName", "c", "DateCreated", "2026-01-01T00:00:00Z", "DateUpdated", "2026-01-02T00:00:00Z",
				"MessagingServiceSid", "MG0123456789abcdef0123456789abcdef", "Attributes", "{}", "State", "Active", "Timers.Inactive", "PT1H",
				"Timers.Closed", "PT10H", "Bindings.Email.Address", "a@example.com", "Bindings.Email.Name", "A"}
			const cwp = "/ConversationWithParticipants"
			c.conform(description, sample{"POST", form + cwp, base + cwp, slices.Concat(conversation, []string{"Participant", `{"identity":"agent"}`,
				"Participant", `{"messaging_binding":{"address":"` + ada + `","proxy_address":"` + sandbox + `"}}`}), 202})
			c.settle()
			c.conformMessages(description, form, base)
		})
	}
}

// conformMessages goes through the operations of messages and receipts in the conversation "c".
func (c *tester) conformMessages(description *openapi3.T, form, base string) {
	c.t.Helper()
	c.seed(contentSID, "twilio/text", `{"body":"Hi {{1}}"}`)
	fields := []string{"Author", "agent", "Body", "x", "DateCreated", "2026-01-01T00:00:00Z", "DateUpdated", "2026-01-02T00:00:00Z",
		"Attributes", `{"a":1}`, "Subject", "y"}
	templates, path := form+"/Conversations/{ConversationSid}/Messages", base+"/Conversations/c/Messages"
	template := templates + "/{Sid}"
	media := c.upload("picture").text("sid")
	message := c.conform(description, sample{"POST", templates, path,
		slices.Concat(fields, []string{"MediaSid", media, "ContentSid", contentSID, "ContentVariables", `{"1":"Ada"}`}), 201})
	self := path + "/" + message.text("sid")
	picture := c.post(path, "MediaSid", media).text("sid")
	for _, sid := range []string{message.text("sid"), picture} {
		c.conform(description, sample{"GET", template, path + "/" + sid, nil, 200})
	}
	c.conform(description, sample{"POST", template, self, fields, 200})
	c.conform(description, sample{"GET", templates, path + "?Order=desc&PageSize=20", nil, 200})
	participants, _ := c.get(base + "/Conversations/c/Participants").field("participants").([]any)
	for i, status := range []conversations.Status{conversations.StatusDelivered, conversations.StatusFailed} {
		err := c.api.ReportDelivery(c.t.Context(), conversations.DeliveryReport{ConversationSID: message.text("conversation_sid"),
			MessageSID: message.text("sid"), ParticipantSID: participants[i].(map[string]any)["sid"].(string), Status: status,
			ChannelMessageSID: "SM0123456789abcdef0123456789abcdef", ErrorCode: 63016 * i})
		if err != nil {
			c.t.Fatal(err)
		}
	}
	c.conform(description, sample{"GET", template, self, nil, 200}) // with a delivery summary
	receipts := form + "/Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts"
	list := c.conform(description, sample{"GET", receipts, self + "/Receipts?PageSize=20", nil, 200}).field("delivery_receipts").([]any)
	for _, r := range list {
		c.conform(description, sample{"GET", receipts + "/{Sid}", self + "/Receipts/" + r.(map[string]any)["sid"].(string), nil, 200})
	}
	c.conform(description, sample{"DELETE", template, self, nil, 204})
}
