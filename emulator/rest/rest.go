// Package rest is Twilio's HTTP API in front of package conversations: routes, forms, pages, JSON, Twilio's errors.
//
// It decides nothing about resources. A request passes through here like this: the host or the first part of the path
// says which product is meant (address.go); credentials say which account; one gorilla/mux router finds the handler;
// the handler decodes the form, calls the method of package conversations that has the operation's name, and returns a
// value or an error; one function writes values (answer.go), one writes errors.
//
// Handlers of the account's form (/v1/Conversations) and the service's form (/v1/Services/{ChatServiceSid}/Conversations)
// are the same. To find a handler, know the chapter of Twilio's reference: the file has its name and begins with its
// routes.
package rest

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/gorilla/mux"
	"github.com/gorilla/schema"

	"github.com/cloudforgot/cloudforgot/emulator/browser"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// Config of an API. All fields but Logger must be set.
type Config struct {
	Conversations *conversations.API
	// Sandbox has the messages of phones, and their files.
	Sandbox *whatsapp.Sandbox
	// Studio has the flows.
	Studio *studio.Studio
	SIDs   *sid.Source
	// Browsers says which requests of web pages are taken.
	Browsers browser.Policy
	// Logger gets the failures that a caller is only told of as 500; nil means none.
	Logger *slog.Logger
}

// API is the HTTP handler of all emulated Twilio products.
type API struct {
	conversations *conversations.API
	sandbox       *whatsapp.Sandbox
	studio        *studio.Studio
	sids          *sid.Source
	browsers      browser.Policy
	logger        *slog.Logger
	router        *mux.Router
	decoder       *schema.Decoder
	encoder       encoder
	buffers       buffers
}

// New returns the API.
func New(c Config) *API {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	a := &API{conversations: c.Conversations, sandbox: c.Sandbox, studio: c.Studio, sids: c.SIDs, browsers: c.Browsers, logger: c.Logger, decoder: schema.NewDecoder()}
	a.decoder.IgnoreUnknownKeys(true)
	a.decoder.ZeroEmpty(true)
	a.router = a.newRouter()
	return a
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := a.sids.New("RQ")
	setHeaders(w.Header(), id)
	if r.Method == http.MethodHead {
		w = headOnly{w}
	}
	in := &request{Request: r, address: addressOf(r)}
	if err := a.admit(w.Header(), r); err != nil {
		a.writeError(w, in, err)
		return
	}
	if r.Method == http.MethodOptions { // what a browser asks first, without credentials
		w.WriteHeader(http.StatusNoContent)
		return
	}
	result, err := a.serve(in)
	if err != nil {
		a.writeError(w, in, err)
		return
	}
	a.write(w, in, result)
}

// serve authenticates, routes and handles.
func (a *API) serve(in *request) (result, error) {
	open, err := a.open(in)
	if err != nil {
		return result{}, err
	}
	if !open {
		user, password, _ := in.BasicAuth()
		account, err := a.conversations.Authenticate(in.Context(), user, password)
		if err != nil {
			return result{}, err
		}
		in.Account = account
	}
	var match mux.RouteMatch
	routed := *in.Request
	url := *in.URL
	routed.URL = &url
	if routed.Method == http.MethodHead {
		routed.Method = http.MethodGet
	}
	routed.URL.Path, routed.URL.RawPath = in.address.path, in.address.rawPath
	if !a.router.Match(&routed, &match) {
		if errors.Is(match.MatchErr, mux.ErrMethodMismatch) {
			traffic.MarkUnhandled(in.Request, in.Method+" "+in.address.path)
			return result{}, twilio.ErrMethodNotAllowed
		}
		traffic.MarkUnhandled(in.Request, in.Method+" "+in.address.path)
		return result{}, twilio.ErrNotFound
	}
	if err := in.route(match.Vars); err != nil {
		return result{}, err
	}
	return match.Handler.(handler)(in)
}
