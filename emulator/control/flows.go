package control

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/emulator/studio"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

type flowList struct {
	Flows []studio.Flow `json:"flows"`
}

func (h *Handler) flowRoutes() []route {
	return []route{
		{"GET", "/accounts/{account}/flows", h.listFlows},
		{"POST", "/accounts/{account}/flows", h.registerFlow},
		{"DELETE", "/accounts/{account}/flows/{sid}", h.deleteFlow},
	}
}

func (h *Handler) listFlows(_ http.ResponseWriter, r *http.Request) (any, error) {
	account := mux.Vars(r)["account"]
	list := flowList{Flows: []studio.Flow{}}
	for q := (twilio.PageQuery{Size: 1000}); ; {
		page, err := h.Studio.ListFlows(r.Context(), account, q)
		if err != nil {
			return nil, err
		}
		list.Flows = append(list.Flows, page.Items...)
		if q.Token = page.Next; q.Token == "" {
			return list, nil
		}
	}
}

// ListFlows returns the Studio flows of an account, oldest first.
func (c *Client) ListFlows(ctx context.Context, accountSID string) ([]studio.Flow, error) {
	var list flowList
	err := c.do(ctx, "GET", flowsPath(accountSID), nil, &list)
	return list.Flows, err
}

func (h *Handler) registerFlow(_ http.ResponseWriter, r *http.Request) (any, error) {
	var wanted studio.NewFlow
	if err := decode(r, &wanted); err != nil {
		return nil, err
	}
	f, err := h.Studio.RegisterFlow(r.Context(), mux.Vars(r)["account"], wanted)
	return f, unknownAccount(r, err)
}

// RegisterFlow adds a Studio flow to an account under a SID of one's own choosing, such as the one that a team's real flow
// has. From an account's first flow on, the flows that it does not have are unknown.
func (c *Client) RegisterFlow(ctx context.Context, accountSID string, wanted studio.NewFlow) (f studio.Flow, err error) {
	err = c.do(ctx, "POST", flowsPath(accountSID), wanted, &f)
	return f, err
}

func (h *Handler) deleteFlow(_ http.ResponseWriter, r *http.Request) (any, error) {
	account, sid := mux.Vars(r)["account"], mux.Vars(r)["sid"]
	err := h.Studio.DeleteFlow(r.Context(), account, sid)
	if twilio.IsNotFound(err) {
		return nil, notFound("account %s has no flow %s", account, sid)
	}
	return struct{}{}, err
}

// DeleteFlow takes a Studio flow away from its account.
func (c *Client) DeleteFlow(ctx context.Context, accountSID, flowSID string) error {
	return c.do(ctx, "DELETE", flowsPath(accountSID)+"/"+url.PathEscape(flowSID), nil, nil)
}

func flowsPath(accountSID string) string { return "/accounts/" + url.PathEscape(accountSID) + "/flows" }
