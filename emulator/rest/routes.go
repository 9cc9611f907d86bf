package rest

import (
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/routes"
)

// Handler answers one operation.
type Handler func(*Request) (Result, error)

// ServeHTTP exists so that the router takes a Handler; the router is only asked which one matches.
func (h Handler) ServeHTTP(http.ResponseWriter, *http.Request) {}

// Route is one operation under one path. The path begins with the product, as in /studio/v2/Flows, except for Conversations
// (/v1/...) and the messaging API (/2010-04-01/...).
type Route struct {
	Method, Path string
	// Handle is nil for an operation that is not emulated. Such a route is only needed where another one would take the path.
	Handle Handler
	// XML is the element of the resource ("Message") where the path without its .json answers in XML; empty means that it does not exist.
	XML string
}

// Product is one of Twilio's products.
type Product struct {
	// Routes in the order in which they are tried.
	Routes []Route
	// Open reports whether a request needs no credentials; nil means that all need them.
	Open func(*Request) (bool, error)
}

// newTree returns the tree of some routes.
func newTree(list []Route) *routes.Tree {
	all := make([]routes.Route, len(list))
	for i, r := range list {
		handle := r.Handle
		if handle == nil {
			handle = refuseUnhandled
		}
		all[i] = routes.Route{Method: r.Method, Path: r.Path, Handler: handle}
	}
	return routes.NewTree(all)
}
