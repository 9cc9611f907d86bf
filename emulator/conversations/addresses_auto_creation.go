package conversations

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// maxStudioRetries is the greatest StudioRetryCount. Reference, Conversations API 7.2.
const maxStudioRetries = 3

// AutoCreationType says who is told of an auto-created conversation.
type AutoCreationType string

// Types of auto-creation: a scoped webhook, a Studio flow, or nobody but the account's own webhooks.
const (
	AutoCreationWebhook AutoCreationType = "webhook"
	AutoCreationStudio  AutoCreationType = "studio"
	AutoCreationDefault AutoCreationType = "default"
)

// AutoCreation says how conversations are made for messages to an address. All nine keys are always there, as in a
// recorded answer; those that were never set are null. Reference, Conversations API 7.2.
type AutoCreation struct {
	// ConversationServiceSID nil means the account's default service.
	ConversationServiceSID *string  `json:"conversation_service_sid"`
	StudioFlowSID          *string  `json:"studio_flow_sid"`
	BindingName            *string  `json:"binding_name"`
	Enabled                bool     `json:"enabled"`
	WebhookMethod          *string  `json:"webhook_method"`
	WebhookFilters         []string `json:"webhook_filters"`
	WebhookURL             *string  `json:"webhook_url"`
	// StudioRetryCount is kept and shown; a flow of the emulator is started in process, where nothing has to be retried.
	StudioRetryCount *int             `json:"studio_retry_count"`
	Type             AutoCreationType `json:"type"`
}

// AutoCreationParams is the part of a form under AutoCreation. An empty text takes a value away.
type AutoCreationParams struct {
	Enabled                *bool
	Type                   *string // in any case
	ConversationServiceSid *string
	WebhookUrl             *string //nolint:revive // Twilio's form name
	WebhookMethod          *string // in any case
	WebhookFilters         []string
	StudioFlowSid          *string
	StudioRetryCount       *int
}

// apply checks and sets what was sent, and makes sure that everything is there that the type needs. Errors: 20001 with
// the name of the parameter.
func (c *AutoCreation) apply(p AutoCreationParams) error {
	if err := p.check(); err != nil {
		return err
	}
	if p.Enabled != nil {
		c.Enabled = *p.Enabled
	}
	if p.Type != nil {
		var ok bool
		if c.Type, ok = parseName(*p.Type, []AutoCreationType{AutoCreationWebhook, AutoCreationStudio, AutoCreationDefault}); !ok {
			return twilio.InvalidParameter("AutoCreation.Type")
		}
	}
	setOrClear(&c.ConversationServiceSID, p.ConversationServiceSid)
	setOrClear(&c.WebhookURL, p.WebhookUrl)
	setOrClear(&c.StudioFlowSID, p.StudioFlowSid)
	if p.WebhookMethod != nil {
		method := strings.ToUpper(*p.WebhookMethod)
		setOrClear(&c.WebhookMethod, &method)
	}
	if p.WebhookFilters != nil {
		c.WebhookFilters = slices.Clone(p.WebhookFilters)
	}
	twilio.Assign(&c.StudioRetryCount, p.StudioRetryCount)
	switch {
	case c.Type == AutoCreationWebhook && c.WebhookURL == nil:
		return twilio.MissingParameter("AutoCreation.WebhookUrl")
	case c.Type == AutoCreationStudio && c.StudioFlowSID == nil:
		return twilio.MissingParameter("AutoCreation.StudioFlowSid")
	case c.Type == AutoCreationWebhook && c.WebhookMethod == nil:
		post := "POST"
		c.WebhookMethod = &post
	}
	return nil
}

// check refuses values that a parameter cannot have.
func (p AutoCreationParams) check() error {
	if service := twilio.Value(p.ConversationServiceSid); service != "" && !sid.Valid(service, "IS") {
		return twilio.InvalidParameter("AutoCreation.ConversationServiceSid")
	}
	if u := twilio.Value(p.WebhookUrl); u != "" {
		if _, err := webhook.ParseURL(u); err != nil || utf8.RuneCountInString(u) > maxWebhookURL {
			return twilio.InvalidParameter("AutoCreation.WebhookUrl")
		}
	}
	if m := twilio.Value(p.WebhookMethod); m != "" && !strings.EqualFold(m, "GET") && !strings.EqualFold(m, "POST") {
		return twilio.InvalidParameter("AutoCreation.WebhookMethod")
	}
	for _, f := range p.WebhookFilters {
		if !slices.Contains(scopedEvents, EventType(f)) {
			return twilio.InvalidParameter("AutoCreation.WebhookFilters")
		}
	}
	if flow := twilio.Value(p.StudioFlowSid); flow != "" && !IsFlowSID(flow) {
		return errAutoCreationFlow
	}
	if n := p.StudioRetryCount; n != nil && (*n < 0 || *n > maxStudioRetries) {
		return twilio.InvalidParameter("AutoCreation.StudioRetryCount")
	}
	return nil
}

// errAutoCreationFlow refuses a flow that a conversation cannot be created with.
var errAutoCreationFlow = twilio.InvalidParameter("AutoCreation.StudioFlowSid")

// webhook is the form of the scoped webhook that an auto-created conversation gets; nil when it gets none. Without
// filters it hears of new messages.
func (c AutoCreation) webhook() *WebhookParams {
	target := string(c.Type)
	switch c.Type {
	case AutoCreationWebhook:
		filters := c.WebhookFilters
		if len(filters) == 0 {
			filters = []string{string(OnMessageAdded)}
		}
		return &WebhookParams{Target: &target, Configuration: WebhookConfigurationParams{
			Url: c.WebhookURL, Method: c.WebhookMethod, Filters: filters}}
	case AutoCreationStudio:
		return &WebhookParams{Target: &target, Configuration: WebhookConfigurationParams{FlowSid: c.StudioFlowSID}}
	case AutoCreationDefault:
	}
	return nil
}

// setOrClear sets a text that was sent; an empty one takes the value away.
func setOrClear(target **string, sent *string) {
	if sent == nil {
		return
	}
	*target = nil
	if *sent != "" {
		*target = sent
	}
}
