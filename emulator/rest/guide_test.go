package rest_test

import (
	"strings"
	"testing"

	conversationsdk "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// documentedFlow stands for a flow in Twilio's guides.
const documentedFlow = "FWXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"

// The guide's address configuration works as it is printed, placeholder and all; and the first message to the sender
// makes a conversation for it, with that flow.
func TestGuidesAddressConfiguration(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	sdk := c.sdk()
	made, err := sdk.CreateConfigurationAddress((&conversationsdk.CreateConfigurationAddressParams{}).
		SetAddress("whatsapp:+13115552368").
		SetAutoCreationEnabled(true).
		SetAutoCreationStudioFlowSid(documentedFlow).
		SetAutoCreationStudioRetryCount(3).
		SetAutoCreationType("studio").
		SetType("whatsapp"))
	if err != nil {
		t.Fatal(err)
	}
	creation := (*made.AutoCreation).(map[string]any)
	if *made.Address != "whatsapp:+13115552368" || creation["studio_flow_sid"] != documentedFlow || creation["studio_retry_count"] != 3.0 {
		t.Errorf("made %+v", made)
	}
	hello := whatsapp.Inbound{From: ada, To: "whatsapp:+13115552368", Body: "Hola"}
	if _, err := c.phones.Receive(t.Context(), hello); err == nil || !strings.Contains(err.Error(), "cloudforgot sender add whatsapp:+13115552368") {
		t.Errorf("a message to a sender that no account has: %v", err)
	}
	c.own("whatsapp:+13115552368")
	m, err := c.phones.Receive(t.Context(), hello)
	if err != nil || m.ConversationSID == "" {
		t.Fatalf("the first message: %+v, %v", m, err)
	}
	c.settle()
	hooks, err := sdk.ListConversationScopedWebhook(m.ConversationSID, nil)
	if err != nil || len(hooks) != 1 || *hooks[0].Target != "studio" || (*hooks[0].Configuration).(map[string]any)["flow_sid"] != documentedFlow {
		t.Errorf("webhooks of the conversation: %+v, %v", hooks, err)
	}
	bodies, err := sdk.ListConversationMessage(m.ConversationSID, nil)
	if err != nil || len(bodies) != 1 || *bodies[0].Body != "Hola" || *bodies[0].Author != ada {
		t.Errorf("messages of the conversation: %+v, %v", bodies, err)
	}
	runs, err := c.flows.ListExecutions(t.Context(), accountSID)
	if err != nil || len(runs) != 1 || runs[0].FlowSID != documentedFlow || runs[0].ConversationSID != m.ConversationSID {
		t.Errorf("executions: %+v, %v", runs, err)
	}
}

// A scoped webhook takes the placeholder of the guide too, and nothing that only looks like it.
func TestGuidesFlowSIDInAWebhook(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "c")
	c.post("/v1/Conversations/c/Webhooks", "Target", "studio", "Configuration.FlowSid", documentedFlow)
	for _, sid := range []string{"FW", documentedFlow[:33], documentedFlow + "X", strings.ToLower(documentedFlow), "FW0" + documentedFlow[3:]} {
		c.refused(c.try("/v1/Conversations/c/Webhooks", "Target", "studio", "Configuration.FlowSid", sid), 400, 50367, "")
	}
}
