package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Errors of every kind: whose they are, and which are logged.
func TestErrorsHaveAKind(t *testing.T) {
	t.Parallel()
	full := fmt.Errorf("write events.db: %w", syscall.ENOSPC)
	for name, c := range map[string]struct {
		err            error
		gone           bool // the caller has
		status         int
		text           string
		logged, hidden bool
	}{
		"a mistake":               {err: invalid.Errorf("%q is not a phone number", "x"), status: 400, text: "is not a phone number"},
		"a wrapped mistake":       {err: fmt.Errorf("contact Ada: %w", invalid.Errorf("no name")), status: 400, text: "contact Ada: no name"},
		"one of this API":         {err: notFound("there is no file ME1"), status: 404, text: "there is no file ME1"},
		"one of Twilio's":         {err: twilio.Conflict("x"), status: 409},
		"not found":               {err: fmt.Errorf("get: %w", store.ErrNotFound), status: 404, text: "no such thing"},
		"a full disk":             {err: full, status: 500, text: "the emulator failed", logged: true},
		"a conflict of the store": {err: &store.ConflictError{Kind: "account"}, status: 500, text: "the emulator failed", logged: true},
		"a closed store":          {err: fmt.Errorf("update: %w", store.ErrClosed), status: 503, text: "is stopping"},
		"the emulator stops":      {err: context.Canceled, status: 503, text: "is stopping"},
		"the caller has gone":     {err: context.Canceled, gone: true, status: 499, text: "the caller has gone"},
		"gone, and wrapped":       {err: fmt.Errorf("settle: %w", context.Canceled), gone: true, status: 499},
		"an end of file":          {err: io.EOF, status: 500, logged: true},
		"a long quotation":        {err: invalid.Errorf("%s is wrong", strings.Repeat("ü", 1_000_000)), status: 400, text: "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			h := &Handler{logger: slog.New(slog.NewTextHandler(&log, nil))}
			r := httptest.NewRequest("POST", "/_emulator/clock", nil)
			if c.gone {
				ctx, cancel := context.WithCancel(r.Context())
				cancel()
				r = r.WithContext(ctx)
			}
			w := httptest.NewRecorder()
			h.writeError(w, r, c.err)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.text) || !strings.HasPrefix(w.Body.String(), `{"error":"`) {
				t.Errorf("%v: %d %.300s, want %d with %q", c.err, w.Code, w.Body, c.status, c.text)
			}
			if w.Body.Len() > 2*maxError {
				t.Errorf("the answer has %d bytes", w.Body.Len())
			}
			if (log.Len() > 0) != c.logged {
				t.Errorf("log = %q, want an entry: %v", &log, c.logged)
			}
		})
	}
	if !errors.Is(full, syscall.ENOSPC) {
		t.Error("the disk is not full")
	}
}
