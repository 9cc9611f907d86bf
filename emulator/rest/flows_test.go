package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/twilio/twilio-go/client"
	studiosdk "github.com/twilio/twilio-go/rest/studio/v2"
)

func (c *tester) studioSDK() *studiosdk.ApiService {
	requester := &client.Client{Credentials: client.NewCredentials(c.user, c.password), HTTPClient: &http.Client{Transport: inMemory(c.t, c.handler)}}
	requester.SetAccountSid(c.user)
	return studiosdk.NewApiServiceWithClient(requester)
}

// The whole life of a flow, through twilio-go.
func TestFlowsThroughTwilioGo(t *testing.T) {
	t.Parallel()
	sdk := newAPI(t, nil).studioSDK()
	var sids []string
	for _, name := range []string{"Welcome", "Goodbye"} {
		made, err := sdk.CreateFlow((&studiosdk.CreateFlowParams{}).SetFriendlyName(name).SetStatus("draft").
			SetDefinition(map[string]any{"initial_state": "Trigger", "states": []any{map[string]any{"name": "Trigger", "type": "trigger"}}}))
		if err != nil {
			t.Fatal(err)
		}
		if *made.FriendlyName != name || *made.Status != "draft" || made.Revision != 1 || !*made.Valid || made.DateUpdated != nil {
			t.Errorf("created %+v", made)
		}
		sids = append(sids, *made.Sid)
	}
	updated, err := sdk.UpdateFlow(sids[0], (&studiosdk.UpdateFlowParams{}).SetStatus("published").SetCommitMessage("live"))
	if err != nil || *updated.Status != "published" || updated.Revision != 2 || *updated.CommitMessage != "live" || *updated.FriendlyName != "Welcome" {
		t.Errorf("updated %+v, %v", updated, err)
	}
	fetched, err := sdk.FetchFlow(sids[0])
	if err != nil || fetched.Revision != 2 || (*fetched.Definition).(map[string]any)["initial_state"] != "Trigger" {
		t.Errorf("fetched %+v, %v", fetched, err)
	}
	list, err := sdk.ListFlow((&studiosdk.ListFlowParams{}).SetPageSize(1)) // through all pages
	if err != nil || len(list) != 2 || *list[0].Sid != sids[0] || list[0].Definition != nil {
		t.Errorf("list %+v, %v", list, err)
	}
	if err := sdk.DeleteFlow(sids[0]); err != nil {
		t.Error(err)
	}
	if _, err := sdk.FetchFlow(sids[0]); err == nil {
		t.Error("a deleted flow can be fetched")
	}
}

// Every operation on flows, judged by Twilio's OpenAPI file, on the host of Studio and by its path; and what is refused.
func TestFlowsConform(t *testing.T) {
	t.Parallel()
	spec := loadSpecFile(t, "twilio_studio_v2.json")
	c := newAPI(t, nil)
	judge := func(method, template string, status int, r reply) reply {
		t.Helper()
		if r.status != status {
			t.Fatalf("%s %s: status %d, want %d: %s", method, template, r.status, status, r.body)
		}
		validate(t, specOperation{id: method + template, method: method, path: template,
			Operation: spec.Paths.Value(template).GetOperation(method)}, r.status, r.body)
		return r
	}
	for _, base := range []string{"https://studio.twilio.com", "http://127.0.0.1:4155/studio"} {
		form := []string{"FriendlyName", "Welcome", "Status", "published", "Definition", `{"initial_state": "Trigger"}`}
		made := judge("POST", "/v2/Flows", 201, c.try(base+"/v2/Flows", form...))
		one := base + "/v2/Flows/" + made.text("sid")
		if made.text("url") != one || made.text("links.executions") != one+"/Executions" {
			t.Errorf("url %q, links %v; want those under %s", made.text("url"), made.field("links"), one)
		}
		judge("GET", "/v2/Flows/{Sid}", 200, c.do("GET", one, nil))
		judge("POST", "/v2/Flows/{Sid}", 200, c.try(one, "Status", "draft", "FriendlyName", "Later"))
		page := judge("GET", "/v2/Flows", 200, c.do("GET", base+"/v2/Flows?PageSize=1", nil))
		if page.text("meta.key") != "flows" || page.text("meta.first_page_url") != base+"/v2/Flows?PageSize=1&Page=0" {
			t.Errorf("meta = %v", page.field("meta"))
		}
		c.refused(c.as(foreignSID, authToken).do("GET", one, nil), 404, 20404, "")
		judge("DELETE", "/v2/Flows/{Sid}", 204, c.do("DELETE", one, nil))
		c.refused(c.do("GET", one, nil), 404, 20404, "The requested resource /Flows/"+made.text("sid")+" was not found")
		c.refused(c.do("DELETE", one, nil), 404, 20404, "")
		c.refused(c.try(one, "Status", "draft"), 404, 20404, "")
		for _, name := range []string{"FriendlyName", "CommitMessage"} {
			c.refused(c.try(base+"/v2/Flows", "FriendlyName", "x", "Status", "draft", "Definition", "{}", name, strings.Repeat("x", 1025)), 400, 20001,
				"Invalid value for parameter "+name)
		}
		c.refused(c.try(base+"/v2/Flows", "FriendlyName", "x", "Status", "draft"), 400, 20001, "Missing required parameter Definition in the post body")
		c.refused(c.do("GET", base+"/v2/Flows?PageToken=x", nil), 400, 20001, "")
		c.refused(c.do("DELETE", base+"/v2/Flows", nil), 405, 20004, "")
		c.refused(c.as("", "").do("GET", base+"/v2/Flows", nil), 401, 20003, "")
	}
}
