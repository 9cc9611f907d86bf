package content

import (
	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

// approvalBody is the approval of a template as its own resource has it, under the name of the channel.
type approvalBody struct {
	SID        string          `json:"sid"`
	AccountSID string          `json:"account_sid"`
	WhatsApp   channelApproval `json:"whatsapp"`
	URL        string          `json:"url"`
}

type channelApproval struct {
	Type string `json:"type"`
	content.Approval
}

func (a *api) fetchApproval(in *rest.Request) (rest.Result, error) {
	templateSID := in.Vars["Sid"]
	approval, err := a.content.FetchApproval(in.Context(), in.Account.SID, templateSID)
	return rest.OK(approvalBody{SID: templateSID, AccountSID: in.Account.SID, WhatsApp: channelApproval{"whatsapp", approval},
		URL: in.Base() + "/v1/Content/" + templateSID + "/ApprovalRequests"}), err
}

func (a *api) createApproval(in *rest.Request) (rest.Result, error) {
	var s content.Submission
	if err := in.JSON(&s); err != nil {
		return rest.Result{}, err
	}
	approval, err := a.content.Submit(in.Context(), in.Account.SID, in.Vars["ContentSid"], s)
	return rest.Created(approval), err
}
