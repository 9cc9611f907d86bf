package rest

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// handler answers one operation.
type handler func(*request) (result, error)

// ServeHTTP exists so that the router takes a handler; the router is only asked which one matches.
func (h handler) ServeHTTP(http.ResponseWriter, *http.Request) {}

// route is one operation under one path.
type route struct {
	method, path string
	handle       handler
}

// both is an operation that exists for the account's default service and under a service.
func both(method, path string, h handler) []route {
	return []route{{method, "/v1" + path, h}, {method, "/v1/Services/{ChatServiceSid}" + path, h}}
}

// account is an operation under the account's form only.
func account(method, path string, h handler) []route { return []route{{method, "/v1" + path, h}} }

// service is an operation under a service only.
func service(method, path string, h handler) []route {
	return []route{{method, "/v1/Services/{ChatServiceSid}" + path, h}}
}

// at is an operation of another product, under its full path.
func at(method, path string, h handler) []route { return []route{{method, path, h}} }

// routes of all families. The most frequent come first, as the router tries them in order.
func (a *API) routes() []route {
	var all []route
	for _, family := range [][][]route{
		a.messageRoutes(), a.conversationRoutes(), a.participantRoutes(), a.webhookRoutes(), a.receiptRoutes(),
		a.addressRoutes(), a.channelMetadataRoutes(), a.conversationWithParticipantsRoutes(), a.credentialRoutes(),
		a.bindingRoutes(),
		a.participantConversationRoutes(), a.serviceRoutes(), a.mediaRoutes(), a.inboundMediaRoutes(),
		a.programmableMessageRoutes(), a.programmableMediaRoutes(),
		a.configurationRoutes(), a.configurationWebhookRoutes(), a.serviceConfigurationRoutes(), a.notificationRoutes(),
		a.userRoutes(), a.userConversationRoutes(), a.roleRoutes(), a.flowRoutes(),
	} {
		for _, operation := range family {
			all = append(all, operation...)
		}
	}
	return all
}

// newRouter registers every route, with its full path, on one router: sub-routers would turn a 405 into a 404.
func (a *API) newRouter() *mux.Router {
	router := mux.NewRouter().UseEncodedPath()
	for _, r := range a.routes() {
		router.NewRoute().MatcherFunc(shape(r.path)).Path(r.path).Methods(r.method).Handler(r.handle)
	}
	return router
}

// shape tells cheaply that a path cannot be the route's, by its number of parts and its fixed ones, so that the router
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
