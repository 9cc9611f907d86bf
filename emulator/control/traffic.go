package control

import (
	"context"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

type exchangeList struct {
	Exchanges []traffic.Exchange `json:"exchanges"`
}

func (h *Handler) trafficRoutes() []route {
	return []route{
		{"GET", "/traffic", h.listTraffic},
		{"GET", "/traffic/stream", h.streamTraffic},
		{"DELETE", "/traffic", h.clearTraffic},
	}
}

func (h *Handler) listTraffic(_ http.ResponseWriter, r *http.Request) (any, error) {
	after, limit, err := window(r)
	if err != nil {
		return nil, err
	}
	return exchangeList{h.Traffic.List(after, limit)}, nil
}

// ListTraffic returns the recorded exchanges with a number above after, oldest first; limit at most (0: all).
func (c *Client) ListTraffic(ctx context.Context, after int64, limit int) ([]traffic.Exchange, error) {
	var list exchangeList
	err := c.do(ctx, "GET", "/traffic"+windowQuery(after, limit), nil, &list)
	return list.Exchanges, err
}

func (h *Handler) streamTraffic(w http.ResponseWriter, r *http.Request) (any, error) {
	after, err := streamAfter(r, func() (int64, error) { return h.Traffic.Seq(), nil })
	if err != nil {
		return nil, err
	}
	return stream(h, w, r, func(ctx context.Context) ([]traffic.Exchange, error) {
		if err := h.Traffic.Wait(ctx, after); err != nil {
			return nil, err
		}
		list := h.Traffic.List(after, 0)
		if len(list) > 0 {
			after = list[len(list)-1].Seq
		}
		return list, nil
	})
}

// StreamTraffic calls handle for every exchange with a number above after, as it ends, until ctx ends or handle returns
// an error; after -1 means from now on.
func (c *Client) StreamTraffic(ctx context.Context, after int64, handle func(traffic.Exchange) error) error {
	return follow(ctx, c, "/traffic/stream"+streamQuery(after), handle)
}

func (h *Handler) clearTraffic(http.ResponseWriter, *http.Request) (any, error) {
	h.Traffic.Clear()
	return struct{}{}, nil
}

// ClearTraffic forgets the recorded exchanges.
func (c *Client) ClearTraffic(ctx context.Context) error {
	return c.do(ctx, "DELETE", "/traffic", nil, nil)
}
