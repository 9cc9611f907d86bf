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

// dateForms are the forms in which a date is read, with the last instant of the period that a filter means by one, given its first.
// Fractions of a second are read behind any seconds, and offsets with or without a colon (twilio/twilio-oai#21). A date without an
// offset is in UTC.
var dateForms = []struct {
	layouts []string
	behind  func(time.Time) time.Time
}{
	{[]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05"},
		func(t time.Time) time.Time { return t.Add(time.Second) }},
	{[]string{"2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700", "2006-01-02T15:04Z07", "2006-01-02T15:04"},
		func(t time.Time) time.Time { return t.Add(time.Minute) }},
	{[]string{time.DateOnly}, func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
	{[]string{"2006-01"}, func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
	{[]string{"2006"}, func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
}

// ParseDate reads a date of a form: ISO 8601 down to the second or its fractions, or the minute, the day, the month or the year, which
// stand for their first instant.
func ParseDate(s string) (time.Time, error) {
	at, _, err := parseDate(s)
	return at, err
}

// ParsePeriod reads a date of a filter, in the forms of ParseDate: the year, month, day, minute or second that it names, as its first
// instant and the first behind it. Resources have whole seconds, so a fraction of a second means that second.
func ParsePeriod(s string) (from, before time.Time, _ error) {
	from, behind, err := parseDate(s)
	if err != nil {
		return from, before, err
	}
	from = from.Truncate(time.Second)
	return from, behind(from), nil
}

func parseDate(s string) (at time.Time, behind func(time.Time) time.Time, _ error) {
	for _, form := range dateForms {
		for _, layout := range form.layouts {
			if t, err := time.Parse(layout, s); err == nil {
				return t.UTC(), form.behind, nil
			}
		}
	}
	return time.Time{}, nil, fmt.Errorf("%q is not an ISO 8601 date", s)
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
