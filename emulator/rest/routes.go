package rest

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// Handler answers one operation.
type Handler func(*Request) (Result, error)

// ServeHTTP exists so that the router takes a Handler; the router is only asked which one matches.
func (h Handler) ServeHTTP(http.ResponseWriter, *http.Request) {}

// Route is one operation under one path. The path begins with the product, as in /studio/v2/Flows, except for Conversations
// (/v1/...) and the messaging API (/2010-04-01/...).
type Route struct {
	Method, Path string
	Handle       Handler
}

// Product is one of Twilio's products.
type Product struct {
	// Routes in the order in which they are tried.
	Routes []Route
	// Open reports whether a request needs no credentials; nil means that all need them.
	Open func(*Request) (bool, error)
}

// newRouter registers every route, with its full path, on one router: sub-routers would turn a 405 into a 404.
func (a *API) newRouter() *mux.Router {
	router := mux.NewRouter().UseEncodedPath()
	for _, r := range a.routes {
		router.NewRoute().MatcherFunc(shape(r.Path)).Path(r.Path).Methods(r.Method).Handler(r.Handle)
	}
	return router
}

// shape refuses a path cheaply, by its number of parts and its fixed parts, so that the router
// runs one or two regular expressions for a request and not one for every route before it.
func shape(template string) mux.MatcherFunc {
	parts := strings.Split(template, "/")
	return func(r *http.Request, _ *mux.RouteMatch) bool {
		path := r.URL.RawPath // as sent: an encoded slash does not part
		for i, part := range parts {
			have, rest, more := strings.Cut(path, "/")
			if more != (i < len(parts)-1) || (!strings.HasPrefix(part, "{") && part != have) {
				return false
			}
			path = rest
		}
		return true
	}
}
