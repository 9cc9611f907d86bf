package studio

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// HandOff ends an execution as the widget Send to Flex does: an agent has the conversation now, and its studio webhooks
// start nothing any more, unless the switch studio_refire_after_handoff is on. It lasts until the conversation is closed,
// which is for good: the customer's next message makes another. The error is store.ErrNotFound, or an
// *invalid.Error for an execution that has ended.
func (s *Studio) HandOff(ctx context.Context, executionSID string) (Execution, error) {
	return s.end(ctx, executionSID, conversations.ExecutionHandedOff)
}

// EndExecution ends an execution, as a flow does that has come to its end: the next message starts another. The error is
// that of HandOff.
func (s *Studio) EndExecution(ctx context.Context, executionSID string) (Execution, error) {
	return s.end(ctx, executionSID, conversations.ExecutionEnded)
}

func (s *Studio) end(ctx context.Context, executionSID string, by conversations.EventType) (ended Execution, err error) {
	err = s.store.Update(ctx, func(tx store.Tx) error {
		if ended, err = executions.Get(tx, executionSID); err != nil {
			return err
		}
		if ended.Status != StatusActive {
			return invalid.Errorf("execution %s has ended already", executionSID)
		}
		ended.Status, ended.HandedOff = StatusEnded, by == conversations.ExecutionHandedOff
		ended.DateUpdated = s.clock.Now().Truncate(time.Millisecond)
		if err := executions.Put(tx, executionSID, ended); err != nil {
			return err
		}
		return s.conversations.Record(tx, conversations.Event{Type: by, AccountSID: ended.AccountSID, ConversationSID: ended.ConversationSID,
			Params: url.Values{"FlowSid": {ended.FlowSID}, "ExecutionSid": {executionSID}}})
	})
	return ended, unknownExecution(executionSID, err)
}

// dormant says that an event triggers nothing: the flow takes no messages, which is an entry of the debugger, or an agent
// has the conversation.
func (s *Studio) dormant(tx store.Tx, e conversations.Event, flowSID string) (bool, error) {
	takes, err := takesMessages(tx, e.AccountSID, flowSID)
	if err != nil {
		return false, err
	}
	if !takes { // no source names the code; 20404 is what the flow's own API says
		return true, s.conversations.RecordAlert(tx, conversations.Alert{AccountSID: e.AccountSID, Code: 20404, ResourceSID: flowSID,
			Text: fmt.Sprintf("%s in %s triggered nothing: the account has no published Studio flow %s", e.Type, e.ConversationSID, flowSID)})
	}
	set, err := s.switches(tx)
	if err != nil || set.RefireAfterHandoff {
		return false, err
	}
	_, err = executions.First(tx, store.Query{Index: handedOff, Prefix: store.Prefix(e.ConversationSID)})
	if isMissing(err) {
		return false, nil
	}
	return err == nil, err
}
