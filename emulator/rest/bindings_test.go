package rest_test

import (
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// register makes the binding that an SDK makes on a device of the default service.
func (c *tester) register(p conversations.CreateBindingParams) (conversations.Binding, error) {
	return c.api.CreateBinding(c.t.Context(), conversations.Scope{AccountSID: c.user}, p)
}

// device registers one and expects that to succeed.
func (c *tester) device(of, identity, endpoint, credential string) string {
	c.t.Helper()
	b, err := c.register(conversations.CreateBindingParams{BindingType: of, Identity: identity, Endpoint: endpoint, CredentialSID: credential})
	if err != nil {
		c.t.Fatal(err)
	}
	return b.SID
}

func TestBindingsGolden(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	fcm := c.post(credentialsPath, "Type", "fcm", "Secret", "s").text("sid")
	sid := c.device("FCM", "ada", "device", fcm)
	c.device("twilsock", "bob", "socket", "")
	all := "/v1/Services/" + c.service() + "/Bindings"
	golden(t, "binding", c.get(all+"/"+sid).body)
	golden(t, "bindings_page", c.get(all+"?BindingType=twilsock&Identity=bob").body)
}

func TestBindings(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	all := "/v1/Services/" + c.service() + "/Bindings"
	fcm := c.post(credentialsPath, "Type", "fcm", "Secret", "s").text("sid")
	first := c.device("fcm", "ada", "1", fcm)
	c.device("fcm", "bob", "2", fcm)
	c.device("twilsock", "ada", "3", "")
	endpoints := func(query string) (s string) {
		list, _ := c.get(all + query).field("bindings").([]any)
		for _, b := range list {
			s += b.(map[string]any)["endpoint"].(string)
		}
		return s
	}
	for query, want := range map[string]string{
		"": "123", "?BindingType=FCM": "12", "?BindingType=fcm&BindingType=twilsock": "123", "?Identity=ada": "13",
		"?Identity=ada&Identity=bob": "123", "?Identity=Ada": "", "?BindingType=twilsock&Identity=bob": "", "?PageSize=2": "12",
	} {
		if got := endpoints(query); got != want {
			t.Errorf("%q lists %q, want %q", query, got, want)
		}
	}
	next := c.get(all + "?Identity=ada&PageSize=1").text("meta.next_page_url")
	if !strings.Contains(next, "?Identity=ada&PageSize=1&Page=1&") || c.get(next).field("bindings").([]any)[0].(map[string]any)["endpoint"] != "3" {
		t.Errorf("the next page is %s", next)
	}
	c.refused(c.do("GET", all+"?BindingType=pigeon", nil), 400, 20001, "Invalid value for parameter BindingType")
	// A device that registers again has the same binding.
	if again := c.device("fcm", "carol", "1", fcm); again != first || c.get(all+"/"+first).text("identity") != "carol" {
		t.Errorf("registered again as %s", again)
	}
	foreign := c.as(foreignSID, authToken)
	for _, path := range []string{all, all + "/" + first, "/v1/Services/" + foreign.service() + "/Bindings/" + first} {
		foreign.refused(foreign.do("GET", path, nil), 404, 20404, "")
		if path != all {
			foreign.refused(foreign.do("DELETE", path, nil), 404, 20404, "")
		}
	}
	c.del(all + "/" + first)
	c.refused(c.do("GET", all+"/"+first, nil), 404, 20404, "")
	c.refused(c.do("POST", all, nil), 405, 20004, "")
}

func TestBindingRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	fcm := c.post(credentialsPath, "Type", "fcm", "Secret", "s").text("sid")
	theirs := c.as(foreignSID, authToken).post(credentialsPath, "Type", "fcm", "Secret", "s").text("sid")
	for _, r := range []struct {
		p    conversations.CreateBindingParams
		want string
	}{
		{conversations.CreateBindingParams{BindingType: "fcm", Endpoint: "x", CredentialSID: fcm}, "50204"},
		{conversations.CreateBindingParams{Identity: "ada", BindingType: "pigeon", Endpoint: "x", CredentialSID: fcm}, "binding_type"},
		{conversations.CreateBindingParams{Identity: "ada", BindingType: "fcm", CredentialSID: fcm}, "endpoint"},
		{conversations.CreateBindingParams{Identity: "ada", BindingType: "fcm", Endpoint: "x"}, "credential_sid"},
		{conversations.CreateBindingParams{Identity: "ada", BindingType: "twilsock", Endpoint: "x", CredentialSID: fcm}, "credential_sid"},
		{conversations.CreateBindingParams{Identity: "ada", BindingType: "apn", Endpoint: "x", CredentialSID: fcm}, "credential_sid"},
		{conversations.CreateBindingParams{Identity: "ada", BindingType: "fcm", Endpoint: "x", CredentialSID: theirs}, "credential_sid"},
		{conversations.CreateBindingParams{Identity: "ada", BindingType: "fcm", Endpoint: "x", CredentialSID: fcm, MessageTypes: []string{"all"}}, "message_types"},
		{conversations.CreateBindingParams{Identity: "ada", BindingType: "twilsock", Endpoint: strings.Repeat("ü", 1025)}, "1025 characters"},
	} {
		if _, err := c.register(r.p); err == nil || !strings.Contains(err.Error(), r.want) {
			t.Errorf("CreateBinding(%+v) = %v, want an error with %s", r.p, err, r.want)
		}
	}
}
