package twilio

import (
	"fmt"
	"time"
)

// Layouts of a date on the wire, in UTC. Resources have whole seconds and webhooks milliseconds. Reference, Conversations
// API 1.3 and 6.4.
const (
	DateLayout        = "2006-01-02T15:04:05Z"
	WebhookDateLayout = "2006-01-02T15:04:05.000Z"
)

// WebhookDate returns a date as a webhook has it.
func WebhookDate(t time.Time) string { return t.UTC().Format(WebhookDateLayout) }

// ParseDate reads a date of a form: RFC 3339, or a day.
func ParseDate(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not an ISO 8601 date", s)
}

// SetDate puts the date that a form asks for into target, and leaves target as it is when none was sent. The error is
// refusal for a malformed date.
func SetDate(target *time.Time, sent *string, refusal *Error) error {
	if sent == nil {
		return nil
	}
	t, err := ParseDate(*sent)
	if err != nil {
		return refusal
	}
	*target = t
	return nil
}
