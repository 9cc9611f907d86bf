package rest_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

// specOperation is one operation of Twilio's OpenAPI file.
type specOperation struct {
	id, method, path string
	*openapi3.Operation
	shared openapi3.Parameters // parameters of the path
}

// key names an operation in the tables of these tests: without version and service, so that both forms share
// it.
func (o specOperation) key() string {
	return o.method + " " + strings.TrimPrefix(strings.TrimPrefix(o.path, "/v1"), "/Services/{ChatServiceSid}")
}

// loadSpec reads Twilio's OpenAPI file of Conversations.
func loadSpec(t *testing.T) *openapi3.T {
	t.Helper()
	return loadSpecFile(t, "twilio_conversations_v1.json")
}

// loadSpecFile reads one of Twilio's OpenAPI files, which are not part of this repository. Without it the test is skipped,
// and in CI it fails.
func loadSpecFile(t *testing.T, name string) *openapi3.T {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromFile(specFile(t, name))
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range operations(spec) { // before the tests share it
		for _, response := range op.Responses.Map() {
			for _, content := range response.Value.Content {
				closeSchema(content.Schema)
			}
		}
	}
	return spec
}

// specFile returns the path of one of Twilio's OpenAPI files.
func specFile(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("TWILIO_OAI")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "spec")
	}
	file := filepath.Join(folder, name)
	if _, err := os.Stat(file); err != nil {
		text := "NOT TESTED against Twilio's OpenAPI file: set TWILIO_OAI to the folder with " + name + " (" + err.Error() + ")"
		if os.Getenv("CLOUDFORGOT_CI") != "" {
			t.Fatal(text)
		}
		t.Skip(text)
	}
	return file
}

// operations lists the file's operations by path and method.
func operations(spec *openapi3.T) []specOperation {
	var list []specOperation
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			list = append(list, specOperation{op.OperationID, method, path, op, item.Parameters})
		}
	}
	slices.SortFunc(list, func(a, b specOperation) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.method, b.method))
	})
	return list
}

// No operation of Twilio's is missing, and there is none that Twilio has not.
func TestRoutesAreTwiliosOperations(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	want := map[string]bool{}
	for _, op := range operations(loadSpec(t)) {
		want[op.method+" "+rest.Anonymous(op.path)] = false
	}
	if len(want) != 103 {
		t.Errorf("the OpenAPI file has %d operations; this project counts on 103", len(want))
	}
	for _, have := range c.handler.(*rest.API).Operations() {
		if _, path, _ := strings.Cut(have, " "); !strings.HasPrefix(path, "/v1/") {
			continue // another product
		}
		if seen, known := want[have]; (!known || seen) && !beyondTheSpec[have] {
			t.Errorf("%s is routed but no operation of Twilio's, or twice", have)
		}
		want[have] = true
	}
	for operation, routed := range want {
		if !routed {
			t.Errorf("%s is not emulated", operation)
		}
	}
}

// beyondTheSpec are routes that Twilio's answers link to but its file does not describe.
var beyondTheSpec = map[string]bool{
	"GET /v1/Conversations/{}/Messages/{}/ChannelMetadata":             true,
	"GET /v1/Services/{}/Conversations/{}/Messages/{}/ChannelMetadata": true,
}

// closeSchema makes a schema strict: every property is required and there is no other. Twilio's files are lax: an empty object
// passes them.
func closeSchema(s *openapi3.SchemaRef) {
	if s == nil || s.Value == nil {
		return
	}
	closed := false
	if len(s.Value.Properties) > 0 {
		s.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: &closed}
		s.Value.Required = nil
		for name, p := range s.Value.Properties {
			s.Value.Required = append(s.Value.Required, name)
			if name == "method" && p.Ref != "" { // the file's own example of a service without webhooks has null
				p.Value.Nullable, p.Value.Enum = true, append(p.Value.Enum, nil)
			}
			closeSchema(p)
		}
	}
	closeSchema(s.Value.Items)
}

// validate holds a body against the sealed schema of an operation's answer.
func validate(t *testing.T, op specOperation, status int, body []byte) {
	t.Helper()
	response := op.Responses.Status(status)
	if response == nil {
		t.Errorf("%s: status %d is not documented: %s", op.id, status, body)
		return
	}
	content := response.Value.Content.Get("application/json")
	if content == nil {
		if len(body) != 0 {
			t.Errorf("%s: %d has a body: %s", op.id, status, body)
		}
		return
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Errorf("%s: %d %q is not JSON: %v", op.id, status, body, err)
		return
	}
	if err := content.Schema.Value.VisitJSON(v); err != nil {
		t.Errorf("%s: %v\n%s", op.id, err, body)
	}
}
