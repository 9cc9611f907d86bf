package rest

import (
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"

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

// paths is a tree of the routes by the segments of their paths. It finds the routes that a path can belong to, so that only their
// regular expressions are made and run: those of gorilla/mux for all routes would cost every request, and every emulator at its
// start, more than all the rest.
type paths struct {
	fixed map[string]*paths
	// variable are the segments that begin with a variable, such as {Sid} or {Sid}.json, those with the longest suffix first.
	variable []variable

	routes []Route // that end here
	once   sync.Once
	router *mux.Router // of routes, made when it is first asked for
}

type variable struct {
	suffix string
	next   *paths
}

// newPaths returns the tree of some routes.
func newPaths(routes []Route) *paths {
	root := &paths{}
	for _, r := range routes {
		at := root
		for segment := range strings.SplitSeq(r.Path, "/") {
			at = at.add(segment)
		}
		at.routes = append(at.routes, r)
	}
	return root
}

// add returns the branch of a segment, making it if there is none.
func (p *paths) add(segment string) *paths {
	if !strings.HasPrefix(segment, "{") {
		if p.fixed == nil {
			p.fixed = map[string]*paths{}
		}
		if p.fixed[segment] == nil {
			p.fixed[segment] = &paths{}
		}
		return p.fixed[segment]
	}
	_, suffix, _ := strings.Cut(segment, "}")
	for _, v := range p.variable {
		if v.suffix == suffix {
			return v.next
		}
	}
	next := &paths{}
	p.variable = append(p.variable, variable{suffix, next})
	slices.SortStableFunc(p.variable, func(a, b variable) int { return len(b.suffix) - len(a.suffix) })
	return next
}

// match finds the route of a request by its method and its encoded path. The error is mux.ErrMethodMismatch where only other methods
// have a route, and mux.ErrNotFound where none has.
func (p *paths) match(r *http.Request) (mux.RouteMatch, error) {
	failure := mux.ErrNotFound
	for end := range p.ends(r.URL.RawPath) { // as sent: an encoded slash does not part
		var match mux.RouteMatch
		if end.mux().Match(r, &match) {
			return match, nil
		}
		if errors.Is(match.MatchErr, mux.ErrMethodMismatch) {
			failure = mux.ErrMethodMismatch
		}
	}
	return mux.RouteMatch{}, failure
}

// ends yields the places in the tree at which a path may end, those with fixed segments first.
func (p *paths) ends(path string) iter.Seq[*paths] {
	return func(yield func(*paths) bool) { p.walk(path, yield) }
}

func (p *paths) walk(path string, yield func(*paths) bool) bool {
	segment, rest, more := strings.Cut(path, "/")
	follow := func(next *paths) bool {
		if more {
			return next.walk(rest, yield)
		}
		return len(next.routes) == 0 || yield(next)
	}
	if next, ok := p.fixed[segment]; ok && !follow(next) {
		return false
	}
	for _, v := range p.variable {
		if len(segment) > len(v.suffix) && strings.HasSuffix(segment, v.suffix) && !follow(v.next) {
			return false
		}
	}
	return true
}

// mux returns the router of the routes that end here, each with its full path: sub-routers would turn a 405 into a 404.
func (p *paths) mux() *mux.Router {
	p.once.Do(func() {
		p.router = mux.NewRouter().UseEncodedPath()
		for _, r := range p.routes {
			handle := r.Handle
			if handle == nil {
				handle = refuseUnhandled
			}
			p.router.NewRoute().Path(r.Path).Methods(r.Method).Handler(handle)
		}
	})
	return p.router
}
