package memnet

import (
	"context"
	"net"
	"net/http"
)

// Transport returns a round tripper that leads every request to the listener's server, whatever its host. The server
// sees host and scheme as they were asked for: the request line holds the whole URL, as for a proxy. An https request
// comes without TLS.
//
// Each request has a connection of its own, so that net/http does not repeat one whose answer failed to come, as it may
// on a connection that was used before.
func (l *Listener) Transport() http.RoundTripper {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return l.Dial(ctx) }
	return transport{&http.Transport{DialContext: dial, DialTLSContext: dial, DisableKeepAlives: true, DisableCompression: true}}
}

type transport struct{ next *http.Transport }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := *r
	url := *r.URL
	host := r.Host
	if host == "" {
		host = url.Host
	}
	path := url.EscapedPath()
	if path == "" {
		path = "/"
	}
	url.Opaque = "//" + host + path
	asked.URL = &url
	res, err := t.next.RoundTrip(&asked)
	if res != nil {
		res.Request = r
	}
	return res, err
}
