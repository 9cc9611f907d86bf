package control

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

type eventList struct {
	Events []conversations.Event `json:"events"`
}

// Alert is an entry of the emulated debugger: something that went wrong where no caller can be told, such as a webhook
// without a usable answer.
type Alert struct {
	// Seq is the number of the event that records it.
	Seq        int64     `json:"seq"`
	Time       time.Time `json:"time"`
	AccountSID string    `json:"account_sid"`
	// Code is Twilio's, such as 11200; Text says what happened, in a sentence.
	Code int    `json:"code"`
	Text string `json:"text"`
	// ResourceSID names the resource that is concerned, and URL the server; both may be empty.
	ResourceSID string `json:"resource_sid,omitempty"`
	URL         string `json:"url,omitempty"`
	MoreInfo    string `json:"more_info"`
}

type alertList struct {
	Alerts []Alert `json:"alerts"`
}

var (
	listEvents   = endpoint[none, eventList]{"GET", "/events"}
	streamEvents = stream[conversations.Event]{"/events/stream"}
	listAlerts   = endpoint[none, alertList]{"GET", "/alerts"}
)

func (h *Handler) serveEvents() {
	serve(h, listEvents, func(r *http.Request, _ none) (eventList, error) {
		w, err := windowOf(r)
		if err != nil {
			return eventList{}, err
		}
		events, err := h.conversations.ListEvents(r.Context(), w.after, w.limit)
		return eventList{append([]conversations.Event{}, events...)}, err
	})
	serveStream(h, streamEvents, source[conversations.Event]{newest: h.conversations.LastEvent, next: h.nextEvents})
	serve(h, listAlerts, h.listAlerts)
}

func (h *Handler) nextEvents(ctx context.Context, after int64) ([]conversations.Event, int64, error) {
	for {
		committed := h.outbox.Committed()
		events, err := h.conversations.ListEvents(ctx, after, 0)
		if err != nil {
			return nil, after, err
		}
		if len(events) > 0 {
			return events, events[len(events)-1].Seq, nil
		}
		select {
		case <-committed:
		case <-ctx.Done():
			return nil, after, ctx.Err()
		}
	}
}

// listAlerts reads the event log; account in the query leaves out what other accounts have.
func (h *Handler) listAlerts(r *http.Request, _ none) (alertList, error) {
	list := alertList{Alerts: []Alert{}}
	w, err := windowOf(r)
	if err != nil {
		return list, err
	}
	events, err := h.conversations.ListEvents(r.Context(), w.after, 0)
	if err != nil {
		return list, err
	}
	account := r.URL.Query().Get("account")
	for _, e := range events {
		if e.Type != conversations.Alerted || account != "" && e.AccountSID != account {
			continue
		}
		if list.Alerts = append(list.Alerts, newAlert(e)); len(list.Alerts) == w.limit {
			break
		}
	}
	return list, nil
}

func newAlert(e conversations.Event) Alert {
	code, _ := strconv.Atoi(e.Params.Get("ErrorCode")) // written by conversations.Alert as a number
	return Alert{Seq: e.Seq, Time: e.Time, AccountSID: e.AccountSID, Code: code, Text: e.Params.Get("Text"),
		ResourceSID: e.Params.Get("ResourceSid"), URL: e.Params.Get("Url"),
		MoreInfo: "https://www.twilio.com/docs/errors/" + strconv.Itoa(code)}
}

// ListEvents returns the kept events with a number above after, oldest first; limit at most (0: all). They are Twilio's
// events (onMessageAdded) and the emulator's own (message.received, sandbox.joined, alert).
func (c *Client) ListEvents(ctx context.Context, after int64, limit int) ([]conversations.Event, error) {
	list, err := call(ctx, c, listEvents.with(window{after, limit}.query()), none{})
	return list.Events, err
}

// StreamEvents calls handle for every event with a number above after, as it happens, until ctx ends or handle returns
// an error; after -1 means from now on.
func (c *Client) StreamEvents(ctx context.Context, after int64, handle func(conversations.Event) error) error {
	return follow(ctx, c, streamEvents, after, handle)
}

// ListAlerts returns the kept entries of the debugger with a number above after, oldest first; limit at most (0: all).
func (c *Client) ListAlerts(ctx context.Context, after int64, limit int) ([]Alert, error) {
	list, err := call(ctx, c, listAlerts.with(window{after, limit}.query()), none{})
	return list.Alerts, err
}
