package rest_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/fixtures/readme"
)

// specProduct is one of Twilio's products, by its OpenAPI file.
type specProduct struct {
	name, file string
	// prefix begins its paths in the routes; below is the part of a path that all its chapters share.
	prefix, below string
}

// specProducts are the products whose OpenAPI files are known, Conversations first.
var specProducts = []specProduct{
	{"Conversations", "twilio_conversations_v1.json", "", "/v1/"},
	{"Accounts and messages", "twilio_api_v2010.json", "", "/2010-04-01/Accounts/{AccountSid}/"},
	{"Messaging services", "twilio_messaging_v1.json", "/messaging", "/v1/"},
	{"Content", "twilio_content_v1.json", "/content", "/v1/"},
	{"Studio", "twilio_studio_v2.json", "/studio", "/v2/"},
	{"Flex", "twilio_flex_v1.json", "/flex-api", "/v1/"},
	{"TaskRouter", "twilio_taskrouter_v1.json", "/taskrouter", "/v1/"},
}

// productNotes say what an emulated operation does where that is not simply "as documented", by method and path.
var productNotes = map[string]string{
	"POST /v1/Content":      "JSON, as all of this product; the fields that a type must have are checked",
	"PUT /v1/Content/{Sid}": "not after it was submitted (inferred)",
	"POST /v1/Content/{ContentSid}/ApprovalRequests/whatsapp":                "approved after the switch template_approval, or by hand",
	"GET /v1/LegacyContent":                                                  "always empty",
	"GET /2010-04-01/Accounts.json":                                          "the account that has logged in: there are no subaccounts",
	"GET /2010-04-01/Accounts/{Sid}.json":                                    "active and Full",
	"POST /2010-04-01/Accounts/{Sid}.json":                                   "another name; the status stays active",
	"GET /2010-04-01/Accounts/{AccountSid}/Balance.json":                     "always the same: nothing costs anything",
	"GET /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json":        "the numbers that are registered as senders of SMS",
	"GET /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/Mobile.json": "none: registered numbers are local or toll-free",
	"POST /2010-04-01/Accounts/{AccountSid}/Keys.json":                       "every key is a main key",
	"POST /2010-04-01/Accounts/{AccountSid}/SigningKeys.json":                "the same as Keys",
	"POST /2010-04-01/Accounts/{AccountSid}/Messages.json":                   "WhatsApp, and SMS from registered numbers",
	"POST /v1/Services":                                                      "StatusCallback and InboundRequestUrl hold for its messages; the rest is kept",
	"DELETE /v1/Services/{Sid}":                                              "the default service is refused (409)",
	"GET /v1/Services/{MessagingServiceSid}/ChannelSenders":                  "the sandbox number is not among them",
	"POST /v2/Flows": "kept, not run",
}

// routed are the operations that are emulated, without .json: in XML they have another path.
func routed(t *testing.T) map[string]bool {
	t.Helper()
	set := map[string]bool{}
	for _, operation := range newAPI(t, nil).handler.(*rest.API).Operations() {
		set[strings.TrimSuffix(operation, ".json")] = true
	}
	return set
}

// operations lists the operations of a product by path and method, without all else that its file says of them: it is large.
func (p specProduct) operations(t *testing.T) (list []specOperation) {
	t.Helper()
	text, err := os.ReadFile(specFile(t, p.file))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for path, item := range file.Paths {
		for _, method := range []string{"DELETE", "GET", "POST", "PUT"} {
			if item[strings.ToLower(method)] != nil {
				list = append(list, specOperation{method: method, path: path})
			}
		}
	}
	slices.SortFunc(list, func(a, b specOperation) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.method, b.method))
	})
	return list
}

// route is an operation as routed has it.
func (p specProduct) route(op specOperation) string {
	return strings.TrimSuffix(op.method+" "+p.prefix+rest.Anonymous(op.path), ".json")
}

// chapter is the first part of a path that tells operations apart: Messages, Calls.
func (p specProduct) chapter(path string) string {
	rest, ok := strings.CutPrefix(path, p.below)
	if !ok {
		return "Accounts"
	}
	first, _, _ := strings.Cut(rest, "/")
	return strings.TrimSuffix(first, ".json")
}

// Every route of a product is one of Twilio's operations.
func TestRoutesOfEveryProductAreTwiliosOperations(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, p := range specProducts {
		for _, op := range p.operations(t) {
			known[p.route(op)] = true
		}
	}
	for operation := range routed(t) {
		_, path, _ := strings.Cut(operation, " ")
		if !known[operation] && !beyondTheSpec[operation] && !withoutSpec.MatchString(path) {
			t.Errorf("%s is routed but no operation of Twilio's", operation)
		}
	}
}

// withoutSpec are the paths that no OpenAPI file has: the files of messages, typing indicators, and the old name of messages, which is
// refused.
var withoutSpec = regexp.MustCompile(`^/(mcs|media|mms)/|^/messaging/v2/Indicators/|^/2010-04-01/Accounts/{}/SMS/Messages`)

// What is not emulated is refused, and recorded as unhandled, so that a scenario that causes it fails.
func TestWhatIsNotEmulatedIsRecordedAsUnhandled(t *testing.T) {
	t.Parallel()
	emulated := routed(t)
	variable := regexp.MustCompile(`{[^}]*}`)
	c := newAPI(t, nil)
	log := traffic.NewLog(traffic.Config{Keep: 5000})
	c.handler = log.Handler(c.handler)
	for _, p := range specProducts {
		for _, op := range p.operations(t) {
			if emulated[p.route(op)] {
				continue
			}
			path := strings.ReplaceAll(op.path, "{AccountSid}", accountSID)
			path = p.prefix + variable.ReplaceAllString(path, "XX0123456789abcdef0123456789abcdef")
			r := c.do(op.method, "http://localhost"+path, nil)
			last := log.List(log.Seq()-1, 0)
			if r.status != http.StatusNotFound && r.status != http.StatusMethodNotAllowed || len(last) != 1 || last[0].Unhandled == "" {
				t.Errorf("%s %s: %d, and recorded as %+v", op.method, path, r.status, last)
			}
		}
	}
}

// The tables of the other products in the emulator's README are made from their OpenAPI files and the routes.
func TestReadmeListsEveryProduct(t *testing.T) {
	t.Parallel()
	emulated := routed(t)
	var summary, tables strings.Builder
	summary.WriteString("| product | emulated | not emulated |\n|---|---|---|\n")
	for i, p := range specProducts {
		list := p.operations(t)
		count, missing := 0, map[string]int{}
		var rows strings.Builder
		for path, methods := range p.byPath(list, emulated) {
			if len(methods) > 0 {
				fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", path, strings.Join(methods, ", "), p.note(path, methods))
			}
		}
		for _, op := range list {
			if emulated[p.route(op)] {
				count++
			} else {
				missing[p.chapter(op.path)]++
			}
		}
		var chapters []string
		for _, chapter := range slices.Sorted(maps.Keys(missing)) {
			chapters = append(chapters, fmt.Sprintf("%s (%d)", chapter, missing[chapter]))
		}
		fmt.Fprintf(&summary, "| %s, `%s` | %d of %d | %s |\n", p.name, strings.TrimSuffix(p.file, ".json"), count, len(list), cmp.Or(strings.Join(chapters, ", "), "–"))
		if i > 0 && count > 0 { // Conversations has a table of its own
			fmt.Fprintf(&tables, "\n| %s | | |\n|---|---|---|\n%s", p.name, rows.String())
		}
	}
	readme.Check(t, filepath.Join("..", "README.md"), "products", summary.String()+tables.String(), *update)
}

// byPath yields the paths of a product in their order, with the methods that are emulated.
func (p specProduct) byPath(list []specOperation, emulated map[string]bool) func(func(string, []string) bool) {
	var paths []string
	methods := map[string][]string{}
	for _, op := range list {
		if !slices.Contains(paths, op.path) {
			paths = append(paths, op.path)
		}
		if emulated[p.route(op)] {
			methods[op.path] = append(methods[op.path], op.method)
		}
	}
	return func(yield func(string, []string) bool) {
		for _, path := range paths {
			if !yield(path, methods[path]) {
				return
			}
		}
	}
}

// note says what is particular about the emulated operations of a path.
func (p specProduct) note(path string, methods []string) string {
	var notes []string
	for _, method := range methods {
		if note := productNotes[method+" "+path]; note != "" && (p.prefix != "" || strings.HasPrefix(path, "/2010-04-01/")) {
			notes = append(notes, note)
		}
	}
	return strings.Join(notes, "; ")
}

// What accounts, keys, numbers and messaging services answer has the sealed shape of Twilio's files.
func TestAccountsAndServicesConform(t *testing.T) {
	t.Parallel()
	api, messaging := loadSpecFile(t, "twilio_api_v2010.json"), loadSpecFile(t, "twilio_messaging_v1.json")
	c := newMessaging(t, nil)
	number, err := c.api.CreateSender(t.Context(), conversations.Sender{AccountSID: accountSID, Address: "+13115552399"})
	if err != nil {
		t.Fatal(err)
	}
	channel, err := c.api.FindSender(t.Context(), ownSender)
	if err != nil {
		t.Fatal(err)
	}
	key := c.post(accountPath+"/Keys.json", "FriendlyName", "k").text("sid")
	signing := c.post(accountPath+"/SigningKeys.json", "FriendlyName", "k").text("sid")
	service := c.post(servicesPath, "FriendlyName", "s").text("sid")
	const account = "/2010-04-01/Accounts/{AccountSid}"
	whole := []string{"FriendlyName", "Desk", "InboundRequestUrl", "https://example.com/in", "InboundMethod", "GET", "FallbackUrl", "https://example.com/f",
		"FallbackMethod", "GET", "StatusCallback", "https://example.com/status", "StickySender", "false", "MmsConverter", "false", "SmartEncoding", "false",
		"ScanMessageContent", "disable", "FallbackToLongCode", "false", "AreaCodeGeomatch", "false", "ValidityPeriod", "60", "SynchronousValidation", "true",
		"Usecase", "marketing", "UseInboundWebhookOnNumber", "true"}
	for _, call := range []struct {
		method, template, sid string
		form                  []string
	}{
		{"GET", "/2010-04-01/Accounts.json", "", nil},
		{"GET", "/2010-04-01/Accounts/{Sid}.json", accountSID, nil},
		{"POST", "/2010-04-01/Accounts/{Sid}.json", accountSID, []string{"FriendlyName", "Acme", "Status", "active"}},
		{"GET", account + "/Balance.json", "", nil},
		{"GET", account + "/IncomingPhoneNumbers.json", "", nil},
		{"GET", account + "/IncomingPhoneNumbers/Local.json", "", nil},
		{"GET", account + "/IncomingPhoneNumbers/{Sid}.json", number.SID, nil},
		{"GET", account + "/Keys.json", "", nil},
		{"POST", account + "/Keys.json", "", []string{"FriendlyName", "another"}},
		{"GET", account + "/Keys/{Sid}.json", key, nil},
		{"POST", account + "/Keys/{Sid}.json", key, []string{"FriendlyName", "renamed"}},
		{"DELETE", account + "/Keys/{Sid}.json", key, nil},
		{"GET", account + "/SigningKeys.json", "", nil},
		{"POST", account + "/SigningKeys.json", "", []string{"FriendlyName", "another"}},
		{"GET", account + "/SigningKeys/{Sid}.json", signing, nil},
		{"POST", account + "/SigningKeys/{Sid}.json", signing, []string{"FriendlyName", "renamed"}},
		{"DELETE", account + "/SigningKeys/{Sid}.json", signing, nil},
		{"GET", "/v1/Services", "", nil},
		{"POST", "/v1/Services", "", whole},
		{"GET", "/v1/Services/{Sid}", service, nil},
		{"POST", "/v1/Services/{Sid}", service, whole},
		{"POST", "/v1/Services/{ServiceSid}/PhoneNumbers", "", []string{"PhoneNumberSid", number.SID}},
		{"GET", "/v1/Services/{ServiceSid}/PhoneNumbers", "", nil},
		{"GET", "/v1/Services/{ServiceSid}/PhoneNumbers/{Sid}", number.SID, nil},
		{"DELETE", "/v1/Services/{ServiceSid}/PhoneNumbers/{Sid}", number.SID, nil},
		{"POST", "/v1/Services/{MessagingServiceSid}/ChannelSenders", "", []string{"Sid", channel.SID}},
		{"GET", "/v1/Services/{MessagingServiceSid}/ChannelSenders", "", nil},
		{"GET", "/v1/Services/{MessagingServiceSid}/ChannelSenders/{Sid}", channel.SID, nil},
		{"DELETE", "/v1/Services/{MessagingServiceSid}/ChannelSenders/{Sid}", channel.SID, nil},
		{"DELETE", "/v1/Services/{Sid}", service, nil},
	} {
		spec, host := api, "https://api.twilio.com"
		if strings.HasPrefix(call.template, "/v1/") {
			spec, host = messaging, "https://messaging.twilio.com"
		}
		op := specOperation{id: call.method + " " + call.template, method: call.method, path: call.template,
			Operation: spec.Paths.Value(call.template).GetOperation(call.method)}
		for name := range op.form() {
			if !slices.Contains(call.form, name) {
				t.Errorf("%s: the test does not send %s", op.id, name)
			}
		}
		path := host + strings.NewReplacer("{AccountSid}", accountSID, "{ServiceSid}", service, "{MessagingServiceSid}", service, "{Sid}", call.sid).Replace(call.template)
		r := c.do(call.method, path, nil)
		if call.method == "POST" {
			r = c.try(path, call.form...)
			for i := 1; i < len(call.form); i += 2 {
				if !shows(r.body, call.form[i]) {
					t.Errorf("%s: the answer does not show %s: %s", op.id, call.form[i-1], r.body)
				}
			}
		}
		if r.status >= 300 {
			t.Errorf("%s: %d %s", op.id, r.status, r.body)
			continue
		}
		validate(t, op, r.status, r.body)
	}
}
