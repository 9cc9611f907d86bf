package conversations

// WebhookConfig chooses between the readings of what Twilio leaves open about webhooks. The zero value is the recommended
// reading of each; the sections are those of the reference, Conversations API.
type WebhookConfig struct {
	// WhatsAppSource is the Source of what comes from WhatsApp; empty means "WHATSAPP". Sections 6.4 and 13, 1.
	WhatsAppSource string
	// GlobalBesideService lets a global webhook be called beside the one of the service. Otherwise the service's is
	// called in its place, for pre- and post-action each where the service has a URL. Sections 6.1 and 13, 7.
	GlobalBesideService bool
	// Triggers says when a keyword of a scoped webhook is in a message; the zero value is TriggerAnywhere. Sections 6.2
	// and 13, 13.
	Triggers TriggerMatch
	// ReplayAfterExclusive lets a replay begin behind the message with the index ReplayAfter, and not with it. Sections
	// 6.2 and 13, 13.
	ReplayAfterExclusive bool
	// NoPreActionForREST keeps pre-action webhooks from being asked about what comes by REST, even with the header
	// X-Twilio-Webhook-Enabled. Sections 6.3 and 13, 8.
	NoPreActionForREST bool
	// RefuseMalformedReply makes a pre-action webhook's reply that is no JSON object a refusal. Otherwise the action goes
	// on unchanged. Both are entered in the debugger. Section 6.6 leaves it open.
	RefuseMalformedReply bool
	// PreRetryCount and PostRetryCount are how often a call of a global or service webhook is tried again, 0 to 3: after
	// a timeout or an answer 429, 503 or 504. On Twilio only the Services of Programmable Chat can set them. Section 6.4.
	PreRetryCount, PostRetryCount int
}

// TriggerMatch says when a keyword of a scoped webhook of target trigger is in a message.
type TriggerMatch int

// Ways of matching a keyword.
const (
	TriggerAnywhere  TriggerMatch = iota // anywhere in the text, in any case
	TriggerWord                          // as a word of its own, in any case
	TriggerExactCase                     // anywhere in the text, in its own case
)

const maxRetries = 3

// withDefaults keeps the counts within what Twilio allows.
func (c WebhookConfig) withDefaults() WebhookConfig {
	if c.WhatsAppSource == "" {
		c.WhatsAppSource = string(SourceWhatsApp)
	}
	c.PreRetryCount = min(max(0, c.PreRetryCount), maxRetries)
	c.PostRetryCount = min(max(0, c.PostRetryCount), maxRetries)
	return c
}
