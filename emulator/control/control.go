// Package control is the emulator's own HTTP API, under /_emulator/, for what no Twilio API can do: it moves the clock, acts
// for the phones, changes the sandbox, shows the traffic and the events, makes requests fail, and waits until nothing is
// under way.
//
// Handler and [Client] are in this one package and share the types and the endpoints (see endpoint.go), so that they cannot
// drift apart. Package tui, the command, the scenarios and tests in any language use this API; nothing in it is part of
// Twilio's.
//
// Bodies and answers are JSON. An error is {"error": "..."} with a sentence to show, and its status says whose it is: 400 for
// a mistake in the request, 403 for a web page that may not ask, 404 for something that does not exist, 413 and 415 for a body
// that is too large or not JSON, 499 for a caller that has gone, 500 for a failure of the emulator, 503 while it stops.
package control

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/emulator/browser"
	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/routes"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// Prefix of every path of this API.
const Prefix = "/_emulator"

// Config of a Handler. All fields but Browsers and Logger must be set.
type Config struct {
	Outbox        *outbox.Outbox
	Conversations *conversations.API
	Content       *content.API
	Sandbox       *whatsapp.Sandbox
	Studio        *studio.Studio
	Traffic       *traffic.Log
	Clock         *clock.Clock
	// CreateAccount opens an account with its sandbox.
	CreateAccount func(context.Context, NewAccount) (Account, error)
	// ClockChanged stores the clock's setting, after every change.
	ClockChanged func(context.Context) error
	// Settle returns when nothing is under way or due.
	Settle func(context.Context) error
	// Reset brings the emulator back to where it started.
	Reset func(context.Context) error
	// URL returns the address of the emulator; empty while it does not listen.
	URL     func() string
	Version string
	// Browsers has the names that the emulator answers to. Its Origins do not count here: no page of another origin may use
	// this API.
	Browsers browser.Policy
	// Stopped ends the live streams, so that a server can shut down.
	Stopped <-chan struct{}
	Logger  *slog.Logger
}

// Handler serves the control API.
type Handler struct {
	outbox        *outbox.Outbox
	conversations *conversations.API
	content       *content.API
	sandbox       *whatsapp.Sandbox
	studio        *studio.Studio
	traffic       *traffic.Log
	clock         *clock.Clock
	config        Config // for the functions and settings
	browsers      browser.Policy
	logger        *slog.Logger
	routes        []routes.Route
	paths         *routes.Tree  // of routes
	uploads       chan struct{} // holds one value for each large body that is being read
}

// New returns the handler.
func New(c Config) *Handler {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	h := &Handler{outbox: c.Outbox, conversations: c.Conversations, content: c.Content, sandbox: c.Sandbox, studio: c.Studio, traffic: c.Traffic, clock: c.Clock,
		config: c, browsers: browser.Policy{Hosts: c.Browsers.Hosts}, logger: c.Logger,
		uploads: make(chan struct{}, maxUploads)}
	h.serveEmulator()
	h.serveAccounts()
	h.serveUsers()
	h.serveTemplates()
	h.serveSandboxes()
	h.servePhones()
	h.serveClock()
	h.serveTraffic()
	h.serveEvents()
	h.serveStudio()
	h.paths = routes.NewTree(h.routes)
	return h
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := h.browsers.CheckHost(r)
	if err == nil {
		err = h.browsers.CheckOrigin(r)
	}
	if err != nil {
		h.writeError(w, r, &Error{Status: http.StatusForbidden, Message: err.Error()})
		return
	}
	switch match, err := h.paths.Match(r); {
	case err == nil:
		match.Handler.ServeHTTP(w, mux.SetURLVars(r, match.Vars))
	case errors.Is(err, mux.ErrMethodMismatch):
		h.writeError(w, r, &Error{Status: http.StatusMethodNotAllowed, Message: r.Method + " is not possible on " + r.URL.Path})
	default:
		h.writeError(w, r, notFound("there is no %.200s in the control API; emulator/README.md lists what there is", r.URL.Path))
	}
}

// Health is the answer of an emulator that runs.
type Health struct {
	Status  string    `json:"status"` // "ok"
	Version string    `json:"version"`
	URL     string    `json:"url"`
	Now     time.Time `json:"now"` // the emulator's time
}

var (
	fetchHealth = endpoint[none, Health]{"GET", "/health"}
	settle      = endpoint[none, none]{"POST", "/settle"}
	reset       = endpoint[none, none]{"POST", "/reset"}
)

func (h *Handler) serveEmulator() {
	serve(h, fetchHealth, func(*http.Request, none) (Health, error) {
		return Health{Status: "ok", Version: h.config.Version, URL: h.config.URL(), Now: h.clock.Now()}, nil
	})
	serve(h, settle, func(r *http.Request, _ none) (none, error) { return none{}, h.config.Settle(r.Context()) })
	serve(h, reset, func(r *http.Request, _ none) (none, error) { return none{}, h.config.Reset(r.Context()) })
}

// Health asks whether the emulator is there.
func (c *Client) Health(ctx context.Context) (Health, error) {
	return call(ctx, c, fetchHealth, none{})
}

// Settle waits until nothing is under way or due: no request, webhook, delivery or flow. Give ctx a deadline.
func (c *Client) Settle(ctx context.Context) error {
	_, err := call(ctx, c, settle, none{})
	return err
}

// Reset forgets all that happened and brings accounts, sandboxes and clock back to where the emulator started.
func (c *Client) Reset(ctx context.Context) error {
	_, err := call(ctx, c, reset, none{})
	return err
}
