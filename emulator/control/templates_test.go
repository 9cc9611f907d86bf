package control_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/control"
)

func TestTemplates(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	const account, sid = emulator.DefaultAccountSID, "HX0123456789abcdef0123456789abcdef"
	language := "en"
	wanted := control.NewTemplate{SID: sid, Status: content.StatusApproved, Params: content.Params{Language: &language,
		Types: map[string]json.RawMessage{"twilio/text": json.RawMessage(`{"body":"Hi"}`)}}}
	if made := must[content.Approved](t)(c.CreateTemplate(ctx, account, wanted)); made.SID != sid || made.Approval.Status != "approved" {
		t.Errorf("made %+v", made)
	}
	_, err := c.CreateTemplate(ctx, account, wanted)
	wantError(t, err, 409, "exists already")
	wanted.SID, wanted.Status = "", ""
	if made := must[content.Approved](t)(c.CreateTemplate(ctx, account, wanted)); made.SID == "" || made.Approval.Status != "unsubmitted" {
		t.Errorf("made %+v", made)
	}
	if list := must[[]content.Approved](t)(c.ListTemplates(ctx, account)); len(list) != 5 { // the sandbox's three are among them
		t.Errorf("the list is %+v", list)
	}
	if a := must[content.Approval](t)(c.DecideTemplate(ctx, account, sid, content.Decision{Status: "rejected", RejectionReason: "no"})); a.RejectionReason != "no" {
		t.Errorf("rejected: %+v", a)
	}
	_, err = c.DecideTemplate(ctx, account, sid, content.Decision{Status: "fine"})
	wantError(t, err, 400, "must be one of approved")
	_, err = c.DecideTemplate(ctx, account, sid, content.Decision{Status: "approved", RejectionReason: "no"})
	wantError(t, err, 400, "only a template that is rejected")
	_, err = c.DecideTemplate(ctx, account, sid, content.Decision{Status: "rejected", RejectionReason: strings.Repeat("x", 1601)})
	wantError(t, err, 400, "more than 1600 characters")
	_, err = c.DecideTemplate(ctx, account, "HX9", content.Decision{Status: "approved"})
	wantError(t, err, 404, "has no template HX9")
	_, err = c.ListTemplates(ctx, "AC9")
	wantError(t, err, 404, "AC9 does not exist")
	_, err = c.CreateTemplate(ctx, "AC9", wanted)
	wantError(t, err, 404, "AC9 does not exist")
	wanted.Language = nil
	_, err = c.CreateTemplate(ctx, account, wanted)
	wantError(t, err, 400, "Language is required")
}
