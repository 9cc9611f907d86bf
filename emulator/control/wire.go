package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// maxRequest is the greatest request that is read: the largest file, in base64, and some.
const maxRequest = whatsapp.MaxFile/3*4 + 1<<20

// decode reads a JSON body strictly: a field that does not exist is an error, since it is most likely misspelt.
func decode(r *http.Request, into any) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil {
		return badInput("the request ended too early: %s", err)
	}
	if len(body) > maxRequest {
		return &Error{Status: http.StatusRequestEntityTooLarge,
			Message: fmt.Sprintf("the request is larger than %d MB; WhatsApp takes files of 16 MB at most", maxRequest>>20)}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		if errors.Is(err, io.EOF) {
			return badInput("the request has no body; it must be a JSON object")
		}
		return badInput("the request is not the expected JSON: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if d.More() {
		return badInput("the request has more than one JSON value")
	}
	return nil
}

// endpoint writes what an endpoint returns.
func (h *Handler) endpoint(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		value, err := e(w, r)
		if _, done := value.(written); done && err == nil {
			return
		}
		status := http.StatusOK
		if err != nil {
			refused := h.explain(r, err)
			status, value = refused.Status, refused
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(value) // an error means that the caller has gone away
	})
}

// explain turns any error into one of this API.
func (h *Handler) explain(r *http.Request, err error) *Error {
	var own *Error
	var twilio *twilio.Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &twilio):
		return &Error{Status: twilio.Status, Message: twilio.Error()}
	case invalid.Is(err):
		return badInput("%s", err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &Error{Status: http.StatusServiceUnavailable, Message: "the request was given up before it was done"}
	}
	h.Logger.Error("control: an operation failed", "method", r.Method, "path", r.URL.Path, "error", err)
	return &Error{Status: http.StatusInternalServerError, Message: "the emulator failed: " + err.Error()}
}

// streamAfter reads where a stream begins: behind the number after, or from now on.
func streamAfter(r *http.Request, newest func() (int64, error)) (int64, error) {
	if r.URL.Query().Get("after") == "" {
		return newest()
	}
	after, _, err := window(r)
	return after, err
}

func streamQuery(after int64) string {
	if after < 0 {
		return ""
	}
	return "?after=" + strconv.FormatInt(after, 10)
}

// stream writes server-sent events: one for each value that next returns, until the caller goes away or the emulator
// stops.
func stream[T any](h *Handler, w http.ResponseWriter, r *http.Request, next func(context.Context) ([]T, error)) (any, error) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	flush := http.NewResponseController(w)
	go func() {
		select {
		case <-h.Stopped:
			cancel()
			_ = flush.SetWriteDeadline(time.Now()) // it ends a write to a caller that does not read
		case <-ctx.Done():
		}
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	if err := flush.Flush(); err != nil {
		return written{}, nil // the caller has gone away
	}
	for {
		values, err := next(ctx)
		if err != nil {
			return written{}, nil // the stream ends: there is nobody to tell, or nothing to say
		}
		for _, v := range values {
			encoded, err := json.Marshal(v)
			if err != nil {
				return written{}, err
			}
			if _, err := fmt.Fprintf(w, "data: %s\n\n", encoded); err != nil {
				return written{}, nil // the caller has gone away
			}
		}
		if err := flush.Flush(); err != nil {
			return written{}, nil // the caller has gone away
		}
	}
}

// errStreamEnded is what follow returns when the emulator ends a stream, as it does when it stops.
var errStreamEnded = errors.New("the emulator has ended the live stream")

// follow reads server-sent events and hands each to handle.
func follow[T any](ctx context.Context, c *Client, path string, handle func(T) error) error {
	res, err := c.request(ctx, "GET", path, nil)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if err := c.check(res, "text/event-stream"); err != nil {
		return err
	}
	lines := bufio.NewReader(res.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return errStreamEnded
		}
		data, found := bytes.CutPrefix(bytes.TrimRight(line, "\r\n"), []byte("data: "))
		if !found {
			continue
		}
		var v T
		if err := json.Unmarshal(data, &v); err != nil {
			return fmt.Errorf("the live stream of %s holds what is not the expected JSON: %w", c.base, err)
		}
		if err := handle(v); err != nil {
			return err
		}
	}
}
