package control

import (
	"context"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

type eventList struct {
	Events []conversations.Event `json:"events"`
}

func (h *Handler) eventRoutes() []route {
	return []route{
		{"GET", "/events", h.listEvents},
		{"GET", "/events/stream", h.streamEvents},
	}
}

func (h *Handler) listEvents(_ http.ResponseWriter, r *http.Request) (any, error) {
	after, limit, err := window(r)
	if err != nil {
		return nil, err
	}
	events, err := h.Conversations.ListEvents(r.Context(), after, limit)
	if events == nil {
		events = []conversations.Event{}
	}
	return eventList{events}, err
}

// ListEvents returns the kept events with a number above after, oldest first; limit at most (0: all). They are Twilio's
// events (onMessageAdded) and the emulator's own (message.received, sandbox.joined, alert).
func (c *Client) ListEvents(ctx context.Context, after int64, limit int) ([]conversations.Event, error) {
	var list eventList
	err := c.do(ctx, "GET", "/events"+windowQuery(after, limit), nil, &list)
	return list.Events, err
}

func (h *Handler) streamEvents(w http.ResponseWriter, r *http.Request) (any, error) {
	after, err := streamAfter(r, func() (int64, error) { return h.Conversations.LastEvent(r.Context()) })
	if err != nil {
		return nil, err
	}
	return stream(h, w, r, func(ctx context.Context) ([]conversations.Event, error) {
		for {
			committed := h.Conversations.Committed()
			events, err := h.Conversations.ListEvents(ctx, after, 0)
			if err != nil {
				return nil, err
			}
			if len(events) > 0 {
				after = events[len(events)-1].Seq
				return events, nil
			}
			select {
			case <-committed:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	})
}

// StreamEvents calls handle for every event with a number above after, as it happens, until ctx ends or handle returns
// an error; after -1 means from now on.
func (c *Client) StreamEvents(ctx context.Context, after int64, handle func(conversations.Event) error) error {
	return follow(ctx, c, "/events/stream"+streamQuery(after), handle)
}
