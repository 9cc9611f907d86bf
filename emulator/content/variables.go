package content

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Why the variables of a message are refused. Its product has a code for each.
var (
	ErrVariables        = errors.New("ContentVariables is not a JSON object whose values are texts and not empty")
	ErrTooManyVariables = errors.New("ContentVariables has too many variables or characters")
	ErrKeyTooLong       = errors.New("the name of a variable is too long")
	ErrValueTooLong     = errors.New("the value of a variable is too long")
	// ErrNoTemplate: the account has no template with this SID.
	ErrNoTemplate = errors.New("the account has no such template")
	// ErrType: the template has no type that the product can send.
	ErrType = errors.New("the template has no type that can be sent")
)

// Limits of variables, in characters. Reference, Conversations API 11, and Twilio's pages of the errors 21658 and 92002.
const (
	maxVariables        = 100
	maxVariableKey      = 16
	maxSample           = 1600
	maxContentVariables = 27801
)

// ParseVariables reads ContentVariables: an empty text, or a JSON object whose values are texts of maxValue characters at most. A value
// that is empty, or has a line break, a tab or more than four spaces in a row, is refused: WhatsApp takes no such parameter.
// Source: Twilio's pages of the errors 21656 and 92007.
func ParseVariables(sent string, maxValue int) (map[string]string, error) {
	if sent == "" {
		return nil, nil
	}
	if utf8.RuneCountInString(sent) > maxContentVariables {
		return nil, ErrTooManyVariables
	}
	var values map[string]*string
	if err := json.Unmarshal([]byte(sent), &values); err != nil || values == nil {
		return nil, ErrVariables
	}
	if len(values) > maxVariables {
		return nil, ErrTooManyVariables
	}
	variables := make(map[string]string, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		switch value := values[key]; {
		case value == nil, *value == "", strings.ContainsAny(*value, "\r\n\t"), strings.Contains(*value, "     "):
			return nil, ErrVariables
		case utf8.RuneCountInString(key) > maxVariableKey:
			return nil, ErrKeyTooLong
		case utf8.RuneCountInString(*value) > maxValue:
			return nil, ErrValueTooLong
		default:
			variables[key] = *value
		}
	}
	return variables, nil
}

// checkSamples checks the samples of a template: 92002 for too many or too long ones, 92007 for one that is no text or has no name.
func checkSamples(sent map[string]*string) (map[string]string, error) {
	if len(sent) > maxVariables {
		return nil, errTooManyVariables
	}
	samples := make(map[string]string, len(sent))
	for key, sample := range sent {
		switch {
		case sample == nil, key == "", strings.ContainsAny(key, " \t\r\n{}"):
			return nil, errSamples
		case utf8.RuneCountInString(key) > maxVariableKey, utf8.RuneCountInString(*sample) > maxSample:
			return nil, errTooManyVariables
		}
		samples[key] = *sample
	}
	return samples, nil
}
