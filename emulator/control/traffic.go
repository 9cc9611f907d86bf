package control

import (
	"context"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

type exchangeList struct {
	Exchanges []traffic.Exchange `json:"exchanges"`
}

type faultList struct {
	Faults []traffic.Fault `json:"faults"`
}

var (
	listTraffic   = endpoint[none, exchangeList]{"GET", "/traffic"}
	clearTraffic  = endpoint[none, none]{"DELETE", "/traffic"}
	streamTraffic = stream[traffic.Exchange]{"/traffic/stream"}
	listFaults    = endpoint[none, faultList]{"GET", "/faults"}
	createFault   = endpoint[traffic.Fault, traffic.Fault]{"POST", "/faults"}
	clearFaults   = endpoint[none, none]{"DELETE", "/faults"}
)

func (h *Handler) serveTraffic() {
	serve(h, listTraffic, func(r *http.Request, _ none) (exchangeList, error) {
		w, err := windowOf(r)
		if err != nil {
			return exchangeList{}, err
		}
		return exchangeList{h.traffic.List(w.after, w.limit)}, nil
	})
	serve(h, clearTraffic, func(*http.Request, none) (none, error) {
		h.traffic.Clear()
		return none{}, nil
	})
	serveStream(h, streamTraffic, source[traffic.Exchange]{
		newest: func(context.Context) (int64, error) { return h.traffic.Seq(), nil },
		next:   h.nextExchanges,
	})
	serve(h, listFaults, func(*http.Request, none) (faultList, error) { return faultList{h.traffic.Faults()}, nil })
	serve(h, createFault, func(_ *http.Request, f traffic.Fault) (traffic.Fault, error) {
		armed, err := h.traffic.AddFault(f)
		if err != nil { // it fails for no other reason than f
			return armed, badInput("%s", err)
		}
		return armed, nil
	})
	serve(h, clearFaults, func(*http.Request, none) (none, error) {
		h.traffic.ClearFaults()
		return none{}, nil
	})
}

func (h *Handler) nextExchanges(ctx context.Context, after int64) ([]traffic.Exchange, int64, error) {
	if err := h.traffic.Wait(ctx, after); err != nil {
		return nil, after, err
	}
	list := h.traffic.List(after, 0)
	if len(list) > 0 {
		after = list[len(list)-1].Seq
	}
	return list, after, nil
}

// ListTraffic returns the recorded exchanges with a number above after, oldest first; limit at most (0: all).
func (c *Client) ListTraffic(ctx context.Context, after int64, limit int) ([]traffic.Exchange, error) {
	list, err := call(ctx, c, listTraffic.with(window{after, limit}.query()), none{})
	return list.Exchanges, err
}

// ClearTraffic forgets the recorded exchanges.
func (c *Client) ClearTraffic(ctx context.Context) error {
	_, err := call(ctx, c, clearTraffic, none{})
	return err
}

// StreamTraffic calls handle for every exchange with a number above after, as it ends, until ctx ends or handle returns
// an error; after -1 means from now on.
func (c *Client) StreamTraffic(ctx context.Context, after int64, handle func(traffic.Exchange) error) error {
	return follow(ctx, c, streamTraffic, after, handle)
}

// ListFaults returns the armed faults.
func (c *Client) ListFaults(ctx context.Context) ([]traffic.Fault, error) {
	list, err := call(ctx, c, listFaults, none{})
	return list.Faults, err
}

// CreateFault arms a fault and returns it with its ID.
func (c *Client) CreateFault(ctx context.Context, f traffic.Fault) (traffic.Fault, error) {
	return call(ctx, c, createFault, f)
}

// ClearFaults disarms all faults.
func (c *Client) ClearFaults(ctx context.Context) error {
	_, err := call(ctx, c, clearFaults, none{})
	return err
}
