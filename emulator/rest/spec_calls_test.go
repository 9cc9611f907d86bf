package rest_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// names of the parameters that an operation documents, without those of the path and the page.
func (o specOperation) names() (names []string) {
	for _, p := range append(slices.Clone(o.Parameters), o.shared...) {
		if p.Value.In != "path" && p.Value.Name != "PageToken" {
			names = append(names, p.Value.Name)
		}
	}
	for name := range o.form() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// form is the documented form: name and whether it is required.
func (o specOperation) form() map[string]bool {
	fields := map[string]bool{}
	if o.RequestBody == nil {
		return fields
	}
	schema := o.RequestBody.Value.Content.Get("application/x-www-form-urlencoded").Schema.Value
	for name := range schema.Properties {
		fields[name] = slices.Contains(schema.Required, name)
	}
	return fields
}

// calls are the variants of an operation, cut down to what it documents; one without parameters when there is none.
func (o specOperation) calls() []variant {
	documented := o.names()
	var list []variant
	for _, v := range variants[o.key()] {
		var own variant
		for i := 0; i < len(v); i += 2 {
			if slices.Contains(documented, v[i]) {
				own = append(own, v[i], v[i+1])
			}
		}
		list = append(list, own)
	}
	if list == nil {
		list = []variant{nil}
	}
	return list
}

// send makes one call.
func (w *specWorld) send(t *testing.T, op specOperation, v variant) reply {
	t.Helper()
	path, c := w.path(t, op.path), w.tester
	var query, form []string
	for i := 0; i < len(v); i += 2 {
		name, value := v[i], w.value(v[i+1])
		switch {
		case name == hook:
			c = c.with(name, value)
		case op.method == "POST":
			form = append(form, name, value)
		default:
			query = append(query, url.QueryEscape(name)+"="+url.QueryEscape(value))
		}
	}
	if query != nil {
		path += "?" + strings.Join(query, "&")
	}
	if op.method == "POST" {
		return c.try(path, form...)
	}
	return c.do(op.method, path, nil)
}

// Every operation takes every parameter that it documents, answers in the sealed shape, and shows what it was sent.
func TestEveryOperationWithEveryParameter(t *testing.T) {
	t.Parallel()
	for _, op := range operations(loadSpec(t)) {
		t.Run(op.id, func(t *testing.T) {
			t.Parallel()
			sent := map[string]bool{}
			for i, v := range op.calls() {
				w := newSpecWorld(t)
				if target, ok := targets[op.key()]; ok {
					w.vars[target[0]] = w.vars[target[1]]
				}
				r := w.send(t, op, v)
				if r.status >= 400 {
					t.Fatalf("variant %d: %d %s", i, r.status, r.body)
				}
				validate(t, op, r.status, r.body)
				for j := 0; j < len(v); j += 2 {
					sent[v[j]] = true
					if op.method == "POST" && notEchoed[op.key()+" "+v[j]] == "" && v[j] != hook && !shows(r.body, w.value(v[j+1])) {
						t.Errorf("variant %d: the answer does not show %s = %s: %s", i, v[j], w.value(v[j+1]), r.body)
					}
				}
			}
			for _, name := range op.names() {
				if code := onlyRefused[op.key()+" "+name]; code != 0 {
					w := newSpecWorld(t)
					if r := w.send(t, op, variant{name, "+15550001111"}); r.status/100 != 4 || r.field("code") != float64(code) {
						t.Errorf("%s: %d %s, want %d", name, r.status, r.body, code)
					}
					continue
				}
				if !sent[name] {
					t.Errorf("no variant sends %s", name)
				}
			}
		})
	}
}

// onlyRefused are parameters that the fixture's participant, a phone with its pair, cannot take: every value is refused, with this
// code. Group texting has tests of its own.
var onlyRefused = map[string]int{
	"POST /Conversations/{ConversationSid}/Participants/{Sid} Identity":                          50444,
	"POST /Conversations/{ConversationSid}/Participants/{Sid} MessagingBinding.ProjectedAddress": 50443,
}

// targets are operations that need another resource than the fixture's: the deletion of a service cannot be that of the
// default one.
var targets = map[string][2]string{"DELETE /Services/{Sid}": {"/Services/{Sid}", "$emptyService"}}

// shows reports whether a value stands somewhere in a JSON body, as a text, number or boolean, in any case.
func shows(body []byte, value string) bool {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return false
	}
	var search func(any) bool
	search = func(v any) bool {
		switch v := v.(type) {
		case map[string]any:
			for _, item := range v {
				if search(item) {
					return true
				}
			}
		case []any:
			return slices.ContainsFunc(v, search)
		default:
			return strings.EqualFold(fmt.Sprint(v), value)
		}
		return false
	}
	return search(v)
}

// What each operation answers to a caller without credentials, with wrong ones, of another account, with ids that do not
// exist, without a required parameter, and with an unknown word for each enumeration.
func TestEveryOperationRefuses(t *testing.T) {
	t.Parallel()
	for _, op := range operations(loadSpec(t)) {
		t.Run(op.id, func(t *testing.T) {
			t.Parallel()
			w := newSpecWorld(t)
			v := op.calls()[0]
			mine := w.tester
			w.tester = mine.as("", "")
			w.refused(w.send(t, op, v), 401, 20003, "Authenticate")
			w.tester = mine.as(accountSID, "wrong")
			w.refused(w.send(t, op, v), 401, 20003, "Authenticate")
			w.tester = mine
			if strings.Contains(op.path, "{") {
				w.tester = mine.as(foreignSID, authToken)
				w.refused(w.send(t, op, v), 404, 20404, "")
				w.tester = mine
				known := w.vars
				w.vars = map[string]string{}
				for name, value := range known {
					w.vars[name] = value
					if !strings.HasPrefix(name, "$") {
						w.vars[name] = value[:2] + strings.Repeat("0", 32)
					}
				}
				w.refused(w.send(t, op, v), 404, 20404, "The requested resource "+strings.TrimPrefix(w.path(t, op.path), "/v1")+" was not found")
				w.vars = known
			}
			for name, required := range op.form() {
				if required {
					r := w.send(t, op, without(v, name))
					if r.status != 400 || r.field("code") == nil {
						t.Errorf("without %s: %d %s", name, r.status, r.body)
					}
				}
			}
			for name, values := range op.enums() {
				if i := slices.Index(v, name); i >= 0 && len(values) > 0 {
					wrong := slices.Clone(v)
					wrong[i+1] = "no-such-word"
					if r := w.send(t, op, wrong); r.status != 400 || r.field("code") == nil {
						t.Errorf("%s = no-such-word: %d %s", name, r.status, r.body)
					}
				}
			}
		})
	}
}

// enums are the parameters that take one of a few words.
func (o specOperation) enums() map[string][]any {
	found := map[string][]any{}
	for _, p := range o.Parameters {
		if s := p.Value.Schema.Value; len(s.Enum) > 0 {
			found[p.Value.Name] = s.Enum
		}
	}
	if o.RequestBody != nil {
		for name, p := range o.RequestBody.Value.Content.Get("application/x-www-form-urlencoded").Schema.Value.Properties {
			if len(p.Value.Enum) > 0 {
				found[name] = p.Value.Enum
			}
		}
	}
	return found
}

func without(v variant, name string) (rest variant) {
	for i := 0; i < len(v); i += 2 {
		if v[i] != name {
			rest = append(rest, v[i], v[i+1])
		}
	}
	return rest
}
