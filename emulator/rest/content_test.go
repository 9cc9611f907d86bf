package rest_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

const contentSID = "HX0123456789abcdef0123456789abcdef"

// seed gives the account a template of one type.
func (c *tester) seed(contentSID, of, fields string) {
	c.t.Helper()
	_, err := c.api.CreateContent(c.t.Context(), conversations.Content{AccountSID: c.user, SID: contentSID, FriendlyName: of,
		Types: map[string]json.RawMessage{of: json.RawMessage(fields)}})
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
	if got := c.post(messages, "ContentSid", contentSID, "ContentVariables", ""); got.text("body") != "Your appointment is coming up on {{1}} at {{2}}" {
		t.Errorf("without variables: %s", got.body)
	}
	if got := c.post(messages, "Body", "plain"); got.field("content_sid") != nil || got.text("body") != "plain" {
		t.Errorf("without a template: %s", got.body)
	}
}

func TestContentRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.seed(contentSID, "twilio/text", `{"body":"Hi {{1}}"}`)
	const carousel = "HX1123456789abcdef0123456789abcdef"
	c.seed(carousel, "twilio/carousel", `{"body":"Hi {{1}}"}`)
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

func TestContents(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	ctx := t.Context()
	text := map[string]json.RawMessage{"twilio/text": json.RawMessage(`{"body":"Hi"}`)}
	c.seed(contentSID, "twilio/text", `{"body":"Hi"}`)
	for _, r := range []struct {
		content conversations.Content
		want    string
	}{
		{conversations.Content{AccountSID: accountSID, SID: "HX1", Types: text}, "HX1"},
		{conversations.Content{AccountSID: accountSID, SID: contentSID, Types: text}, "already"},
		{conversations.Content{AccountSID: "AC1", Types: text}, "AC1 does not exist"},
		{conversations.Content{AccountSID: accountSID}, "no types"},
		{conversations.Content{AccountSID: accountSID, Types: map[string]json.RawMessage{"text": text["twilio/text"]}}, `"text"`},
		{conversations.Content{AccountSID: accountSID, Types: map[string]json.RawMessage{"twilio/text": json.RawMessage(`"Hi"`)}}, "JSON object"},
		{conversations.Content{AccountSID: accountSID, Types: map[string]json.RawMessage{"twilio/text": nil}}, "JSON object"},
		{conversations.Content{AccountSID: accountSID, Types: map[string]json.RawMessage{"twilio/text": json.RawMessage(`{"body":1}`)}}, "body"},
	} {
		if _, err := c.api.CreateContent(ctx, r.content); err == nil || !strings.Contains(err.Error(), r.want) {
			t.Errorf("CreateContent(%+v) = %v, want a text with %q", r.content, err, r.want)
		}
	}
	// The same SID may be there in another account.
	c.as(foreignSID, authToken).seed(contentSID, "twilio/text", `{"body":"Theirs"}`)
	list, err := c.api.ListContents(ctx, accountSID)
	if err != nil || len(list) != 1 || string(list[0].Types["twilio/text"]) != `{"body":"Hi"}` || list[0].Language != "en" {
		t.Errorf("ListContents = %+v, %v", list, err)
	}
	if err := c.api.DeleteContent(ctx, accountSID, contentSID); err != nil {
		t.Error(err)
	}
	if err := c.api.DeleteContent(ctx, accountSID, contentSID); !twilio.IsNotFound(err) {
		t.Errorf("DeleteContent again: %v", err)
	}
	if _, err := c.api.FetchContent(ctx, accountSID, contentSID); !twilio.IsNotFound(err) {
		t.Errorf("FetchContent after the deletion: %v", err)
	}
	if theirs, err := c.api.FetchContent(ctx, foreignSID, contentSID); err != nil || theirs.AccountSID != foreignSID {
		t.Errorf("FetchContent of the other account = %+v, %v", theirs, err)
	}
}
