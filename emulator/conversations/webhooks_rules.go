package conversations

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// What a scoped webhook may be. Reference, Conversations API 2 and 6.2.

func (w *webhookDoc) target(sent *string) error {
	if twilio.Value(sent) == "" {
		return errTargetMissing
	}
	for _, t := range []string{TargetWebhook, TargetTrigger, TargetStudio} {
		if strings.EqualFold(*sent, t) {
			w.Target = t
			return nil
		}
	}
	return errTargetUnknown
}

// configure checks the fields that were sent, sets those that the target has, and makes sure that the webhook has what
// its target needs.
func (w *webhookDoc) configure(p WebhookConfigurationParams) error {
	if err := p.check(); err != nil {
		return err
	}
	c := &w.Configuration
	if w.Target == TargetStudio {
		twilio.Assign(&c.FlowSID, p.FlowSid)
		if p.Filters != nil {
			c.Filters = p.Filters
		}
		if c.FlowSID == nil {
			return errFlowSID
		}
		return nil
	}
	twilio.Assign(&c.URL, p.Url)
	twilio.Assign(&c.Method, p.Method)
	if c.Method == nil {
		post := "POST"
		c.Method = &post
	}
	if c.URL == nil || *c.URL == "" {
		return errURLMissing
	}
	if w.Target == TargetTrigger {
		if p.Triggers != nil {
			c.Triggers = p.Triggers
		}
		if len(c.Triggers) == 0 {
			return errTriggersMissing
		}
		return nil
	}
	if p.Filters != nil {
		c.Filters = p.Filters
	}
	if len(c.Filters) == 0 {
		return errFiltersMissing
	}
	return nil
}

func (p WebhookConfigurationParams) check() error {
	if p.Url != nil && *p.Url != "" {
		if utf8.RuneCountInString(*p.Url) > maxWebhookURL {
			return errURLTooLong
		}
		if _, err := webhook.ParseURL(*p.Url); err != nil {
			return twilio.InvalidParameter("Configuration.Url")
		}
	}
	if p.Method != nil && !strings.EqualFold(*p.Method, "GET") && !strings.EqualFold(*p.Method, "POST") {
		return twilio.InvalidParameter("Configuration.Method")
	}
	for _, f := range p.Filters {
		if !slices.Contains(scopedEvents, EventType(f)) {
			return errFilterUnknown
		}
	}
	if len(p.Triggers) > maxTriggers {
		return errTriggerLimit
	}
	for _, t := range p.Triggers {
		if n := utf8.RuneCountInString(t); n == 0 || n > maxTriggerLen {
			return errTriggerInvalid
		}
	}
	if p.FlowSid != nil && !IsFlowSID(*p.FlowSid) {
		return errFlowSID
	}
	return nil
}

// documentedFlowSID stands for a flow in the examples of Twilio's documentation, which must work as they are printed, and
// is not hexadecimal.
const documentedFlowSID = "FWXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"

// IsFlowSID reports whether s is well-formed as the SID of a Studio flow.
func IsFlowSID(s string) bool { return sid.Valid(s, "FW") || s == documentedFlowSID }

// flowIsThere refuses, with errFlowSID or another, a flow that was sent and that the account does not have, where Config
// says that it is looked for at once.
func (a *API) flowIsThere(tx store.Tx, scope Scope, flowSID *string, refuse *twilio.Error) error {
	if twilio.Value(flowSID) == "" || a.mayConfigure == nil {
		return nil
	}
	if may, err := a.mayConfigure(tx, scope.AccountSID, *flowSID); err != nil || may {
		return err
	}
	return refuse
}

func (w *webhookDoc) replayAfter(sent *string) error {
	if sent == nil {
		return nil
	}
	n, err := strconv.ParseInt(*sent, 10, 64)
	if err != nil || n < 0 {
		return twilio.InvalidParameter("Configuration.ReplayAfter")
	}
	w.Configuration.ReplayAfter = &n
	return nil
}
