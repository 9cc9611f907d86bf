package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/routes"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// Bounds of what one caller can make the emulator read and hold.
const (
	maxBody   = 1 << 20                        // of a JSON body without files, in bytes
	maxUpload = whatsapp.MaxFile/3*4 + maxBody // of one with files: the largest file in base64, and the rest
	maxError  = 2000                           // of the text of an error, in bytes: it may quote what was sent
	// maxUploads bounds the bodies with files that are read at the same time; others wait. The server bounds how long one takes.
	maxUploads = 8
)

// endpoint is one operation, as Handler serves and Client calls it: an In is sent as JSON and an Out comes back. A path has
// parameters in braces.
type endpoint[In, Out any] struct{ method, path string }

// none stands for a request without a body, or an answer that says nothing.
type none struct{}

// upload is implemented by requests that hold files, whose bodies may be larger than others.
type upload interface{ holdsFiles() }

// serve makes the handler answer an endpoint. What answer returns is written as JSON; see writeError for its errors.
func serve[In, Out any](h *Handler, e endpoint[In, Out], answer func(*http.Request, In) (Out, error)) {
	h.route(e.method, e.path, func(w http.ResponseWriter, r *http.Request) error {
		var in In
		if err := h.read(w, r, &in); err != nil {
			return err
		}
		out, err := answer(r, in)
		if err != nil {
			return err
		}
		writeJSON(w, http.StatusOK, out)
		return nil
	})
}

// call sends one request to an endpoint and returns its answer. The parameters fill the braces of the path, in order.
func call[In, Out any](ctx context.Context, c *Client, e endpoint[In, Out], in In, parameters ...string) (out Out, err error) {
	var body any = in
	if _, without := body.(none); without {
		body = nil
	}
	err = c.do(ctx, e.method, fill(e.path, parameters...), body, &out)
	return out, err
}

// with returns the endpoint with a query behind its path.
func (e endpoint[In, Out]) with(query string) endpoint[In, Out] {
	e.path += "?" + query
	return e
}

// fill puts parameters in the place of the braces of a path.
func fill(path string, parameters ...string) string {
	for _, p := range parameters {
		before, rest, _ := strings.Cut(path, "{")
		_, after, _ := strings.Cut(rest, "}")
		path = before + url.PathEscape(p) + after
	}
	return path
}

// route registers a handler that writes its answer itself unless it returns an error.
func (h *Handler) route(method, path string, serve func(http.ResponseWriter, *http.Request) error) {
	h.routes = append(h.routes, routes.Route{Method: method, Path: Prefix + path, Handler: h.answer(serve)})
}

func (h *Handler) answer(serve func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := query(r)
		if err == nil {
			err = serve(w, r)
		}
		if err != nil {
			h.writeError(w, r, err)
		}
	})
}

// parameter returns what a request has in the place of a brace of its path.
func parameter(r *http.Request, name string) string {
	value, err := url.PathUnescape(mux.Vars(r)[name])
	if err != nil {
		return "" // net/http has refused such a path
	}
	return value
}

// read decodes the body of a request into in; a none has no body.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, in any) error {
	if err := checkContentType(r); err != nil {
		return err
	}
	most := int64(maxBody)
	switch in.(type) {
	case *none:
		return nil
	case upload:
		most = maxUpload
		if r.ContentLength < 0 || r.ContentLength > maxBody { // a text does not wait for files
			select {
			case h.uploads <- struct{}{}:
				defer func() { <-h.uploads }()
			case <-r.Context().Done():
				return r.Context().Err()
			}
		}
	}
	buffer := bytes.NewBuffer(make([]byte, 0, min(max(r.ContentLength, 0), most)+bytes.MinRead))
	_, err := buffer.ReadFrom(http.MaxBytesReader(w, r.Body, most))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &Error{Status: http.StatusRequestEntityTooLarge, Message: fmt.Sprintf("the body is larger than %d MB, the most that this "+
			"endpoint takes; WhatsApp takes files of %d MB at most", most>>20, whatsapp.MaxFile>>20)}
	case err != nil:
		return badInput("the body ended too early: %s", err)
	}
	return decode(buffer.Bytes(), in)
}

// checkContentType refuses a body that is not declared as JSON: forms and texts are what a web page can send anywhere.
func checkContentType(r *http.Request) error {
	contentType := r.Header.Get("Content-Type")
	if contentType == "" && r.ContentLength == 0 {
		return nil
	}
	if mediaType, _, err := mime.ParseMediaType(contentType); err == nil && mediaType == "application/json" {
		return nil
	}
	return &Error{Status: http.StatusUnsupportedMediaType,
		Message: fmt.Sprintf("the body is sent as %.100q: send JSON, with the header Content-Type: application/json", contentType)}
}

// decode reads one JSON value. A field that does not exist is an error, since it is most likely misspelt.
func decode(body []byte, in any) error {
	if !utf8.Valid(body) {
		return badInput("the body is not valid UTF-8, which JSON is")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		switch {
		case errors.Is(err, io.EOF):
			return badInput("the request has no body; it must be a JSON object")
		case invalid.Is(err):
			return err
		}
		return badInput("the request is not the expected JSON: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if d.More() {
		return badInput("the request has more than one JSON value")
	}
	return nil
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // an error means that the caller has gone away
}

// statusClientGone is the status, nginx's, for a request whose caller has gone; only logs and tests see it.
const statusClientGone = 499

// writeError answers with an error. Only what is meant for the caller reaches the caller as it is: an *Error, Twilio's
// errors, what package invalid has marked, and what the clock cannot be set to. All else is a failure of the emulator's and is
// logged.
func (h *Handler) writeError(w http.ResponseWriter, r *http.Request, err error) {
	var own *Error
	var refused *twilio.Error
	var setting *clock.SettingError
	status := http.StatusInternalServerError
	switch {
	case errors.As(err, &own):
		status = own.Status
	case errors.As(err, &refused):
		status = refused.Status
	case invalid.Is(err), errors.As(err, &setting):
		status = http.StatusBadRequest
	case errors.Is(err, store.ErrNotFound):
		status, err = http.StatusNotFound, errors.New("there is no such thing in this emulator")
	case r.Context().Err() != nil:
		status, err = statusClientGone, errors.New("the caller has gone before the request was done")
	case errors.Is(err, store.ErrClosed), errors.Is(err, context.Canceled):
		status, err = http.StatusServiceUnavailable, errors.New("the emulator is stopping")
	default:
		h.logger.Error("control: a request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		err = fmt.Errorf("the emulator failed: %w", err)
	}
	text := err.Error()
	if len(text) > maxError {
		text = strings.ToValidUTF8(text[:maxError], "") + "…"
	}
	writeJSON(w, status, Error{Message: text})
}

// orMissing says in a sentence what does not exist, in place of store.ErrNotFound.
func orMissing(err error, format string, args ...any) error {
	if errors.Is(err, store.ErrNotFound) || twilio.IsNotFound(err) {
		return notFound(format, args...)
	}
	return err
}

// query returns the query of a request, or an error when it is malformed.
func query(r *http.Request) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badInput("the query is malformed: %s", err)
	}
	return values, nil
}

// window says which part of a list is wanted: the entries with a number above after, limit at most (0: all).
type window struct {
	after int64
	limit int
}

func windowOf(r *http.Request) (w window, err error) {
	q, err := query(r)
	if err != nil {
		return w, err
	}
	if s := q.Get("after"); s != "" {
		if w.after, err = strconv.ParseInt(s, 10, 64); err != nil || w.after < 0 {
			return w, badInput("after=%.100s: it must be a whole number from 0 to 2^63-1", s)
		}
	}
	if s := q.Get("limit"); s != "" {
		if w.limit, err = strconv.Atoi(s); err != nil || w.limit < 0 {
			return w, badInput("limit=%.100s: it must be a whole number from 0 to 2^63-1 (0: all)", s)
		}
	}
	return w, nil
}

func (w window) query() string { return fmt.Sprintf("after=%d&limit=%d", w.after, w.limit) }
