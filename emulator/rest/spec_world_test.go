package rest_test

import (
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// specWorld is an API with one resource of every family, under the names that the paths of the OpenAPI file have for it.
type specWorld struct {
	*tester
	// vars are the values of path variables, by the last fixed part of the path and the variable, and of $names in forms.
	vars map[string]string
}

const flowSID = "FW0123456789abcdef0123456789abcdef"

func newSpecWorld(t *testing.T) *specWorld {
	t.Helper()
	c := newAPI(t, nil)
	w := &specWorld{tester: c, vars: map[string]string{}}
	conversation := c.post("/v1/Conversations", "UniqueName", "fixture")
	self := "/v1/Conversations/" + conversation.text("sid")
	service := conversation.text("chat_service_sid")
	c.post(self+"/Participants", "Identity", "agent")
	participant := c.post(self+"/Participants", "MessagingBinding.Address", ada, "MessagingBinding.ProxyAddress", sandbox)
	message := c.post(self+"/Messages", "Body", "fixture", "Author", "agent")
	c.settle()
	report := conversations.DeliveryReport{ConversationSID: conversation.text("sid"), MessageSID: message.text("sid"),
		ParticipantSID: participant.text("sid"), ChannelMessageSID: "SM" + strings.Repeat("0", 32), Status: twilio.StatusDelivered}
	if err := c.api.ReportDelivery(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	receipts, _ := c.get(self + "/Messages/" + message.text("sid") + "/Receipts").field("delivery_receipts").([]any)
	role := c.post("/v1/Roles", "FriendlyName", "r", "Type", "conversation", "Permission", "sendMessage")
	serviceRole := c.post("/v1/Roles", "FriendlyName", "s", "Type", "service", "Permission", "createConversation")
	w.vars = map[string]string{
		"ChatServiceSid": service, "ConversationSid": conversation.text("sid"), "MessageSid": message.text("sid"), "UserSid": "agent",
		"/Conversations/{Sid}": conversation.text("sid"), "/Participants/{Sid}": participant.text("sid"), "/Messages/{Sid}": message.text("sid"),
		"/Receipts/{Sid}": receipts[0].(map[string]any)["sid"].(string), "/Services/{Sid}": service,
		"/Webhooks/{Sid}":    c.post(self+"/Webhooks", "Target", "webhook", "Configuration.Url", "https://example.com", "Configuration.Filters", "onMessageAdded").text("sid"),
		"/Addresses/{Sid}":   c.post("/v1/Configuration/Addresses", "Type", "sms", "Address", "+15550009999").text("sid"),
		"/Credentials/{Sid}": c.post("/v1/Credentials", "Type", "fcm", "Secret", "s").text("sid"),
		"/Roles/{Sid}":       role.text("sid"), "/Users/{Sid}": "agent",
		"$role": role.text("sid"), "$serviceRole": serviceRole.text("sid"), "$service": service,
		"$emptyService": c.post("/v1/Services", "FriendlyName", "empty").text("sid"),
	}
	w.addMedia(t, service)
	return w
}

// addMedia adds what no operation of the file can make: a file, a template and a push binding.
func (w *specWorld) addMedia(t *testing.T, service string) {
	t.Helper()
	media, err := w.api.CreateMedia(t.Context(), conversations.MediaFile{AccountSID: accountSID, ServiceSID: service, Content: []byte("x"),
		Media: conversations.Media{ContentType: "image/png"}})
	if err != nil {
		t.Fatal(err)
	}
	w.vars["$media"] = media.SID
	w.seed(contentSID, "twilio/text", `{"body":"Hello {{1}}"}`)
	w.vars["$content"] = contentSID
	binding, err := w.api.CreateBinding(t.Context(), conversations.Scope{AccountSID: accountSID}, conversations.CreateBindingParams{
		Identity: "agent", BindingType: "fcm", Endpoint: "device", CredentialSID: w.vars["/Credentials/{Sid}"]})
	if err != nil {
		t.Fatal(err)
	}
	w.vars["/Bindings/{Sid}"] = binding.SID
}

// path fills in a template of the OpenAPI file.
func (w *specWorld) path(t *testing.T, template string) string {
	t.Helper()
	parts := strings.Split(template, "/")
	for i, p := range parts {
		if !strings.HasPrefix(p, "{") {
			continue
		}
		value, ok := w.vars["/"+parts[i-1]+"/"+p]
		if !ok {
			value, ok = w.vars[strings.Trim(p, "{}")]
		}
		if !ok {
			t.Fatalf("no value for %s in %s", p, template)
		}
		parts[i] = value
	}
	return strings.Join(parts, "/")
}

// value resolves a $name of a form.
func (w *specWorld) value(s string) string {
	if v, ok := w.vars[s]; ok && strings.HasPrefix(s, "$") {
		return v
	}
	return s
}
