package rest_test

import (
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/sid"
)

// Every resource of the first families, in the account's form and in the service's.
func TestResourcesGolden(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	conversation := c.post("/v1/Conversations", "UniqueName", "ada", "FriendlyName", "Ada", "Attributes", `{"tier":"gold"}`)
	golden(t, "conversation", conversation.body)
	self := "/v1/Conversations/ada"
	golden(t, "participant_chat", c.post(self+"/Participants", "Identity", "agent").body)
	golden(t, "participant_whatsapp", c.post(self+"/Participants",
		"MessagingBinding.Address", ada, "MessagingBinding.ProxyAddress", sandbox).body)
	golden(t, "webhook_webhook", c.post(self+"/Webhooks", "Target", "webhook", "Configuration.Url", "https://example.com/in",
		"Configuration.Method", "get", "Configuration.Filters", "onMessageAdded", "Configuration.Filters", "onDeliveryUpdated").body)
	golden(t, "webhook_trigger", c.post(self+"/Webhooks", "Target", "Trigger", "Configuration.Url", "https://example.com/in",
		"Configuration.Triggers", "help").body)
	golden(t, "webhook_studio", c.post(self+"/Webhooks", "Target", "studio", "Configuration.FlowSid",
		"FW0123456789abcdef0123456789abcdef", "Configuration.Filters", "onMessageAdded", "Configuration.ReplayAfter", "0").body)
	message := c.post(self+"/Messages", "Author", "agent", "Body", "Good morning")
	golden(t, "message", message.body)
	golden(t, "participant_conversations", c.get("/v1/ParticipantConversations?Address="+strings.ReplaceAll(ada, "+", "%2B")).body)
	golden(t, "conversations_page", c.get("/v1/Conversations").body)
	golden(t, "messages_page", c.get(self+"/Messages?Order=desc&PageSize=1").body)
	service := conversation.text("chat_service_sid")
	golden(t, "service", c.get("/v1/Services/"+service).body)
	inService := "/v1/Services/" + service + self[len("/v1"):]
	golden(t, "service_conversation", c.get(inService).body)
	golden(t, "service_message", c.get(inService+"/Messages/"+message.text("sid")).body)
	golden(t, "service_participant", c.get(inService+"/Participants/agent").body)
	golden(t, "service_webhooks_page", c.get(inService+"/Webhooks?PageSize=2").body)
}

func TestSIDsHaveTheirPrefixes(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	conversation := c.post("/v1/Conversations")
	self := "/v1/Conversations/" + conversation.text("sid")
	message := c.post(self+"/Messages", "Body", "x")
	for _, f := range []struct {
		r           reply
		field, want string
	}{
		{conversation, "sid", "CH"}, {conversation, "chat_service_sid", "IS"}, {conversation, "messaging_service_sid", "MG"},
		{message, "sid", "IM"}, {message, "account_sid", "AC"},
		{c.post(self+"/Participants", "Identity", "x"), "sid", "MB"}, {c.get(self + "/Participants/x"), "role_sid", "RL"},
	} {
		if !sid.Valid(f.r.text(f.field), f.want) {
			t.Errorf("%s = %q, want a SID with %s", f.field, f.r.text(f.field), f.want)
		}
	}
	if id := message.header.Get("Twilio-Request-Id"); !sid.Valid(id, "RQ") {
		t.Errorf("Twilio-Request-Id = %q", id)
	}
}

// Every URL in an answer leads back to where it says, on the host and prefix that the caller used.
func TestURLsCanBeFollowed(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	service := c.post("/v1/Conversations", "UniqueName", "u").text("chat_service_sid")
	for _, base := range []string{
		"https://conversations.twilio.com", "http://127.0.0.1:4155", "http://127.0.0.1:4155/conversations", "http://[::1]:4155",
	} {
		for _, form := range []string{"/v1", "/v1/Services/" + service} {
			r := c.get(base + form + "/Conversations/u")
			for _, field := range []string{"url", "links.messages", "links.participants", "links.webhooks"} {
				link := r.text(field)
				if !strings.HasPrefix(link, base+form+"/Conversations/CH") {
					t.Errorf("%s of %s%s = %q", field, base, form, link)
				}
				c.get(link)
			}
		}
	}
}

func TestAnswersHaveTwiliosHeaders(t *testing.T) {
	t.Parallel()
	r := newAPI(t, nil).get("/v1/Conversations")
	for name, want := range map[string]string{
		"Content-Type": "application/json;charset=utf-8", "X-Api-Domain": "conversations.twilio.com", "Access-Control-Allow-Origin": "*", "X-Home-Region": "us1",
		"Strict-Transport-Security": "max-age=31536000", "X-Powered-By": "AT-5000", "X-Shenanigans": "none",
	} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

// Each host has its own Content-Type and X-Api-Domain, also in refusals, and whatever name of the emulator was used.
func TestHeadersOfEachHost(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	const plain, charset = "application/json", "application/json;charset=utf-8"
	messages := "/2010-04-01/Accounts/" + accountSID + "/Messages.json"
	for url, want := range map[string][2]string{
		"https://conversations.twilio.com/v1/Services":       {"conversations.twilio.com", charset},
		"http://127.0.0.1:4155/v1/Services":                  {"conversations.twilio.com", charset},
		"http://127.0.0.1:4155/conversations/v1/Services":    {"conversations.twilio.com", charset},
		"http://127.0.0.1:4155/v1/Nothing":                   {"conversations.twilio.com", charset},
		"https://api.twilio.com" + messages:                  {"api.twilio.com", plain},
		"http://127.0.0.1:4155" + messages:                   {"api.twilio.com", plain},
		"http://127.0.0.1:4155" + messages + "?PageSize=x":   {"api.twilio.com", plain},
		"https://studio.twilio.com/v2/Flows":                 {"studio.twilio.com", plain},
		"http://127.0.0.1:4155/mcs/v1/Services/IS1/Media/M1": {"mcs.us1.twilio.com", plain},
		"https://media.us1.twilio.com/ME1":                   {"", "application/xml"},
	} {
		h := c.do("GET", url, nil).header
		if got := [2]string{h.Get("X-Api-Domain"), h.Get("Content-Type")}; got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	for name, who := range map[string]*tester{
		"nobody": c.as("", ""), "wrong token": c.as(accountSID, "x"), "unknown account": c.as("AC"+strings.Repeat("9", 32), authToken),
		"empty token": c.as(accountSID, ""), "empty user": c.as("", authToken),
	} {
		for _, path := range []string{"/v1/Conversations", "/v1/Nothing"} {
			r := who.do("GET", path, nil)
			c.refused(r, 401, 20003, "Authenticate")
			if r.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s: no WWW-Authenticate", name)
			}
		}
	}
}

func TestNotFoundNamesThePathAsRequested(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	service := c.post("/v1/Conversations", "UniqueName", "here").text("chat_service_sid")
	missing := "CH" + strings.Repeat("0", 32)
	for path, shown := range map[string]string{
		"/v1/Conversations/INVALID_X":                           "/Conversations/INVALID_X",
		"/v1/Conversations/" + missing + "/Messages":            "/Conversations/" + missing + "/Messages",
		"/v1/Conversations/" + missing + "/Messages?PageSize=2": "/Conversations/" + missing + "/Messages",
		"/v1/Conversations/here/Participants/nobody":            "/Conversations/here/Participants/nobody",
		"/v1/Conversations/here/Webhooks/WH1":                   "/Conversations/here/Webhooks/WH1",
		"/v1/Services/" + service + "/Conversations/abc6":       "/Services/" + service + "/Conversations/abc6",
		"/v1/Services/IS1/Conversations":                        "/Services/IS1/Conversations",
		"/v1/Conversations/with%20blank":                        "/Conversations/with%20blank",
		"/v1/Nothing":                                           "/Nothing",
		"/conversations/v1/Conversations/gone":                  "/Conversations/gone",
		"/":                                                     "/",
	} {
		target := path
		if strings.HasPrefix(path, "/conversations/") {
			target = "http://127.0.0.1:4155" + path
		}
		c.refused(c.do("GET", target, nil), 404, 20404, "The requested resource "+shown+" was not found")
	}
}

func TestMethodNotAllowed(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.refused(c.do("PUT", "/v1/Conversations", nil), 405, 20004, "")
	c.refused(c.do("DELETE", "/v1/Conversations", nil), 405, 20004, "")
	c.refused(c.do("PATCH", "/v1/Conversations/CH1/Messages/IM1", nil), 405, 20004, "")
}

// Another account's resources do not exist, by SID or by name, to read, to change or in a list.
func TestAnotherAccountSeesNothing(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	foreign := c.as(foreignSID, authToken)
	conversation := c.post("/v1/Conversations", "UniqueName", "mine")
	self := "/v1/Conversations/" + conversation.text("sid")
	message := c.post(self+"/Messages", "Body", "x").text("sid")
	participant := c.post(self+"/Participants", "Identity", "x").text("sid")
	webhook := c.post(self+"/Webhooks", "Target", "studio", "Configuration.FlowSid", "FW"+strings.Repeat("1", 32)).text("sid")
	service := conversation.text("chat_service_sid")
	for _, path := range []string{
		self, "/v1/Conversations/mine", self + "/Messages/" + message, self + "/Participants/" + participant, self + "/Webhooks/" + webhook,
		"/v1/Services/" + service + "/Conversations/mine",
	} {
		c.refused(foreign.do("GET", path, nil), 404, 20404, "")
		c.refused(foreign.try(path), 404, 20404, "")
		c.refused(foreign.do("DELETE", path, nil), 404, 20404, "")
	}
	for _, path := range []string{self + "/Messages", self + "/Participants", self + "/Webhooks", "/v1/Services/" + service, "/v1/Services/" + service + "/Conversations"} {
		c.refused(foreign.do("GET", path, nil), 404, 20404, "")
	}
	for _, path := range []string{"/v1/Conversations", "/v1/ParticipantConversations?Identity=x"} {
		if list, _ := foreign.get(path).field("conversations").([]any); len(list) != 0 {
			t.Errorf("%s shows %v to another account", path, list)
		}
	}
	if c.get(self).status != 200 {
		t.Error("the attempts of another account changed something")
	}
}
