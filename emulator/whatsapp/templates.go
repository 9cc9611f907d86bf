package whatsapp

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/content"
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

// sandboxTemplates are the templates with their names, texts and samples, as Twilio's documentation and Console have them.
var sandboxTemplates = []struct {
	sid, name, category, body string
	samples                   []string
}{
	{TemplateAppointment, "Appointment Reminders", "UTILITY", "Your appointment is coming up on {{1}} at {{2}}", []string{"12/1", "3pm"}},
	{TemplateOrder, "Order Notifications", "UTILITY", "Your {{1}} order of {{2}} has shipped and should be delivered on {{3}}. Details: {{4}}",
		[]string{"Yummy Cupcakes Company", "1 dozen frosted cupcakes", "July 10, 2019", "http://www.yummycupcakes.com/"}},
	{TemplateVerification, "Verification Codes", "AUTHENTICATION", "Your {{1}} code is {{2}}", []string{"Twilio", "1238432"}},
}

// addTemplates gives an account the sandbox's templates, which WhatsApp has approved.
func (s *Sandbox) addTemplates(tx store.Tx, accountSID string) error {
	language := "en"
	for _, t := range sandboxTemplates {
		body, err := json.Marshal(map[string]string{"body": t.body})
		if err != nil {
			return err
		}
		samples := map[string]*string{}
		for i := range t.samples {
			samples[strconv.Itoa(i+1)] = &t.samples[i]
		}
		if _, err := s.content.Add(tx, accountSID, t.sid, content.Params{FriendlyName: &t.name, Language: &language, Variables: samples,
			Types: map[string]json.RawMessage{"twilio/text": body}}); err != nil {
			return err
		}
		name := strings.ReplaceAll(strings.ToLower(t.name), " ", "_")
		if _, err := s.content.AddSubmission(tx, accountSID, t.sid, content.Submission{Name: &name, Category: &t.category}); err != nil {
			return err
		}
		if _, err := s.content.AddDecision(tx, accountSID, t.sid, content.Decision{Status: content.StatusApproved}); err != nil {
			return err
		}
	}
	return nil
}

// addContent adds to the message out, which carries m to a phone, the files, the buttons and the place of the template of m.
func (s *Sandbox) addContent(tx store.Tx, out *Message, m conversations.Message) error {
	if m.ContentSID == nil {
		return nil
	}
	rendered, err := s.conversations.LookupContent(tx, m)
	if rendered != nil {
		out.setContent(*m.ContentSID, *rendered)
	}
	return err
}

// setContent makes a message what a template says, but for its text.
func (m *Message) setContent(contentSID string, r content.Rendered) {
	m.Template, m.ContentSID, m.Buttons = true, contentSID, r.Buttons
	m.MediaURLs = firstFiles(r.MediaURLs, m.To)
	if r.Place != nil {
		m.Location = &Location{Latitude: r.Place.Latitude, Longitude: r.Place.Longitude, Label: r.Place.Label, Address: r.Place.Address}
	}
}

// unapproved returns the code with which a template fails outside the service window, or 0 where WhatsApp has approved it. One that is not
// approved yet counts as free text (inferred from Twilio's page of error 63016).
func (s *Sandbox) unapproved(tx store.Tx, m Message) (code int, _ error) {
	approval, err := content.LookupApproval(tx, m.AccountSID, m.ContentSID, s.clock.Now())
	if err != nil {
		return 0, err
	}
	switch approval.Status {
	case content.StatusApproved:
		return 0, nil
	case content.StatusRejected:
		return codeRejected, nil
	case content.StatusPaused:
		return codePaused, nil
	case content.StatusDisabled:
		return codeDisabled, nil
	}
	return codeWindow, nil
}

// tapRange is the number of messages of a thread among which a tapped button is looked for.
const tapRange = 100

// findTapped finds the template whose button a phone has tapped: the message that it says it answers, or else the latest of the chat with a
// button of that text. The tap answers that message then, and has the payload that the template gave the button, unless it came with
// another.
func (s *Sandbox) findTapped(tx store.Tx, m *Message) error {
	if m.Button == nil {
		return nil
	}
	if m.ReplyTo != "" {
		original, err := messages.Get(tx, m.ReplyTo)
		if err == nil {
			m.answerButton(original)
		}
		return orGone(err)
	}
	seen := 0
	for original, err := range messages.Each(tx, store.Query{Index: byPhone, Prefix: store.Prefix(m.Phone), Reverse: true}) {
		if err != nil {
			return err
		}
		if seen++; m.answerButton(original) || seen == tapRange {
			return nil
		}
	}
	return nil
}

// answerButton makes a tap the answer to a message, if that has the button.
func (m *Message) answerButton(original Message) bool {
	i := slices.IndexFunc(original.Buttons, func(b content.Button) bool { return !b.Option && b.Link == "" && b.Text == m.Button.Text })
	if i < 0 || original.From != m.To {
		return false
	}
	m.ReplyTo = original.SID
	if m.Button.Payload == m.Button.Text { // it has none of its own
		m.Button.Payload = cmp.Or(original.Buttons[i].Payload, m.Button.Text)
	}
	return true
}

// orGone makes nothing of store.ErrNotFound, which quote tells of.
func orGone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
