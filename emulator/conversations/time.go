package conversations

import (
	"fmt"
	"time"
)

// Time is a date as Twilio's JSON has it: UTC, whole seconds. In Go it keeps its milliseconds.
type Time struct{ time.Time }

const (
	jsonTime    = "2006-01-02T15:04:05Z"
	webhookTime = "2006-01-02T15:04:05.000Z"
)

// MarshalJSON writes the form 2015-07-30T20:00:00Z.
func (t Time) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, len(jsonTime)+2)
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, jsonTime)
	return append(b, '"'), nil
}

// UnmarshalJSON reads RFC 3339.
func (t *Time) UnmarshalJSON(b []byte) error { return t.Time.UnmarshalJSON(b) }

// webhookDate is the form of a date in a webhook: as in JSON, with milliseconds.
func webhookDate(t time.Time) string { return t.UTC().Format(webhookTime) }

// parseTime reads a date of a form: RFC 3339, or a day.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not an ISO 8601 date", s)
}

// setTime puts the date that a form asks for into target, or leaves it when none was sent; refuse is the error for a
// malformed one.
func setTime(target *Time, sent *string, refuse func() *Error) error {
	if sent == nil {
		return nil
	}
	t, err := parseTime(*sent)
	if err != nil {
		return refuse()
	}
	*target = Time{t}
	return nil
}
