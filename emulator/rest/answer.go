package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Result is the answer of a Handler. Of Body, File and Location one is set at most.
type Result struct {
	Status int
	Body   any // rendered as JSON or XML; nil means no body
	File   *conversations.MediaFile
	// Location is the URL of a redirect.
	Location string
}

// OK is 200 with a resource.
func OK(body any) Result { return Result{Status: http.StatusOK, Body: body} }

// Created is 201 with a resource.
func Created(body any) Result { return Result{Status: http.StatusCreated, Body: body} }

// Deleted is 204.
func Deleted() Result { return Result{Status: http.StatusNoContent} }

// fixed headers of every answer. Reference, Conversations API 1.4.
var fixed = map[string][]string{
	"Strict-Transport-Security":  {"max-age=31536000"},
	"Twilio-Concurrent-Requests": {"1"},
	"Twilio-Request-Duration":    {"0.001"},
	"X-Home-Region":              {"us1"},
	"X-Powered-By":               {"AT-5000"},
	"X-Shenanigans":              {"none"},
}

func setHeaders(h http.Header, domain, requestID string) {
	for name, value := range fixed {
		h[name] = value
	}
	h["Twilio-Request-Id"] = []string{requestID}
	if domain != MediaHost && domain != InboundMediaHost { // the two that are a network for files, and no API
		h["X-Api-Domain"] = []string{domain}
	}
}

// jsonType is the Content-Type of JSON from a host of Twilio's. Raw headers in twilio-labs/dev-phone#178 and #220 have a charset for
// Conversations, and none for api.twilio.com; others are taken to have none either.
func jsonType(domain string) string {
	if domain == hosts["conversations"] {
		return "application/json;charset=utf-8"
	}
	return "application/json"
}

// write is the only place that writes a successful answer.
func (a *API) write(w http.ResponseWriter, in *Request, r Result) {
	switch {
	case r.Location != "":
		w.Header().Set("Location", r.Location)
		w.WriteHeader(r.Status)
	case r.File != nil:
		w.Header().Set("Content-Type", r.File.ContentType)
		w.Header().Set("Content-Security-Policy", "script-src 'none'") // a file may come from anywhere, and the control API is beside it
		w.Header().Set("Content-Length", strconv.FormatInt(r.File.Size, 10))
		w.WriteHeader(r.Status)
		_, _ = w.Write(r.File.Content)
	case r.Body == nil:
		w.WriteHeader(r.Status)
	default:
		if in.inXML() {
			a.writeXML(w, in, r)
			return
		}
		a.writeJSON(w, in, r)
	}
}

// buffers are the bodies of answers, for use by the next one.
type buffers struct{ pool sync.Pool }

// keptBuffer is the greatest capacity that is kept, in bytes: one answer of a megabyte should not stay for ever.
const keptBuffer = 256 << 10

func (p *buffers) get() *[]byte {
	if b, ok := p.pool.Get().(*[]byte); ok {
		return b
	}
	return new([]byte)
}

func (p *buffers) put(b *[]byte) {
	if cap(*b) <= keptBuffer {
		*b = (*b)[:0]
		p.pool.Put(b)
	}
}

// writeJSON renders the body of a result.
func (a *API) writeJSON(w http.ResponseWriter, in *Request, r Result) {
	buffer := a.buffers.get()
	defer a.buffers.put(buffer)
	body, err := a.encoder.append(*buffer, r.Body)
	*buffer = body
	if err != nil {
		a.writeError(w, in, err)
		return
	}
	writeBody(w, jsonType(in.address.domain), r.Status, body)
}

// writeError is the only place that writes an error.
func (a *API) writeError(w http.ResponseWriter, in *Request, err error) {
	var refused *twilio.Error
	if !errors.As(err, &refused) {
		if !errors.Is(err, context.Canceled) { // the caller has gone away: nobody reads the answer
			a.logger.Error("rest: an operation failed", "method", in.Method, "path", in.address.path, "error", err)
		}
		refused = twilio.ErrInternal
	}
	if refused.Status == http.StatusNotFound && refused.Message == "" {
		refused = twilio.NotFound(in.address.shown)
	}
	if refused.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Twilio API"`)
	}
	if in.inXML() {
		writeBody(w, xmlType, refused.Status, errorXML(refused))
		return
	}
	body, _ := json.Marshal(refused) // cannot fail: texts and numbers only
	writeBody(w, jsonType(in.address.domain), refused.Status, body)
}

// headOnly is the answer to HEAD: as to GET, without the body.
type headOnly struct{ http.ResponseWriter }

func (h headOnly) Write(p []byte) (int, error) { return len(p), nil }

const xmlType = "application/xml"

func writeBody(w http.ResponseWriter, contentType string, status int, body []byte) {
	h := w.Header()
	h["Content-Type"] = []string{contentType}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error means that the caller has gone away
}
