package whatsapp

import (
	"encoding/json"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// The templates that the sandbox can send outside the service window, under the SIDs that they have in every account.
// Reference, WhatsApp 1.7.
const (
	TemplateAppointment  = "HXb5b62575e6e4ff6129ad7c8efe1f983e"
	TemplateOrder        = "HX350d429d32e64a552466cafecbe95f3c"
	TemplateVerification = "HX229f5a04fd0510ce1b071852155d3e75"
)

// sandboxTemplates are their names and texts.
var sandboxTemplates = []struct{ sid, name, body string }{
	{TemplateAppointment, "Appointment Reminders", "Your appointment is coming up on {{1}} at {{2}}"},
	{TemplateOrder, "Order Notifications", "Your {{1}} order of {{2}} has shipped and should be delivered on {{3}}. Details: {{4}}"},
	{TemplateVerification, "Verification Codes", "Your {{1}} code is {{2}}"},
}

// addTemplates gives an account the sandbox's templates.
func (s *Sandbox) addTemplates(tx store.Tx, accountSID string) error {
	for _, t := range sandboxTemplates {
		body, err := json.Marshal(map[string]string{"body": t.body})
		if err != nil {
			return err
		}
		if _, err := s.conversations.AddContent(tx, conversations.Content{AccountSID: accountSID, SID: t.sid,
			FriendlyName: t.name, Types: map[string]json.RawMessage{"twilio/text": body}}); err != nil {
			return err
		}
	}
	return nil
}
