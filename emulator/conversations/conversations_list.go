package conversations

import (
	"context"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// ListConversationsParams are the filters of a list of conversations.
type ListConversationsParams struct {
	StartDate, EndDate *string // of creation, inclusive
	State              *string
}

// ListConversations returns the service's conversations, those with the most recent message first; with dates, those
// created between them, newest first. Reference, Conversations API 3.3.
func (a *API) ListConversations(ctx context.Context, scope Scope, p ListConversationsParams, q twilio.PageQuery) (twilio.Page[Conversation], error) {
	return list(ctx, a, q, func(tx store.Tx) (twilio.Listing[conversationDoc, Conversation], error) {
		l := twilio.Listing[conversationDoc, Conversation]{
			Table:    conversationDocs,
			Resource: func(c conversationDoc) (Conversation, error) { return c.Conversation, nil },
		}
		service, err := a.service(tx, scope)
		if err != nil {
			return l, err
		}
		l.Query = store.Query{Index: byActivity, Prefix: store.Prefix(service.SID), Reverse: true}
		state := State("")
		if p.State != nil {
			if state, err = parseStateFilter(*p.State); err != nil {
				return l, err
			}
			l.Query.Index, l.Query.Prefix = byState, store.Prefix(service.SID, string(state))
		}
		if p.StartDate == nil && p.EndDate == nil {
			return l, nil
		}
		within, err := createdWithin(p)
		if err != nil {
			return l, err
		}
		l.Query.Index, l.Query.Prefix = byCreation, store.Prefix(service.SID)
		l.Keep = func(c conversationDoc) bool { return (state == "" || c.State == state) && within(c.DateCreated) }
		return l, nil
	})
}

// createdWithin reads the dates of a filter. A day as EndDate means the whole day.
func createdWithin(p ListConversationsParams) (func(time.Time) bool, error) {
	start, end := time.Time{}, time.Unix(1<<40, 0)
	var err error
	if p.StartDate != nil {
		if start, err = twilio.ParseDate(*p.StartDate); err != nil {
			return nil, twilio.InvalidParameter("StartDate")
		}
	}
	if p.EndDate != nil {
		if end, err = twilio.ParseDate(*p.EndDate); err != nil {
			return nil, twilio.InvalidParameter("EndDate")
		}
		if len(*p.EndDate) == len(time.DateOnly) {
			end = end.AddDate(0, 0, 1).Add(-time.Nanosecond)
		}
	}
	if !end.After(start) {
		return nil, errEndBeforeStart
	}
	return func(t time.Time) bool { return !t.Before(start) && !t.After(end) }, nil
}
