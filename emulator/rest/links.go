package rest

import (
	"cmp"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// Hosts of links to files. A signed link works there without credentials.
const (
	MediaHost        = "media.us1.twilio.com" // of messages in conversations
	InboundMediaHost = "mms.twiliocdn.com"    // of phones
)

// Link returns a signed link to a file: a path under a host of links.
func (in *Request) Link(host, path string, link conversations.MediaLink) string {
	q := url.Values{"Expires": {link.Expires}, "Signature": {link.Signature}, "Key-Pair-Id": {link.KeyPairID}}
	return in.address.linkBase(host) + path + "?" + q.Encode()
}

// SignedLink returns the link that a request has followed.
func (in *Request) SignedLink() conversations.MediaLink {
	return conversations.MediaLink{Expires: in.Values.Get("Expires"), Signature: in.Values.Get("Signature"),
		KeyPairID: in.Values.Get("Key-Pair-Id")}
}

// LinksApart reports whether links to files are on another host than the one that the caller used. They are not where the
// caller knows the emulator under one name only.
func (in *Request) LinksApart() bool { return in.address.byHost || in.address.links != "" }

// OnHost reports whether a request is for a host of links, by its name or by a prefix of the path.
func (in *Request) OnHost(host string) bool { return in.address.product == products[host] }

// RefuseCredentials returns the answer, 400 in XML, of the network that serves Twilio's files to a request that has both a signed link and
// an Authorization header. Reference, WhatsApp and messaging 4.1.
func RefuseCredentials() Result {
	const answer = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>InvalidArgument</Code><Message>The link is signed: fetch it without an Authorization header</Message></Error>
`
	return Result{Status: http.StatusBadRequest, File: &conversations.MediaFile{Content: []byte(answer),
		Media: conversations.Media{ContentType: "application/xml", Size: int64(len(answer))}}}
}

// linkBase returns the base of links to files, which are on a host of their own (MediaHost or InboundMediaHost): a client that
// follows a link with the credentials of another host is refused there. A caller that has only a base URL finds that host
// under its other name, and under the same one where it has no other.
func (a address) linkBase(onHost string) string {
	scheme, rest, _ := strings.Cut(a.base, "://")
	if a.byHost {
		return scheme + "://" + onHost
	}
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + cmp.Or(a.links, host) + "/" + products[onHost]
}

// secondHost returns the other name of this machine, with the same port: localhost for a loopback address, and the address at
// which the request came in for localhost. It is empty for other hosts.
func secondHost(r *http.Request, host string) string {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), ""
	}
	other := ""
	switch strings.ToLower(name) {
	case "127.0.0.1", "::1":
		other = "localhost"
	case "localhost":
		other = "127.0.0.1"
		if at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && at.IP.Equal(net.IPv6loopback) {
			other = "::1"
		}
	default:
		return ""
	}
	if port != "" {
		return net.JoinHostPort(other, port)
	}
	if strings.Contains(other, ":") {
		return "[" + other + "]"
	}
	return other
}
