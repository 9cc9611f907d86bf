// Package routes finds the route of a request: gorilla/mux behind a tree of paths.
package routes

import (
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gorilla/mux"
)

// Route is one operation under one path, whose segments may begin with a variable: /v1/Services/{Sid}.
type Route struct {
	Method, Path string
	Handler      http.Handler
}

// Tree is a tree of the routes by the segments of their paths. It finds the routes that a path can belong to, so that only their
// regular expressions are made and run: those of gorilla/mux for all routes would cost every request, and every emulator at its
// start, more than all the rest.
type Tree struct {
	fixed map[string]*Tree
	// variable are the segments that begin with a variable, such as {Sid} or {Sid}.json, those with the longest suffix first.
	variable []variable

	routes []Route // that end here
	once   sync.Once
	router *mux.Router // of routes, made when it is first asked for
}

type variable struct {
	suffix string
	next   *Tree
}

// NewTree returns the tree of some routes.
func NewTree(routes []Route) *Tree {
	root := &Tree{}
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
func (t *Tree) add(segment string) *Tree {
	if !strings.HasPrefix(segment, "{") {
		if t.fixed == nil {
			t.fixed = map[string]*Tree{}
		}
		if t.fixed[segment] == nil {
			t.fixed[segment] = &Tree{}
		}
		return t.fixed[segment]
	}
	_, suffix, _ := strings.Cut(segment, "}")
	for _, v := range t.variable {
		if v.suffix == suffix {
			return v.next
		}
	}
	next := &Tree{}
	t.variable = append(t.variable, variable{suffix, next})
	slices.SortStableFunc(t.variable, func(a, b variable) int { return len(b.suffix) - len(a.suffix) })
	return next
}

// Match finds the route of a request by its method and its encoded path; the variables of the match are encoded too. The error is
// mux.ErrMethodMismatch where only other methods have a route, and mux.ErrNotFound where none has.
func (t *Tree) Match(r *http.Request) (mux.RouteMatch, error) {
	failure := mux.ErrNotFound
	for end := range t.ends(r.URL.EscapedPath()) { // as sent: an encoded slash does not part
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
func (t *Tree) ends(path string) iter.Seq[*Tree] {
	return func(yield func(*Tree) bool) { t.walk(path, yield) }
}

func (t *Tree) walk(path string, yield func(*Tree) bool) bool {
	segment, rest, more := strings.Cut(path, "/")
	follow := func(next *Tree) bool {
		if more {
			return next.walk(rest, yield)
		}
		return len(next.routes) == 0 || yield(next)
	}
	if next, ok := t.fixed[segment]; ok && !follow(next) {
		return false
	}
	for _, v := range t.variable {
		if len(segment) > len(v.suffix) && strings.HasSuffix(segment, v.suffix) && !follow(v.next) {
			return false
		}
	}
	return true
}

// mux returns the router of the routes that end here, each with its full path: sub-routers would turn a 405 into a 404.
func (t *Tree) mux() *mux.Router {
	t.once.Do(func() {
		t.router = mux.NewRouter().UseEncodedPath()
		for _, r := range t.routes {
			t.router.NewRoute().Path(r.Path).Methods(r.Method).Handler(r.Handler)
		}
	})
	return t.router
}
