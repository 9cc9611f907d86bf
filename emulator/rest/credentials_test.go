package rest_test

import (
	"strings"
	"testing"
)

const credentialsPath = "/v1/Credentials"

func TestCredentialsGolden(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	apn := c.post(credentialsPath, "Type", "APN", "FriendlyName", "Phones", "Certificate", "hush", "PrivateKey", "hush")
	golden(t, "credential_apn", apn.body)
	golden(t, "credential_fcm", c.post(credentialsPath, "Type", "fcm", "Secret", "hush", "Sandbox", "true").body)
	c.post(credentialsPath, "Type", "gcm", "ApiKey", "hush")
	c.advance("1m")
	self := credentialsPath + "/" + apn.text("sid")
	golden(t, "credential_updated", c.post(self, "Sandbox", "True", "FriendlyName", "Test phones").body)
	golden(t, "credentials_page", c.get(credentialsPath+"?PageSize=2").body)
	if body := string(c.get(credentialsPath).body); strings.Contains(body, "hush") {
		t.Errorf("the list shows a secret: %s", body)
	}
}

func TestCredentialUpdates(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	self := credentialsPath + "/" + c.post(credentialsPath, "Type", "apn", "Certificate", "c", "PrivateKey", "k", "Sandbox", "true").text("sid")
	if got := c.post(self, "FriendlyName", "x").text("sandbox"); got != "True" {
		t.Errorf("an update of the name left sandbox %q", got)
	}
	if got := c.post(self, "Sandbox", "false").text("sandbox"); got != "False" {
		t.Errorf("sandbox = %q, want False", got)
	}
	c.refused(c.try(self, "Type", "fcm"), 400, 20001, "Missing required parameter Secret in the post body")
	if got := c.post(self, "Type", "fcm", "Secret", "s"); got.text("type") != "fcm" || got.field("sandbox") != nil {
		t.Errorf("another type made %s", got.body)
	}
	c.post(self, "Type", "FCM") // the type it has
	c.del(self)
	c.refused(c.do("GET", self, nil), 404, 20404, "")
}

func TestCredentialRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	missing := func(name string) string { return "Missing required parameter " + name + " in the post body" }
	for _, r := range []struct {
		message string
		form    []string
	}{
		{missing("Type"), nil},
		{"Invalid value for parameter Type", []string{"Type", "sms"}},
		{missing("Certificate"), []string{"Type", "apn", "PrivateKey", "k"}},
		{missing("PrivateKey"), []string{"Type", "apn", "Certificate", "c"}},
		{missing("ApiKey"), []string{"Type", "gcm", "Secret", "s"}},
		{missing("Secret"), []string{"Type", "fcm", "ApiKey", "k"}},
		{"Invalid value for parameter Secret", []string{"Type", "fcm", "Secret", ""}},
		{"Invalid value for parameter Sandbox", []string{"Type", "apn", "Certificate", "c", "PrivateKey", "k", "Sandbox", "perhaps"}},
	} {
		c.refused(c.try(credentialsPath, r.form...), 400, 20001, r.message)
	}
	c.refused(c.try(credentialsPath, "Type", "fcm", "Secret", "s", "FriendlyName", strings.Repeat("ä", 65)), 400, 50003, "")
	if list, _ := c.get(credentialsPath).field("credentials").([]any); len(list) != 0 {
		t.Errorf("refused requests left %v", list)
	}
	self := credentialsPath + "/" + c.post(credentialsPath, "Type", "fcm", "Secret", "s", "FriendlyName", strings.Repeat("ä", 64)).text("sid")
	foreign := c.as(foreignSID, authToken)
	foreign.refused(foreign.do("GET", self, nil), 404, 20404, "")
	foreign.refused(foreign.try(self, "FriendlyName", "x"), 404, 20404, "")
	foreign.refused(foreign.do("DELETE", self, nil), 404, 20404, "")
	if list, _ := foreign.get(credentialsPath).field("credentials").([]any); len(list) != 0 {
		t.Errorf("another account lists %v", list)
	}
}
