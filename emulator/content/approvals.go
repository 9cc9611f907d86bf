package content

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Statuses of an approval.
const (
	StatusUnsubmitted = "unsubmitted"
	StatusReceived    = "received"
	StatusPending     = "pending"
	StatusApproved    = "approved"
	StatusRejected    = "rejected"
	StatusPaused      = "paused"
	StatusDisabled    = "disabled"
)

// Approval is WhatsApp's approval of a template.
type Approval struct {
	Name                string `json:"name"`
	Category            string `json:"category"`
	ContentType         string `json:"content_type"`
	Status              string `json:"status"`
	RejectionReason     string `json:"rejection_reason"`
	AllowCategoryChange bool   `json:"allow_category_change"`
}

// request is the document of an approval. A template that was never submitted has none.
type request struct {
	Approval
	// Submitted and Due bound the review. Status is empty until somebody has decided by hand.
	Submitted, Due time.Time
}

// approvals have the keys of their templates.
var approvals = store.NewTable[request]("content_approval")

// at returns the approval as it is at an instant: received in the first half of the review, pending in the second, and then approved.
func (r request) at(now time.Time) Approval {
	a := r.Approval
	switch {
	case a.Status != "":
	case !now.Before(r.Due):
		a.Status = StatusApproved
	case now.Sub(r.Submitted) >= r.Due.Sub(r.Submitted)/2:
		a.Status = StatusPending
	default:
		a.Status = StatusReceived
	}
	return a
}

// LookupApproval returns the approval of a template at an instant, unsubmitted where there is none.
func LookupApproval(tx store.Tx, accountSID, templateSID string, now time.Time) (Approval, error) {
	r, err := approvals.Get(tx, store.Key(accountSID, templateSID))
	if errors.Is(err, store.ErrNotFound) {
		return Approval{Status: StatusUnsubmitted, AllowCategoryChange: true}, nil
	}
	return r.at(now), err
}

// FetchApproval returns the approval of a template of an account, or a 404.
func (a *API) FetchApproval(ctx context.Context, accountSID, templateSID string) (found Approval, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		if _, err := templates.Get(tx, store.Key(accountSID, templateSID)); err != nil {
			return err
		}
		found, err = LookupApproval(tx, accountSID, templateSID, a.now())
		return err
	})
	return found, err
}

// Approved is a template with its approval.
type Approved struct {
	Template
	Approval Approval `json:"approval_requests"`
}

// ListApproved is List with approvals.
func (a *API) ListApproved(ctx context.Context, accountSID string, q twilio.PageQuery) (page twilio.Page[Approved], err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		now := a.now()
		page, err = twilio.Listing[Template, Approved]{Table: templates, Query: store.Query{Prefix: store.Prefix(accountSID)},
			Resource: func(t Template) (Approved, error) {
				approval, err := LookupApproval(tx, accountSID, t.SID, now)
				return Approved{t, approval}, err
			}}.Page(tx, q)
		return err
	})
	return page, err
}

// Submission is the body for submitting a template for approval; nil fields were not sent.
type Submission struct {
	// Name has lower case letters, digits and underscores.
	Name *string `json:"name"`
	// Category is UTILITY, MARKETING or AUTHENTICATION.
	Category            *string `json:"category"`
	AllowCategoryChange *bool   `json:"allow_category_change"`
}

var approvalName = regexp.MustCompile(`^[a-z0-9_]{1,512}$`)

func (s Submission) check() error {
	switch {
	case twilio.Value(s.Name) == "":
		return twilio.MissingParameter("name")
	case twilio.Value(s.Category) == "":
		return twilio.MissingParameter("category")
	case !approvalName.MatchString(*s.Name):
		return twilio.InvalidParameter("name: it has lower case letters, digits and underscores only")
	case !slices.Contains([]string{"UTILITY", "MARKETING", "AUTHENTICATION"}, strings.ToUpper(*s.Category)):
		return twilio.InvalidParameter("category")
	}
	return nil
}

// Submit asks for the approval of a template. It is approved after the time of Config.ApprovalTime, unless Decide comes before.
// Errors: 404, 20001 with the name of the parameter, and 92009 for a template that was submitted before.
func (a *API) Submit(ctx context.Context, accountSID, templateSID string, s Submission) (submitted Approval, err error) {
	err = a.update(ctx, func(tx store.Tx) error {
		submitted, err = a.AddSubmission(tx, accountSID, templateSID, s)
		return err
	})
	return submitted, err
}

// AddSubmission is Submit in a transaction.
func (a *API) AddSubmission(tx store.Tx, accountSID, templateSID string, s Submission) (Approval, error) {
	t, err := templates.Get(tx, store.Key(accountSID, templateSID))
	if err != nil {
		return Approval{}, err
	}
	if err := s.check(); err != nil {
		return Approval{}, err
	}
	switch submitted, err := approvals.Has(tx, t.key()); {
	case err != nil:
		return Approval{}, err
	case submitted:
		return Approval{}, errSubmittedAlready
	}
	takes, err := a.config.ApprovalTime(tx)
	if err != nil {
		return Approval{}, err
	}
	now := a.now()
	r := request{Submitted: now, Due: now.Add(takes)}
	r.Name, r.Category, r.AllowCategoryChange = *s.Name, strings.ToUpper(*s.Category), s.AllowCategoryChange == nil || *s.AllowCategoryChange
	r.ContentType, _ = t.richest(AllTypes())
	answer := r.at(now)
	answer.Status = StatusReceived // whatever comes at once after it
	return answer, approvals.Put(tx, t.key(), r)
}

// Decision is a decision of WhatsApp on a template, made by hand.
type Decision struct {
	// Status is approved, rejected, paused, disabled or pending.
	Status string `json:"status"`
	// RejectionReason may go with rejected.
	RejectionReason string `json:"rejection_reason,omitempty"`
}

// Decide decides on a template by hand, whenever that is; one that was never submitted is, as a UTILITY under its SID. The error is a 404
// or an *invalid.Error.
func (a *API) Decide(ctx context.Context, accountSID, templateSID string, d Decision) (decided Approval, err error) {
	err = a.update(ctx, func(tx store.Tx) error {
		decided, err = a.AddDecision(tx, accountSID, templateSID, d)
		return err
	})
	return decided, err
}

// AddDecision is Decide in a transaction.
func (a *API) AddDecision(tx store.Tx, accountSID, templateSID string, d Decision) (Approval, error) {
	statuses := []string{StatusApproved, StatusRejected, StatusPaused, StatusDisabled, StatusPending}
	if !slices.Contains(statuses, d.Status) {
		return Approval{}, invalid.Errorf("status %.100q: it must be one of %s", d.Status, strings.Join(statuses, ", "))
	}
	if d.RejectionReason != "" && d.Status != StatusRejected {
		return Approval{}, invalid.Errorf("rejection_reason: only a template that is rejected has one")
	}
	if utf8.RuneCountInString(d.RejectionReason) > maxText {
		return Approval{}, invalid.Errorf("rejection_reason: it has more than %d characters", maxText)
	}
	key := store.Key(accountSID, templateSID)
	r, err := approvals.Get(tx, key)
	if errors.Is(err, store.ErrNotFound) {
		name, category := strings.ToLower(templateSID), "UTILITY"
		if _, err := a.AddSubmission(tx, accountSID, templateSID, Submission{Name: &name, Category: &category}); err != nil {
			return Approval{}, err
		}
		r, err = approvals.Get(tx, key)
	}
	if err != nil {
		return Approval{}, err
	}
	r.Status, r.RejectionReason = d.Status, d.RejectionReason
	return r.Approval, approvals.Put(tx, key, r)
}
