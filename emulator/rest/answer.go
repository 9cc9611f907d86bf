package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// result is what a handler answers with.
type result struct {
	status int
	body   any // rendered as JSON; nil means no body
	file   *conversations.MediaFile
	// location is where a redirect leads.
	location string
}

func ok(body any) result      { return result{status: http.StatusOK, body: body} }
func created(body any) result { return result{status: http.StatusCreated, body: body} }
func deleted() result         { return result{status: http.StatusNoContent} }

// fixed headers of every answer. Reference, Conversations API 1.4.
var fixed = map[string][]string{
	"Access-Control-Allow-Credentials": {"true"},
	"Access-Control-Allow-Headers":     {"Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, Idempotency-Key"},
	"Access-Control-Allow-Methods":     {"GET, POST, DELETE, OPTIONS"},
	"Access-Control-Allow-Origin":      {"*"},
	"Access-Control-Expose-Headers":    {"ETag"},
	"Strict-Transport-Security":        {"max-age=31536000"},
	"Twilio-Concurrent-Requests":       {"1"},
	"Twilio-Request-Duration":          {"0.001"},
	"X-Home-Region":                    {"us1"},
	"X-Powered-By":                     {"AT-5000"},
	"X-Shenanigans":                    {"none"},
}

func setHeaders(h http.Header, requestID string) {
	for name, value := range fixed {
		h[name] = value
	}
	h["Twilio-Request-Id"] = []string{requestID}
}

// write is the only place that writes a successful answer.
func (a *API) write(w http.ResponseWriter, in *request, r result) {
	switch {
	case r.location != "":
		w.Header().Set("Location", r.location)
		w.WriteHeader(r.status)
	case r.file != nil:
		w.Header().Set("Content-Type", r.file.ContentType)
		w.Header().Set("Content-Length", strconv.FormatInt(r.file.Size, 10))
		w.WriteHeader(r.status)
		_, _ = w.Write(r.file.Content)
	case r.body == nil:
		w.WriteHeader(r.status)
	default:
		body, err := json.Marshal(r.body)
		if err != nil {
			a.writeError(w, in, err)
			return
		}
		writeJSON(w, r.status, body)
	}
}

// writeError is the only place that writes an error.
func (a *API) writeError(w http.ResponseWriter, in *request, err error) {
	var refused *conversations.Error
	if !errors.As(err, &refused) {
		if !errors.Is(err, context.Canceled) { // the caller has gone away: nobody reads the answer
			a.logger.Error("rest: an operation failed", "method", in.Method, "path", in.address.path, "error", err)
		}
		refused = conversations.ErrInternal()
	}
	if refused.Status == http.StatusNotFound && refused.Message == "" {
		refused = conversations.ErrNotFound(in.address.shown)
	}
	if refused.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Twilio API"`)
	}
	body, _ := json.Marshal(refused) // cannot fail: texts and numbers only
	writeJSON(w, refused.Status, body)
}

// headOnly is the answer to HEAD: as to GET, without the body.
type headOnly struct{ http.ResponseWriter }

func (h headOnly) Write(p []byte) (int, error) { return len(p), nil }

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error means that the caller has gone away
}
