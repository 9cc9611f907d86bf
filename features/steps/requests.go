package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/twilio/twilio-go/client"
)

func (w *World) requestSteps() []definition {
	return []definition{
		{form: "{account} requests {request}", run: w.Request, beside: true},
		{form: "{account} requests {request} with:", run: w.RequestWith},
		{form: "{account} requests {request} with the JSON:", run: w.RequestWithJSON},
		{form: "the answer has:", run: w.AnswerHas},
		{form: "the answer's {text} is called {text}", run: w.CallField},
		{form: "Twilio refuses with {number}, code {number}", run: w.Refuses, expectsRefusal: true},
		{form: "the refusal says {text}", run: w.RefusalSays, expectsRefusal: true},
		{form: "the refusal names {conversation}", run: w.RefusalNames, expectsRefusal: true},
	}
}

// refusal is an error of Twilio's that a step met with. The next step must speak of it.
type refusal struct {
	what     string
	err      *client.TwilioRestError
	expected bool // the scenario has spoken of it
}

func (r *refusal) Error() string {
	return fmt.Sprintf("Twilio refused %s with %d, code %d: %s", r.what, r.err.Status, r.err.Code, r.err.Message)
}

// attempt keeps an error of Twilio's for the next step; every other error is one of the step itself.
func (w *World) attempt(what string, err error) error {
	w.refused = nil
	failed := restError(err)
	if failed == nil {
		return err
	}
	w.refused = &refusal{what: what, err: failed}
	return nil
}

func restError(err error) *client.TwilioRestError {
	var failed *client.TwilioRestError
	errors.As(err, &failed)
	return failed
}

// Request makes any request to Twilio's API, with the credentials of an account: "GET /v1/Conversations". A path that
// begins with /2010-04-01/ leads to the messaging API, one that begins with /content/, /messaging/ or /studio/ to that product, every other
// to Conversations; {Acme} in it is the SID of that account.
func (w *World) Request(ctx context.Context, accountName, request string) error {
	return w.RequestWith(ctx, accountName, request, Table{{"name", "value"}})
}

// RequestWith is Request with parameters, a table of the columns name and value.
func (w *World) RequestWith(_ context.Context, accountName, request string, table Table) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	header, rows, err := table.columns("name", "value")
	if err != nil {
		return err
	}
	if len(header) != 2 || header[0] != "name" {
		return errors.New("the table needs the columns name and value")
	}
	if rows, err = w.values(rows); err != nil {
		return err
	}
	var params url.Values // nil, or the SDK drops the path's query
	for _, row := range rows {
		if params == nil {
			params = url.Values{}
		}
		params.Add(row[0], row[1])
	}
	return w.request(a, request, params, "application/x-www-form-urlencoded")
}

// RequestWithJSON is Request with a body of JSON, as the Content API takes it, and as some programs send one by mistake
// elsewhere, where Twilio reads none of it.
func (w *World) RequestWithJSON(_ context.Context, accountName, request string, body DocString) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	return w.request(a, request, nil, "application/json", []byte(body)...)
}

func (w *World) request(a *account, request string, params url.Values, contentType string, body ...byte) error {
	method, path, _ := strings.Cut(request, " ")
	for name, value := range w.named {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	for name, known := range w.accounts {
		path = strings.ReplaceAll(path, "{"+name+"}", known.SID)
	}
	product, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch product {
	case "2010-04-01":
		product = "api"
	case "content", "messaging", "studio":
		path = "/" + rest
	default:
		product = "conversations"
	}
	host := "https://" + product + ".twilio.com"
	res, err := a.requester.SendRequest(method, host+path, params, map[string]any{"Content-Type": contentType}, body...)
	if err == nil {
		w.answered, err = io.ReadAll(res.Body)
		err = errors.Join(err, res.Body.Close())
	}
	return w.attempt(request, err)
}

// AnswerHas compares fields of the JSON that Twilio answered to the last request with the only row of a table, whose columns
// are their names.
func (w *World) AnswerHas(_ context.Context, table Table) error {
	header, rows, err := table.columns()
	if err != nil {
		return err
	}
	fields, err := w.answer()
	if err != nil {
		return err
	}
	got := map[string]string{}
	for name, value := range fields {
		if value != nil {
			got[name] = fmt.Sprint(value)
		}
	}
	return w.compare(header, rows, [][]string{pick(header, got)})
}

// CallField gives a name to a field of what Twilio answered to the last request, such as its sid: "{shop}" is that then, in the
// path of a request or as a value of a table.
func (w *World) CallField(_ context.Context, field, name string) error {
	fields, err := w.answer()
	if err != nil {
		return err
	}
	value, ok := fields[field].(string)
	if !ok || value == "" {
		return fmt.Errorf("the answer has no text %q: %s", field, w.answered)
	}
	w.named[name] = value
	return nil
}

// answer is the JSON that Twilio answered to the last request.
func (w *World) answer() (fields map[string]any, _ error) {
	if len(w.answered) == 0 {
		return nil, errors.New("Twilio has answered nothing yet, or nothing but a status") //nolint:staticcheck // a name
	}
	return fields, decode(w.answered, &fields)
}

// Refuses checks that Twilio refused what the step before asked for.
func (w *World) Refuses(_ context.Context, status, code int) error {
	if w.refused == nil {
		return errors.New("what the step before asked for was not refused")
	}
	if w.refused.err.Status != status || w.refused.err.Code != code {
		return w.refused
	}
	w.refused.expected = true
	return nil
}

// RefusalSays checks the message of the last refusal.
func (w *World) RefusalSays(_ context.Context, message string) error {
	if w.refused == nil || !w.refused.expected {
		return errors.New("there is no refusal that \"Twilio refuses with …\" has spoken of")
	}
	if w.refused.err.Message != message {
		return fmt.Errorf("the refusal says %q, not %q", w.refused.err.Message, message)
	}
	return nil
}

// RefusalNames checks that the message of the last refusal has the SID of a conversation.
func (w *World) RefusalNames(ctx context.Context, ref string) error {
	if w.refused == nil || !w.refused.expected {
		return errors.New("there is no refusal that \"Twilio refuses with …\" has spoken of")
	}
	c, err := w.conversation(ctx, ref)
	if err == nil && !strings.Contains(w.refused.err.Message, c.sid) {
		err = fmt.Errorf("the refusal says %q, which does not name %s", w.refused.err.Message, c.sid)
	}
	return err
}

func decode(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("the answer is not the expected JSON: %w", err)
	}
	return nil
}
