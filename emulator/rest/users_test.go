package rest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestUsersGolden(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	created := c.post("/v1/Users", "Identity", "Ada", "FriendlyName", "Ada Lovelace", "Attributes", `{ "duty": "tech" }`)
	golden(t, "user", created.body)
	golden(t, "user_bare", c.post("/v1/Users", "Identity", "ada").body)
	self := "/Users/" + created.text("sid")
	c.advance("1m")
	updated := c.post("/v1"+self, "FriendlyName", "Countess", "Attributes", "[]", "RoleSid", c.role("service admin")["sid"].(string))
	golden(t, "user_updated", updated.body)
	golden(t, "users_page", c.get("/v1/Users?PageSize=1").body)
	golden(t, "service_user", c.get("/v1/Services/"+created.text("chat_service_sid")+self).body)
	if got := c.get(created.text("url")).body; string(got) != string(updated.body) {
		t.Errorf("fetched %s, want what the update answered", got)
	}
	c.get(created.text("links.user_conversations"))
	c.del("/v1" + self)
	c.refused(c.do("GET", "/v1"+self, nil), 404, 20404, "The requested resource "+self+" was not found")
	c.refused(c.try("/v1"+self, "FriendlyName", "x"), 404, 20404, "")
	c.refused(c.do("DELETE", "/v1"+self, nil), 404, 20404, "")
}

func TestUserRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Users", "Identity", "taken")
	for _, r := range []struct {
		code, status int
		name, value  string
		onUpdate     bool
	}{
		{50204, 400, "Identity", "", false},
		{50206, 400, "Identity", "US" + strings.Repeat("a", 32), false},
		{50207, 400, "Identity", strings.Repeat("ä", 257), false},
		{50201, 409, "Identity", "taken", false},
		{50003, 400, "FriendlyName", strings.Repeat("ä", 257), true},
		{50303, 400, "Attributes", `"` + strings.Repeat("x", 4<<10) + `"`, true},
		{50304, 400, "Attributes", "{", true},
		{20001, 400, "RoleSid", "", true},
	} {
		form := []string{r.name, r.value}
		if r.name != "Identity" {
			form = append(form, "Identity", "new")
		}
		c.refused(c.try("/v1/Users", form...), r.status, r.code, "")
		if r.onUpdate {
			c.refused(c.try("/v1/Users/taken", r.name, r.value), r.status, r.code, "")
		}
	}
	c.refused(c.try("/v1/Users"), 400, 50204, "Identity not provided")
	c.refused(c.try("/v1/Users", "Identity", "taken"), 409, 50201, "User already exists")
	c.refused(c.with("X-Twilio-Webhook-Enabled", "yes").try("/v1/Users", "Identity", "new"), 400, 20001, "")
	if n := len(c.get("/v1/Users").items()); n != 1 {
		t.Errorf("%d users after the refusals, want 1", n)
	}
	c.post("/v1/Users", "Identity", strings.Repeat("ä", 256), "FriendlyName", strings.Repeat("ä", 256))
	c.post("/v1/Users/taken", "Identity", "other")
	if got := c.get("/v1/Users/taken").text("identity"); got != "taken" {
		t.Errorf("identity = %q after an update, which cannot change it", got)
	}
}

// A path names a user by identity as well as by SID, whatever characters it has; its case counts.
func TestUserByIdentity(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	for _, identity := range []string{"ada@example.com", "Ada@example.com", "a/b", "a b+c", "ä\x1f?#", "%2F"} {
		want := c.post("/v1/Users", "Identity", identity).text("sid")
		got := c.get("/v1/Users/" + url.PathEscape(identity))
		if got.text("sid") != want || got.text("identity") != identity {
			t.Errorf("user %q is found as %s %q, want %s", identity, got.text("sid"), got.text("identity"), want)
		}
	}
	c.refused(c.do("GET", "/v1/Users/ADA@example.com", nil), 404, 20404, "The requested resource /Users/ADA@example.com was not found")
}

// A chat participant of a new identity makes its user; the user's end is that of its participations.
func TestParticipantsAreUsers(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	for _, name := range []string{"a", "b", "closed"} {
		c.post("/v1/Conversations", "UniqueName", name)
		c.post("/v1/Conversations/"+name+"/Participants", "Identity", "agent")
		c.post("/v1/Conversations/"+name+"/Messages", "Author", "agent", "Body", "x")
	}
	c.post("/v1/Conversations/a/Participants", "Identity", "other")
	c.post("/v1/Conversations/a/Participants", "MessagingBinding.Address", ada, "MessagingBinding.ProxyAddress", sandbox)
	c.post("/v1/Conversations/closed", "State", "closed")
	user := c.get("/v1/Users/agent")
	if got, want := user.text("role_sid"), c.role("service user")["sid"]; got != want {
		t.Errorf("role_sid = %s, want the service's default %s", got, want)
	}
	if n := len(c.get("/v1/Users").items()); n != 2 {
		t.Errorf("%d users, want agent and other: a phone is none", n)
	}
	for _, p := range c.get("/v1/ParticipantConversations?Identity=agent").items() {
		if p["participant_user_sid"] != user.text("sid") {
			t.Errorf("participant_user_sid = %v, want %s", p["participant_user_sid"], user.text("sid"))
		}
	}
	phones := c.get("/v1/ParticipantConversations?Address=" + url.QueryEscape(ada)).items()
	if len(phones) != 1 || phones[0]["participant_user_sid"] != nil {
		t.Errorf("participations of a phone = %v, want one without a user", phones)
	}
	c.del("/v1/Users/agent")
	for path, want := range map[string]int{
		"/v1/ParticipantConversations?Identity=agent": 0, "/v1/Conversations/a/Participants": 2, "/v1/Conversations/b/Participants": 0,
		"/v1/Conversations/closed/Participants": 0, "/v1/Conversations/closed/Messages": 1, "/v1/Users": 1,
	} {
		if n := len(c.get(path).items()); n != want {
			t.Errorf("%s lists %d after the user was deleted, want %d", path, n, want)
		}
	}
	if again := c.post("/v1/Conversations/b/Participants", "Identity", "agent"); c.get("/v1/Users/agent").text("sid") == user.text("sid") {
		t.Errorf("the user of participant %s is the deleted one", again.text("sid"))
	}
}

func TestReachabilityIsShownWhereItIsOn(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	service := "/v1/Services/" + c.post("/v1/Users", "Identity", "ada").text("chat_service_sid")
	for _, on := range []string{"true", "false"} {
		c.post(service+"/Configuration", "ReachabilityEnabled", on)
		for _, r := range []reply{c.get("/v1/Users/ada"), c.post("/v1/Users/ada")} {
			for _, field := range []string{"is_online", "is_notifiable"} {
				if r.field(field) != nil {
					t.Errorf("%s = %v of a user who was never there, want null", field, r.field(field))
				}
			}
		}
	}
}

// Users are told to the webhooks of account and service, with the header.
func TestUserWebhooks(t *testing.T) {
	t.Parallel()
	var calls customerLog
	c := newAPI(t, &calls)
	c.post("/v1/Configuration/Webhooks", "PostWebhookUrl", "https://example.com/post", "PreWebhookUrl", "https://example.com/pre",
		"Filters", "onUserAdded", "Filters", "onUserUpdate", "Filters", "onUserUpdated")
	told := c.with("X-Twilio-Webhook-Enabled", "true")
	c.post("/v1/Users", "Identity", "silent")
	user := told.post("/v1/Users", "Identity", "ada", "FriendlyName", "Ada")
	told.post("/v1/Conversations", "UniqueName", "c")
	told.post("/v1/Conversations/c/Participants", "Identity", "new")
	c.settle()
	told.post("/v1/Users/ada", "Attributes", `{"x":1}`)
	c.settle()
	calls.answer(http.StatusForbidden)
	c.refused(told.try("/v1/Users/ada", "Attributes", `{"x":2}`), 403, 50056, "")
	if got := c.get("/v1/Users/ada").text("attributes"); got != `{"x":1}` {
		t.Errorf("attributes = %s after the webhook refused", got)
	}
	want := []string{"post onUserAdded ada", "post onUserAdded new", "pre onUserUpdate ada", "post onUserUpdated ada", "pre onUserUpdate ada"}
	if got := calls.summary(); !slices.Equal(got, want) {
		t.Errorf("calls = %q, want %q", got, want)
	}
	for i, names := range []string{
		"AccountSid Attributes ChatServiceSid DateCreated EventType FriendlyName Identity RetryCount RoleSid Source UserSid",
		"AccountSid Attributes ChatServiceSid DateCreated EventType Identity RetryCount RoleSid Source UserSid",
		"AccountSid Attributes ChatServiceSid DateUpdated EventType FriendlyName Identity RetryCount RoleSid Source UserSid",
		"AccountSid Attributes ChatServiceSid DateCreated DateUpdated EventType FriendlyName Identity RetryCount RoleSid Source UserSid",
	} {
		if got := calls.names(i); got != names {
			t.Errorf("call %d has %s, want %s", i, got, names)
		}
	}
	if got, want := calls.form(0).Get("UserSid"), user.text("sid"); got != want {
		t.Errorf("UserSid = %s, want %s", got, want)
	}
}

func TestUsersAndRolesOfAnotherAccount(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	foreign := c.as(foreignSID, authToken)
	c.post("/v1/Conversations", "UniqueName", "c")
	c.post("/v1/Conversations/c/Participants", "Identity", "agent")
	user := c.get("/v1/Users/agent")
	role := c.post("/v1/Roles", "FriendlyName", "x", "Type", "service", "Permission", "joinConversation").text("sid")
	service := "/v1/Services/" + user.text("chat_service_sid")
	for _, path := range []string{
		"/v1/Users/agent", "/v1/Users/" + user.text("sid"), service + "/Users/agent", "/v1/Roles/" + role, service + "/Roles/" + role,
		"/v1/Users/agent/Conversations/c", "/v1/Users/" + user.text("sid") + "/Conversations/c", service + "/Users/agent/Conversations/c",
	} {
		c.refused(foreign.do("GET", path, nil), 404, 20404, "")
		c.refused(foreign.do("DELETE", path, nil), 404, 20404, "")
		c.refused(foreign.try(path, "Permission", "joinConversation"), 404, 20404, "")
	}
	for _, path := range []string{service + "/Users", service + "/Roles", "/v1/Users/agent/Conversations", service + "/Users/agent/Conversations"} {
		c.refused(foreign.do("GET", path, nil), 404, 20404, "")
	}
	c.refused(foreign.try(service+"/Users", "Identity", "x"), 404, 20404, "")
	c.refused(foreign.try(service+"/Roles", "FriendlyName", "x", "Type", "service", "Permission", "joinConversation"), 404, 20404, "")
	if n := len(foreign.get("/v1/Users").items()); n != 0 {
		t.Errorf("another account lists %d users", n)
	}
	for _, r := range foreign.get("/v1/Roles").items() {
		if r["account_sid"] != foreignSID {
			t.Errorf("another account lists role %v of %v", r["sid"], r["account_sid"])
		}
	}
	foreign.post("/v1/Users", "Identity", "agent")
	foreign.del("/v1/Users/agent")
	if c.get("/v1/Users/agent/Conversations/c").text("user_sid") != user.text("sid") {
		t.Error("the attempts of another account changed something")
	}
}

// Lists of one service do not take each other's tokens, and page through everything once.
func TestUsersAndRolesArePaged(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	for i := range 7 {
		c.post("/v1/Users", "Identity", fmt.Sprint("u", i))
		c.advance("1s")
		c.post("/v1/Conversations", "UniqueName", fmt.Sprint("c", i))
		c.post(fmt.Sprintf("/v1/Conversations/c%d/Participants", i), "Identity", "u0")
	}
	for path, want := range map[string]int{"/v1/Users": 7, "/v1/Roles": 4, "/v1/Users/u0/Conversations": 7} {
		first := c.get(path + "?PageSize=3")
		seen := map[any]bool{}
		for page := first; ; page = c.get(page.text("meta.next_page_url")) {
			for _, item := range page.items() {
				seen[item["url"]] = true
			}
			if page.field("meta.next_page_url") == nil {
				break
			}
		}
		if len(seen) != want {
			t.Errorf("the pages of %s show %d items, want %d", path, len(seen), want)
		}
		if got := c.get(path + "?PageSize=1000").field("meta.page_size"); got != 50.0 {
			t.Errorf("greatest page_size of %s = %v, want 50", path, got)
		}
		for _, other := range []string{"/v1/Users", "/v1/Roles", "/v1/Users/u0/Conversations", "/v1/Users/u1/Conversations", "/v1/Conversations"} {
			if other != path {
				c.refused(c.do("GET", other+"?PageToken="+tokenOf(t, first), nil), 400, 20001, "Invalid value for parameter PageToken")
			}
		}
	}
	second := c.get(c.get("/v1/Users?PageSize=3").text("meta.next_page_url"))
	c.del("/v1/Users/" + second.items()[0]["sid"].(string))
	if back := c.get(second.text("meta.previous_page_url")).items(); len(back) != 3 || back[0]["identity"] != "u0" {
		t.Errorf("the previous page begins with %v", back)
	}
}
