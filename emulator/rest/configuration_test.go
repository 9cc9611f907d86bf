package rest_test

import (
	"net/http"
	"strings"
	"testing"
)

// Every resource of configuration: as it is from the beginning, and with every parameter set.
func TestConfigurationGolden(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	golden(t, "configuration", c.get("/v1/Configuration").body)
	golden(t, "configuration_updated", c.post("/v1/Configuration", "DefaultInactiveTimer", "PT1M", "DefaultClosedTimer", "PT10M",
		"DefaultMessagingServiceSid", "MG"+strings.Repeat("a", 32)).body)
	golden(t, "configuration_webhook", c.get("/v1/Configuration/Webhooks").body)
	golden(t, "configuration_webhook_updated", c.post("/v1/Configuration/Webhooks", "PreWebhookUrl", "https://example.com/pre",
		"PostWebhookUrl", "https://example.com/post", "Method", "get", "Target", "Flex",
		"Filters", "onConversationUpdated", "Filters", "onUserUpdate").body)
	created := c.post("/v1/Services", "FriendlyName", "Home Service")
	if created.status != http.StatusCreated {
		t.Errorf("created with %d", created.status)
	}
	golden(t, "service_created", created.body)
	self := "/v1/Services/" + created.text("sid") + "/Configuration"
	golden(t, "service_configuration", c.get(self).body)
	golden(t, "service_configuration_updated", c.post(self, "ReachabilityEnabled", "True").body)
	golden(t, "service_webhook_configuration", c.get(self+"/Webhooks").body)
	golden(t, "service_webhook_configuration_updated", c.post(self+"/Webhooks", "PreWebhookUrl", "https://www.example.com/pre",
		"PostWebhookUrl", "https://www.example.com/post", "Filters", "onMessageRemoved", "Filters", "onParticipantAdded", "Method", "GET").body)
	golden(t, "notification", c.get(self+"/Notifications").body)
	golden(t, "notification_updated", c.post(self+"/Notifications", "LogEnabled", "true",
		"NewMessage.Enabled", "true", "NewMessage.Template", "${PARTICIPANT}: ${MESSAGE}", "NewMessage.Sound", "ring",
		"NewMessage.BadgeCountEnabled", "true", "NewMessage.WithMedia.Enabled", "true", "NewMessage.WithMedia.Template", "${MEDIA_COUNT}: ${MEDIA}",
		"AddedToConversation.Enabled", "true", "AddedToConversation.Template", "in ${CONVERSATION}", "AddedToConversation.Sound", "in",
		"RemovedFromConversation.Enabled", "true", "RemovedFromConversation.Template", "out of ${CONVERSATION}",
		"RemovedFromConversation.Sound", "out").body)
	for _, path := range []string{"/v1/Configuration", "/v1/Configuration/Webhooks", self, self + "/Webhooks", self + "/Notifications"} {
		before := c.get(path).body
		if after := c.post(path).body; string(after) != string(before) {
			t.Errorf("an empty update of %s made %s of %s", path, after, before)
		}
		if again := c.get(path).body; string(again) != string(before) {
			t.Errorf("%s reads back as %s", path, again)
		}
	}
	if got := c.del("/v1/Services/" + created.text("sid")); got.status != http.StatusNoContent || len(got.body) != 0 {
		t.Errorf("deleted with %d %q", got.status, got.body)
	}
}

// An empty text takes a value away; the filters are a list that is replaced.
func TestWebhookSettingsAreTakenAway(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	service := "/v1/Services/" + c.get("/v1/Configuration").text("default_chat_service_sid") + "/Configuration/Webhooks"
	for _, path := range []string{"/v1/Configuration/Webhooks", service} {
		c.post(path, "PreWebhookUrl", "https://example.com", "PostWebhookUrl", "https://example.com",
			"Filters", "onMessageAdd", "Filters", "onMessageAdded", "Filters", "onMessageAdd")
		if got, _ := c.get(path).field("filters").([]any); len(got) != 2 {
			t.Errorf("%s has the filters %v, want each once", path, got)
		}
		r := c.post(path, "PreWebhookUrl", "", "Filters", "")
		filters, isList := r.field("filters").([]any)
		if r.field("pre_webhook_url") != nil || r.text("post_webhook_url") != "https://example.com" || !isList || len(filters) != 0 {
			t.Errorf("%s = %s", path, r.body)
		}
	}
}

func TestConfigurationRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	self := "/v1/Services/" + c.get("/v1/Configuration").text("default_chat_service_sid")
	const webhooks = "/v1/Configuration/Webhooks"
	for _, r := range []struct {
		path         string
		status, code int
		form         []string
	}{
		{"/v1/Services", 400, 50000, nil},
		{"/v1/Services", 400, 50000, []string{"FriendlyName", ""}},
		{"/v1/Services", 400, 50003, []string{"FriendlyName", strings.Repeat("x", 257)}},
		{"/v1/Configuration", 400, 50379, []string{"DefaultInactiveTimer", "1 minute"}},
		{"/v1/Configuration", 404, 50050, []string{"DefaultChatServiceSid", "IS" + strings.Repeat("0", 32)}},
		{webhooks, 400, 50055, []string{"Method", "PUT"}},
		{webhooks, 400, 50055, []string{"Method", ""}},
		{webhooks, 400, 50054, []string{"Filters", "onMessageSend"}},
		{webhooks, 400, 50054, []string{"Filters", "onMessageAdded", "Filters", "onTypingStarted"}},
		{webhooks, 400, 50054, []string{"Target", "studio"}},
		{webhooks, 400, 50077, []string{"PreWebhookUrl", "example.com"}},
		{webhooks, 400, 50077, []string{"PreWebhookUrl", "ftp://example.com"}},
		{webhooks, 400, 50077, []string{"PreWebhookUrl", "http://my_host.example.com/cb"}},
		{webhooks, 400, 50054, []string{"PostWebhookUrl", "https://"}},
		{self + "/Configuration", 400, 20001, []string{"ReachabilityEnabled", "perhaps"}},
		{self + "/Configuration", 400, 20001, []string{"DefaultChatServiceRoleSid", ""}},
		{self + "/Configuration/Webhooks", 400, 50055, []string{"Method", "HEAD"}},
		{self + "/Configuration/Webhooks", 400, 50077, []string{"PreWebhookUrl", "http://a b"}},
		{self + "/Configuration/Webhooks", 400, 50054, []string{"Filters", "x"}},
		{self + "/Configuration/Notifications", 400, 20001, []string{"NewMessage.WithMedia.Enabled", "x"}},
		{self + "/Configuration/Notifications", 400, 50058, []string{"NewMessage.Template", strings.Repeat("x", 2049)}},
		{self + "/Configuration/Notifications", 400, 50058, []string{"NewMessage.WithMedia.Template", strings.Repeat("x", 2049)}},
		{self + "/Configuration/Notifications", 400, 50058, []string{"LogEnabled", "true", "RemovedFromConversation.Template", strings.Repeat("x", 2049)}},
		{self + "/Configuration/Notifications", 400, 50059, []string{"AddedToConversation.Sound", strings.Repeat("x", 257)}},
	} {
		before := c.do("GET", r.path, nil).body
		c.refused(c.try(r.path, r.form...), r.status, r.code, "")
		if after := c.do("GET", r.path, nil).body; string(after) != string(before) {
			t.Errorf("%s %q: refused, and yet %s", r.path, r.form, after)
		}
	}
	c.refused(c.do("DELETE", self, nil), 409, 20409, "")
	c.refused(c.try(self, "FriendlyName", "x"), 405, 20004, "")
}

// A service of another account, or one that is gone, has no configuration.
func TestConfigurationOfOthers(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	foreign := c.as(foreignSID, authToken)
	theirs := foreign.get("/v1/Configuration").text("default_chat_service_sid")
	gone := c.post("/v1/Services", "FriendlyName", "gone").text("sid")
	c.del("/v1/Services/" + gone)
	for _, service := range []string{theirs, gone, "IS1"} {
		self := "/v1/Services/" + service
		for _, path := range []string{self, self + "/Configuration", self + "/Configuration/Webhooks", self + "/Configuration/Notifications"} {
			want := "The requested resource " + strings.TrimPrefix(path, "/v1") + " was not found"
			c.refused(c.do("GET", path, nil), 404, 20404, want)
			if path != self {
				c.refused(c.try(path, "Method", "GET", "LogEnabled", "true"), 404, 20404, want)
			}
		}
		c.refused(c.do("DELETE", self, nil), 404, 20404, "")
	}
	c.refused(c.try("/v1/Configuration", "DefaultChatServiceSid", theirs), 404, 50050, "")
	if got := foreign.get("/v1/Configuration/Webhooks").text("method"); got != "POST" {
		t.Errorf("the other account's webhook has the method %s", got)
	}
	if list, _ := foreign.get("/v1/Services").field("services").([]any); len(list) != 1 {
		t.Errorf("the other account has %d services", len(list))
	}
}
