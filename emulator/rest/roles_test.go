package rest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// items are the objects of a page, by the key that its meta names.
func (r reply) items() []map[string]any {
	list, _ := r.field(r.text("meta.key")).([]any)
	objects := make([]map[string]any, 0, len(list))
	for _, item := range list {
		object, _ := item.(map[string]any)
		objects = append(objects, object)
	}
	return objects
}

// role returns the default role of a name.
func (c *tester) role(name string) map[string]any {
	c.t.Helper()
	for _, r := range c.get("/v1/Roles").items() {
		if r["friendly_name"] == name {
			return r
		}
	}
	c.t.Fatalf("there is no role %q", name)
	return nil
}

func TestRolesGolden(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	created := c.post("/v1/Roles", "FriendlyName", "Reader", "Type", "Conversation", "Permission", "leaveConversation",
		"Permission", "readChannelMetadata", "Permission", "leaveConversation")
	golden(t, "role", created.body)
	c.advance("1m")
	self := "/Roles/" + created.text("sid")
	updated := c.post("/v1"+self, "Permission", "sendMessage")
	golden(t, "role_updated", updated.body)
	golden(t, "role_service", c.post("/v1/Roles", "FriendlyName", "Clerk", "Type", "service", "Permission", "addParticipant").body)
	golden(t, "roles_page", c.get("/v1/Roles?PageSize=2").body)
	golden(t, "service_role", c.get("/v1/Services/"+created.text("chat_service_sid")+self).body)
	if got, want := c.get(created.text("url")).text("date_updated"), updated.text("date_updated"); got != want {
		t.Errorf("date_updated = %s, want %s", got, want)
	}
	c.del("/v1" + self)
	c.refused(c.do("GET", "/v1"+self, nil), 404, 20404, "The requested resource "+self+" was not found")
	c.refused(c.try("/v1"+self, "Permission", "sendMessage"), 404, 20404, "")
	c.refused(c.do("DELETE", "/v1"+self, nil), 404, 20404, "")
}

func TestRoleRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	valid := map[string]string{"FriendlyName": "x", "Type": "conversation", "Permission": "sendMessage"}
	for _, r := range []struct {
		code, status int
		changed      map[string]string // an empty name takes the parameter away
		message      string
	}{
		{50000, 400, map[string]string{"FriendlyName": "-"}, "FriendlyName not provided"},
		{50000, 400, map[string]string{"FriendlyName": ""}, ""},
		{50003, 400, map[string]string{"FriendlyName": strings.Repeat("ä", 257)}, ""},
		{20001, 400, map[string]string{"Type": "-"}, "Missing required parameter Type in the post body"},
		{50105, 400, map[string]string{"Type": ""}, ""},
		{50105, 400, map[string]string{"Type": "channel"}, "Invalid role type"},
		{20001, 400, map[string]string{"Permission": "-"}, "Missing required parameter Permission in the post body"},
		{50104, 400, map[string]string{"Permission": ""}, ""},
		{50104, 400, map[string]string{"Permission": "flyToTheMoon"}, "Permission not found"},
		{50104, 400, map[string]string{"Permission": "SendMessage"}, ""},
		{50104, 400, map[string]string{"Permission": "createConversation"}, ""},
		{50104, 400, map[string]string{"Type": "service"}, ""},
		{50104, 400, map[string]string{"Type": "service", "Permission": "editNotificationLevel"}, ""},
	} {
		var form []string
		for name, value := range valid {
			if changed, ok := r.changed[name]; ok {
				value = changed
			}
			if value != "-" {
				form = append(form, name, value)
			}
		}
		c.refused(c.try("/v1/Roles", form...), r.status, r.code, r.message)
	}
	self := "/v1/Roles/" + c.role("channel user")["sid"].(string)
	c.refused(c.try(self), 400, 20001, "Missing required parameter Permission in the post body")
	c.refused(c.try(self, "FriendlyName", "x"), 400, 20001, "")
	c.refused(c.try(self, "Permission", "sendMessage", "Permission", "joinConversation"), 400, 50104, "")
	if n := len(c.get("/v1/Roles").items()); n != 4 {
		t.Errorf("%d roles after the refusals, want the 4 default ones", n)
	}
	if n := len(c.get(self).field("permissions").([]any)); n != 8 {
		t.Errorf("%d permissions after the refusals, want 8", n)
	}
	c.post("/v1/Roles", "FriendlyName", strings.Repeat("ä", 256), "Type", "SERVICE", "Permission", "joinConversation")
}

// Every name of Twilio's page and every further one that the live API takes, for its type of roles.
func TestRolePermissionsByName(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	for roleType, names := range map[string]string{
		"service": "addParticipant createConversation deleteAnyMessage deleteConversation editAnyMessage editAnyMessageAttributes " +
			"editAnyUserInfo editConversationAttributes editConversationName editOwnMessage editOwnMessageAttributes editOwnUserInfo " +
			"joinConversation removeParticipant",
		"conversation": "addParticipant deleteAnyMessage deleteOwnMessage deleteConversation editAnyMessage editAnyMessageAttributes " +
			"editAnyUserInfo editConversationAttributes editConversationName editOwnMessage editOwnMessageAttributes editOwnUserInfo " +
			"leaveConversation removeParticipant sendMediaMessage sendMessage " +
			"addNonChatParticipant editAnyParticipantAttributes editOwnParticipantAttributes editNotificationLevel readChannelMetadata",
	} {
		form := append([]string{"FriendlyName", "all", "Type", roleType, "Permission"},
			strings.Split(strings.ReplaceAll(names, " ", " Permission "), " ")...)
		if got := c.post("/v1/Roles", form...).field("permissions"); fmt.Sprint(got) != "["+names+"]" {
			t.Errorf("permissions of type %s = %v", roleType, got)
		}
	}
}

func TestDefaultRolesOfAService(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	service := "/v1/Services/" + c.post("/v1/Services", "FriendlyName", "second").text("sid")
	list := c.get(service + "/Roles").items()
	names := make([]string, 0, len(list))
	for _, r := range list {
		names = append(names, fmt.Sprintf("%s, %s: %d", r["friendly_name"], r["type"], len(r["permissions"].([]any))))
	}
	slices.Sort(names)
	want := []string{"channel admin, conversation: 13", "channel user, conversation: 8", "service admin, service: 14", "service user, service: 3"}
	if !slices.Equal(names, want) {
		t.Errorf("default roles = %q, want %q", names, want)
	}
	configuration := c.get(service + "/Configuration")
	for field, name := range map[string]string{
		"default_chat_service_role_sid": "service user", "default_conversation_role_sid": "channel user",
		"default_conversation_creator_role_sid": "channel admin",
	} {
		self := service + "/Roles/" + configuration.text(field)
		if got := c.get(self).text("friendly_name"); got != name {
			t.Errorf("%s is %q, want %q", field, got, name)
		}
		c.refused(c.do("DELETE", self, nil), 409, 20409, "")
		c.refused(c.do("GET", "/v1/Roles/"+configuration.text(field), nil), 404, 20404, "")
	}
	c.del(service)
	c.refused(c.do("GET", service+"/Roles", nil), 404, 20404, "")
}

// A role that is given must be one of the service, and for what it is given to.
func TestRoleSidIsChecked(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "c")
	c.post("/v1/Conversations/c/Participants", "Identity", "agent")
	service := "/v1/Services/" + c.post("/v1/Services", "FriendlyName", "second").text("sid")
	elsewhere := c.get(service + "/Roles").items()
	forUsers, forParticipants := c.role("service admin")["sid"].(string), c.role("channel admin")["sid"].(string)
	for _, to := range []struct {
		path, fit, misfit string
		form              []string
	}{
		{"/v1/Users", forUsers, forParticipants, []string{"Identity", "x"}},
		{"/v1/Users/agent", forUsers, forParticipants, nil},
		{"/v1/Conversations/c/Participants", forParticipants, forUsers, []string{"Identity", "y"}},
		{"/v1/Conversations/c/Participants/agent", forParticipants, forUsers, nil},
	} {
		c.refused(c.try(to.path, append(to.form, "RoleSid", "RL1")...), 400, 20001, "Invalid value for parameter RoleSid")
		c.refused(c.try(to.path, append(to.form, "RoleSid", "RL"+strings.Repeat("0", 32))...), 404, 50100, "Role not found")
		c.refused(c.try(to.path, append(to.form, "RoleSid", to.misfit)...), 400, 50105, "Invalid role type")
		for _, other := range elsewhere {
			c.refused(c.try(to.path, append(to.form, "RoleSid", other["sid"].(string))...), 404, 50100, "")
		}
		if got := c.post(to.path, append(to.form, "RoleSid", to.fit)...).text("role_sid"); got != to.fit {
			t.Errorf("%s: role_sid = %s, want %s", to.path, got, to.fit)
		}
	}
}
