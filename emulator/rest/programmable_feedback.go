package rest

type programmableFeedbackBody struct {
	AccountSID  string   `json:"account_sid"`
	DateCreated *rfc2822 `json:"date_created"`
	DateUpdated *rfc2822 `json:"date_updated"`
	MessageSID  string   `json:"message_sid"`
	Outcome     string   `json:"outcome"`
	URI         string   `json:"uri"`
}

// createProgrammableFeedback answers with 200, as Twilio's OpenAPI file has it.
func (a *API) createProgrammableFeedback(in *request) (result, error) {
	var p struct{ Outcome *string }
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	message := in.vars["MessageSid"]
	f, err := a.sandbox.CreateFeedback(in.Context(), in.Account.SID, message, p.Outcome)
	return ok(programmableFeedbackBody{AccountSID: in.Account.SID, DateCreated: dated(f.DateCreated), DateUpdated: dated(f.DateUpdated),
		MessageSID: message, Outcome: f.Outcome, URI: "/2010-04-01/Accounts/" + in.Account.SID + "/Messages/" + message + "/Feedback.json"}), err
}
