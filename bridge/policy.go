package bridge

import (
	"context"
	"slices"
)

// Policy says how faithfully the handler follows the Function that Twilio publishes for the WhatsApp sandbox.
// The zero value means PolicyStandard.
type Policy string

const (
	// PolicyStandard answers <Response/>, keeps every message and cleans up after every failure.
	PolicyStandard Policy = "standard"
	// PolicyClassic is the published Function, branch by branch, with its defects (reference, WhatsApp 8.3 and 8.4).
	PolicyClassic Policy = "classic"
)

// policies is the list of all policies, the default first. Everything that depends on the policy is in its entry.
func policies() []policyEntry {
	return []policyEntry{
		{name: PolicyStandard, summary: "fit for production", queued: true, calls: true, serve: (*Handler).accept},
		{name: PolicyClassic, summary: "the published Function with its defects", serve: (*Handler).classic},
	}
}

// policyEntry is one policy.
type policyEntry struct {
	name    Policy
	summary string
	queued  bool // works on messages after the answer, out of Config.Queue
	calls   bool // needs AccountSID and FlowSID to start
	// serve answers a webhook that Twilio has signed, and reports whether its message was accepted before.
	serve func(*Handler, context.Context, webhook) (a answer, duplicate bool)
}

// Policies returns all policies, the default first.
func Policies() []Policy {
	all := policies()
	names := make([]Policy, len(all))
	for i, p := range all {
		names[i] = p.name
	}
	return names
}

// entry returns what depends on the policy; false for an unknown one.
func (p Policy) entry() (policyEntry, bool) {
	all := policies()
	i := slices.IndexFunc(all, func(e policyEntry) bool { return e.name == p })
	if i < 0 {
		return policyEntry{}, false
	}
	return all[i], true
}

// Summary describes the policy in a few words, for help texts; "" for an unknown one.
func (p Policy) Summary() string {
	e, _ := p.entry()
	return e.summary
}

// Queued reports whether messages of the policy are kept in Config.Queue and worked on after the answer.
func (p Policy) Queued() bool {
	e, _ := p.entry()
	return e.queued
}
