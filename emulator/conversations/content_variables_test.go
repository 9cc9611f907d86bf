package conversations

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

func TestRender(t *testing.T) {
	t.Parallel()
	text := func(body string) map[string]json.RawMessage {
		fields, _ := json.Marshal(map[string]string{"body": body})
		return map[string]json.RawMessage{"twilio/text": fields}
	}
	for _, c := range []struct {
		content   Content
		variables map[string]string
		want      string
	}{
		{Content{Types: text("Your {{1}} code is {{2}}")}, map[string]string{"1": "Acme", "2": "42"}, "Your Acme code is 42"},
		{Content{Types: text("{{1}} {{ name }} {{ 3 }}"), Variables: map[string]string{"name": "Ada", "1": "x"}}, map[string]string{"1": "Hi"}, "Hi Ada {{ 3 }}"},
		{Content{Types: text("{{1}}")}, map[string]string{"1": "{{2}}", "2": "no"}, "{{2}}"},
		{Content{Types: text("{{1}} {{}} {1} {{1")}, map[string]string{"1": "", "": "no"}, " {{}} {1} {{1"},
		{Content{Types: map[string]json.RawMessage{
			"twilio/text": json.RawMessage(`{"body":"plain"}`), "twilio/quick-reply": json.RawMessage(`{"body":"with buttons"}`),
			"twilio/carousel": json.RawMessage(`{"body":"not for conversations"}`)}}, nil, "with buttons"},
		{Content{Types: map[string]json.RawMessage{"twilio/card": json.RawMessage(`{"title":"Card {{1}}"}`)}}, map[string]string{"1": "one"}, "Card one"},
		{Content{Types: map[string]json.RawMessage{"twilio/location": json.RawMessage(`{"label":"Here"}`)}}, nil, "Here"},
	} {
		got, err := c.content.render(c.variables)
		if err != nil || got == nil || *got != c.want {
			t.Errorf("render(%s, %v) = %v, %v, want %q", c.content.Types, c.variables, got, err, c.want)
		}
	}
	if got, err := (Content{Types: map[string]json.RawMessage{"twilio/media": json.RawMessage(`{"media":["https://x"]}`)}}).render(nil); got != nil || err != nil {
		t.Errorf("a template without text renders %v, %v", got, err)
	}
	var refused *twilio.Error
	if _, err := (Content{Types: map[string]json.RawMessage{"twilio/flows": json.RawMessage(`{}`)}}).render(nil); !errors.As(err, &refused) || refused.Code != 50542 {
		t.Errorf("an unsupported type renders with %v", err)
	}
}

// Accepted variables are within the limits and leave no placeholder in a template.
func FuzzContentVariables(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"1":"Ada"}`, `{"1":null}`, `{"1":2}`, `[]`, `null`, `{"1":"\ud800"}`, `{"1":"{{1}}"}`, `{"1":"a"}{}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		variables, err := parseVariables(sent)
		var refused *twilio.Error
		if err != nil {
			if !errors.As(err, &refused) || refused.Status != 400 {
				t.Fatalf("%q: %v is not Twilio's error", sent, err)
			}
			return
		}
		for key, value := range variables {
			if utf8.RuneCountInString(key) > maxVariableKey || utf8.RuneCountInString(value) > maxVariableValue {
				t.Fatalf("%q: accepted %q: %q", sent, key, value)
			}
			got, err := (Content{Types: map[string]json.RawMessage{"twilio/text": json.RawMessage(`{"body":"<{{1}}>"}`)}}).render(map[string]string{"1": value})
			if err != nil || *got != "<"+value+">" {
				t.Fatalf("%q renders as %v, %v", value, got, err)
			}
		}
	})
}

// Attributes are stored unchanged or refused.
func FuzzAttributes(f *testing.F) {
	for _, seed := range []string{"", "{}", "null", `{"a":1}`, "{", `"` + strings.Repeat("x", 5000) + `"`, "\x00", " {} "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		kept := "{}"
		err := setAttributes(&kept, &sent, maxAttributes)
		var refused *twilio.Error
		switch {
		case err == nil && sent == "" && kept != "{}", err == nil && sent != "" && kept != sent:
			t.Fatalf("%q was kept as %q", sent, kept)
		case err == nil && (!json.Valid([]byte(kept)) || len(kept) > maxAttributes):
			t.Fatalf("%q was accepted", sent)
		case err != nil && (!errors.As(err, &refused) || refused.Code != 50303 && refused.Code != 50304 || kept != "{}"):
			t.Fatalf("%q: %v, kept %q", sent, err, kept)
		}
	})
}
