package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

func (w *World) faultSteps() []definition {
	return []definition{
		{form: "every attempt to {call} fails with {number}", run: w.EveryAttemptFails},
		{form: "the next attempt to {call} fails with {number}", run: w.NextAttemptFails},
		{form: "the answer to the next attempt to {call} is lost", run: w.NextAnswerIsLost},
		{form: "this fault:", run: w.Fault},
		{form: "nothing fails any more", run: w.NothingFails},
	}
}

// apiCalls are the calls of the API that a fault can hit, as scenarios name them.
var apiCalls = map[string]traffic.Fault{
	"create a conversation": {Method: http.MethodPost, Path: "/v1/Conversations"},
	"fetch a conversation":  {Method: http.MethodGet, Path: "/v1/Conversations/*"},
	"delete a conversation": {Method: http.MethodDelete, Path: "/v1/Conversations/*"},
	"create a webhook":      {Method: http.MethodPost, Path: "/v1/Conversations/*/Webhooks"},
	"create a participant":  {Method: http.MethodPost, Path: "/v1/Conversations/*/Participants"},
	"create a message":      {Method: http.MethodPost, Path: "/v1/Conversations/*/Messages"},
	"list messages":         {Method: http.MethodGet, Path: "/v1/Conversations/*/Messages"},
	"look up a participant": {Method: http.MethodGet, Path: "/v1/ParticipantConversations"},
	"fetch a file":          {Method: http.MethodGet, Path: "/2010-04-01/Accounts/*/Messages/*/Media/*"},
	"upload a file":         {Method: http.MethodPost, Path: "/v1/Services/*/Media"},
}

// EveryAttemptFails makes all calls of a kind fail with a status, until nothing fails any more.
func (w *World) EveryAttemptFails(ctx context.Context, what string, status int) error {
	return w.fail(ctx, what, traffic.Fault{Status: status})
}

// NextAttemptFails makes the next call of a kind fail with a status.
func (w *World) NextAttemptFails(ctx context.Context, what string, status int) error {
	return w.fail(ctx, what, traffic.Fault{Status: status, Count: 1})
}

// NextAnswerIsLost lets the next call of a kind succeed, and drops the connection before its answer.
func (w *World) NextAnswerIsLost(ctx context.Context, what string) error {
	return w.fail(ctx, what, traffic.Fault{Drop: true, After: true, Count: 1})
}

func (w *World) fail(ctx context.Context, what string, f traffic.Fault) error {
	match, ok := apiCalls[what]
	if !ok {
		names := make([]string, 0, len(apiCalls))
		for name := range apiCalls {
			names = append(names, name)
		}
		slices.Sort(names)
		return fmt.Errorf("no call is named %q: use %s, or \"this fault:\"", what, strings.Join(names, ", "))
	}
	f.Method, f.Path = match.Method, match.Path
	_, err := w.control.CreateFault(ctx, f)
	return err
}

// Fault arms a fault that is given as JSON, in the fields of traffic.Fault.
func (w *World) Fault(ctx context.Context, spec DocString) error {
	var f traffic.Fault
	if err := decodeStrictly([]byte(spec), &f); err != nil {
		return fmt.Errorf("the fault is not what it should be: %w", err)
	}
	_, err := w.control.CreateFault(ctx, f)
	return err
}

// NothingFails disarms all faults.
func (w *World) NothingFails(ctx context.Context) error { return w.control.ClearFaults(ctx) }

// decodeStrictly reads one JSON value that has no unknown fields, which are most likely misspelt.
func decodeStrictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("there is more than one JSON value")
	}
	return nil
}
