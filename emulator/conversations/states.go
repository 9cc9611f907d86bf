package conversations

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/sosodev/duration"

	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// State of a conversation. Reference, Conversations API 3.2.
type State string

// States. An inactive conversation keeps its bindings and wakes at the next message; a closed one is final. Only a group is ever
// initializing: while its participants are being added.
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

// applyState checks and sets State and Timers of a form. What follows from them is completeStateChange's business.
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

// completeStateChange does what the state and timers of a form ask for: the timers count anew, and a conversation that was closed
// has none and lets go of its bindings.
func (a *API) completeStateChange(tx store.Tx, c *conversationDoc, from State, now time.Time) error {
	if err := a.armTimers(tx, c, now); err != nil || c.State != StateClosed || from == StateClosed {
		return err
	}
	c.GroupKey = ""
	return a.freeBindings(tx, c.SID)
}

// armTimers counts both timers from now on: that is what a creation, an update, a message and a return to active do.
// Reference, Conversations API 3.2: inactive only while active, closed until closed.
func (a *API) armTimers(tx store.Tx, c *conversationDoc, now time.Time) error {
	was := c.Timers
	c.Timers = Timers{}
	if c.Inactive > 0 && c.State == StateActive {
		c.Timers.DateInactive = new(now.Add(c.Inactive))
	}
	if c.Closed > 0 && c.State != StateClosed {
		c.Timers.DateClosed = new(now.Add(c.Closed))
	}
	if err := a.armTimer(tx, c.SID, StateInactive, was.DateInactive, c.Timers.DateInactive); err != nil {
		return err
	}
	return a.armTimer(tx, c.SID, StateClosed, was.DateClosed, c.Timers.DateClosed)
}

// armTimer puts off or takes away the job that looks at a conversation when a timer is due.
func (a *API) armTimer(tx store.Tx, conversationSID string, to State, was, due *time.Time) error {
	if due != nil {
		return a.outbox.Put(tx, outbox.Job{ID: timerID(conversationSID, to), Due: *due, Args: timerJob{conversationSID}})
	}
	if was != nil {
		return a.outbox.Cancel(tx, timerID(conversationSID, to))
	}
	return nil
}

// disarmTimers takes away the jobs of a conversation that is deleted.
func (a *API) disarmTimers(tx store.Tx, conversationSID string) error {
	if err := a.outbox.Cancel(tx, timerID(conversationSID, StateInactive)); err != nil {
		return err
	}
	return a.outbox.Cancel(tx, timerID(conversationSID, StateClosed))
}

func timerID(conversationSID string, to State) string {
	return "timer/" + conversationSID + "/" + string(to)
}

// timerJob lets a timer of a conversation run out.
type timerJob struct{ ConversationSID string }

// Kind is the type of the job.
func (timerJob) Kind() string { return "timer" }

// runTimer is the worker of timerJob: it moves the conversation through the states that its timers ask for by now. More
// than one is due when the clock has jumped, or the emulator was not running.
func (a *API) runTimer(ctx context.Context, _ outbox.Job, args timerJob) error {
	return a.update(ctx, func(tx store.Tx) error {
		c, err := conversationDocs.Get(tx, args.ConversationSID)
		if err != nil {
			return store.IgnoreNotFound(err)
		}
		now := a.now()
		for from := c.State; c.expireTimer(now); from = c.State {
			if c.State == StateClosed {
				if err := a.completeStateChange(tx, &c, from, now); err != nil {
					return err
				}
			}
			if err := a.putConversation(tx, c); err != nil {
				return err
			}
			if err := a.emit(tx, automaticScope(c), stateEvent(c, from, reasonTimer)); err != nil {
				return err
			}
		}
		return nil
	})
}

// expireTimer moves the conversation to the state of its earliest timer, if that is due by now, and reports whether it was.
func (c *conversationDoc) expireTimer(now time.Time) bool {
	inactive, closed := c.Timers.DateInactive, c.Timers.DateClosed
	switch {
	case inactive != nil && !inactive.After(now) && (closed == nil || !closed.Before(*inactive)):
		c.State, c.Timers.DateInactive = StateInactive, nil
	case closed != nil && !closed.After(now):
		c.State = StateClosed
	default: // put off meanwhile
		return false
	}
	c.DateUpdated = now
	return true
}

// automaticScope is the scope of what happens to a conversation by itself: webhooks are told whatever any header says.
func automaticScope(c conversationDoc) Scope {
	return Scope{AccountSID: c.AccountSID, ServiceSID: c.ChatServiceSID, WebhookEnabled: true}
}

// reactivate is what a new message does to its conversation: its timers count anew, and an inactive one becomes active, which
// webhooks are told whatever the message's header says. Reference, Conversations API 6.3.
func (a *API) reactivate(tx store.Tx, scope Scope, c *conversationDoc, now time.Time) error {
	from := c.State
	c.State = StateActive
	if err := a.armTimers(tx, c, now); err != nil || from == StateActive {
		return err
	}
	c.DateUpdated = now
	scope.WebhookEnabled = true
	return a.emit(tx, scope, stateEvent(*c, from, reasonEvent))
}
