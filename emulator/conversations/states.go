package conversations

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/sosodev/duration"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// State of a conversation. Reference, Conversations API 3.2.
type State string

// States. An inactive conversation keeps its bindings and wakes at the next message; a closed one is final.
const (
	StateActive   State = "active"
	StateInactive State = "inactive"
	StateClosed   State = "closed"
)

// Why a state changed, as onConversationStateUpdated says it.
const (
	reasonAPI   = "API"
	reasonTimer = "TIMER"
	reasonEvent = "EVENT"
)

// Least lengths of the timers.
const (
	minInactive = time.Minute
	minClosed   = 10 * time.Minute
)

// Timers are the instants at which a conversation will change its state by itself, if nothing happens; absent when it
// will not.
type Timers struct {
	DateInactive *Time `json:"date_inactive,omitempty"`
	DateClosed   *Time `json:"date_closed,omitempty"`
}

// TimersParams is the part of a form under Timers: ISO 8601 durations; PT0S takes a timer away.
type TimersParams struct{ Inactive, Closed *string }

func isState(s string, state State) bool { return strings.EqualFold(s, string(state)) }

func parseState(s string) (State, error) {
	for _, state := range []State{StateActive, StateInactive, StateClosed} {
		if isState(s, state) {
			return state, nil
		}
	}
	if s == "" {
		return "", errStateEmpty()
	}
	return "", errStateUnknown()
}

// applyState checks and sets State and Timers of a form. What follows from them is settleState's business.
func (c *conversationDoc) applyState(p ConversationParams) (err error) {
	if p.State != nil {
		if c.State, err = parseState(*p.State); err != nil {
			return err
		}
	}
	if p.Timers.Inactive != nil {
		c.Inactive, err = parseTimer(*p.Timers.Inactive, minInactive, errInactiveTimerInvalid, errInactiveTimerTooShort)
		if err != nil {
			return err
		}
	}
	if p.Timers.Closed != nil {
		c.Closed, err = parseTimer(*p.Timers.Closed, minClosed, errClosedTimerInvalid, errClosedTimerTooShort)
	}
	return err
}

func parseTimer(s string, least time.Duration, invalid, short func() *Error) (time.Duration, error) {
	parsed, err := duration.Parse(s)
	if err != nil || parsed.Negative {
		return 0, invalid()
	}
	d := parsed.ToTimeDuration()
	if d != 0 && d < least {
		return 0, short()
	}
	return d, nil
}

// settleState does what an update's new state and timers ask for: a closed conversation lets go of its bindings.
func (a *API) settleState(tx store.Tx, c *conversationDoc, from State, now time.Time) error {
	if c.State == StateClosed {
		c.Timers = Timers{}
		if from != StateClosed {
			return a.freeBindings(tx, c.SID)
		}
		return nil
	}
	return a.armTimers(tx, c, now)
}

// armTimers counts both timers from now on: that is what a creation, an update, a message and a return to active do.
// Reference, Conversations API 3.2: inactive only while active, closed always.
func (a *API) armTimers(tx store.Tx, c *conversationDoc, now time.Time) error {
	was := c.Timers
	c.Timers = Timers{}
	if c.Inactive > 0 && c.State == StateActive {
		c.Timers.DateInactive = &Time{now.Add(c.Inactive)}
	}
	if c.Closed > 0 {
		c.Timers.DateClosed = &Time{now.Add(c.Closed)}
	}
	if err := a.armTimer(tx, c.SID, StateInactive, was.DateInactive, c.Timers.DateInactive); err != nil {
		return err
	}
	return a.armTimer(tx, c.SID, StateClosed, was.DateClosed, c.Timers.DateClosed)
}

// armTimer puts off or takes away the job that looks at a conversation when a timer is due.
func (a *API) armTimer(tx store.Tx, conversationSID string, to State, was, due *Time) error {
	id := "timer/" + conversationSID + "/" + string(to)
	if due != nil {
		return a.outbox.Put(tx, Job{ID: id, Type: JobTimer, Due: due.Time, Args: map[string]string{"ConversationSid": conversationSID}})
	}
	if was != nil {
		return a.outbox.Cancel(tx, id)
	}
	return nil
}

// runTimer is the worker of JobTimer: it moves the conversation to the state that its timers ask for now.
func (a *API) runTimer(ctx context.Context, job Job) error {
	return a.update(ctx, func(tx store.Tx) error {
		c, err := conversationDocs.Get(tx, job.Args["ConversationSid"])
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		now, from := a.now(), c.State
		switch t := c.Timers; {
		case t.DateClosed != nil && !t.DateClosed.After(now):
			c.State, c.Timers = StateClosed, Timers{}
			if err := a.freeBindings(tx, c.SID); err != nil {
				return err
			}
		case t.DateInactive != nil && !t.DateInactive.After(now):
			c.State, c.Timers.DateInactive = StateInactive, nil
		default: // put off meanwhile
			return nil
		}
		c.DateUpdated = Time{now}
		if err := a.putConversation(tx, c); err != nil {
			return err
		}
		return a.emit(tx, automatic(c), stateEvent(c, from, reasonTimer))
	})
}

// automatic is the scope of what happens to a conversation by itself: webhooks are told whatever any header says.
func automatic(c conversationDoc) Scope {
	return Scope{AccountSID: c.AccountSID, ServiceSID: c.ChatServiceSID, WebhookEnabled: true}
}

// wake is what a new message does to its conversation: its timers count anew, and an inactive one becomes active.
func (a *API) wake(tx store.Tx, c *conversationDoc, now time.Time) error {
	from := c.State
	c.State = StateActive
	if err := a.armTimers(tx, c, now); err != nil || from == StateActive {
		return err
	}
	return a.emit(tx, automatic(*c), stateEvent(*c, from, reasonEvent))
}
