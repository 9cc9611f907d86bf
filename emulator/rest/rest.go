// Package rest is what all of Twilio's HTTP APIs share: hosts, accounts, routes, forms, pages, JSON, and Twilio's errors. The
// products are packages below this one: accounts, content, conversations, media, messaging, studio.
//
// A request passes through like this: the host or the first part of the path says which product is meant (address.go);
// web pages are let in or not (browsers.go); credentials say which account (rest.go); a tree of paths and gorilla/mux find the handler
// of a product (routes.go); the handler decodes the form (request.go), calls the method of the rules' package that has the
// operation's name, and returns a Result or an error; one function writes results (answer.go; json.go, or xml.go under
// 2010-04-01), one writes errors.
//
// No handler decides anything about resources. To find one, know the chapter of Twilio's reference: its file has that name.
package rest

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/emulator/browser"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/routes"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Config of an API. Accounts and SIDs must be set.
type Config struct {
	// Accounts knows the accounts and their credentials.
	Accounts *conversations.API
	// SIDs makes the numbers of requests.
	SIDs *sid.Source
	// Browsers says which requests of web pages are taken.
	Browsers browser.Policy
	// Logger gets the failures that a caller is only told of as 500; nil means none.
	Logger *slog.Logger
}

// API is the HTTP handler of Twilio's products.
type API struct {
	accounts *conversations.API
	sids     *sid.Source
	browsers browser.Policy
	logger   *slog.Logger
	routes   []Route
	open     []func(*Request) (bool, error)
	paths    *routes.Tree
	decoder  decoder
	encoder  encoder
	buffers  buffers
}

// New returns the API of some products, whose routes are tried in their order.
func New(c Config, products ...Product) *API {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	a := &API{accounts: c.Accounts, sids: c.SIDs, browsers: c.Browsers, logger: c.Logger}
	for _, p := range products {
		a.routes = append(a.routes, withXML(p.Routes)...)
		if p.Open != nil {
			a.open = append(a.open, p.Open)
		}
	}
	a.paths = newTree(a.routes)
	return a
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in := &Request{Request: r, address: addressOf(r), decoder: &a.decoder}
	setHeaders(w.Header(), in.address.domain, a.sids.New("RQ"))
	if r.Method == http.MethodHead {
		w = headOnly{w}
	}
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
func (a *API) serve(in *Request) (Result, error) {
	if err := a.authenticate(in); err != nil {
		return Result{}, err
	}
	routed := *in.Request
	url := *in.URL
	routed.URL = &url
	if routed.Method == http.MethodHead {
		routed.Method = http.MethodGet
	}
	routed.URL.Path, routed.URL.RawPath = in.address.path, in.address.rawPath
	match, err := a.paths.Match(&routed)
	if err != nil {
		in.MarkUnhandled()
		if errors.Is(err, mux.ErrMethodMismatch) {
			return Result{}, twilio.ErrMethodNotAllowed
		}
		return Result{}, twilio.ErrNotFound
	}
	if err := in.read(match.Vars); err != nil {
		return Result{}, err
	}
	return match.Handler.(Handler)(in)
}

// MarkUnhandled notes in the log that a request asks for something that is not emulated.
func (in *Request) MarkUnhandled() { traffic.MarkUnhandled(in.Request, in.Method+" "+in.address.path) }

// refuseUnhandled is the Handler of what is not emulated.
func refuseUnhandled(in *Request) (Result, error) {
	in.MarkUnhandled()
	return Result{}, twilio.ErrNotFound
}

// authenticate sets the account of a request by its credentials, unless a product takes the request without.
func (a *API) authenticate(in *Request) (err error) {
	for _, open := range a.open {
		if open, err := open(in); open || err != nil {
			return err
		}
	}
	user, password, _ := in.BasicAuth()
	in.Account, err = a.accounts.Authenticate(in.Context(), user, password)
	return err
}
