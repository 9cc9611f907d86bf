package conversations

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Content is a template of Twilio's Content API, with the fields that messages of conversations need.
type Content struct {
	AccountSID   string `json:"account_sid"`
	SID          string `json:"sid"`
	FriendlyName string `json:"friendly_name"`
	Language     string `json:"language"`
	// Variables are the default values of placeholders: {"1": "Ada"} for {{1}}.
	Variables map[string]string `json:"variables"`
	// Types are the variants of the template by name ("twilio/text"). Each is a JSON object with a body, title or label that may
	// have placeholders.
	Types       map[string]json.RawMessage `json:"types"`
	DateCreated time.Time                  `json:"date_created"`
	DateUpdated time.Time                  `json:"date_updated"`
}

// contents have the key Key(account, SID): Twilio's own templates have the same SIDs in every account.
var contents = store.NewTable[Content]("content")

// contentTypes are the types that Conversations can send, simplest first. A message takes the last one that its template has.
// Source: Twilio's page of error 50542.
var contentTypes = []string{"twilio/text", "twilio/media", "twilio/location", "twilio/quick-reply", "twilio/call-to-action",
	"twilio/list-picker", "twilio/card"}

// CreateContent stores a template. An empty SID is generated; Language is "en" by default. The error is an *invalid.Error for a
// malformed template and for one that exists already.
func (a *API) CreateContent(ctx context.Context, c Content) (created Content, err error) {
	err = a.store.Update(ctx, func(tx store.Tx) error {
		created, err = a.AddContent(tx, c)
		return err
	})
	return created, err
}

// AddContent is CreateContent in a transaction.
func (a *API) AddContent(tx store.Tx, c Content) (Content, error) {
	if c.SID == "" {
		c.SID = a.sids.New("HX")
	}
	if c.Language == "" {
		c.Language = "en"
	}
	if err := c.check(); err != nil {
		return Content{}, err
	}
	c.Variables, c.Types = maps.Clone(c.Variables), maps.Clone(c.Types)
	c.DateCreated = a.now()
	c.DateUpdated = c.DateCreated
	if _, err := accounts.Get(tx, c.AccountSID); err != nil {
		return Content{}, orMissing(err, "account %s does not exist", c.AccountSID)
	}
	switch _, err := contents.Get(tx, c.key()); {
	case err == nil:
		return Content{}, invalid.Errorf("account %s has a content template %s already", c.AccountSID, c.SID)
	case !errors.Is(err, store.ErrNotFound):
		return Content{}, err
	}
	return c, contents.Put(tx, c.key(), c)
}

// FetchContent returns a template of an account, or a 404.
func (a *API) FetchContent(ctx context.Context, accountSID, contentSID string) (found Content, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		found, err = contents.Get(tx, store.Key(accountSID, contentSID))
		return err
	})
	return found, err
}

// DeleteContent removes a template of an account, or returns a 404. Messages with its text stay.
func (a *API) DeleteContent(ctx context.Context, accountSID, contentSID string) error {
	return a.update(ctx, func(tx store.Tx) error { return contents.Delete(tx, store.Key(accountSID, contentSID)) })
}

// ListContents returns the templates of an account, in the order of their SIDs.
func (a *API) ListContents(ctx context.Context, accountSID string) (list []Content, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		list = nil
		for c, err := range contents.Each(tx, store.Query{Prefix: store.Prefix(accountSID)}) {
			if err != nil {
				return err
			}
			list = append(list, c)
		}
		return nil
	})
	return list, err
}

func (c Content) key() string { return store.Key(c.AccountSID, c.SID) }

// check refuses a malformed template with an *invalid.Error.
func (c Content) check() error {
	if !sid.Valid(c.SID, "HX") {
		return invalid.Errorf("content SID %q: it must be HX and 32 hexadecimal digits", c.SID)
	}
	if len(c.Types) == 0 {
		return invalid.Errorf(`content %s has no types: give it one, such as {"twilio/text": {"body": "Hi, {{1}}."}}`, c.SID)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Types)) {
		if family, _, ok := strings.Cut(name, "/"); !ok || family == "" {
			return invalid.Errorf("content %s: type %q is not a name such as twilio/text", c.SID, name)
		}
		if _, err := parseTemplate(c.Types[name]); err != nil {
			return fmt.Errorf("content %s, type %s: %w", c.SID, name, err)
		}
	}
	return nil
}

// template is the fields of a type that may be the text of a message, in the order of preference.
type template struct {
	Body, Title, Label *string
}

func parseTemplate(fields json.RawMessage) (t template, err error) {
	if !json.Valid(fields) || !bytes.HasPrefix(bytes.TrimSpace(fields), []byte("{")) {
		return t, invalid.Errorf("it must be a JSON object")
	}
	if err := json.Unmarshal(fields, &t); err != nil {
		return t, invalid.Errorf("body, title and label must be strings: %w", err)
	}
	return t, nil
}

// text returns the text with its placeholders; nil for a template that has media only.
func (t template) text() *string {
	for _, s := range []*string{t.Body, t.Title, t.Label} {
		if s != nil {
			return s
		}
	}
	return nil
}

// Limits of ContentVariables, in characters. Reference, Conversations API 11.
const (
	maxVariables        = 100
	maxVariableKey      = 16
	maxVariableValue    = 256
	maxContentVariables = 27801
)

// placeholder matches the place of a variable in a template: {{1}}, {{name}}.
var placeholder = regexp.MustCompile(`\{\{\s*([^{}\s]+)\s*\}\}`)

// render sets the Body of a message from a template of its account. Errors: 50526 for an unknown template, 50527, 50529,
// 50540–50542.
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

// RenderContent returns the text of a template of an account, with variables as a JSON object; nil for a template that has media
// only. The errors are those of a message with ContentSid.
func (a *API) RenderContent(tx store.Tx, accountSID, contentSID, variables string) (*string, error) {
	m := messageDoc{Message: Message{AccountSID: accountSID}}
	err := m.render(tx, MessageParams{ContentSid: &contentSID, ContentVariables: &variables})
	return m.Body, err
}

// render returns the text of the last of contentTypes that the template has; nil when that type has none. A placeholder without a
// value is left unchanged.
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

// parseVariables reads ContentVariables: an empty text, or a JSON object whose values are strings.
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
