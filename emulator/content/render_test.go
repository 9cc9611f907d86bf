package content

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func types(name, fields string) map[string]json.RawMessage {
	return map[string]json.RawMessage{name: json.RawMessage(fields)}
}

func TestRender(t *testing.T) {
	t.Parallel()
	text := func(body string) map[string]json.RawMessage {
		fields, _ := json.Marshal(map[string]string{"body": body})
		return types("twilio/text", string(fields))
	}
	for name, c := range map[string]struct {
		template  Template
		variables map[string]string
		want      string
	}{
		"variables":             {Template{Types: text("Your {{1}} code is {{2}}")}, map[string]string{"1": "Acme", "2": "42"}, "Your Acme code is 42"},
		"a sample for one":      {Template{Types: text("{{1}} {{ name }}"), Variables: map[string]string{"name": "Ada", "1": "x"}}, map[string]string{"1": "Hi"}, "Hi Ada"},
		"a value is no text":    {Template{Types: text("{{1}}")}, map[string]string{"1": "{{2}}", "2": "no"}, "{{2}}"},
		"no placeholder at all": {Template{Types: text("{1} {{1")}, nil, "{1} {{1"},
		"the richest type": {Template{Types: map[string]json.RawMessage{
			"twilio/text": json.RawMessage(`{"body":"plain"}`), "twilio/quick-reply": json.RawMessage(`{"body":"with buttons"}`),
			"twilio/carousel": json.RawMessage(`{"body":"not for conversations"}`)}}, nil, "with buttons"},
		"a card":           {Template{Types: types("twilio/card", `{"title":"Card {{1}}","subtitle":"below"}`)}, map[string]string{"1": "one"}, "Card one\nbelow"},
		"a place":          {Template{Types: types("twilio/location", `{"label":"Here"}`)}, nil, "Here"},
		"an unknown field": {Template{Types: types("twilio/text", `{"body":"Hi","media":7}`)}, nil, "Hi"},
	} {
		got, err := c.template.render(c.variables, Conversational())
		if err != nil || got.Body == nil || *got.Body != c.want {
			t.Errorf("%s: %+v, %v, want %q", name, got, err, c.want)
		}
	}
}

func TestRenderWithoutText(t *testing.T) {
	t.Parallel()
	got, err := (Template{Types: types("twilio/media", `{"media":["https://x/{{1}}.png"]}`)}).render(map[string]string{"1": "a"}, Conversational())
	if err != nil || got.Body != nil || !reflect.DeepEqual(got.MediaURLs, []string{"https://x/a.png"}) {
		t.Errorf("a template of a file renders %+v, %v", got, err)
	}
}

func TestRenderButtons(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of, fields string
		body       string
		want       []Button
	}{
		"quick replies": {"twilio/quick-reply", `{"body":"Well?","actions":[{"title":"Yes {{1}}","id":"yes_{{1}}"},{"title":"No"}]}`, "Well?",
			[]Button{{Text: "Yes A", Payload: "yes_A"}, {Text: "No"}}},
		"links": {"twilio/call-to-action", `{"body":"Go","actions":[{"type":"URL","title":"Shop","url":"https://x/{{1}}"},{"type":"PHONE_NUMBER","title":"Call","phone":"+1555"}]}`, "Go",
			[]Button{{Text: "Shop", Link: "https://x/A"}, {Text: "Call", Link: "tel:+1555"}}},
		"a list": {"twilio/list-picker", `{"body":"Pick","button":"Open","items":[{"id":"s","item":"Small","description":"30 cm"}]}`, "Pick",
			[]Button{{Text: "Small", Payload: "s", Option: true, Description: "30 cm"}}},
		"a carousel": {"twilio/carousel", `{"body":"See","cards":[{"title":"One","body":"first","media":"https://x","actions":[{"type":"QUICK_REPLY","title":"Buy","id":"b"}]}]}`,
			"See\nOne\nfirst", []Button{{Text: "Buy", Payload: "b"}}},
		"a password": {"whatsapp/authentication", `{"add_security_recommendation":true,"actions":[{"type":"COPY_CODE","copy_code_text":"Copy"}]}`,
			"A is your verification code. For your security, do not share this code.", []Button{{Text: "Copy"}}},
	} {
		got, err := (Template{Types: types(c.of, c.fields)}).render(map[string]string{"1": "A"}, AllTypes())
		if err != nil || got.Body == nil || *got.Body != c.body || !reflect.DeepEqual(got.Buttons, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestRenderRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		template Template
		want     error
	}{
		"no type for the product":    {Template{Types: types("twilio/flows", `{}`)}, ErrType},
		"no value and no sample":     {Template{Types: types("twilio/text", `{"body":"{{1}}"}`)}, ErrVariables},
		"an empty sample":            {Template{Types: types("twilio/text", `{"body":"{{1}}"}`), Variables: map[string]string{"1": ""}}, ErrVariables},
		"a placeholder without name": {Template{Types: types("twilio/text", `{"body":"{{}}"}`)}, ErrVariables},
		"far more than what was sent": {Template{Types: types("twilio/text", `{"body":"`+strings.Repeat("{{1}}", 300)+`"}`),
			Variables: map[string]string{"1": strings.Repeat("x", 1600)}}, ErrTooManyVariables},
		"a button without a variable": {Template{Types: types("twilio/quick-reply", `{"body":"x","actions":[{"title":"{{1}}"}]}`)}, ErrVariables},
	} {
		if _, err := c.template.render(nil, Conversational()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestParseVariables(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]error{
		"": nil, "{}": nil, `{"1":"Ada's"}`: nil, `{"1":"a    b"}`: nil,
		"Ada": ErrVariables, `["Ada"]`: ErrVariables, `{"1":2}`: ErrVariables, `{"1":null}`: ErrVariables, "null": ErrVariables, `{"1":""}`: ErrVariables,
		`{"1":"a\nb"}`: ErrVariables, `{"1":"a\tb"}`: ErrVariables, `{"1":"a     b"}`: ErrVariables,
		`{"` + strings.Repeat("k", 17) + `":"Ada"}`: ErrKeyTooLong, `{"1":"` + strings.Repeat("v", 257) + `"}`: ErrValueTooLong,
		`{"1":"Ada"}` + strings.Repeat(" ", 27801): ErrTooManyVariables,
	} {
		if _, err := ParseVariables(sent, 256); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%.40q: %v, want %v", sent, err, want)
		}
	}
}

// Accepted variables are within the limits and leave no placeholder in a template.
func FuzzParseVariables(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"1":"Ada"}`, `{"1":null}`, `{"1":2}`, `[]`, `null`, `{"1":"\ud800"}`, `{"1":"{{1}}"}`, `{"1":"a"}{}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		variables, err := ParseVariables(sent, 256)
		if err != nil {
			return
		}
		for key, value := range variables {
			if utf8.RuneCountInString(key) > maxVariableKey || utf8.RuneCountInString(value) > 256 || value == "" {
				t.Fatalf("%q: accepted %q: %q", sent, key, value)
			}
			got, err := (Template{Types: types("twilio/text", `{"body":"<{{1}}>"}`)}).render(map[string]string{"1": value}, AllTypes())
			if err != nil || *got.Body != "<"+value+">" {
				t.Fatalf("%q renders as %+v, %v", value, got, err)
			}
		}
	})
}

// A template that is accepted renders, or is refused with one of the package's reasons.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{`{"language":"en","types":{"twilio/text":{"body":"{{1}}"}},"variables":{"1":"x"}}`,
		`{"language":"en","types":{"twilio/card":{"title":"x","actions":[{"type":"URL","title":"y"}],"items":7}}}`,
		`{"language":"en","types":{"twilio/carousel":{"body":"x","cards":[{"body":"{{","media":"m","actions":[{"type":"URL","title":"}}"}]}]}}}`,
		`{"language":"en","types":{"twilio/location":{"latitude":1e308,"longitude":-0,"label":null}}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		var p Params
		if json.Unmarshal([]byte(sent), &p) != nil {
			return
		}
		var made Template
		if made.apply(p) != nil {
			return
		}
		if _, err := made.render(nil, AllTypes()); err != nil && !errors.Is(err, ErrVariables) {
			t.Fatalf("%q: %v", sent, err)
		}
	})
}
