package conversations

// WebhookConfig chooses between readings where Twilio's documentation of webhooks is open. The zero value is the recommended
// reading of each. The sections are those of the reference, Conversations API.
type WebhookConfig struct {
	// WhatsAppSource is the Source of events that come from WhatsApp; empty means "WHATSAPP". Sections 6.4 and 13, 1.
	WhatsAppSource string
	// GlobalBesideService calls the global webhook beside the service's. Otherwise a service webhook that has a URL replaces it,
	// separately for pre- and post-action. Sections 6.1 and 13, 7.
	GlobalBesideService bool
	// Triggers is the way in which keywords of scoped webhooks match; the zero value is TriggerAnywhere. Sections 6.2 and 13, 13.
	Triggers TriggerMatch
	// ReplayAfterExclusive begins a replay behind the message with the index ReplayAfter. Otherwise that message is the first.
	// Sections 6.2 and 13, 13.
	ReplayAfterExclusive bool
	// NoPreActionForREST calls no pre-action webhooks for requests of the REST API, even with the header
	// X-Twilio-Webhook-Enabled. Sections 6.3 and 13, 8.
	NoPreActionForREST bool
	// RefuseMalformedReply refuses the action when the reply of its pre-action webhook is not a JSON object. Otherwise the action
	// goes on unchanged. The debugger gets an entry either way. Section 6.6.
	RefuseMalformedReply bool
	// PreRetryCount and PostRetryCount are the numbers of retries of a global or service webhook, 0 to 3, after a timeout or an
	// answer 429, 503 or 504. On Twilio only the Services of Programmable Chat can set them. Section 6.4.
	PreRetryCount, PostRetryCount int
}

// TriggerMatch is a way in which the keyword of a scoped webhook with target trigger matches the text of a message.
type TriggerMatch int

// Ways of matching a keyword.
const (
	TriggerAnywhere  TriggerMatch = iota // anywhere in the text, in any case
	TriggerWord                          // as a word of its own, in any case
	TriggerExactCase                     // anywhere in the text, in its own case
)

const maxRetries = 3

// withDefaults sets defaults and keeps the retries within Twilio's limit.
func (c WebhookConfig) withDefaults() WebhookConfig {
	if c.WhatsAppSource == "" {
		c.WhatsAppSource = string(SourceWhatsApp)
	}
	c.PreRetryCount = min(max(0, c.PreRetryCount), maxRetries)
	c.PostRetryCount = min(max(0, c.PostRetryCount), maxRetries)
	return c
}
