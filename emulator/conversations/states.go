package conversations

import (
	"regexp"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/sosodev/duration"
)

// State of a conversation. Reference, Conversations API 3.2.
type State string

// States. An inactive conversation keeps its bindings and wakes at the next message; a closed one is final. Only a group
// MMS is ever initializing, and those are not emulated (50452), so no conversation here is.
const (
	StateActive       State = "active"
	StateInactive     State = "inactive"
	StateClosed       State = "closed"
	StateInitializing State = "initializing"
)

// Why a state changed, as onConversationStateUpdated says it.
const (
	reasonAPI   = "API"
	reasonTimer = "TIMER"
	reasonEvent = "EVENT"
)

// Lengths of the timers. Twilio documents the least ones; the greatest is ours, so that every date can be written.
const (
	minInactive = time.Minute
	minClosed   = 10 * time.Minute
	maxTimer    = 100 * 365 * 24 * time.Hour
)

// Timers are the instants at which a conversation will change its state by itself, if nothing happens; absent when it
// will not.
type Timers struct {
	DateInactive *time.Time `json:"date_inactive,omitempty"`
	DateClosed   *time.Time `json:"date_closed,omitempty"`
}

// TimersParams is the part of a form under Timers: ISO 8601 durations; PT0S takes a timer away.
type TimersParams struct{ Inactive, Closed *string }

func isState(s string, state State) bool { return strings.EqualFold(s, string(state)) }

// parseState reads a state that a form may ask for.
func parseState(s string) (State, error) {
	for _, state := range []State{StateActive, StateInactive, StateClosed} {
		if isState(s, state) {
			return state, nil
		}
	}
	if s == "" {
		return "", errStateEmpty
	}
	return "", errStateUnknown
}

// parseStateFilter reads a state that a list may be filtered by.
func parseStateFilter(s string) (State, error) {
	if isState(s, StateInitializing) {
		return StateInitializing, nil
	}
	state, err := parseState(s)
	if err != nil {
		return "", twilio.InvalidParameter("State")
	}
	return state, nil
}

// applyState checks and sets State and Timers of a form. What follows from them is settleState's business.
func (c *conversationDoc) applyState(p ConversationParams) (err error) {
	if p.State != nil {
		if c.State, err = parseState(*p.State); err != nil {
			return err
		}
	}
	if p.Timers.Inactive != nil {
		if c.Inactive, err = parseInactiveTimer(*p.Timers.Inactive); err != nil {
			return err
		}
	}
	if p.Timers.Closed != nil {
		c.Closed, err = parseClosedTimer(*p.Timers.Closed)
	}
	return err
}

func parseInactiveTimer(s string) (time.Duration, error) {
	return parseTimer(s, minInactive, errInactiveTimerInvalid, errInactiveTimerTooShort)
}

func parseClosedTimer(s string) (time.Duration, error) {
	return parseTimer(s, minClosed, errClosedTimerInvalid, errClosedTimerTooShort)
}

// durationForm is an ISO 8601 duration without sign: weeks, or years to days and hours to seconds in their order. The
// library takes more: P alone, units in any order.
var durationForm = regexp.MustCompile(strings.ReplaceAll(
	`^P(?:_W|(?:_Y)?(?:_M)?(?:_D)?(?:T(?:_H)?(?:_M)?(?:_S)?)?)$`, "_", `[0-9]+(?:[.][0-9]+)?`))

// parseTimer reads an ISO 8601 duration: PT0S or at least as long as least.
func parseTimer(s string, least time.Duration, invalid, short *twilio.Error) (time.Duration, error) {
	if !durationForm.MatchString(s) || strings.HasSuffix(s, "P") || strings.HasSuffix(s, "T") {
		return 0, invalid
	}
	parsed, err := duration.Parse(s)
	if err != nil || hours(parsed) > maxTimer.Hours() {
		return 0, invalid
	}
	d := parsed.ToTimeDuration()
	if d != 0 && d < least {
		return 0, short
	}
	return d, nil
}

// hours is roughly how long a duration is; it cannot overflow, as a time.Duration can.
func hours(d *duration.Duration) float64 {
	const day = 24
	return d.Years*366*day + d.Months*31*day + d.Weeks*7*day + d.Days*day + d.Hours + d.Minutes/60 + d.Seconds/3600
}
