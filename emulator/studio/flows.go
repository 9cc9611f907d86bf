package studio

import (
	"context"
	"encoding/json"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// FlowStatus is draft or published.
type FlowStatus string

// Statuses of a flow. Only a flow that has been published once takes messages.
const (
	Draft     FlowStatus = "draft"
	Published FlowStatus = "published"
)

// Flow is a Studio flow, as Twilio's Studio v2 API has it; url and links are package rest's. It is kept and not run.
type Flow struct {
	SID          string     `json:"sid"` // FW
	AccountSID   string     `json:"account_sid"`
	FriendlyName string     `json:"friendly_name"`
	Status       FlowStatus `json:"status"`
	// Revision counts from 1, and up with every update.
	Revision int `json:"revision"`
	// Definition is a JSON object, as it was sent.
	Definition    json.RawMessage `json:"definition"`
	CommitMessage *string         `json:"commit_message"`
	// Valid: is there nothing wrong with the definition? Errors says what is. Only a draft can have errors.
	Valid    bool              `json:"valid"`
	Errors   []DefinitionError `json:"errors"`
	Warnings []DefinitionError `json:"warnings"` // none are known here
	// DateUpdated is nil before the first update.
	DateCreated time.Time  `json:"date_created"`
	DateUpdated *time.Time `json:"date_updated"`
}

// FlowParams is the form of a new flow or of an update; nil fields were not sent.
type FlowParams struct {
	FriendlyName  *string
	Status        *string
	Definition    *string
	CommitMessage *string
}

// flowDoc is a flow with what is kept beside it.
type flowDoc struct {
	Flow
	// EverPublished: a revision has been published, and goes on taking messages while a later one is a draft.
	EverPublished bool
}

var flows = store.NewTable[flowDoc]("flow").
	Ordered(byAccount, func(f flowDoc) (string, bool) {
		return store.Key(f.AccountSID, store.Instant(f.DateCreated), f.SID), true
	})

// registry says that an account has had a flow registered. It stays when the last one is deleted.
type registry struct{}

var registries = store.NewTable[registry]("flow-registry")

// CreateFlow adds a flow to an account. Errors: 400/20001 for what is missing, no JSON object, or a flow that is to be
// published and is not valid.
func (s *Studio) CreateFlow(ctx context.Context, accountSID string, p FlowParams) (Flow, error) {
	switch {
	case twilio.Value(p.FriendlyName) == "":
		return Flow{}, twilio.MissingParameter("FriendlyName")
	case p.Status == nil:
		return Flow{}, twilio.MissingParameter("Status")
	case p.Definition == nil:
		return Flow{}, twilio.MissingParameter("Definition")
	}
	return s.addFlow(ctx, s.sids.New("FW"), accountSID, p)
}

// NewFlow is a flow to register under a SID of one's own choosing. Empty fields have defaults: a SID is made, the name is
// the SID, the status is published, and the definition is empty.
type NewFlow struct {
	SID          string          `json:"sid,omitempty"`
	FriendlyName string          `json:"friendly_name,omitempty"`
	Status       string          `json:"status,omitempty"`
	Definition   json.RawMessage `json:"definition,omitempty"`
}

// RegisterFlow adds a flow under the SID that a team's real flow has, which Twilio's API cannot. The error is an
// *invalid.Error, or one of CreateFlow.
func (s *Studio) RegisterFlow(ctx context.Context, accountSID string, wanted NewFlow) (Flow, error) {
	if wanted.SID == "" {
		wanted.SID = s.sids.New("FW")
	}
	if !conversations.IsFlowSID(wanted.SID) {
		return Flow{}, invalid.Errorf("flow SID %q: it must be FW and 32 hexadecimal digits", wanted.SID)
	}
	if wanted.FriendlyName == "" {
		wanted.FriendlyName = wanted.SID
	}
	if wanted.Status == "" {
		wanted.Status = string(Published)
	}
	if len(wanted.Definition) == 0 {
		wanted.Definition = json.RawMessage("{}")
	}
	definition := string(wanted.Definition)
	return s.addFlow(ctx, wanted.SID, accountSID, FlowParams{&wanted.FriendlyName, &wanted.Status, &definition, nil})
}

func (s *Studio) addFlow(ctx context.Context, flowSID, accountSID string, p FlowParams) (Flow, error) {
	doc := flowDoc{Flow: Flow{SID: flowSID, AccountSID: accountSID, DateCreated: s.clock.Now()}}
	if err := doc.apply(p); err != nil {
		return Flow{}, err
	}
	err := s.store.Update(ctx, func(tx store.Tx) error {
		if _, err := s.conversations.LookupAccount(tx, accountSID); err != nil {
			return err
		}
		switch existing, err := flows.Get(tx, flowSID); {
		case err == nil:
			return twilio.Conflict("flow " + flowSID + " exists already, in account " + existing.AccountSID)
		case !isMissing(err):
			return err
		}
		if err := registries.Put(tx, accountSID, registry{}); err != nil {
			return err
		}
		return flows.Put(tx, flowSID, doc)
	})
	return doc.Flow, err
}

// FetchFlow returns a flow of an account, or 404/20404.
func (s *Studio) FetchFlow(ctx context.Context, accountSID, flowSID string) (found Flow, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		doc, err := flow(tx, accountSID, flowSID)
		found = doc.Flow
		return err
	})
	return found, err
}

// UpdateFlow makes a new revision of a flow. Errors: those of CreateFlow, and 404/20404.
func (s *Studio) UpdateFlow(ctx context.Context, accountSID, flowSID string, p FlowParams) (updated Flow, err error) {
	if p.Status == nil {
		return Flow{}, twilio.MissingParameter("Status")
	}
	if p.FriendlyName != nil && *p.FriendlyName == "" {
		return Flow{}, twilio.InvalidParameter("FriendlyName")
	}
	err = s.store.Update(ctx, func(tx store.Tx) error {
		doc, err := flow(tx, accountSID, flowSID)
		if err != nil {
			return err
		}
		doc.CommitMessage = nil // it is of one revision
		if err := doc.apply(p); err != nil {
			return err
		}
		doc.DateUpdated = new(s.clock.Now())
		updated = doc.Flow
		return flows.Put(tx, flowSID, doc)
	})
	return updated, err
}

// DeleteFlow removes a flow, or returns 404/20404. Its executions stay, as a record.
func (s *Studio) DeleteFlow(ctx context.Context, accountSID, flowSID string) error {
	return s.store.Update(ctx, func(tx store.Tx) error {
		if _, err := flow(tx, accountSID, flowSID); err != nil {
			return err
		}
		return flows.Delete(tx, flowSID)
	})
}

// ListFlows returns the flows of an account, oldest first (Twilio's order is not documented). The error is 400/20001 for a
// token of another list.
func (s *Studio) ListFlows(ctx context.Context, accountSID string, q twilio.PageQuery) (page twilio.Page[Flow], err error) {
	all := twilio.Listing[flowDoc, flowDoc]{Table: flows, Query: store.Query{Index: byAccount, Prefix: store.Prefix(accountSID)}}
	err = s.store.View(ctx, func(tx store.Tx) error {
		docs, err := all.Page(tx, q)
		page = twilio.Page[Flow]{Items: make([]Flow, len(docs.Items)), Next: docs.Next, Previous: docs.Previous}
		for i, doc := range docs.Items {
			page.Items[i] = doc.Flow
		}
		return err
	})
	return page, err
}

// flow returns a flow of an account, or 404/20404.
func flow(tx store.Tx, accountSID, flowSID string) (flowDoc, error) {
	doc, err := flows.Get(tx, flowSID)
	if isMissing(err) || (err == nil && doc.AccountSID != accountSID) {
		return flowDoc{}, twilio.ErrNotFound
	}
	return doc, err
}
