// Package control is the emulator's own HTTP API, under /_emulator/: what no Twilio API can do. It moves the clock, is the
// phones, changes the sandbox, shows the traffic and the events, makes things fail, and waits until nothing is under way.
//
// Handler and [Client] are in this one package, so that they cannot drift apart: a file holds both halves of its
// endpoints and the types between them. Package tui, the command, the scenarios and tests in any language use it; nothing
// in it is part of Twilio's API, and nothing of Twilio's API is in it.
//
// Answers are JSON. An error is {"error": "..."} with a text for a person and status 400 for bad input, 404 for something
// that does not exist, 409 for a contradiction, 500 for a failure of the emulator itself.
package control

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// Prefix of every path of this API.
const Prefix = "/_emulator"

// Config of a Handler. All fields but Logger must be set.
type Config struct {
	Conversations *conversations.API
	Sandbox       *whatsapp.Sandbox
	Studio        *studio.Studio
	Traffic       *traffic.Log
	Clock         *clock.Clock
	// CreateAccount opens an account with its sandbox.
	CreateAccount func(context.Context, NewAccount) (Account, error)
	// ClockChanged keeps the clock's setting, after every change.
	ClockChanged func(context.Context) error
	// Settle returns when nothing is under way or due.
	Settle func(context.Context) error
	// Reset brings the emulator back to where it started.
	Reset func(context.Context) error
	// URL is where the emulator can be reached; empty while it does not listen.
	URL     func() string
	Version string
	// Stopped ends the live streams, so that a server can shut down.
	Stopped <-chan struct{}
	Logger  *slog.Logger
}

// Handler serves the control API.
type Handler struct {
	Config
	router *mux.Router
}

// New returns the handler.
func New(c Config) *Handler {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	h := &Handler{Config: c, router: mux.NewRouter()}
	for _, family := range [][]route{
		h.healthRoutes(), h.accountRoutes(), h.phoneRoutes(), h.sandboxRoutes(), h.clockRoutes(), h.trafficRoutes(),
		h.faultRoutes(), h.eventRoutes(), h.executionRoutes(), h.switchRoutes(), h.senderRoutes(), h.alertRoutes(),
		h.deliveryRoutes(), h.flowRoutes(),
	} {
		for _, r := range family {
			h.router.Handle(Prefix+r.path, h.endpoint(r.handle)).Methods(r.method)
		}
	}
	h.router.NotFoundHandler = h.endpoint(func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return nil, notFound("there is no %s in the control API; README.md lists what there is", r.URL.Path)
	})
	h.router.MethodNotAllowedHandler = h.endpoint(func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return nil, &Error{Status: http.StatusMethodNotAllowed, Message: r.Method + " is not possible on " + r.URL.Path}
	})
	return h
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.router.ServeHTTP(w, r) }

type route struct {
	method, path string
	handle       endpoint
}

// endpoint answers one operation with a value or an error. It writes to w only when it streams or serves a file, and
// returns written then.
type endpoint func(w http.ResponseWriter, r *http.Request) (any, error)

// written is what an endpoint returns that has written its answer itself.
type written struct{}

// Health says that the emulator is there.
type Health struct {
	Status  string    `json:"status"` // "ok"
	Version string    `json:"version"`
	URL     string    `json:"url"`
	Now     time.Time `json:"now"` // the emulator's time
}

func (h *Handler) healthRoutes() []route {
	return []route{
		{"GET", "/health", h.fetchHealth},
		{"POST", "/settle", h.settle},
		{"POST", "/reset", h.reset},
	}
}

func (h *Handler) fetchHealth(http.ResponseWriter, *http.Request) (any, error) {
	return Health{Status: "ok", Version: h.Version, URL: h.URL(), Now: h.Clock.Now()}, nil
}

// Health asks whether the emulator is there.
func (c *Client) Health(ctx context.Context) (health Health, err error) {
	err = c.do(ctx, "GET", "/health", nil, &health)
	return health, err
}

func (h *Handler) settle(_ http.ResponseWriter, r *http.Request) (any, error) {
	return struct{}{}, h.Settle(r.Context())
}

// Settle waits until nothing is under way or due: no request, webhook, delivery or flow. Give ctx a deadline.
func (c *Client) Settle(ctx context.Context) error { return c.do(ctx, "POST", "/settle", nil, nil) }

func (h *Handler) reset(_ http.ResponseWriter, r *http.Request) (any, error) {
	return struct{}{}, h.Reset(r.Context())
}

// Reset forgets all that happened and brings accounts, sandboxes and clock back to where the emulator started.
func (c *Client) Reset(ctx context.Context) error { return c.do(ctx, "POST", "/reset", nil, nil) }
