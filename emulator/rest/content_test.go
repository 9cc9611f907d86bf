package rest_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const contentSID = "HX0123456789abcdef0123456789abcdef"

// seed gives the account a template of one type.
func (c *tester) seed(contentSID, of, fields string) {
	c.t.Helper()
	err := c.outbox.Update(c.t.Context(), func(tx store.Tx) error {
		language := "en"
		_, err := c.templates.Add(tx, c.user, contentSID, content.Params{FriendlyName: &of, Language: &language,
			Types: map[string]json.RawMessage{of: json.RawMessage(fields)}})
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func TestContentMessages(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.seed(contentSID, "twilio/text", `{"body":"Your appointment is coming up on {{1}} at {{2}}"}`)
	c.post("/v1/Conversations", "UniqueName", "c")
	const messages = "/v1/Conversations/c/Messages"
	// Body and MediaSid are ignored, even when they are wrong.
	golden(t, "message_content", c.post(messages, "ContentSid", contentSID, "ContentVariables", `{"1":"12/1","2":"3pm"}`,
		"Body", "ignored", "MediaSid", "ME1").body)
	if got := c.post(messages, "Body", "plain"); got.field("content_sid") != nil || got.text("body") != "plain" {
		t.Errorf("without a template: %s", got.body)
	}
}

func TestContentRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.seed(contentSID, "twilio/text", `{"body":"Hi {{1}}"}`)
	const carousel = "HX1123456789abcdef0123456789abcdef"
	c.seed(carousel, "twilio/carousel", `{"body":"Hi {{1}}","cards":[{"body":"x","media":"https://x.example/a.png","actions":[{"type":"QUICK_REPLY","title":"x"}]}]}`)
	c.post("/v1/Conversations", "UniqueName", "c")
	many := map[string]string{}
	for i := range 101 {
		many[strconv.Itoa(i)] = "x"
	}
	tooMany, _ := json.Marshal(many)
	const messages = "/v1/Conversations/c/Messages"
	for _, r := range []struct {
		code int
		form []string
	}{
		{50526, []string{"ContentSid", "HX1"}},
		{50526, []string{"ContentSid", ""}},
		{50526, []string{"ContentSid", "HX" + strings.Repeat("9", 32)}},
		{50527, []string{"ContentSid", contentSID, "ContentVariables", "Ada"}},
		{50527, []string{"ContentSid", contentSID, "ContentVariables", `["Ada"]`}},
		{50527, []string{"ContentSid", contentSID, "ContentVariables", `{"1":2}`}},
		{50527, []string{"ContentSid", contentSID, "ContentVariables", `{"1":null}`}},
		{50527, []string{"ContentSid", contentSID, "ContentVariables", `null`}},
		{50527, []string{"ContentSid", contentSID, "ContentVariables", `{"1":""}`}},
		{50527, []string{"ContentSid", contentSID}}, // neither a value nor a sample
		{50528, []string{"Body", "x", "ContentVariables", `{"1":"Ada"}`}},
		{50529, []string{"ContentSid", contentSID, "ContentVariables", string(tooMany)}},
		{50529, []string{"ContentSid", contentSID, "ContentVariables", `{"1":"Ada"}` + strings.Repeat(" ", 27801)}},
		{50540, []string{"ContentSid", contentSID, "ContentVariables", `{"` + strings.Repeat("k", 17) + `":"Ada"}`}},
		{50541, []string{"ContentSid", contentSID, "ContentVariables", `{"1":"` + strings.Repeat("v", 257) + `"}`}},
		{50542, []string{"ContentSid", carousel}},
	} {
		c.refused(c.try(messages, r.form...), 400, r.code, "")
	}
	if list, _ := c.get(messages).field("messages").([]any); len(list) != 0 {
		t.Errorf("refused requests left %v", list)
	}
	foreign := c.as(foreignSID, authToken)
	foreign.post("/v1/Conversations", "UniqueName", "c")
	foreign.refused(foreign.try(messages, "ContentSid", contentSID), 400, 50526, "Invalid content SID")
}

// A variable that is left out has the template's sample, in Messages and in conversations; an empty one and variables without a template
// are refused.
func TestSamplesOfTemplates(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	if err := c.addSandbox(whatsapp.SettingsParams{}); err != nil {
		t.Fatal(err)
	}
	c.post("/v1/Conversations", "UniqueName", "c")
	for _, api := range []struct {
		path               string
		empty, withoutItem int
	}{
		{"https://api.twilio.com/2010-04-01/Accounts/" + accountSID + "/Messages.json", 21656, 21654},
		{"/v1/Conversations/c/Messages", 50527, 50528},
	} {
		form := func(more ...string) []string {
			if strings.HasPrefix(api.path, "https") {
				more = append(more, "To", ada, "From", sandbox)
			}
			return more
		}
		for variables, want := range map[string]string{
			`{"1":"12/2"}`: "Your appointment is coming up on 12/2 at 3pm", `{"2":"4pm"}`: "Your appointment is coming up on 12/1 at 4pm",
			"": "Your appointment is coming up on 12/1 at 3pm", `{"9":"x"}`: "Your appointment is coming up on 12/1 at 3pm",
		} {
			if got := c.post(api.path, form("ContentSid", whatsapp.TemplateAppointment, "ContentVariables", variables)...); got.text("body") != want {
				t.Errorf("%s with %q: %s, want %q", api.path, variables, got.body, want)
			}
		}
		c.refused(c.try(api.path, form("ContentSid", whatsapp.TemplateAppointment, "ContentVariables", `{"1":"","2":"3pm"}`)...), 400, api.empty, "")
		c.refused(c.try(api.path, form("Body", "x", "ContentVariables", `{"1":"a"}`)...), 400, api.withoutItem, "")
	}
}
