// Package browser says which requests the emulator takes from web pages.
//
// A browser sends requests for every page that is open in it, also to servers on its own machine. Without a check any
// website could drive the emulator of a developer who visits it: with a form, with a script, or by DNS rebinding, where a
// name of the website's own leads to 127.0.0.1 so that the browser takes the emulator for the website itself.
//
// Three headers tell such requests from others, and a page can set none of them: Host names the server that the browser
// believes to ask, Origin the page that asks, and Sec-Fetch-Site how the two are related. Programs that are no browsers send
// neither Origin nor Sec-Fetch-Site.
package browser

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Policy says which names the emulator answers to and which pages may use it. The zero Policy takes requests for this
// machine, and no pages of others.
type Policy struct {
	// Hosts are further names of the emulator, without a port: "emulator" in a network of containers.
	Hosts []string
	// Origins of the pages that may use Twilio's API from a browser: "http://localhost:3000", or "*" for all.
	Origins []string
}

// Validate reports the first name or origin that is none.
func (p Policy) Validate() error {
	for _, h := range p.Hosts {
		if h == "" || strings.ContainsAny(h, "/:@ *") {
			return fmt.Errorf("host %q: give a name without scheme and port, such as emulator.test", h)
		}
	}
	for _, o := range p.Origins {
		if u, err := url.Parse(o); o != "*" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || o != u.Scheme+"://"+u.Host) {
			return fmt.Errorf("origin %q: give scheme, host and port, such as http://localhost:3000, or *", o)
		}
	}
	return nil
}

// CheckHost refuses a request for a name that is not the emulator's: not a loopback address, localhost, the address at which
// the request came in, or one of p.Hosts. It stops DNS rebinding. A request that did not come over TCP is taken under every
// name, since no browser sends it.
func (p Policy) CheckHost(r *http.Request) error {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return nil
	}
	name := hostname(r.Host)
	if name == "localhost" || slices.ContainsFunc(p.Hosts, func(h string) bool { return strings.EqualFold(h, name) }) {
		return nil
	}
	if ip, err := netip.ParseAddr(name); err == nil && (ip.IsLoopback() || ip.Unmap() == local.AddrPort().Addr().Unmap()) {
		return nil
	}
	return fmt.Errorf("the emulator does not answer to the host %.100q: use localhost, or name the host with --allow-host", r.Host)
}

// CheckOrigin refuses a request that a browser sends for a page of another origin, unless p.Origins has it.
func (p Policy) CheckOrigin(r *http.Request) error {
	if p.AllowsOrigin(r) {
		return nil
	}
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	if origin == "" && site != "cross-site" {
		return nil
	}
	if u, err := url.Parse(origin); err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host) {
		return nil
	}
	if origin == "" {
		origin = "another website"
	}
	return fmt.Errorf("the emulator takes no requests from pages of %.100s", origin)
}

// AllowsOrigin reports whether a request comes from a page of p.Origins.
func (p Policy) AllowsOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return origin != "" && slices.ContainsFunc(p.Origins, func(o string) bool { return o == "*" || strings.EqualFold(o, origin) })
}

// hostname is a Host header in lower case, without port, brackets and the last dot.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
