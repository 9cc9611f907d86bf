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
	"time"
)

// stream is an endpoint that answers with server-sent events, each a T, until the caller goes away or the emulator stops.
type stream[T any] struct{ path string }

// source supplies the values of a stream.
type source[T any] struct {
	// newest returns the number of the newest value: a stream begins behind it unless the caller names another.
	newest func(context.Context) (int64, error)
	// next waits for values with a number above after and returns them with the number of the last.
	next func(ctx context.Context, after int64) (values []T, last int64, err error)
}

// serveStream makes the handler answer a stream.
func serveStream[T any](h *Handler, s stream[T], from source[T]) {
	h.route("GET", s.path, func(w http.ResponseWriter, r *http.Request) error {
		window, err := windowOf(r)
		if err != nil {
			return err
		}
		after := window.after
		if r.URL.Query().Get("after") == "" {
			if after, err = from.newest(r.Context()); err != nil {
				return err
			}
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		flush := http.NewResponseController(w)
		go func() {
			select {
			case <-h.config.Stopped:
				cancel()
				_ = flush.SetWriteDeadline(time.Now()) // it ends a write to a caller that does not read
			case <-ctx.Done():
			}
		}()
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusOK)
		from.write(ctx, w, flush, after)
		return nil
	})
}

// write writes values until there are no more, or until the caller has gone. The status has been sent, so no error can be.
func (s source[T]) write(ctx context.Context, w io.Writer, flush *http.ResponseController, after int64) {
	for flush.Flush() == nil {
		values, last, err := s.next(ctx, after)
		if err != nil {
			return
		}
		after = last
		for _, v := range values {
			encoded, err := json.Marshal(v)
			if err != nil {
				return
			}
			if _, err := fmt.Fprintf(w, "data: %s\n\n", encoded); err != nil {
				return
			}
		}
	}
}

// errStreamEnded is returned by follow when the emulator ends a stream, as it does when it stops.
var errStreamEnded = errors.New("the emulator has ended the live stream")

// follow calls handle for every value of a stream with a number above after; after -1 means from now on.
func follow[T any](ctx context.Context, c *Client, s stream[T], after int64, handle func(T) error) error {
	path := s.path
	if after >= 0 {
		path += "?after=" + strconv.FormatInt(after, 10)
	}
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
			return fmt.Errorf("the live stream of %s is not the expected JSON: %w", c.base, err)
		}
		if err := handle(v); err != nil {
			return err
		}
	}
}
