// Package content is the rules of Twilio's Content API: templates, what their types may hold, their approval by WhatsApp, and the
// text, files and buttons that a template becomes with the variables of a message.
//
// It knows no messages: packages conversations and whatsapp call Render, and give what is refused the code that it has with them.
package content

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Template is a Content resource.
type Template struct {
	AccountSID   string `json:"account_sid"`
	SID          string `json:"sid"`
	FriendlyName string `json:"friendly_name"`
	Language     string `json:"language"`
	// Variables are the samples of placeholders: {"1": "Ada"} for {{1}}. A message that leaves a variable out has its sample.
	Variables map[string]string `json:"variables"`
	// Types are the variants of the template by name ("twilio/text"), as they were sent.
	Types       map[string]json.RawMessage `json:"types"`
	DateCreated time.Time                  `json:"date_created"`
	DateUpdated time.Time                  `json:"date_updated"`
}

// templates have the key Key(account, SID): Twilio's own templates have the same SIDs in every account.
var templates = store.NewTable[Template]("content")

// Kinds are the documents of this package.
func Kinds() []store.Kind { return []store.Kind{templates.Kind(), approvals.Kind()} }

// Config of an API. All fields must be set.
type Config struct {
	// Store was opened with Kinds among its kinds.
	Store store.Store
	Clock *clock.Clock
	SIDs  *sid.Source
	// ApprovalTime is the time that WhatsApp takes to approve a template, in a transaction.
	ApprovalTime func(store.Tx) (time.Duration, error)
}

// API is the operations of the Content API. Errors are *twilio.Error, but for those of a context or of the store.
type API struct{ config Config }

// New returns an API.
func New(c Config) *API { return &API{c} }

// Params is the body for creating or updating a template; nil fields were not sent.
type Params struct {
	FriendlyName *string                    `json:"friendly_name,omitempty"`
	Language     *string                    `json:"language,omitempty"`
	Variables    map[string]*string         `json:"variables,omitempty"`
	Types        map[string]json.RawMessage `json:"types,omitempty"`
}

// Create makes a template of an account. Errors: 92003 and 92004 for Language, 92002 and 92007 for Variables, 20001 for Types.
func (a *API) Create(ctx context.Context, accountSID string, p Params) (created Template, err error) {
	err = a.update(ctx, func(tx store.Tx) error {
		created, err = a.Add(tx, accountSID, "", p)
		return err
	})
	return created, err
}

// Add is Create in a transaction, with a SID, or "" for one that is made up. One that the account has already is a conflict, 409.
func (a *API) Add(tx store.Tx, accountSID, templateSID string, p Params) (Template, error) {
	now := a.now()
	if templateSID == "" {
		templateSID = a.config.SIDs.New("HX")
	}
	t := Template{AccountSID: accountSID, SID: templateSID, Variables: map[string]string{}, DateCreated: now, DateUpdated: now}
	if !sid.Valid(templateSID, "HX") {
		return t, twilio.InvalidParameter("sid: it must be HX and 32 hexadecimal digits")
	}
	if p.Language == nil || *p.Language == "" {
		return t, errLanguageMissing
	}
	switch exists, err := templates.Has(tx, t.key()); {
	case err != nil:
		return t, err
	case exists:
		return t, twilio.Conflict("Content " + templateSID + " exists already")
	}
	if err := t.apply(p); err != nil {
		return t, err
	}
	return t, templates.Put(tx, t.key(), t)
}

// Fetch returns a template of an account, or a 404.
func (a *API) Fetch(ctx context.Context, accountSID, templateSID string) (found Template, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		found, err = templates.Get(tx, store.Key(accountSID, templateSID))
		return err
	})
	return found, err
}

// Update replaces what was sent; Types must be. A template that was submitted for approval stays as it is (inferred): 400/20001.
func (a *API) Update(ctx context.Context, accountSID, templateSID string, p Params) (updated Template, err error) {
	err = a.update(ctx, func(tx store.Tx) error {
		if updated, err = templates.Get(tx, store.Key(accountSID, templateSID)); err != nil {
			return err
		}
		switch submitted, err := approvals.Has(tx, updated.key()); {
		case err != nil:
			return err
		case submitted:
			return errSubmittedUpdate
		}
		updated.DateUpdated = a.now()
		if err := updated.apply(p); err != nil {
			return err
		}
		return templates.Put(tx, updated.key(), updated)
	})
	return updated, err
}

// Delete removes a template of an account with its approval, or returns a 404. Messages with its text stay.
func (a *API) Delete(ctx context.Context, accountSID, templateSID string) error {
	key := store.Key(accountSID, templateSID)
	return a.update(ctx, func(tx store.Tx) error {
		if err := store.IgnoreNotFound(approvals.Delete(tx, key)); err != nil {
			return err
		}
		return templates.Delete(tx, key)
	})
}

// List returns a page of the templates of an account, in the order of their SIDs.
func (a *API) List(ctx context.Context, accountSID string, q twilio.PageQuery) (page twilio.Page[Template], err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		page, err = twilio.Listing[Template, Template]{Table: templates, Query: store.Query{Prefix: store.Prefix(accountSID)}}.Page(tx, q)
		return err
	})
	return page, err
}

func (t Template) key() string { return store.Key(t.AccountSID, t.SID) }

// apply checks what was sent and sets it.
func (t *Template) apply(p Params) error {
	if p.Language != nil {
		if !language.MatchString(*p.Language) {
			return errLanguage
		}
		t.Language = *p.Language
	}
	if p.Variables != nil {
		samples, err := checkSamples(p.Variables)
		if err != nil {
			return err
		}
		t.Variables = samples
	}
	if p.FriendlyName != nil {
		if err := checkLength("friendly_name", *p.FriendlyName, maxFriendlyName); err != nil {
			return err
		}
		t.FriendlyName = *p.FriendlyName
	}
	types := maps.Clone(p.Types)
	maps.DeleteFunc(types, func(_ string, fields json.RawMessage) bool { return isNull(fields) })
	if len(types) == 0 {
		return twilio.MissingParameter("types")
	}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(types)) {
		if size += len(types[name]); size > maxTypes {
			return twilio.InvalidParameter(fmt.Sprintf("types: they have more than %d bytes", maxTypes))
		}
		if err := checkType(name, types[name]); err != nil {
			return err
		}
	}
	t.Types = types
	return nil
}

func (a *API) now() time.Time { return a.config.Clock.Now().Truncate(time.Millisecond) }

func (a *API) view(ctx context.Context, fn func(store.Tx) error) error {
	return orNotFound(a.config.Store.View(ctx, fn))
}

func (a *API) update(ctx context.Context, fn func(store.Tx) error) error {
	return orNotFound(a.config.Store.Update(ctx, fn))
}

func orNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return twilio.ErrNotFound
	}
	return err
}

// The refusals of the Content API that have a code of their own, from Twilio's error pages.
var (
	errTooManyVariables = twilio.NewError(400, 92002, "Content variables: there are too many, or a name or sample is too long")
	errLanguageMissing  = twilio.NewError(400, 92003, "Invalid language. Language is required")
	errLanguage         = twilio.NewError(400, 92004, "Invalid language code")
	errSamples          = twilio.NewError(400, 92007, "The Content Variables Parameter is invalid")
	errSubmittedAlready = twilio.NewError(400, 92009, "The content has been submitted for approval already")
	errSubmittedUpdate  = twilio.NewError(400, 20001, "The content has been submitted for approval: it cannot be changed any more")
)
