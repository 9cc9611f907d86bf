package control

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/emulator/studio"
)

type executionList struct {
	Executions []studio.Execution `json:"executions"`
}

func (h *Handler) executionRoutes() []route {
	return []route{
		{"GET", "/executions", h.listExecutions},
		{"GET", "/executions/{sid}", h.fetchExecution},
	}
}

func (h *Handler) listExecutions(_ http.ResponseWriter, r *http.Request) (any, error) {
	list, err := h.Studio.ListExecutions(r.Context(), r.URL.Query().Get("account"))
	return executionList{list}, err
}

// ListExecutions returns the executions of an account's Studio flows, or of all accounts when accountSID is empty.
func (c *Client) ListExecutions(ctx context.Context, accountSID string) ([]studio.Execution, error) {
	var list executionList
	err := c.do(ctx, "GET", "/executions?account="+url.QueryEscape(accountSID), nil, &list)
	return list.Executions, err
}

func (h *Handler) fetchExecution(_ http.ResponseWriter, r *http.Request) (any, error) {
	e, err := h.Studio.FetchExecution(r.Context(), mux.Vars(r)["sid"])
	if err != nil {
		return nil, notFound("%s", err)
	}
	return e, nil
}

// FetchExecution returns an execution by SID.
func (c *Client) FetchExecution(ctx context.Context, executionSID string) (e studio.Execution, err error) {
	err = c.do(ctx, "GET", "/executions/"+url.PathEscape(executionSID), nil, &e)
	return e, err
}
