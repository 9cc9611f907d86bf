package rest

import (
	"net/http"
	"net/url"
	"strings"
)

// products by the host of Twilio's that serves them. A host without routes answers 404.
var products = map[string]string{
	"conversations.twilio.com": "conversations",
	"api.twilio.com":           "api",
	"mcs.us1.twilio.com":       "mcs",
	MediaHost:                  "media",
	InboundMediaHost:           "mms",
	"studio.twilio.com":        "studio",
	"flex-api.twilio.com":      "flex-api",
	"taskrouter.twilio.com":    "taskrouter",
	"messaging.twilio.com":     "messaging",
	"content.twilio.com":       "content",
}

// hosts of products by their names, which may be the first part of a path.
var hosts = func() map[string]string {
	byName := map[string]string{}
	for host, name := range products {
		byName[name] = host
	}
	return byName
}()

// address is read from a request's host and path: the product that is meant, and the way in which the caller reached it.
type address struct {
	// path begins with the product, except Conversations (/v1/...) and the messaging API (/2010-04-01/...), and is what
	// the routes match. rawPath is its encoded form.
	path, rawPath string
	// base is the scheme, host and prefix that the caller used; absolute URLs in answers begin with it.
	base string
	// product is the name of the product, and byHost whether it was named by the host.
	product string
	byHost  bool
	// domain is the host of Twilio's that serves the product, whatever the caller used.
	domain string
	// links is the host and port that links to files are on; empty where the caller knows the emulator under one name only.
	links string
	// shown is the path as errors name it: as requested, without the version.
	shown string
}

// addressOf reads a request's host and path. A client that has only a base URL names the product in the path; without
// one, /v1/... is Conversations and /2010-04-01/... the messaging API.
func addressOf(r *http.Request) address {
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	base, raw := scheme(r)+"://"+host, r.URL.EscapedPath()
	name, byHost := products[strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(host, ":443"), ":80"))]
	if !byHost {
		first, _, _ := strings.Cut(strings.TrimPrefix(raw, "/"), "/")
		if hosts[first] != "" {
			name, base, raw = first, base+"/"+first, strings.TrimPrefix(raw, "/"+first)
		}
	}
	prefix := ""
	if name != "" && name != "conversations" && name != "api" {
		prefix = "/" + name
	}
	a := address{base: base, product: name, byHost: byHost, rawPath: prefix + raw, shown: raw, domain: domainOf(name, raw), links: secondHost(r, host)}
	if version, rest, ok := strings.Cut(strings.TrimPrefix(raw, "/"), "/"); ok && strings.HasPrefix(version, "v") {
		a.shown = "/" + rest
	}
	a.path = a.rawPath
	if decoded, err := url.PathUnescape(a.rawPath); err == nil { // net/http refuses the others before
		a.path = decoded
	}
	return a
}

// domainOf is the host of Twilio's for a product, or where none is named for a path.
func domainOf(name, path string) string {
	switch {
	case name != "":
		return hosts[name]
	case strings.HasPrefix(path, "/2010-04-01/"):
		return hosts["api"]
	}
	return hosts["conversations"]
}

func scheme(r *http.Request) string {
	switch {
	case r.URL.Scheme != "": // the request line has a whole URL, as in process
		return r.URL.Scheme
	case r.TLS != nil:
		return "https"
	}
	return "http"
}
