package conversations

import (
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Limits of ContentVariables, in characters. Reference, Conversations API 11.
const (
	maxVariables        = 100
	maxVariableKey      = 16
	maxVariableValue    = 256
	maxContentVariables = 27801
)

// placeholder is where a variable stands in a template: {{1}}, {{name}}.
var placeholder = regexp.MustCompile(`\{\{\s*([^{}\s]+)\s*\}\}`)

// render makes the text of a message from a template of its account. Errors: 50526 for a template that is not there,
// 50527, 50529, 50540–50542.
func (m *messageDoc) render(tx store.Tx, p MessageParams) error {
	variables, err := parseVariables(twilio.Value(p.ContentVariables))
	if err != nil {
		return err
	}
	c, err := contents.Get(tx, store.Key(m.AccountSID, *p.ContentSid))
	if errors.Is(err, store.ErrNotFound) {
		return errContentSID
	}
	if err != nil {
		return err
	}
	m.ContentSID = &c.SID
	m.Body, err = c.render(variables)
	return err
}

// RenderContent makes the text of a template of an account, with variables as a JSON object; nil when the template is
// nothing but a file. Errors: as of a message with ContentSid.
func (a *API) RenderContent(tx store.Tx, accountSID, contentSID, variables string) (*string, error) {
	m := messageDoc{Message: Message{AccountSID: accountSID}}
	err := m.render(tx, MessageParams{ContentSid: &contentSID, ContentVariables: &variables})
	return m.Body, err
}

// render fills the richest type that Conversations can send; nil when that has no text. A placeholder without a value
// stays as it is.
func (c Content) render(variables map[string]string) (*string, error) {
	for i := len(contentTypes) - 1; i >= 0; i-- {
		fields, ok := c.Types[contentTypes[i]]
		if !ok {
			continue
		}
		t, err := parseTemplate(fields)
		if err != nil || t.text() == nil {
			return nil, err
		}
		filled := placeholder.ReplaceAllStringFunc(*t.text(), func(found string) string {
			name := strings.TrimSpace(found[2 : len(found)-2])
			for _, values := range []map[string]string{variables, c.Variables} {
				if value, ok := values[name]; ok {
					return value
				}
			}
			return found
		})
		return &filled, nil
	}
	return nil, errContentType
}

// parseVariables reads ContentVariables: a JSON object whose values are texts, or nothing.
func parseVariables(sent string) (map[string]string, error) {
	if sent == "" {
		return nil, nil
	}
	if utf8.RuneCountInString(sent) > maxContentVariables {
		return nil, errContentVariablesTooLong
	}
	var values map[string]*string
	if err := json.Unmarshal([]byte(sent), &values); err != nil || values == nil {
		return nil, errContentVariables
	}
	if len(values) > maxVariables {
		return nil, errContentVariablesTooLong
	}
	variables := make(map[string]string, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		switch value := values[key]; {
		case value == nil:
			return nil, errContentVariables
		case utf8.RuneCountInString(key) > maxVariableKey:
			return nil, errContentKeyTooLong
		case utf8.RuneCountInString(*value) > maxVariableValue:
			return nil, errContentValueTooLong
		default:
			variables[key] = *value
		}
	}
	return variables, nil
}
