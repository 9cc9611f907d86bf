package rest_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

func TestBadBodies(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.refused(c.do("POST", "/v1/Conversations", strings.NewReader("FriendlyName=%zz")), 400, 20001, "")
	c.refused(c.do("POST", "/v1/Conversations", strings.NewReader("FriendlyName=a;b")), 400, 20001, "")
	c.refused(c.do("POST", "/v1/Conversations", strings.NewReader("Attributes="+strings.Repeat("x", 1<<20))), 413, 20001, "")
	c.refused(c.do("POST", "/v1/Conversations", io.MultiReader(strings.NewReader("Fr"), cutShort{})), 400, 20001, "")
	c.refused(c.with("X-Twilio-Webhook-Enabled", "perhaps").try("/v1/Conversations"), 400, 20001, "")
	if list, _ := c.get("/v1/Conversations").field("conversations").([]any); len(list) != 0 {
		t.Errorf("refused requests left %v", list)
	}
}

// A body that is no form is read by no product: the request is one without parameters.
func TestBodiesThatAreNoForms(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "c")
	for _, contentType := range []string{"application/json", "text/plain; charset=utf-8", "", "a form", "multipart/form-data; boundary=x"} {
		send := func(path, form string) reply {
			return c.with("Content-Type", contentType).do("POST", path, strings.NewReader(form))
		}
		c.refused(send("https://api.twilio.com/2010-04-01/Accounts/"+accountSID+"/Messages.json", "To="+ada+"&From="+sandbox+"&Body=x"),
			400, 21604, "A 'To' phone number is required.")
		c.refused(send("/v1/Conversations/c/Participants", "Identity=x"), 400, 20001, "")
		c.refused(send("/v1/Conversations/c/Messages", "Body=x"), 400, 50503, "")
		c.refused(send("/v1/Conversations/c/Webhooks", "Target=webhook"), 400, 50368, "")
		c.refused(send("/v1/Users", "Identity=x"), 400, 50204, "")
		c.refused(send("https://studio.twilio.com/v2/Flows", "FriendlyName=x"), 400, 20001, "")
		if made := send("/v1/Conversations", "FriendlyName=%zz"); made.status != 201 || made.field("friendly_name") != nil {
			t.Errorf("%q: a conversation is made with %d %s", contentType, made.status, made.body)
		}
	}
}

// The log says why a request had no parameters.
func TestTheLogSaysWhatWasIgnored(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	log := traffic.NewLog(traffic.Config{})
	c.handler = log.Handler(c.handler)
	c.with("Content-Type", "application/json").do("POST", "/v1/Conversations", strings.NewReader(`{"FriendlyName":"x"}`))
	c.post("/v1/Conversations", "FriendlyName", "x")
	list := log.List(0, 0)
	if want := "a body of type application/json: only application/x-www-form-urlencoded is read"; list[0].Ignored != want || list[1].Ignored != "" {
		t.Errorf("ignored: %q and %q, want %q and nothing", list[0].Ignored, list[1].Ignored, want)
	}
	if list[0].Request.Body != `{"FriendlyName":"x"}` {
		t.Errorf("the log has the body %q", list[0].Request.Body)
	}
}

type cutShort struct{}

func (cutShort) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestUnknownFieldsAreIgnored(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "MessagingBinding.Type", "sms", "Nothing", "x", "Timers.Nothing.Else", "1", "Bindings[0].x", "y")
}

// Everything that Twilio documents as a limit of a conversation.
func TestConversationRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "taken")
	self := "/v1/Conversations/" + c.post("/v1/Conversations", "UniqueName", "other").text("sid")
	for _, r := range []struct {
		code, status int
		name, value  string
		onUpdate     bool
	}{
		{50003, 400, "FriendlyName", strings.Repeat("ä", 257), true},
		{50004, 400, "UniqueName", strings.Repeat("x", 257), true},
		{50390, 400, "UniqueName", "CH" + strings.Repeat("a", 32), true},
		{50353, 409, "UniqueName", "taken", true},
		{50303, 400, "Attributes", `"` + strings.Repeat("x", 16<<10) + `"`, true},
		{50304, 400, "Attributes", "{", true},
		{50308, 400, "DateCreated", "yesterday", true},
		{50309, 400, "DateUpdated", "2026-13-01T00:00:00Z", true},
		{50341, 400, "MessagingServiceSid", "MG1", true},
		{50374, 400, "State", "", true},
		{50378, 400, "State", "initializing", true},
		{50384, 400, "State", "closed", false},
		{50375, 400, "Timers.Inactive", "PT59S", true},
		{50376, 400, "Timers.Closed", "PT9M", true},
		{50379, 400, "Timers.Inactive", "1 hour", true},
		{50380, 400, "Timers.Closed", "-PT10M", true},
	} {
		c.refused(c.try("/v1/Conversations", r.name, r.value), r.status, r.code, "")
		if r.onUpdate {
			c.refused(c.try(self, r.name, r.value), r.status, r.code, "")
		}
	}
	if list, _ := c.get("/v1/Conversations").field("conversations").([]any); len(list) != 2 {
		t.Errorf("%d conversations after the refusals, want 2", len(list))
	}
}

func TestParticipantRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	holder := c.post("/v1/Conversations").text("sid")
	c.post("/v1/Conversations/"+holder+"/Participants", "MessagingBinding.Address", ada, "MessagingBinding.ProxyAddress", sandbox)
	c.post("/v1/Conversations", "UniqueName", "c")
	c.post("/v1/Conversations/c/Participants", "Identity", "agent")
	const address, proxy = "MessagingBinding.Address", "MessagingBinding.ProxyAddress"
	for _, r := range []struct {
		code, status int
		form         []string
	}{
		{20001, 400, nil},
		{50204, 400, []string{"Identity", ""}},
		{50206, 400, []string{"Identity", "US" + strings.Repeat("0", 32)}},
		{50207, 400, []string{"Identity", strings.Repeat("x", 257)}},
		{50433, 409, []string{"Identity", "agent"}},
		{50211, 400, []string{"Identity", "x", address, ada, proxy, sandbox}},
		{50407, 400, []string{address, "whatsapp:15558675310", proxy, sandbox}},
		{50407, 400, []string{address, "+whatsapp:+15558675310", proxy, sandbox}},
		{50407, 400, []string{address, sandbox, proxy, sandbox}},
		{50407, 400, []string{address, "+" + strings.Repeat("1", 300), proxy, "+15550001111"}},
		{50408, 400, []string{address, ada, proxy, "whatsapp:sandbox"}},
		{50409, 400, []string{address, "+15550001111", proxy, "+15550001111"}},
		{50411, 400, []string{address, "", proxy, sandbox}},
		{50411, 400, []string{proxy, sandbox}},
		{50412, 400, []string{address, ada, proxy, ""}},
		{50414, 400, []string{address, ada, proxy, "+14155238886"}},
		{50414, 400, []string{address, "+15558675310", proxy, sandbox}},
		{50415, 400, []string{address, ada, proxy, "whatsapp:+15550001111"}},
		{50407, 400, []string{address, "+445558675310"}},
		{50407, 400, []string{address, "+15558675310", "MessagingBinding.ProjectedAddress", "+15550001111"}},
		{50407, 400, []string{"MessagingBinding.ProjectedAddress", "whatsapp:+15550001111"}},
		{50303, 400, []string{"Identity", "y", "Attributes", `"` + strings.Repeat("x", 4<<10) + `"`}},
		{50304, 400, []string{"Identity", "y", "Attributes", "nope"}},
		{20001, 400, []string{"Identity", "y", "RoleSid", "RL1"}},
	} {
		c.refused(c.try("/v1/Conversations/c/Participants", r.form...), r.status, r.code, "")
	}
	taken := "A binding for this participant and proxy address already exists in Conversation " + holder
	c.refused(c.try("/v1/Conversations/c/Participants", address, ada, proxy, sandbox), 409, 50416, taken)
	foreign := c.as(foreignSID, authToken)
	foreign.post("/v1/Conversations", "UniqueName", "theirs")
	foreign.refused(foreign.try("/v1/Conversations/theirs/Participants", address, ada, proxy, sandbox), 409, 50416, taken)
	if list, _ := c.get("/v1/Conversations/c/Participants").field("participants").([]any); len(list) != 1 {
		t.Errorf("%d participants after the refusals, want 1", len(list))
	}
}

func TestMessageRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "c")
	c.post("/v1/Conversations", "UniqueName", "phone")
	c.post("/v1/Conversations/phone/Participants", "MessagingBinding.Address", ada, "MessagingBinding.ProxyAddress", sandbox)
	for _, r := range []struct {
		code, status int
		in           string
		form         []string
	}{
		{50503, 400, "c", nil},
		{50503, 400, "c", []string{"Body", ""}},
		{50504, 400, "c", []string{"Body", strings.Repeat("x", 32<<10+1)}},
		{50504, 400, "phone", []string{"Body", strings.Repeat("ä", 1601)}},
		{50310, 400, "c", []string{"Body", "x", "Author", strings.Repeat("x", 257)}},
		{50510, 400, "c", []string{"MediaSid", "ME1"}},
		{50507, 404, "c", []string{"MediaSid", "ME" + strings.Repeat("0", 32)}},
		{50304, 400, "c", []string{"Body", "x", "Attributes", "{"}},
		{50308, 400, "c", []string{"Body", "x", "DateCreated", "x"}},
	} {
		c.refused(c.try("/v1/Conversations/"+r.in+"/Messages", r.form...), r.status, r.code, "")
	}
	c.post("/v1/Conversations/c/Messages", "Body", strings.Repeat("ä", 1601))
	if list, _ := c.get("/v1/Conversations/c/Messages").field("messages").([]any); len(list) != 1 {
		t.Errorf("%d messages after the refusals, want 1", len(list))
	}
}

func TestWebhookRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "c")
	hooks := "/v1/Conversations/c/Webhooks"
	const u, filters, triggers = "Configuration.Url", "Configuration.Filters", "Configuration.Triggers"
	for _, r := range []struct {
		code int
		form []string
	}{
		{50368, nil},
		{50364, []string{"Target", "fax"}},
		{50369, []string{"Target", "webhook", filters, "onMessageAdded"}},
		{50370, []string{"Target", "webhook", u, "https://example.com"}},
		{50365, []string{"Target", "webhook", u, "https://example.com", filters, "onMessageAdd"}},
		{50372, []string{"Target", "webhook", u, "https://example.com/" + strings.Repeat("x", 512), filters, "onMessageAdded"}},
		{20001, []string{"Target", "webhook", u, "example", filters, "onMessageAdded"}},
		{20001, []string{"Target", "webhook", u, "http://my_host.example.com/cb", filters, "onMessageAdded"}},
		{20001, []string{"Target", "webhook", u, "https://example.com", filters, "onMessageAdded", "Configuration.Method", "PUT"}},
		{50371, []string{"Target", "trigger", u, "https://example.com"}},
		{50366, []string{"Target", "trigger", u, "https://example.com", triggers, ""}},
		{50366, []string{"Target", "trigger", u, "https://example.com", triggers, strings.Repeat("x", 249)}},
		{50362, []string{"Target", "trigger", u, "https://example.com", triggers, "1", triggers, "2", triggers, "3", triggers, "4", triggers, "5", triggers, "6"}},
		{50367, []string{"Target", "studio"}},
		{50367, []string{"Target", "studio", "Configuration.FlowSid", "FW1"}},
		{20001, []string{"Target", "studio", "Configuration.FlowSid", "FW" + strings.Repeat("1", 32), "Configuration.ReplayAfter", "x"}},
	} {
		c.refused(c.try(hooks, r.form...), 400, r.code, "")
	}
	for range 5 {
		c.post(hooks, "Target", "studio", "Configuration.FlowSid", "FW"+strings.Repeat("1", 32))
	}
	c.refused(c.try(hooks, "Target", "studio", "Configuration.FlowSid", "FW"+strings.Repeat("1", 32)), 400, 50361, "")
}

func TestClosedConversationRefusesEveryChange(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	self := "/v1/Conversations/" + c.post("/v1/Conversations", "UniqueName", "c").text("sid")
	participant := c.post(self+"/Participants", "MessagingBinding.Address", ada, "MessagingBinding.ProxyAddress", sandbox).text("sid")
	message := c.post(self+"/Messages", "Body", "x").text("sid")
	hook := c.post(self+"/Webhooks", "Target", "studio", "Configuration.FlowSid", "FW"+strings.Repeat("1", 32)).text("sid")
	if state := c.post(self, "State", "Closed").text("state"); state != "closed" {
		t.Fatalf("state = %q", state)
	}
	const text = "Can't update conversation as it's in final closed state"
	for path, form := range map[string][]string{
		self: {"State", "active"}, self + "/Participants": {"Identity", "x"}, self + "/Messages": {"Body", "y"},
		self + "/Webhooks":                    {"Target", "studio", "Configuration.FlowSid", "FW" + strings.Repeat("1", 32)},
		self + "/Participants/" + participant: {"Attributes", "{}"}, self + "/Messages/" + message: {"Body", "z"},
		self + "/Webhooks/" + hook: {"Configuration.FlowSid", "FW" + strings.Repeat("2", 32)},
	} {
		c.refused(c.try(path, form...), 409, 50377, text)
	}
	for _, path := range []string{self + "/Participants/" + participant, self + "/Messages/" + message, self + "/Webhooks/" + hook} {
		c.refused(c.do("DELETE", path, nil), 409, 50377, text)
		c.get(path)
	}
	c.refused(c.try("/v1/Conversations", "UniqueName", "c"), 409, 50353, "Conversation with provided unique name already exists")
	c.post("/v1/Conversations", "UniqueName", "again")
	c.post("/v1/Conversations/again/Participants", "MessagingBinding.Address", ada, "MessagingBinding.ProxyAddress", sandbox)
	c.del(self)
	c.refused(c.do("GET", self, nil), 404, 20404, "")
	c.post("/v1/Conversations", "UniqueName", "c")
}

// A query that is malformed is refused, by lists and by everything else.
func TestMalformedQueries(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "c")
	for _, path := range []string{"/v1/Conversations", "/v1/Conversations/c", "/v1/Conversations/c/Messages", "/v1/Users", "/v1/Services",
		"https://studio.twilio.com/v2/Flows", "https://api.twilio.com/2010-04-01/Accounts/" + accountSID + "/Messages.json"} {
		for _, query := range []string{"%zz", "PageSize=%zz", "Page=1&%", "a;b"} {
			c.refused(c.do("GET", path+"?"+query, nil), 400, 20001, "")
		}
		if got := c.do("GET", path+"?Unknown=%25&=&x", nil); got.status != 200 {
			t.Errorf("%s with a strange query: %d %s", path, got.status, got.body)
		}
	}
	for _, page := range []string{"9223372036854775807", "2147483648", "-1", "x"} {
		c.refused(c.do("GET", "/v1/Conversations?Page="+page, nil), 400, 20001, "")
	}
}

// What is not UTF-8 is refused, wherever a field would have it: an answer has another text in its place.
func TestRequestIsUTF8(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	conversation := c.want(2, c.try("/v1/Conversations")).text("sid")
	for path, name := range map[string]string{
		"/v1/Conversations": "UniqueName", "/v1/Users": "Identity", "/v1/Services": "FriendlyName", "/v1/Roles": "Permission",
		"/v1/Conversations/" + conversation + "/Messages":     "Body",
		"/v1/Conversations/" + conversation + "/Participants": "MessagingBinding.Address",
	} {
		c.refused(c.try(path, name, "x\xff"), 400, 20001, "Invalid value for parameter "+name)
	}
	c.want(2, c.try("/v1/Conversations", "Unknown", "\xff")) // nobody reads it
	const template = `{"language":"en","types":{"twilio/text":{"body":"%s"}}}`
	c.refused(c.json("POST", contentHost+"/v1/Content", fmt.Sprintf(template, "x\xff")), 400, 20001, "Invalid request body: it is not UTF-8")
}
