package twilio

import "net/url"

// A parameter of a form is a pointer: nil when it was not sent, which is not the same as empty.

// Value returns the value of a parameter, or the zero value when it was not sent.
func Value[T any](sent *T) T {
	if sent == nil {
		var zero T
		return zero
	}
	return *sent
}

// Optional returns a parameter or member with a text, or nil for an empty one.
func Optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Assign puts a parameter into target, and leaves target as it is when it was not sent.
func Assign[T any](target **T, sent *T) {
	if sent != nil {
		*target = sent
	}
}

// SetOptional adds a parameter to the form of a webhook, unless it is absent or empty: webhooks leave such ones out.
func SetOptional(form url.Values, name string, value *string) {
	if value != nil && *value != "" {
		form.Set(name, *value)
	}
}
