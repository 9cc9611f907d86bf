package control

import (
	"context"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// NewTemplate is a template to make, in the fields of Twilio's Content API.
type NewTemplate struct {
	// SID is HX and 32 hexadecimal digits, such as the one that the real template has; made up when empty.
	SID string `json:"sid,omitempty"`
	content.Params
	// Status is its approval from the start: approved, rejected, pending, paused or disabled. Empty means that it was not
	// submitted.
	Status string `json:"status,omitempty"`
}

type templateList struct {
	Templates []content.Approved `json:"templates"`
}

var (
	listTemplates  = endpoint[none, templateList]{"GET", "/accounts/{account}/templates"}
	createTemplate = endpoint[NewTemplate, content.Approved]{"POST", "/accounts/{account}/templates"}
	decideTemplate = endpoint[content.Decision, content.Approval]{"POST", "/accounts/{account}/templates/{template}/approval"}
)

func (h *Handler) serveTemplates() {
	serve(h, listTemplates, h.listTemplates)
	serve(h, createTemplate, h.createTemplate)
	serve(h, decideTemplate, func(r *http.Request, d content.Decision) (content.Approval, error) {
		decided, err := h.content.Decide(r.Context(), parameter(r, "account"), parameter(r, "template"), d)
		return decided, orMissing(err, "account %s has no template %s", parameter(r, "account"), parameter(r, "template"))
	})
}

func (h *Handler) listTemplates(r *http.Request, _ none) (templateList, error) {
	list := templateList{Templates: []content.Approved{}}
	account, err := h.conversations.FetchAccount(r.Context(), parameter(r, "account"))
	if err != nil {
		return list, orMissing(err, "account %s does not exist", parameter(r, "account"))
	}
	for q := (twilio.PageQuery{Size: 1000}); ; {
		page, err := h.content.ListApproved(r.Context(), account.SID, q)
		if err != nil {
			return list, err
		}
		list.Templates = append(list.Templates, page.Items...)
		if q.Token = page.Next; q.Token == "" {
			return list, nil
		}
	}
}

func (h *Handler) createTemplate(r *http.Request, wanted NewTemplate) (made content.Approved, err error) {
	err = h.outbox.Update(r.Context(), func(tx store.Tx) error {
		account, err := h.conversations.LookupAccount(tx, parameter(r, "account"))
		if err != nil {
			return orMissing(err, "account %s does not exist", parameter(r, "account"))
		}
		if made.Template, err = h.content.Add(tx, account.SID, wanted.SID, wanted.Params); err != nil {
			return err
		}
		if wanted.Status != "" {
			made.Approval, err = h.content.AddDecision(tx, account.SID, made.SID, content.Decision{Status: wanted.Status})
			return err
		}
		made.Approval, err = content.LookupApproval(tx, account.SID, made.SID, h.clock.Now())
		return err
	})
	return made, err
}

// ListTemplates returns the templates of an account with their approvals, by SID.
func (c *Client) ListTemplates(ctx context.Context, accountSID string) ([]content.Approved, error) {
	list, err := call(ctx, c, listTemplates, none{}, accountSID)
	return list.Templates, err
}

// CreateTemplate gives an account a template.
func (c *Client) CreateTemplate(ctx context.Context, accountSID string, wanted NewTemplate) (content.Approved, error) {
	return call(ctx, c, createTemplate, wanted, accountSID)
}

// DecideTemplate decides in WhatsApp's place on a template, whether it was submitted for approval or not.
func (c *Client) DecideTemplate(ctx context.Context, accountSID, templateSID string, d content.Decision) (content.Approval, error) {
	return call(ctx, c, decideTemplate, d, accountSID, templateSID)
}
