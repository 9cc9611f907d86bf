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

// States of a conversation. An inactive conversation keeps its bindings and becomes active at the next message. A closed one
// never changes. Only a group is initializing, while its participants are added.
const (
	StateActive       State = "active"
	StateInactive     State = "inactive"
	StateClosed       State = "closed"
	StateInitializing State = "initializing"
)

// Reasons of onConversationStateUpdated.
const (
	reasonAPI   = "API"
	reasonTimer = "TIMER"
	reasonEvent = "EVENT"
)

// Limits of the timers. Twilio documents the least lengths; the greatest is the emulator's, so that every date can be written.
const (
	minInactive  = time.Minute
	minClosed    = 10 * time.Minute
	maxTimer     = 100 * 365 * 24 * time.Hour
	maxTimerText = 100 // bytes; the library takes quadratic time
)

// Timers are the times at which the timers of a conversation will change its state. A timer that is not set is nil.
type Timers struct {
	DateInactive *time.Time `json:"date_inactive,omitempty"`
	DateClosed   *time.Time `json:"date_closed,omitempty"`
}

// TimersParams is the part of a form under Timers: ISO 8601 durations. PT0S removes a timer.
type TimersParams struct{ Inactive, Closed *string }

// parseState reads the State of a form.
func parseState(s string) (State, error) {
	state, ok := parseName(s, []State{StateActive, StateInactive, StateClosed})
	switch {
	case ok:
		return state, nil
	case s == "":
		return "", errStateEmpty
	}
	return "", errStateUnknown
}

// parseStateFilter reads the State that filters a list.
func parseStateFilter(s string) (State, error) {
	state, ok := parseName(s, []State{StateActive, StateInactive, StateClosed, StateInitializing})
	if !ok {
		return "", twilio.InvalidParameter("State")
	}
	return state, nil
}

// applyState checks State and Timers of a form and sets those that were sent. completeStateChange must follow.
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

// durationForm matches an ISO 8601 duration without sign: weeks, or years to days and hours to seconds in their order. The
// library accepts more, such as units in any order.
var durationForm = regexp.MustCompile(strings.ReplaceAll(
	`^P(?:_W|(?:_Y)?(?:_M)?(?:_D)?(?:T(?:_H)?(?:_M)?(?:_S)?)?)$`, "_", `[0-9]+(?:[.][0-9]+)?`))

// parseTimer reads an ISO 8601 duration that is PT0S or at least as long as least.
func parseTimer(s string, least time.Duration, invalid, short *twilio.Error) (time.Duration, error) {
	if len(s) > maxTimerText || !durationForm.MatchString(s) || strings.HasSuffix(s, "P") || strings.HasSuffix(s, "T") {
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

// hours returns the approximate length of a duration in hours. It cannot overflow, as a time.Duration can.
func hours(d *duration.Duration) float64 {
	const day = 24
	return d.Years*366*day + d.Months*31*day + d.Weeks*7*day + d.Days*day + d.Hours + d.Minutes/60 + d.Seconds/3600
}

// completeStateChange restarts the timers of a conversation after its state has changed, and frees the bindings of one that was
// closed.
func (a *API) completeStateChange(tx store.Tx, c *conversationDoc, from State, now time.Time) error {
	if err := a.armTimers(tx, c, now); err != nil || c.State != StateClosed || from == StateClosed {
		return err
	}
	c.GroupKey = ""
	return a.freeBindings(tx, c.SID)
}

// armTimers restarts both timers. A creation, an update, a message and the return to active do so. The timer to inactive runs in
// active conversations only, the timer to closed in all but closed ones. Reference, Conversations API 3.2.
func (a *API) armTimers(tx store.Tx, c *conversationDoc, now time.Time) error {
	old := c.Timers
	c.Timers = Timers{}
	if c.Inactive > 0 && c.State == StateActive {
		c.Timers.DateInactive = new(now.Add(c.Inactive))
	}
	if c.Closed > 0 && c.State != StateClosed {
		c.Timers.DateClosed = new(now.Add(c.Closed))
	}
	if err := a.armTimer(tx, c.SID, StateInactive, old.DateInactive, c.Timers.DateInactive); err != nil {
		return err
	}
	return a.armTimer(tx, c.SID, StateClosed, old.DateClosed, c.Timers.DateClosed)
}

// armTimer schedules the job of a timer for due, or cancels the job when due is nil.
func (a *API) armTimer(tx store.Tx, conversationSID string, to State, old, due *time.Time) error {
	if due != nil {
		return a.outbox.Put(tx, outbox.Job{ID: timerID(conversationSID, to), Due: *due, Args: timerJob{conversationSID}})
	}
	if old != nil {
		return a.outbox.Cancel(tx, timerID(conversationSID, to))
	}
	return nil
}

// disarmTimers cancels the timers of a conversation.
func (a *API) disarmTimers(tx store.Tx, conversationSID string) error {
	if err := a.outbox.Cancel(tx, timerID(conversationSID, StateInactive)); err != nil {
		return err
	}
	return a.outbox.Cancel(tx, timerID(conversationSID, StateClosed))
}

func timerID(conversationSID string, to State) string {
	return "timer/" + conversationSID + "/" + string(to)
}

// timerJob changes the state of a conversation when one of its timers is due.
type timerJob struct{ ConversationSID string }

// Kind is the type of the job.
func (timerJob) Kind() string { return "timer" }

// runTimer is the worker of timerJob. It moves the conversation through all states that are due. More than one is due after the
// clock has jumped, or the emulator was not running.
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

// expireTimer moves the conversation to the state of its earliest timer, if that is due, and reports whether it was.
func (c *conversationDoc) expireTimer(now time.Time) bool {
	inactive, closed := c.Timers.DateInactive, c.Timers.DateClosed
	switch {
	case inactive != nil && !inactive.After(now) && (closed == nil || !closed.Before(*inactive)):
		c.State, c.Timers.DateInactive = StateInactive, nil
	case closed != nil && !closed.After(now):
		c.State = StateClosed
	default: // the timer was restarted
		return false
	}
	c.DateUpdated = now
	return true
}

// automaticScope returns the scope of a change that no caller made. It fires webhooks.
func automaticScope(c conversationDoc) Scope {
	return Scope{AccountSID: c.AccountSID, ServiceSID: c.ChatServiceSID, WebhookEnabled: true}
}

// reactivate restarts the timers of a conversation that gets a message, and makes an inactive one active. That change fires
// webhooks even when the message does not. Reference, Conversations API 6.3.
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
