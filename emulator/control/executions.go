package control

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
)

type executionList struct {
	Executions []studio.Execution `json:"executions"`
}

func (h *Handler) executionRoutes() []route {
	return []route{
		{"GET", "/executions", h.listExecutions},
		{"GET", "/executions/{sid}", h.fetchExecution},
		{"POST", "/executions/{sid}/handoff", h.handOff},
		{"POST", "/executions/{sid}/end", h.endExecution},
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
	return e, unknownExecution(err)
}

// FetchExecution returns an execution by SID.
func (c *Client) FetchExecution(ctx context.Context, executionSID string) (e studio.Execution, err error) {
	err = c.do(ctx, "GET", "/executions/"+url.PathEscape(executionSID), nil, &e)
	return e, err
}

func (h *Handler) handOff(_ http.ResponseWriter, r *http.Request) (any, error) {
	e, err := h.Studio.HandOff(r.Context(), mux.Vars(r)["sid"])
	return e, unknownExecution(err)
}

// HandOff ends an execution as the widget Send to Flex does: messages in its conversation start nothing any more, unless
// the switch studio_refire_after_handoff is on.
func (c *Client) HandOff(ctx context.Context, executionSID string) (e studio.Execution, err error) {
	err = c.do(ctx, "POST", "/executions/"+url.PathEscape(executionSID)+"/handoff", nil, &e)
	return e, err
}

func (h *Handler) endExecution(_ http.ResponseWriter, r *http.Request) (any, error) {
	e, err := h.Studio.EndExecution(r.Context(), mux.Vars(r)["sid"])
	return e, unknownExecution(err)
}

// EndExecution ends an execution, as a flow that has come to its end: the next message starts another.
func (c *Client) EndExecution(ctx context.Context, executionSID string) (e studio.Execution, err error) {
	err = c.do(ctx, "POST", "/executions/"+url.PathEscape(executionSID)+"/end", nil, &e)
	return e, err
}

func unknownExecution(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound("%s", err)
	}
	return refused(err)
}
