package steps

import (
	"regexp"
	"strings"

	"github.com/cloudforgot/cloudforgot/bridge"
)

// placeholders has the words that may stand in braces in the form of a step, with the pattern that the text of a scenario must
// match there. Each is one argument of the step's method.
var placeholders = map[string]string{
	"account":      `([A-Z]\w*)`,
	"phone":        `([A-Z]\w*)`,
	"conversation": `([A-Z]\w*'s conversation (?:with [A-Z]\w*'s phone|"[^"]+"))`,
	"text":         `"([^"]*)"`,
	"count":        `(no|\d+)`,
	"number":       `(\d+)`,
	"duration":     `(\d+ (?:second|minute|hour|day)s?)`,
	"policy":       policyPattern(),
	"file":         `(photo|sticker|voice note|song|video|document|contact card)`,
	"state":        `(active|inactive|closed)`,
	"status":       `(sent|delivered|read|failed|undelivered)`,
	"method":       `(GET|POST|DELETE)`,
	"request":      `((?:GET|POST|DELETE) /\S*)`,
	"type":         `([a-z]+/[a-z+.-]+)`,
	"call":         `([a-z ]+)`,
	"switch":       `([a-z0-9_]+)`,
	"setting":      `([a-z0-9-]+|\d+ (?:second|minute|hour|day)s?)`,
	"change":       `(redacts|cancels|deletes)`,
	"approval":     `(approved|rejected|paused|disabled)`,
	"manner":       `(with credentials|without credentials|with credentials for every host|without following redirects)`,
	"sealed":       `(signed by Twilio|changed on the way|changed on the way with its hash)`,
	"verdict":      `(right|wrong)`,
	"way":          `([a-zA-Z, ]+)`,
}

// policyPattern matches the name of a policy of the bridge.
func policyPattern() string {
	var names []string
	for _, p := range bridge.Policies() {
		names = append(names, string(p))
	}
	return "(" + strings.Join(names, "|") + ")"
}

var (
	placeholder = regexp.MustCompile(`\\\{(\w+)\\\}`)
	optional    = regexp.MustCompile(`\\\((e?s)\\\)`)
)

// compile turns the form of a step, such as "{account} has {count} conversation(s)", into the pattern that godog matches
// the text of scenarios with. A placeholder that does not exist stands for itself.
func compile(form string) *regexp.Regexp {
	pattern := placeholder.ReplaceAllStringFunc(regexp.QuoteMeta(form), func(found string) string {
		if known, ok := placeholders[strings.Trim(found, `\{}`)]; ok {
			return known
		}
		return found
	})
	return regexp.MustCompile("^" + optional.ReplaceAllString(pattern, "(?:$1)?") + "$") // quoted, so it cannot fail
}
