package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of a request, checked before anything is computed of it: whoever has no auth token can send requests too. A text
// takes 1 to 3 KiB, the longest one that WhatsApp allows 50 KiB, and an album of ten files has about 60 parameters.
const (
	// maxBody is the largest body that is read: 256 KiB.
	maxBody = 256 << 10
	// maxParameters is the largest number of parameters, in the query and in the form.
	maxParameters = 1000
	// smallBody costs little more than its connection: 16 KiB. Such bodies are read at once, however many come, so that
	// large ones cannot hold up the usual webhooks.
	smallBody = 16 << 10
	// largeBodies is the number of larger bodies that are read and checked at the same time.
	largeBodies = 4
	// bodyTime bounds the wait for that, and the reading of one body.
	bodyTime = 5 * time.Second
)

// bodies limits how many large bodies are read at the same time.
type bodies chan struct{}

// read reads a body that is not longer than maxBody. Call done when the request has been checked.
func (b bodies) read(w http.ResponseWriter, r *http.Request) (body []byte, done func(), refusal *answer) {
	done = func() {}
	refuse := func(status int, why string) ([]byte, func(), *answer) {
		done()
		refused := plain(status, why)
		return nil, func() {}, &refused
	}
	if r.ContentLength > maxBody {
		return refuse(http.StatusRequestEntityTooLarge, "the request is larger than 256 KiB")
	}
	if r.ContentLength < 0 || r.ContentLength > smallBody {
		ctx, cancel := context.WithTimeout(r.Context(), bodyTime)
		defer cancel()
		select {
		case b <- struct{}{}:
			done = func() { <-b }
		case <-ctx.Done():
			return refuse(http.StatusServiceUnavailable, "too many large requests at once")
		}
	}
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(bodyTime)) // an error means that there is no connection, as in tests
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return refuse(http.StatusRequestEntityTooLarge, "the request is larger than 256 KiB")
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "the request could not be read")
	}
	_ = connection.SetReadDeadline(time.Time{})
	return body, done, nil
}

// read returns the parameters of a request that Twilio has signed, or the answer that refuses any other.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, s *signature) (parameters, *answer) {
	refuse := func(a answer) (parameters, *answer) { return nil, &a }
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		a := plain(http.StatusMethodNotAllowed, "use POST or GET")
		a.header = http.Header{"Allow": {"GET, POST"}}
		return refuse(a)
	}
	if r.Header.Get(signatureHeader) == "" { // nothing else is read
		return refuse(h.forbid(r, s))
	}
	body, done, refusal := h.bodies.read(w, r)
	if refusal != nil {
		return nil, refusal
	}
	defer done()
	if strings.Count(r.URL.RawQuery, "&") >= maxParameters || bytes.Count(body, []byte("&")) >= maxParameters {
		return refuse(plain(http.StatusBadRequest, fmt.Sprintf("the request has more than %d parameters", maxParameters)))
	}
	var form url.Values
	var err error
	if r.Method == http.MethodPost {
		if form, err = url.ParseQuery(string(body)); err != nil {
			form = nil
		}
	}
	if !s.valid(r, body, form) {
		return refuse(h.forbid(r, s))
	}
	query, queryErr := url.ParseQuery(r.URL.RawQuery)
	if errors.Join(err, queryErr) != nil {
		return refuse(plain(http.StatusBadRequest, "the parameters are not correctly encoded"))
	}
	return newParameters(query, form), nil
}

// forbid refuses what Twilio has not signed. The log has the URL that is expected, without a password and without the query,
// which holds the message of a GET.
func (h *Handler) forbid(r *http.Request, s *signature) answer {
	expected := s.signedURL(r)
	expected.RawQuery = ""
	h.log.Warn("webhook refused: X-Twilio-Signature is missing or wrong", "expected_url", expected.Redacted())
	return forbidden
}

// parameters are those of one webhook, put together as Twilio's Functions runtime does it: the form replaces the query; a
// name that is sent twice keeps both values (reference, WhatsApp 8.1).
type parameters map[string][]string

func newParameters(query, form url.Values) parameters {
	p := parameters(query)
	for name, values := range form {
		p[name] = values
	}
	return p
}

// get returns the first value of name, "" when it is absent. It is the only value that is signed.
func (p parameters) get(name string) string {
	return url.Values(p).Get(name)
}

// javaScript returns what `${event.name}` makes of the parameter: "undefined" when it is absent, "a,b" for an array.
func (p parameters) javaScript(name string) string {
	values, ok := p[name]
	if !ok {
		return "undefined"
	}
	return strings.Join(values, ",")
}

// isEmptyString reports whether `event.name === ”`: present once, with no text.
func (p parameters) isEmptyString(name string) bool {
	values := p[name]
	return len(values) == 1 && values[0] == ""
}

// answer is the answer to a webhook. Twilio acts on it: a text/plain body of a 200 is sent to the customer, <Response/>
// sends nothing, JSON is logged as an error (reference, WhatsApp 2.5).
type answer struct {
	status      int
	contentType string
	body        string
	header      http.Header // further headers; may be nil
}

var (
	// emptyTwiML accepts the message and sends nothing to the customer.
	emptyTwiML = answer{status: http.StatusOK, contentType: "text/xml", body: "<Response/>"}
	// forbidden is the same for a missing and for a forged signature, so that it reveals nothing (reference, 3.5).
	forbidden = plain(http.StatusForbidden, "Unauthorized - you are not authenticated to perform this request")
)

func plain(status int, body string) answer {
	return answer{status: status, contentType: "text/plain", body: body}
}

// jsonAnswer encodes value as JavaScript does, without escaping <, > and &.
func jsonAnswer(status int, value any) answer {
	var body strings.Builder
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return plain(http.StatusInternalServerError, "the answer cannot be written as JSON")
	}
	return answer{status: status, contentType: "application/json", body: strings.TrimSuffix(body.String(), "\n")}
}

// write sends the answer. An error means that the client has gone away, and is ignored.
func (a answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", a.contentType)
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}
