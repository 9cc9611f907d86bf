package rest_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// userID is the address of a customer who shows no number.
const userID = "whatsapp:US.13491208655302741918"

// newSandboxAPI is newAPI with the sandbox of the first account, whose webhook nobody hears.
func newSandboxAPI(t *testing.T) *tester {
	t.Helper()
	c := newAPI(t, nil)
	code, nobody := "acme-sandbox", ""
	if err := c.addSandbox(whatsapp.SettingsParams{JoinCode: &code, InboundURL: &nobody}); err != nil {
		t.Fatal(err)
	}
	return c
}

// An ExternalUserId is an address of a customer in Conversations: bound once with a sender, found by it, page by page.
func TestExternalUserIDInConversations(t *testing.T) {
	t.Parallel()
	c := newSandboxAPI(t)
	own := "whatsapp:+13115552368"
	if _, err := c.api.CreateSender(t.Context(), conversations.Sender{AccountSID: accountSID, Address: own}); err != nil {
		t.Fatal(err)
	}
	bind := func(conversation, address, proxy string) reply {
		return c.try("/v1/Conversations/"+conversation+"/Participants", "MessagingBinding.Address", address, "MessagingBinding.ProxyAddress", proxy)
	}
	first := c.post("/v1/Conversations", "FriendlyName", "first").text("sid")
	second := c.post("/v1/Conversations", "FriendlyName", "second").text("sid")
	added := c.want(2, bind(first, userID, sandbox))
	if got := added.text("messaging_binding.type") + " " + added.text("messaging_binding.address"); got != "whatsapp "+userID {
		t.Errorf("the binding is %s", got)
	}
	c.refused(bind(second, userID, sandbox), 409, 50416, "A binding for this participant and proxy address already exists in Conversation "+first)
	c.want(2, bind(second, userID, own))
	c.want(2, bind(second, ada, sandbox)) // a number is another customer

	found := c.get("/v1/ParticipantConversations?PageSize=1&Address=" + url.QueryEscape(userID))
	var sids []string
	for next := ""; ; {
		list, _ := found.field("conversations").([]any)
		for _, one := range list {
			fields, _ := one.(map[string]any)
			sid, _ := fields["conversation_sid"].(string)
			sids = append(sids, sid)
		}
		if next = found.text("meta.next_page_url"); next == "" {
			break
		}
		if query, err := url.Parse(next); err != nil || query.Query().Get("Address") != userID {
			t.Fatalf("the next page is %s", next)
		}
		found = c.get(next)
	}
	if len(sids) != 2 || sids[0] == sids[1] {
		t.Errorf("the customer is in %q", sids)
	}

	both := c.post("/v1/ConversationWithParticipants", "FriendlyName", "both", "Participant",
		`{"messaging_binding":{"address":"whatsapp:BR.aB3","proxy_address":"`+sandbox+`"}}`)
	if both.text("sid") == "" {
		t.Errorf("a conversation with participants: %s", both.body)
	}
	for name, r := range map[string]struct {
		reply
		status, code int
	}{
		"a proxy":               {bind(first, ada, userID), 400, 50408},
		"without a proxy":       {c.try("/v1/Conversations/"+first+"/Participants", "MessagingBinding.Address", userID), 400, 50412},
		"small letters":         {bind(first, "whatsapp:us.1", sandbox), 400, 50407},
		"without the prefix":    {bind(first, strings.TrimPrefix(userID, "whatsapp:"), sandbox), 400, 50407},
		"another channel":       {bind(first, userID, "+13115552368"), 400, 50414},
		"an address of its own": {c.try("/v1/Configuration/Addresses", "Type", "whatsapp", "Address", userID), 400, 20001},
	} {
		if r.reply.status != r.status || r.field("code") != float64(r.code) {
			t.Errorf("%s: %d %s, want %d and %d", name, r.reply.status, r.body, r.status, r.code)
		}
	}
	if _, err := c.api.CreateSender(t.Context(), conversations.Sender{AccountSID: accountSID, Address: userID}); err == nil {
		t.Error("a sender has an ExternalUserId")
	}
}

// An ExternalUserId is an address of a customer in Messages: To and From, in lists and their pages too.
func TestExternalUserIDInMessages(t *testing.T) {
	t.Parallel()
	c := newSandboxAPI(t)
	ctx := context.Background()
	receive := func(body string) whatsapp.Message {
		m, err := c.phones.Receive(ctx, whatsapp.Inbound{From: ada, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	receive("join acme-sandbox")
	username := "ada"
	if _, err := c.phones.UpdateBehaviour(ctx, ada, whatsapp.BehaviourParams{Username: &username}); err != nil {
		t.Fatal(err)
	}
	id := receive("one").From
	receive("two")
	messages := "https://api.twilio.com/2010-04-01/Accounts/" + accountSID + "/Messages"
	sent := c.post(messages+".json", "To", id, "From", sandbox, "Body", "Hi")
	if got := sent.text("status") + " " + sent.text("to"); got != "queued "+id {
		t.Errorf("created %s", sent.body)
	}
	c.settle()
	if got := c.get(messages + "/" + sent.text("sid") + ".json"); got.text("status") != "read" || got.text("to") != id {
		t.Errorf("sent %s", got.body)
	}
	page := c.get(messages + ".json?PageSize=1&From=" + url.QueryEscape(id))
	next, _ := page.field("next_page_uri").(string)
	if next == "" {
		t.Fatalf("the first page is %s", page.body)
	}
	page = c.get("https://api.twilio.com" + next)
	list, _ := page.field("messages").([]any)
	if len(list) != 1 || list[0].(map[string]any)["from"] != id || list[0].(map[string]any)["body"] != "one" {
		t.Errorf("the second page is %s", page.body)
	}
	if list, _ := c.get(messages + ".json?To=" + url.QueryEscape(id)).field("messages").([]any); len(list) != 1 {
		t.Errorf("%d messages to the ID", len(list))
	}
	for name, r := range map[string]struct {
		to, from string
		code     int
	}{
		"small letters":      {"whatsapp:us.1", sandbox, 21211},
		"a sign for numbers": {"whatsapp:+US.1", sandbox, 21211},
		"without the prefix": {"US.1", sandbox, 21211},
		"a sender":           {ada, id, 63007},
		"another channel":    {id, "+13115552368", 21910},
	} {
		c.refused(c.try(messages+".json", "To", r.to, "From", r.from, "Body", name), 400, r.code, "")
	}
}
