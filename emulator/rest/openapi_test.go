package rest_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// openAPI loads Twilio's description of the Conversations API, which is not ours to keep: it is read from the folder
// TWILIO_OAI, and the test is skipped, saying so, where there is none.
func openAPI(t *testing.T) *openapi3.T {
	t.Helper()
	folder := os.Getenv("TWILIO_OAI")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "spec")
	}
	file := filepath.Join(folder, "twilio_conversations_v1.json")
	if _, err := os.Stat(file); err != nil {
		t.Skipf("SKIPPED, NOTHING WAS CHECKED: Twilio's OpenAPI file is not at %s; set TWILIO_OAI to its folder", file)
	}
	description, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range description.Paths.Map() {
		for _, operation := range item.Operations() {
			for _, response := range operation.Responses.Map() {
				for _, content := range response.Value.Content {
					seal(content.Schema)
				}
			}
		}
	}
	return description
}

// seal makes a schema strict: an object with described properties must have all of them and no other.
func seal(ref *openapi3.SchemaRef) {
	if ref == nil || ref.Value == nil {
		return
	}
	schema := ref.Value
	seal(schema.Items)
	if len(schema.Properties) == 0 {
		return
	}
	no := false
	schema.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
	schema.Required = slices.Sorted(maps.Keys(schema.Properties))
	for _, property := range schema.Properties {
		seal(property)
	}
}

// sample is one request to an operation, with everything that the operation documents.
type sample struct {
	method string
	// template is the operation's path in Twilio's description, path the one that is requested, with the query.
	template, path string
	form           []string
	status         int
}

// conform sends a sample and holds its answer against the description.
func (c *tester) conform(description *openapi3.T, s sample) reply {
	c.t.Helper()
	operation := description.Paths.Value(s.template).GetOperation(s.method)
	complete(c.t, operation, s)
	var r reply
	if s.method == http.MethodPost {
		r = c.try(s.path, s.form...)
	} else {
		r = c.do(s.method, s.path, nil)
	}
	response := operation.Responses.Value(strconv.Itoa(s.status))
	if r.status != s.status || response == nil {
		c.t.Errorf("%s %s: status %d %s, want %d", s.method, s.template, r.status, r.body, s.status)
		return r
	}
	content := response.Value.Content.Get("application/json")
	if content == nil {
		if len(r.body) != 0 {
			c.t.Errorf("%s %s: body %s, want none", s.method, s.template, r.body)
		}
		return r
	}
	var body any
	if err := json.Unmarshal(r.body, &body); err != nil {
		c.t.Fatalf("%s %s: %v", s.method, s.template, err)
	}
	if err := content.Schema.Value.VisitJSON(body, openapi3.MultiErrors()); err != nil {
		c.t.Errorf("%s %s: %v", s.method, s.template, err)
	}
	return r
}

// complete makes sure that a sample sends every parameter that is documented. Where a list continues is for its tests.
func complete(t *testing.T, operation *openapi3.Operation, s sample) {
	t.Helper()
	_, raw, _ := strings.Cut(s.path, "?")
	sent, err := url.ParseQuery(raw)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(s.form); i += 2 {
		sent.Add(s.form[i], s.form[i+1])
	}
	for _, p := range operation.Parameters {
		if p.Value.In == "query" && p.Value.Name != "Page" && p.Value.Name != "PageToken" && !sent.Has(p.Value.Name) {
			t.Errorf("%s %s: the sample does not send %s", s.method, s.template, p.Value.Name)
		}
	}
	if operation.RequestBody == nil {
		return
	}
	for name := range operation.RequestBody.Value.Content.Get("application/x-www-form-urlencoded").Schema.Value.Properties {
		if !sent.Has(name) {
			t.Errorf("%s %s: the sample does not send %s", s.method, s.template, name)
		}
	}
}

// The judge itself: a property too few or too many is seen.
func TestSealedSchemas(t *testing.T) {
	t.Parallel()
	schema := openAPI(t).Paths.Value("/v1/Credentials/{Sid}").Get.Responses.Status(200).Value.Content.Get("application/json").Schema.Value
	whole := func() map[string]any {
		return map[string]any{"sid": "CR0123456789abcdef0123456789abcdef", "account_sid": accountSID, "friendly_name": nil, "type": "apn",
			"sandbox": "True", "date_created": "2026-11-23T17:00:00Z", "date_updated": "2026-11-23T17:00:00Z", "url": "https://example.com"}
	}
	if err := schema.VisitJSON(whole()); err != nil {
		t.Errorf("a whole body: %v", err)
	}
	for name, spoil := range map[string]func(map[string]any){
		"one too few":  func(b map[string]any) { delete(b, "sandbox") },
		"one too many": func(b map[string]any) { b["secret"] = "x" },
		"a wrong SID":  func(b map[string]any) { b["sid"] = "CR1" },
		"a wrong type": func(b map[string]any) { b["sandbox"] = true },
		"a wrong name": func(b map[string]any) { b["type"] = "pigeon" },
		"a wrong date": func(b map[string]any) { b["date_created"] = "yesterday" },
	} {
		body := whole()
		spoil(body)
		if schema.VisitJSON(body) == nil {
			t.Errorf("%s was not seen", name)
		}
	}
}
