package control

import (
	"context"
	"net/http"
	"net/url"

	"github.com/cloudforgot/cloudforgot/emulator/studio"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

type flowList struct {
	Flows []studio.Flow `json:"flows"`
}

type executionList struct {
	Executions []studio.Execution `json:"executions"`
}

var (
	listFlows        = endpoint[none, flowList]{"GET", "/accounts/{account}/flows"}
	registerFlow     = endpoint[studio.NewFlow, studio.Flow]{"POST", "/accounts/{account}/flows"}
	deleteFlow       = endpoint[none, none]{"DELETE", "/accounts/{account}/flows/{sid}"}
	listExecutions   = endpoint[none, executionList]{"GET", "/executions"}
	fetchExecution   = endpoint[none, studio.Execution]{"GET", "/executions/{sid}"}
	handOffExecution = endpoint[none, studio.Execution]{"POST", "/executions/{sid}/handoff"}
	endExecution     = endpoint[none, studio.Execution]{"POST", "/executions/{sid}/end"}
)

func (h *Handler) serveStudio() {
	serve(h, listFlows, h.listFlows)
	serve(h, registerFlow, func(r *http.Request, wanted studio.NewFlow) (studio.Flow, error) {
		f, err := h.studio.RegisterFlow(r.Context(), parameter(r, "account"), wanted)
		return f, missingAccount(r, err)
	})
	serve(h, deleteFlow, func(r *http.Request, _ none) (none, error) {
		account, sid := parameter(r, "account"), parameter(r, "sid")
		return none{}, orMissing(h.studio.DeleteFlow(r.Context(), account, sid), "account %s has no flow %s", account, sid)
	})
	serve(h, listExecutions, func(r *http.Request, _ none) (executionList, error) {
		q, err := query(r)
		if err != nil {
			return executionList{}, err
		}
		list, err := h.studio.ListExecutions(r.Context(), q.Get("account"))
		return executionList{list}, err
	})
	serve(h, fetchExecution, onExecution(h.studio.FetchExecution))
	serve(h, handOffExecution, onExecution(h.studio.HandOff))
	serve(h, endExecution, onExecution(h.studio.EndExecution))
}

func (h *Handler) listFlows(r *http.Request, _ none) (flowList, error) {
	list := flowList{Flows: []studio.Flow{}}
	for q := (twilio.PageQuery{Size: 1000}); ; {
		page, err := h.studio.ListFlows(r.Context(), parameter(r, "account"), q)
		if err != nil {
			return list, err
		}
		list.Flows = append(list.Flows, page.Items...)
		if q.Token = page.Next; q.Token == "" {
			return list, nil
		}
	}
}

// onExecution answers with what an operation returns for the execution that the path names.
func onExecution(operation func(context.Context, string) (studio.Execution, error)) func(*http.Request, none) (studio.Execution, error) {
	return func(r *http.Request, _ none) (studio.Execution, error) {
		e, err := operation(r.Context(), parameter(r, "sid"))
		return e, orMissing(err, "there is no execution %s", parameter(r, "sid"))
	}
}

// ListFlows returns the Studio flows of an account, oldest first.
func (c *Client) ListFlows(ctx context.Context, accountSID string) ([]studio.Flow, error) {
	list, err := call(ctx, c, listFlows, none{}, accountSID)
	return list.Flows, err
}

// RegisterFlow adds a Studio flow to an account under a SID of one's own choosing, such as the one that a team's real flow
// has. From an account's first flow on, the flows that it does not have are unknown.
func (c *Client) RegisterFlow(ctx context.Context, accountSID string, wanted studio.NewFlow) (studio.Flow, error) {
	return call(ctx, c, registerFlow, wanted, accountSID)
}

// DeleteFlow takes a Studio flow away from its account.
func (c *Client) DeleteFlow(ctx context.Context, accountSID, flowSID string) error {
	_, err := call(ctx, c, deleteFlow, none{}, accountSID, flowSID)
	return err
}

// ListExecutions returns the executions of an account's Studio flows, or of all accounts when accountSID is empty.
func (c *Client) ListExecutions(ctx context.Context, accountSID string) ([]studio.Execution, error) {
	list, err := call(ctx, c, listExecutions.with("account="+url.QueryEscape(accountSID)), none{})
	return list.Executions, err
}

// FetchExecution returns an execution by SID.
func (c *Client) FetchExecution(ctx context.Context, executionSID string) (studio.Execution, error) {
	return call(ctx, c, fetchExecution, none{}, executionSID)
}

// HandOff ends an execution as the widget Send to Flex does: messages in its conversation start nothing any more, unless
// the switch studio_refire_after_handoff is on.
func (c *Client) HandOff(ctx context.Context, executionSID string) (studio.Execution, error) {
	return call(ctx, c, handOffExecution, none{}, executionSID)
}

// EndExecution ends an execution, as a flow that has come to its end: the next message starts another.
func (c *Client) EndExecution(ctx context.Context, executionSID string) (studio.Execution, error) {
	return call(ctx, c, endExecution, none{}, executionSID)
}
