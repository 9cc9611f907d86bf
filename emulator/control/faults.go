package control

import (
	"context"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

type faultList struct {
	Faults []traffic.Fault `json:"faults"`
}

func (h *Handler) faultRoutes() []route {
	return []route{
		{"GET", "/faults", h.listFaults},
		{"POST", "/faults", h.createFault},
		{"DELETE", "/faults", h.clearFaults},
	}
}

func (h *Handler) listFaults(http.ResponseWriter, *http.Request) (any, error) {
	return faultList{h.Traffic.Faults()}, nil
}

// ListFaults returns the armed faults.
func (c *Client) ListFaults(ctx context.Context) ([]traffic.Fault, error) {
	var list faultList
	err := c.do(ctx, "GET", "/faults", nil, &list)
	return list.Faults, err
}

func (h *Handler) createFault(_ http.ResponseWriter, r *http.Request) (any, error) {
	var f traffic.Fault
	if err := decode(r, &f); err != nil {
		return nil, err
	}
	armed, err := h.Traffic.AddFault(f)
	if err != nil { // AddFault fails for no other reason than the fault
		return nil, badInput("%s", err)
	}
	return armed, nil
}

// CreateFault arms a fault and returns it with its ID.
func (c *Client) CreateFault(ctx context.Context, f traffic.Fault) (armed traffic.Fault, err error) {
	err = c.do(ctx, "POST", "/faults", f, &armed)
	return armed, err
}

func (h *Handler) clearFaults(http.ResponseWriter, *http.Request) (any, error) {
	h.Traffic.ClearFaults()
	return struct{}{}, nil
}

// ClearFaults disarms all faults.
func (c *Client) ClearFaults(ctx context.Context) error {
	return c.do(ctx, "DELETE", "/faults", nil, nil)
}
