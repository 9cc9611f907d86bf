package conversations

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Content is a template of Twilio's Content API, as far as messages of conversations need it. Accounts are given theirs
// by seeds and by the control API.
type Content struct {
	AccountSID   string `json:"account_sid"`
	SID          string `json:"sid"`
	FriendlyName string `json:"friendly_name"`
	Language     string `json:"language"`
	// Variables are the values of placeholders that a message does not fill: {"1": "Ada"} for {{1}}.
	Variables map[string]string `json:"variables"`
	// Types are the forms of the template by name ("twilio/text"), each a JSON object with a body, title or label in
	// which placeholders may stand.
	Types       map[string]json.RawMessage `json:"types"`
	DateCreated time.Time                  `json:"date_created"`
	DateUpdated time.Time                  `json:"date_updated"`
}

// contents stand under Key(account, SID): Twilio's own templates have the same SIDs in every account.
var contents = store.NewTable[Content]("content")

// contentTypes are the types that Conversations can send, the simplest first: a message takes the richest that its
// template has. Twilio's page of error 50542.
var contentTypes = []string{"twilio/text", "twilio/media", "twilio/location", "twilio/quick-reply", "twilio/call-to-action",
	"twilio/list-picker", "twilio/card"}

// CreateContent keeps a template. Its SID is made when it is empty; Language is "en" by default. The error is an
// *invalid.Error when the template is wrong or exists already.
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

// DeleteContent removes a template of an account, or returns a 404. Messages that were made from it stay.
func (a *API) DeleteContent(ctx context.Context, accountSID, contentSID string) error {
	return a.update(ctx, func(tx store.Tx) error { return contents.Delete(tx, store.Key(accountSID, contentSID)) })
}

// ListContents returns the templates of an account by SID.
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

// check says in a person's words what is wrong with a template.
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

// template is what a message can say of a type: the first of these that it has.
type template struct {
	Body, Title, Label *string
}

func parseTemplate(fields json.RawMessage) (t template, err error) {
	if !json.Valid(fields) || !bytes.HasPrefix(bytes.TrimSpace(fields), []byte("{")) {
		return t, invalid.Errorf("it must be a JSON object")
	}
	if err := json.Unmarshal(fields, &t); err != nil {
		return t, invalid.Errorf("body, title and label must be texts: %w", err)
	}
	return t, nil
}

// text is the text in which placeholders stand; nil for a template that is nothing but a file.
func (t template) text() *string {
	for _, s := range []*string{t.Body, t.Title, t.Label} {
		if s != nil {
			return s
		}
	}
	return nil
}
