package control

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// Alert is an entry of the emulated debugger: something that went wrong where no caller can be told, such as a webhook
// without a usable answer.
type Alert struct {
	// Seq is the number of the event that records it.
	Seq        int64     `json:"seq"`
	Time       time.Time `json:"time"`
	AccountSID string    `json:"account_sid"`
	// Code is Twilio's, such as 11200; Text says what happened, for a person.
	Code int    `json:"code"`
	Text string `json:"text"`
	// ResourceSID is what it happened to, and URL where; both may be empty.
	ResourceSID string `json:"resource_sid,omitempty"`
	URL         string `json:"url,omitempty"`
	MoreInfo    string `json:"more_info"`
}

type alertList struct {
	Alerts []Alert `json:"alerts"`
}

func (h *Handler) alertRoutes() []route { return []route{{"GET", "/alerts", h.listAlerts}} }

// listAlerts reads the event log; account in the query leaves out what other accounts have.
func (h *Handler) listAlerts(_ http.ResponseWriter, r *http.Request) (any, error) {
	after, limit, err := window(r)
	if err != nil {
		return nil, err
	}
	events, err := h.Conversations.ListEvents(r.Context(), after, 0)
	if err != nil {
		return nil, err
	}
	list := alertList{Alerts: []Alert{}}
	account := r.URL.Query().Get("account")
	for _, e := range events {
		if e.Type != conversations.Alerted || account != "" && e.AccountSID != account {
			continue
		}
		if list.Alerts = append(list.Alerts, newAlert(e)); len(list.Alerts) == limit {
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

// ListAlerts returns the kept entries of the debugger with a number above after, oldest first; limit at most (0: all).
func (c *Client) ListAlerts(ctx context.Context, after int64, limit int) ([]Alert, error) {
	var list alertList
	err := c.do(ctx, "GET", "/alerts"+windowQuery(after, limit), nil, &list)
	return list.Alerts, err
}
