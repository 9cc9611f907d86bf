package rest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/twilio/twilio-go/client"
	contentsdk "github.com/twilio/twilio-go/rest/content/v1"

	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const contentHost = "https://content.twilio.com"

// json sends a body of JSON.
func (c *tester) json(method, path string, body any) reply {
	c.t.Helper()
	text, ok := body.(string)
	if !ok {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		text = string(b)
	}
	return c.with("Content-Type", "application/json").do(method, path, strings.NewReader(text))
}

const order = `{"friendly_name":"order","language":"pt_BR","variables":{"1":"4711"},"types":{"twilio/text":{"body":"Order {{1}}"},
	"twilio/quick-reply":{"body":"Order {{1}}: is it there?","actions":[{"type":"QUICK_REPLY","title":"Yes","id":"yes"}]}}}`

// Every operation of Twilio's OpenAPI file is routed and answers in the sealed shape.
func TestContentConforms(t *testing.T) {
	t.Parallel()
	spec := loadSpecFile(t, "twilio_content_v1.json")
	c := newAPI(t, nil)
	routed := map[string]bool{}
	for _, have := range c.handler.(*rest.API).Operations() {
		if strings.Contains(have, " /content/v1/") {
			routed[strings.Replace(have, " /content", " ", 1)] = true
		}
	}
	for _, op := range operations(spec) {
		if key := op.method + " " + rest.Anonymous(op.path); routed[key] {
			delete(routed, key)
		} else {
			t.Errorf("%s is not emulated", key)
		}
	}
	if len(routed) > 0 {
		t.Errorf("routes that Twilio does not have: %v", routed)
	}
	judge := func(method, template string, status int, r reply) reply {
		t.Helper()
		if r.status != status {
			t.Fatalf("%s %s: %d %s, want %d", method, template, r.status, r.body, status)
		}
		validate(t, specOperation{id: method + " " + template, method: method, Operation: spec.Paths.Value(template).GetOperation(method)}, status, r.body)
		return r
	}
	made := judge("POST", "/v1/Content", 201, c.json("POST", contentHost+"/v1/Content", order))
	golden(t, "content", made.body)
	self, sid := made.text("url"), made.text("sid")
	judge("GET", "/v1/Content/{Sid}", 200, c.do("GET", self, nil))
	judge("PUT", "/v1/Content/{Sid}", 200, c.json("PUT", self, `{"types":{"twilio/text":{"body":"Parcel {{1}}"}}}`))
	judge("GET", "/v1/Content/{Sid}/ApprovalRequests", 200, c.do("GET", made.text("links.approval_fetch"), nil))
	submitted := judge("POST", "/v1/Content/{ContentSid}/ApprovalRequests/whatsapp", 201,
		c.json("POST", made.text("links.approval_create"), `{"name":"order_1","category":"UTILITY"}`))
	golden(t, "content_approval", submitted.body)
	golden(t, "content_approval_fetched", judge("GET", "/v1/Content/{Sid}/ApprovalRequests", 200, c.do("GET", made.text("links.approval_fetch"), nil)).body)
	for _, list := range []string{"/v1/Content", "/v1/ContentAndApprovals", "/v1/LegacyContent"} {
		judge("GET", list, 200, c.do("GET", contentHost+list+"?PageSize=1", nil))
	}
	if got := judge("DELETE", "/v1/Content/{Sid}", 204, c.do("DELETE", self, nil)); len(got.body) > 0 {
		t.Errorf("the deletion answers %s", got.body)
	}
	c.refused(c.do("GET", contentHost+"/v1/Content/"+sid, nil), 404, 20404, "The requested resource /Content/"+sid+" was not found")
}

// Every type of Twilio's file is taken with the fields that it must have, and refused without each of them, and with another word for
// an enumeration.
func TestContentTypes(t *testing.T) {
	t.Parallel()
	spec := loadSpecFile(t, "twilio_content_v1.json")
	c := newAPI(t, nil)
	try := func(name string, fields any) reply {
		return c.json("POST", contentHost+"/v1/Content", map[string]any{"language": "en", "types": map[string]any{name: fields}})
	}
	for name, schema := range spec.Components.Schemas["types"].Value.Properties {
		whole := sample(schema.Value, "").(map[string]any)
		if r := try(name, whole); r.status != 201 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
		for field, wrong := range spoilt(schema.Value, whole) {
			if r := try(name, wrong); r.status != 400 || r.field("code") != float64(20001) || !strings.Contains(r.text("message"), field) {
				t.Errorf("%s, with %s wrong: %d %s", name, field, r.status, r.body)
			}
		}
	}
}

// sample is the least value that a schema takes; of an object the field without is left out.
func sample(s *openapi3.Schema, without string) any {
	switch {
	case s.Type.Is("array"):
		return []any{sample(s.Items.Value, "")}
	case s.Type.Is("object"):
		object := map[string]any{}
		for _, name := range s.Required {
			if name != without {
				object[name] = sample(s.Properties[name].Value, "")
			}
		}
		return object
	case s.Type.Is("number"):
		return 1
	case s.Type.Is("boolean"):
		return true
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	return "x"
}

// spoilt are values that an object's schema does not take, by the field that is wrong.
func spoilt(s *openapi3.Schema, whole map[string]any) map[string]any {
	wrong := map[string]any{}
	for _, name := range s.Required {
		wrong[name] = sample(s, name)
	}
	for name, p := range s.Properties {
		if !p.Value.Type.Is("array") || !p.Value.Items.Value.Type.Is("object") {
			continue
		}
		items := p.Value.Items.Value
		for _, required := range items.Required {
			changed := map[string]any{name: []any{sample(items, required)}}
			for other, value := range whole {
				if other != name {
					changed[other] = value
				}
			}
			wrong[required] = changed
		}
	}
	return wrong
}

func TestContentRefusesWhatTwilioRefuses(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	const text = `"types":{"twilio/text":{"body":"Hi {{1}}"}}`
	many := make([]string, 101)
	for i := range many {
		many[i] = `"` + strings.Repeat("k", i%9+1) + string(rune('a'+i%26)) + string(rune('a'+i/26)) + `":"x"`
	}
	for name, r := range map[string]struct {
		body string
		code int
	}{
		"nothing":                   {``, 92003},
		"no language":               {`{` + text + `}`, 92003},
		"an unknown language":       {`{"language":"English (US)",` + text + `}`, 92004},
		"no types":                  {`{"language":"en"}`, 20001},
		"types that are null":       {`{"language":"en","types":{"twilio/text":null}}`, 20001},
		"an unknown type":           {`{"language":"en","types":{"twilio/poem":{}}}`, 20001},
		"a type that is no object":  {`{"language":"en","types":{"twilio/text":"Hi"}}`, 20001},
		"a body that is no text":    {`{"language":"en","types":{"twilio/text":{"body":1}}}`, 20001},
		"a name that is no text":    {`{"language":"en","friendly_name":7,` + text + `}`, 20001},
		"no JSON":                   {`language=en`, 20001},
		"a list":                    {`[]`, 20001},
		"a sample that is null":     {`{"language":"en","variables":{"1":null},` + text + `}`, 92007},
		"a variable with a blank":   {`{"language":"en","variables":{"a b":"x"},` + text + `}`, 92007},
		"too many variables":        {`{"language":"en","variables":{` + strings.Join(many, ",") + `},` + text + `}`, 92002},
		"a sample that is too long": {`{"language":"en","variables":{"1":"` + strings.Repeat("x", 1601) + `"},` + text + `}`, 92002},
		"eleven options": {`{"language":"en","types":{"twilio/quick-reply":{"body":"x","actions":[` +
			strings.TrimSuffix(strings.Repeat(`{"title":"x"},`, 11), ",") + `]}}}`, 20001},
		"a friendly name that is too long": {`{"language":"en","friendly_name":"` + strings.Repeat("x", 513) + `",` + text + `}`, 20001},
		"a body that is too long":          {`{"language":"en","types":{"twilio/text":{"body":"` + strings.Repeat("x", 1601) + `"}}}`, 20001},
		"a URL that is too long":           {`{"language":"en","types":{"twilio/media":{"media":["https://x/` + strings.Repeat("x", 2048) + `"]}}}`, 20001},
		"eleven files":                     {`{"language":"en","types":{"twilio/media":{"media":["x"` + strings.Repeat(`,"x"`, 10) + `]}}}`, 20001},
		"much that nobody reads":           {`{"language":"en","types":{"twilio/text":{"body":"x","more":"` + strings.Repeat("x", 128<<10) + `"}}}`, 20001},
		"a place north of the pole":        {`{"language":"en","types":{"twilio/location":{"latitude":90.1,"longitude":0}}}`, 20001},
		"a place beyond the date line":     {`{"language":"en","types":{"twilio/location":{"latitude":0,"longitude":-180.1}}}`, 20001},
	} {
		if got := c.json("POST", contentHost+"/v1/Content", r.body); got.status != 400 || got.field("code") != float64(r.code) {
			t.Errorf("%s: %d %s, want %d", name, got.status, got.body, r.code)
		}
	}
	c.refused(c.try(contentHost+"/v1/Content", "language", "en"), 400, 92003, "") // a form has no parameters here
	c.refused(c.as(accountSID, "wrong").json("POST", contentHost+"/v1/Content", order), 401, 20003, "Authenticate")
}

// A template is submitted once, approved an hour later on the clock of this test, and seen by its own account only.
func TestApprovals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	made := c.want(2, c.json("POST", contentHost+"/v1/Content", order))
	fetch, submit := made.text("links.approval_fetch"), made.text("links.approval_create")
	status := func(want string) {
		t.Helper()
		if got := c.get(fetch); got.text("whatsapp.status") != want {
			t.Errorf("the approval is %s, want %s", got.body, want)
		}
	}
	status("unsubmitted")
	for name, r := range map[string]string{
		"no name": `{"category":"UTILITY"}`, "no category": `{"name":"x"}`, "a name with capitals": `{"name":"Order","category":"UTILITY"}`,
		"an unknown category": `{"name":"x","category":"FUN"}`,
	} {
		if got := c.json("POST", submit, r); got.status != 400 || got.field("code") != float64(20001) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	c.want(2, c.json("POST", submit, `{"name":"order_1","category":"MARKETING","allow_category_change":false}`))
	status("received")
	c.refused(c.json("POST", submit, `{"name":"order_2","category":"UTILITY"}`), 400, 92009, "")
	c.refused(c.json("PUT", made.text("url"), order), 400, 20001, "")
	c.advance("30m")
	status("pending")
	c.advance("30m")
	status("approved")
	if got := c.get(fetch); got.text("whatsapp.category") != "MARKETING" || got.text("whatsapp.content_type") != "twilio/quick-reply" ||
		got.field("whatsapp.allow_category_change") != false {
		t.Errorf("approved: %s", got.body)
	}
	foreign := c.as(foreignSID, authToken)
	for _, r := range []reply{foreign.do("GET", made.text("url"), nil), foreign.do("GET", fetch, nil), foreign.json("POST", submit, `{"name":"x","category":"UTILITY"}`),
		foreign.do("DELETE", made.text("url"), nil), foreign.json("PUT", made.text("url"), order)} {
		foreign.refused(r, 404, 20404, "")
	}
}

// The sandbox's templates are there from the start, approved, with their samples; all through twilio-go, page by page.
func TestContentThroughTwilioGo(t *testing.T) {
	t.Parallel()
	c := newMessaging(t, nil)
	requester := &client.Client{Credentials: client.NewCredentials(c.user, c.password), HTTPClient: &http.Client{Transport: inMemory(c.t, c.handler)}}
	requester.SetAccountSid(c.user)
	sdk := contentsdk.NewApiServiceWithClient(requester)
	made, err := sdk.CreateContent((&contentsdk.CreateContentParams{}).SetContentCreateRequest(contentsdk.ContentCreateRequest{FriendlyName: "card", Language: "en",
		Variables: map[string]string{"1": "Ada"}, Types: contentsdk.Types{TwilioCard: &contentsdk.TwilioCard{Title: "Hi {{1}}",
			Actions: []contentsdk.CardAction{{Type: "QUICK_REPLY", Title: "Yes", Id: "y"}}}}}))
	if err != nil || *made.FriendlyName != "card" {
		t.Fatalf("created %+v, %v", made, err)
	}
	if _, err := sdk.CreateApprovalCreate(*made.Sid, (&contentsdk.CreateApprovalCreateParams{}).SetContentApprovalRequest(
		contentsdk.ContentApprovalRequest{Name: "card", Category: "UTILITY"})); err != nil {
		t.Error(err)
	}
	if a, err := sdk.FetchApprovalFetch(*made.Sid); err != nil || *a.Sid != *made.Sid {
		t.Errorf("the approval is %+v, %v", a, err)
	}
	list, err := sdk.ListContentAndApprovals((&contentsdk.ListContentAndApprovalsParams{}).SetPageSize(1))
	if err != nil || len(list) != 4 {
		t.Fatalf("the list is %+v, %v", list, err)
	}
	i := slices.IndexFunc(list, func(t contentsdk.ContentV1ContentAndApprovals) bool { return *t.Sid == whatsapp.TemplateAppointment })
	b, err := json.Marshal(list[i])
	if err != nil || !strings.Contains(string(b), `"status":"approved"`) || !strings.Contains(string(b), `"variables":{"1":"12/1","2":"3pm"}`) {
		t.Errorf("the appointment template is %s, %v", b, err)
	}
	if legacy, err := sdk.ListLegacyContent(nil); err != nil || len(legacy) != 0 {
		t.Errorf("legacy templates: %+v, %v", legacy, err)
	}
	if err := sdk.DeleteContent(*made.Sid); err != nil {
		t.Error(err)
	}
	if _, err := sdk.FetchContent(*made.Sid); err == nil {
		t.Error("a deleted template can be fetched")
	}
}
