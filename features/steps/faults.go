package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

func (w *World) faultSteps() []definition {
	return []definition{
		{form: "every attempt to {call} fails with {number}", run: w.EveryAttemptFails},
		{form: "the next attempt to {call} fails with {number}", run: w.NextAttemptFails},
		{form: "the next attempt to {call} fails with {number} and asks to wait {duration}", run: w.NextAttemptAsksToWait},
		{form: "the next attempt to {call} fails at the connection", run: w.NextConnectionBreaks},
		{form: "the next attempt to {call} is not answered in time", run: w.NextAttemptHangs},
		{form: "every attempt to {call} fails at the connection", run: w.EveryConnectionBreaks},
		{form: "every attempt to {call} is not answered in time", run: w.EveryAttemptHangs},
		{form: "every attempt to {call} takes its time", run: w.EveryAttemptIsSlow},
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
	"list webhooks":         {Method: http.MethodGet, Path: "/v1/Conversations/*/Webhooks"},
	"fetch a participant":   {Method: http.MethodGet, Path: "/v1/Conversations/*/Participants/*"},
	"date a message":        {Method: http.MethodGet, Path: "/2010-04-01/Accounts/*/Messages/*.json"},
	"text the customer":     {Method: http.MethodPost, Path: "/2010-04-01/Accounts/*/Messages.json"},
}

// mcsPrefix begins the paths of the Media Content Service on an emulator that has one host only.
const mcsPrefix = "/mcs"

const (
	// slow is longer than a call takes, and shorter than anybody waits for it.
	slow = 120 * time.Millisecond
	// hanging is longer than a bridge with a short call-timeout or function-timeout waits.
	hanging = 20 * time.Second
)

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

// NextAttemptAsksToWait makes the next call of a kind fail with a status and Retry-After, in whole seconds.
func (w *World) NextAttemptAsksToWait(ctx context.Context, what string, status int, wait time.Duration) error {
	return w.fail(ctx, what, traffic.Fault{Status: status, RetryAfter: wait, Count: 1})
}

// NextConnectionBreaks drops the connection of the next call of a kind before it has any effect.
func (w *World) NextConnectionBreaks(ctx context.Context, what string) error {
	return w.fail(ctx, what, traffic.Fault{Drop: true, Count: 1})
}

// EveryConnectionBreaks drops the connections of all calls of a kind before they have any effect.
func (w *World) EveryConnectionBreaks(ctx context.Context, what string) error {
	return w.fail(ctx, what, traffic.Fault{Drop: true})
}

// NextAttemptHangs answers the next call of a kind later than anybody waits for; it has no effect.
func (w *World) NextAttemptHangs(ctx context.Context, what string) error {
	return w.fail(ctx, what, traffic.Fault{Delay: hanging, Count: 1})
}

// EveryAttemptHangs is NextAttemptHangs for all calls of a kind.
func (w *World) EveryAttemptHangs(ctx context.Context, what string) error {
	return w.fail(ctx, what, traffic.Fault{Delay: hanging})
}

// EveryAttemptIsSlow lets all calls of a kind take longer than they do.
func (w *World) EveryAttemptIsSlow(ctx context.Context, what string) error {
	return w.fail(ctx, what, traffic.Fault{Delay: slow})
}

func (w *World) fail(ctx context.Context, what string, f traffic.Fault) error {
	match, ok := apiCalls[what]
	if !ok {
		return unknownCall(what)
	}
	if w.options.URL != "" && what == "upload a file" {
		match.Path = mcsPrefix + match.Path
	}
	f.Method, f.Path = match.Method, match.Path
	_, err := w.control.CreateFault(ctx, f)
	return err
}

func unknownCall(what string) error {
	names := make([]string, 0, len(apiCalls))
	for name := range apiCalls {
		names = append(names, name)
	}
	slices.Sort(names)
	return fmt.Errorf("no call is named %q: use %s, or \"this fault:\"", what, strings.Join(names, ", "))
}

// matches reports whether a path has the form of a pattern of apiCalls.
func matches(pattern, asked string) bool {
	ok, _ := path.Match(pattern, asked) // the patterns are well-formed
	return ok
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
