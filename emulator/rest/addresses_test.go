package rest_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

const addressesPath = "/v1/Configuration/Addresses"

func TestAddressesGolden(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	golden(t, "address_bare", c.post(addressesPath, "Type", "whatsapp", "Address", "whatsapp:+13115552368").body)
	studio := c.post(addressesPath, "Type", "SMS", "Address", "+13115552368", "AutoCreation.Enabled", "true",
		"AutoCreation.Type", "studio", "AutoCreation.StudioFlowSid", "FW0123456789abcdef0123456789abcdef",
		"AutoCreation.StudioRetryCount", "3")
	golden(t, "address_studio", studio.body)
	service := c.get("/v1/Services").field("services").([]any)[0].(map[string]any)["sid"].(string)
	golden(t, "address_webhook", c.post(addressesPath, "Type", "sms", "Address", "12345", "AddressCountry", "US",
		"FriendlyName", "Short code", "AutoCreation.Enabled", "True", "AutoCreation.Type", "Webhook",
		"AutoCreation.ConversationServiceSid", service, "AutoCreation.WebhookUrl", "https://example.com/in",
		"AutoCreation.WebhookMethod", "get", "AutoCreation.WebhookFilters", "onParticipantAdded",
		"AutoCreation.WebhookFilters", "onMessageAdded").body)
	c.advance("1m")
	golden(t, "address_updated", c.post(addressesPath+"/"+studio.text("sid"), "FriendlyName", "Support",
		"AutoCreation.Enabled", "false", "AutoCreation.Type", "default", "AutoCreation.StudioFlowSid", "").body)
	golden(t, "addresses_page", c.get(addressesPath+"?Type=sms&PageSize=1").body)
}

func TestAddressesByAddress(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	sid := c.post(addressesPath, "Type", "whatsapp", "Address", "whatsapp:+13115552368").text("sid")
	byAddress := addressesPath + "/" + url.PathEscape("whatsapp:+13115552368")
	for _, path := range []string{byAddress, addressesPath + "/whatsapp%3A%2B13115552368", addressesPath + "/" + sid} {
		if got := c.get(path).text("sid"); got != sid {
			t.Errorf("%s is %q, want %s", path, got, sid)
		}
	}
	// Neither the type nor the address can be changed.
	r := c.post(byAddress, "Type", "sms", "Address", "+13115552368", "FriendlyName", "Renamed")
	if r.text("type") != "whatsapp" || r.text("address") != "whatsapp:+13115552368" || r.text("friendly_name") != "Renamed" {
		t.Errorf("after an update: %s", r.body)
	}
	c.refused(c.try(addressesPath, "Type", "whatsapp", "Address", "whatsapp:+13115552368"), 409, 20409,
		"An address configuration for whatsapp:+13115552368 already exists")
	c.del(byAddress)
	c.refused(c.do("GET", byAddress, nil), 404, 20404, "The requested resource /Configuration/Addresses/whatsapp:+13115552368 was not found")
	c.post(addressesPath, "Type", "whatsapp", "Address", "whatsapp:+13115552368")
}

func TestAddressTypes(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	for address, of := range map[string]string{
		"+13115552368": "sms", "24680": "sms", "whatsapp:+13115552368": "whatsapp", "messenger:1234567890": "messenger",
		"gbm:brand": "gbm", "support@example.com": "email", "rcs:brand_agent": "rcs", "urn:mbid:AQAAY": "apple", "chat:team": "chat",
	} {
		if got := c.post(addressesPath, "Type", strings.ToUpper(of), "Address", address).text("type"); got != of {
			t.Errorf("type of %s = %q, want %s", address, got, of)
		}
	}
	if list, _ := c.get(addressesPath + "?Type=Sms").field("address_configurations").([]any); len(list) != 2 {
		t.Errorf("%d configurations of type sms, want 2", len(list))
	}
	if r := c.get(addressesPath + "?PageSize=1000"); r.field("meta.page_size") != 50.0 || len(r.field("address_configurations").([]any)) != 9 {
		t.Errorf("the list of all: %s", r.body)
	}
	c.refused(c.do("GET", addressesPath+"?Type=fax", nil), 400, 20001, "Invalid value for parameter Type")
}

func TestAddressRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	const missing, invalid = "Missing required parameter ", "Invalid value for parameter "
	missingIs := func(name string) string { return missing + name + " in the post body" }
	theirs := c.as(foreignSID, authToken).get("/v1/Services").field("services").([]any)[0].(map[string]any)["sid"].(string)
	plain := []string{"Type", "sms", "Address", "+13115552368"}
	for _, r := range []struct {
		message string
		form    []string
	}{
		{missingIs("Type"), []string{"Address", "+13115552368"}},
		{missingIs("Address"), []string{"Type", "sms"}},
		{invalid + "Type", []string{"Type", "fax", "Address", "+13115552368"}},
		{invalid + "Address", []string{"Type", "whatsapp", "Address", "+13115552368"}},
		{invalid + "Address", []string{"Type", "sms", "Address", "whatsapp:+13115552368"}},
		{invalid + "Address", []string{"Type", "email", "Address", "Ada <ada@example.com>"}},
		{invalid + "Address", []string{"Type", "rcs", "Address", "rcs:"}},
		{invalid + "Address", []string{"Type", "chat", "Address", strings.Repeat("x", 257)}},
		{invalid + "AddressCountry", slices.Concat(plain, []string{"AddressCountry", "USA"})},
		{invalid + "AutoCreation.Enabled", slices.Concat(plain, []string{"AutoCreation.Enabled", "perhaps"})},
		{invalid + "AutoCreation.Type", slices.Concat(plain, []string{"AutoCreation.Type", "fax"})},
		{invalid + "AutoCreation.ConversationServiceSid", slices.Concat(plain, []string{"AutoCreation.ConversationServiceSid", "IS1"})},
		{invalid + "AutoCreation.ConversationServiceSid", slices.Concat(plain, []string{"AutoCreation.ConversationServiceSid", theirs})},
		{missingIs("AutoCreation.WebhookUrl"), slices.Concat(plain, []string{"AutoCreation.Type", "webhook"})},
		{invalid + "AutoCreation.WebhookUrl", slices.Concat(plain, []string{"AutoCreation.WebhookUrl", "example"})},
		{invalid + "AutoCreation.WebhookUrl", slices.Concat(plain, []string{"AutoCreation.WebhookUrl", "http://my_host.example.com/cb"})},
		{invalid + "AutoCreation.WebhookUrl", slices.Concat(plain, []string{"AutoCreation.WebhookUrl", "https://example.com/" + strings.Repeat("x", 512)})},
		{invalid + "AutoCreation.WebhookMethod", slices.Concat(plain, []string{"AutoCreation.WebhookMethod", "PUT"})},
		{invalid + "AutoCreation.WebhookFilters", slices.Concat(plain, []string{"AutoCreation.WebhookFilters", "onMessageAdd"})},
		{missingIs("AutoCreation.StudioFlowSid"), slices.Concat(plain, []string{"AutoCreation.Type", "studio"})},
		{invalid + "AutoCreation.StudioFlowSid", slices.Concat(plain, []string{"AutoCreation.StudioFlowSid", "FW1"})},
		{invalid + "AutoCreation.StudioRetryCount", slices.Concat(plain, []string{"AutoCreation.StudioRetryCount", "4"})},
		{invalid + "AutoCreation.StudioRetryCount", slices.Concat(plain, []string{"AutoCreation.StudioRetryCount", "-1"})},
		{invalid + "AutoCreation.StudioRetryCount", slices.Concat(plain, []string{"AutoCreation.StudioRetryCount", "x"})},
	} {
		c.refused(c.try(addressesPath, r.form...), 400, 20001, r.message)
	}
	c.refused(c.try(addressesPath, slices.Concat(plain, []string{"FriendlyName", strings.Repeat("ä", 257)})...), 400, 50003, "")
	c.refused(c.try(addressesPath, "Type", "whatsapp", "Address", sandbox), 403, 50413, "")
	if list, _ := c.get(addressesPath).field("address_configurations").([]any); len(list) != 0 {
		t.Errorf("refused requests left %v", list)
	}
	sid := c.post(addressesPath, plain...).text("sid")
	c.refused(c.try(addressesPath+"/"+sid, "AutoCreation.Type", "webhook"), 400, 20001, missingIs("AutoCreation.WebhookUrl"))
	if got := c.get(addressesPath + "/" + sid).text("auto_creation.type"); got != "default" {
		t.Errorf("a refused update left type %q", got)
	}
}

// Where an account lists its senders, an address must be one of them.
func TestAddressesAreTheAccountsOwn(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.own("whatsapp:+13115552368")
	c.post(addressesPath, "Type", "whatsapp", "Address", "whatsapp:+13115552368")
	c.post(addressesPath, "Type", "sms", "Address", "+13115552368") // no numbers are listed
	c.refused(c.try(addressesPath, "Type", "whatsapp", "Address", "whatsapp:+13115552369"), 403, 50413, "")
	foreign := c.as(foreignSID, authToken)
	foreign.refused(foreign.try(addressesPath, "Type", "whatsapp", "Address", "whatsapp:+13115552368"), 403, 50413, "")
	sid := c.get(addressesPath + "/whatsapp:+13115552368").text("sid")
	for _, path := range []string{addressesPath + "/" + sid, addressesPath + "/whatsapp:+13115552368"} {
		foreign.refused(foreign.do("GET", path, nil), 404, 20404, "")
		foreign.refused(foreign.try(path, "FriendlyName", "x"), 404, 20404, "")
		foreign.refused(foreign.do("DELETE", path, nil), 404, 20404, "")
	}
	if list, _ := foreign.get(addressesPath).field("address_configurations").([]any); len(list) != 0 {
		t.Errorf("another account lists %v", list)
	}
}
