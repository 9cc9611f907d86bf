// Package studio is as much of Twilio Studio as stands behind a conversation: executions that messages start or resume.
//
// It does not run flows: a flow is kept with its definition (flows.go), and an execution records what triggered it and
// stays active until it is ended or hands the conversation to an agent, which the control API does. A webhook of a
// conversation with target studio comes here as a job of package conversations.
package studio

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Statuses of an execution.
const (
	StatusActive = "active"
	StatusEnded  = "ended"
)

// Execution is one run of a flow for one conversation. Reference, WhatsApp 6.2 and 6.3.
type Execution struct {
	SID             string `json:"sid"` // FN
	AccountSID      string `json:"account_sid"`
	FlowSID         string `json:"flow_sid"`
	ConversationSID string `json:"conversation_sid"`
	Status          string `json:"status"`
	// HandedOff: it ended by giving the conversation to an agent, as the widget Send to Flex does.
	HandedOff bool `json:"handed_off"`
	// Triggers are the events that started the execution and then resumed it, oldest first.
	Triggers    []Trigger `json:"triggers"`
	DateCreated time.Time `json:"date_created"`
	DateUpdated time.Time `json:"date_updated"`
}

// Trigger is one message that reached a flow: the variables trigger.conversation of Studio.
type Trigger struct {
	Event      conversations.EventType `json:"event"`
	MessageSID string                  `json:"message_sid"`
	Author     string                  `json:"author"`
	// Body is empty for a message of media alone.
	Body string    `json:"body"`
	Time time.Time `json:"time"`
	// Params is the whole event.
	Params url.Values `json:"params"`
}

const (
	active    = "active"  // Key(conversation, flow), unique, executions that have not ended
	byAccount = "account" // Key(account, created)
	handedOff = "handoff" // Key(conversation, created), executions that ended in a handoff
)

var executions = store.NewTable[Execution]("execution").
	Unique(active, func(e Execution) (string, bool) {
		return store.Key(e.ConversationSID, e.FlowSID), e.Status == StatusActive
	}).
	Ordered(byAccount, func(e Execution) (string, bool) {
		return store.Key(e.AccountSID, store.Instant(e.DateCreated)), true
	}).
	Ordered(handedOff, func(e Execution) (string, bool) {
		return store.Key(e.ConversationSID, store.Instant(e.DateCreated)), e.HandedOff
	})

// Config of a Studio. All fields must be set.
type Config struct {
	// Outbox is over a store that was opened with Kinds among its kinds.
	Outbox        *outbox.Outbox
	Conversations *conversations.API
	Clock         *clock.Clock
	SIDs          *sid.Source
	// Switches are those in force, in a transaction.
	Switches func(store.Tx) (Switches, error)
}

// Switches choose between readings of what Twilio leaves open about Studio. The zero value is the recommended ones.
type Switches struct {
	// CheckAtCreate: is a flow looked for when a webhook is configured with it, and not only when an event fires?
	CheckAtCreate bool
	// RefireAfterHandoff: does a message start an execution in a conversation that an agent has?
	RefireAfterHandoff bool
}

// Studio keeps the executions of all accounts.
type Studio struct {
	store         store.Store
	conversations *conversations.API
	clock         *clock.Clock
	sids          *sid.Source
	switches      func(store.Tx) (Switches, error)
}

// Kinds are the documents of this package, for opening the store.
func Kinds() []store.Kind { return []store.Kind{executions.Kind(), flows.Kind(), registries.Kind()} }

// New returns Studio and makes it the worker of the jobs for flows.
func New(c Config) *Studio {
	s := &Studio{store: c.Outbox, conversations: c.Conversations, clock: c.Clock, sids: c.SIDs, switches: c.Switches}
	outbox.Handle(c.Outbox, s.trigger)
	return s
}

// trigger starts an execution for the conversation, or resumes the one that is active. A flow that takes no messages is
// an entry of the debugger, and a conversation that was handed to an agent starts nothing. Reference, WhatsApp 6.1 and 6.2.
func (s *Studio) trigger(ctx context.Context, _ outbox.Job, args conversations.StudioJob) error {
	e, flowSID := args.Event, args.FlowSID
	now := s.clock.Now().Truncate(time.Millisecond)
	trigger := Trigger{Event: e.Type, MessageSID: e.Params.Get("MessageSid"), Author: e.Params.Get("Author"),
		Body: e.Params.Get("Body"), Time: now, Params: e.Params}
	return s.store.Update(ctx, func(tx store.Tx) error {
		if sleeps, err := s.dormant(tx, e, flowSID); err != nil || sleeps {
			return err
		}
		happened := conversations.ExecutionResumed
		x, err := executions.Lookup(tx, active, store.Key(e.ConversationSID, flowSID))
		switch {
		case isMissing(err):
			happened = conversations.ExecutionStarted
			x = Execution{SID: s.sids.New("FN"), AccountSID: e.AccountSID, FlowSID: flowSID,
				ConversationSID: e.ConversationSID, Status: StatusActive, DateCreated: now}
		case err != nil:
			return err
		case len(x.Triggers) > 0 && trigger.MessageSID != "" && x.Triggers[len(x.Triggers)-1].MessageSID == trigger.MessageSID &&
			x.Triggers[len(x.Triggers)-1].Event == e.Type:
			return nil // this job has been done before
		}
		x.DateUpdated = now
		x.Triggers = append(x.Triggers[:len(x.Triggers):len(x.Triggers)], trigger)
		if err := executions.Put(tx, x.SID, x); err != nil {
			return err
		}
		return s.conversations.Record(tx, conversations.Event{Type: happened, AccountSID: e.AccountSID, ConversationSID: e.ConversationSID,
			Params: url.Values{"FlowSid": {flowSID}, "ExecutionSid": {x.SID}, "MessageSid": {trigger.MessageSID}}})
	})
}

// ListExecutions returns the executions of an account, or of all when accountSID is empty, oldest first.
func (s *Studio) ListExecutions(ctx context.Context, accountSID string) (list []Execution, err error) {
	q := store.Query{Index: byAccount}
	if accountSID != "" {
		q.Prefix = store.Prefix(accountSID)
	}
	err = s.store.View(ctx, func(tx store.Tx) error {
		list = []Execution{}
		for e, err := range executions.Each(tx, q) {
			if err != nil {
				return err
			}
			list = append(list, e)
		}
		return nil
	})
	return list, err
}

// FetchExecution returns an execution by SID. The error is store.ErrNotFound.
func (s *Studio) FetchExecution(ctx context.Context, executionSID string) (e Execution, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		e, err = executions.Get(tx, executionSID)
		return err
	})
	return e, unknownExecution(executionSID, err)
}

// unknownExecution names the execution that there is not; the error is still store.ErrNotFound.
func unknownExecution(executionSID string, err error) error {
	if isMissing(err) {
		return &unknownExecutionError{executionSID}
	}
	return err
}

type unknownExecutionError struct{ sid string }

func (e *unknownExecutionError) Error() string { return "there is no execution " + e.sid }
func (e *unknownExecutionError) Unwrap() error { return store.ErrNotFound }

func isMissing(err error) bool { return errors.Is(err, store.ErrNotFound) }
