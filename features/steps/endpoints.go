package steps

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/twilio/twilio-go/client"
)

func (w *World) endpointSteps() []definition {
	return []definition{
		{form: "endpoint {text} answers {number}", run: w.EndpointAnswers},
		{form: "endpoint {text} answers {type}:", run: w.EndpointAnswersWith},
		{form: "endpoint {text} never answers", run: w.EndpointNeverAnswers},
		{form: "endpoint {text} sets the cookie {text}", run: w.EndpointSetsCookie},
		{form: "endpoint {text} was told:", run: w.EndpointWasTold},
		{form: "endpoint {text} was told, in any order:", run: w.EndpointWasToldInAnyOrder},
		{form: "endpoint {text} was told nothing", run: w.EndpointWasToldNothing},
	}
}

// endpoint is a customer's server that records webhooks.
type endpoint struct {
	name string

	mu          sync.Mutex // guards what follows
	calls       []call
	read        int // how many calls the scenario has spoken of
	status      int
	contentType string
	body        string
	cookie      string // empty: none is set
	silent      bool   // it never answers
}

// call is one webhook as it came.
type call struct {
	method    string
	url       string
	form      []byte // of a POST
	params    url.Values
	signature string
	cookie    string
}

// maxForm is more than any webhook has, in bytes.
const maxForm = 1 << 20

// ServeHTTP records a webhook and gives the answer that the scenario wants, or an empty TwiML document.
func (e *endpoint) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	form, err := io.ReadAll(io.LimitReader(r.Body, maxForm))
	if err != nil {
		http.Error(rw, "the request could not be read", http.StatusBadRequest)
		return
	}
	c := call{method: r.Method, form: form, signature: r.Header.Get("X-Twilio-Signature"), cookie: r.Header.Get("Cookie"),
		url: "http://" + r.Host + r.URL.RequestURI(), params: r.URL.Query()}
	if r.Method == http.MethodPost {
		c.params, err = url.ParseQuery(string(form))
	}
	if err != nil {
		http.Error(rw, "the form is malformed", http.StatusBadRequest)
		return
	}
	if !e.answer(rw, c) {
		<-r.Context().Done()
	}
}

// answer records a call and answers it, unless the endpoint never does.
func (e *endpoint) answer(rw http.ResponseWriter, c call) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, c)
	if e.silent {
		return false
	}
	if e.cookie != "" {
		rw.Header().Set("Set-Cookie", e.cookie)
	}
	rw.Header().Set("Content-Type", e.contentType)
	rw.WriteHeader(e.status)
	_, _ = io.WriteString(rw, e.body) //nolint:gosec // a scenario says what its own endpoint answers
	return true
}

// unread returns the calls that the scenario has not spoken of, and marks them.
func (e *endpoint) unread() []call {
	e.mu.Lock()
	defer e.mu.Unlock()
	fresh := e.calls[e.read:]
	e.read = len(e.calls)
	return fresh
}

// endpoint returns the recording endpoint of a name, which may be new.
func (w *World) endpoint(name string) (*endpoint, error) {
	if e, ok := w.endpoints[name]; ok {
		return e, nil
	}
	if w.servers.find(name) != nil {
		return nil, fmt.Errorf("%q is a server that does not record", name)
	}
	e := &endpoint{name: name, status: http.StatusOK, contentType: "text/xml", body: "<Response/>"}
	if _, err := w.servers.handle(name, e); err != nil {
		return nil, err
	}
	w.endpoints[name] = e
	return e, nil
}

// server returns the URL of a server: of one that is mounted already, of a recording endpoint, or the URL itself. A path, a
// query or a fragment may follow the name.
func (w *World) server(named string) (string, error) {
	if strings.Contains(named, "://") {
		return named, nil
	}
	name, rest := named, ""
	if end := strings.IndexAny(named, "/?#"); end > 0 {
		name, rest = named[:end], named[end:]
	}
	if w.servers.find(name) == nil {
		if _, err := w.endpoint(name); err != nil {
			return "", err
		}
	}
	return w.servers.url(name) + rest, nil
}

// EndpointAnswers makes a recording endpoint answer with a status and nothing else.
func (w *World) EndpointAnswers(_ context.Context, name string, status int) error {
	if status < http.StatusOK || status > 599 {
		return fmt.Errorf("an endpoint cannot answer %d: the status must lie between 200 and 599", status)
	}
	return w.changeEndpoint(name, func(e *endpoint) { e.status, e.contentType, e.body = status, "text/plain", "" })
}

// serverInText is a server's URL in a text behind a step.
var serverInText = regexp.MustCompile(`\{server ([^}]+)\}`)

// EndpointAnswersWith makes a recording endpoint answer with 200, a type and a body, where "{server crm}" is a server's URL.
func (w *World) EndpointAnswersWith(_ context.Context, name, contentType string, body DocString) error {
	var unknown error
	text := serverInText.ReplaceAllStringFunc(string(body), func(found string) string {
		url, err := w.server(serverInText.FindStringSubmatch(found)[1])
		unknown = errors.Join(unknown, err)
		return html.EscapeString(url)
	})
	if unknown != nil {
		return unknown
	}
	return w.changeEndpoint(name, func(e *endpoint) { e.status, e.contentType, e.body = http.StatusOK, contentType, text })
}

// EndpointNeverAnswers makes a recording endpoint take webhooks and say nothing, until the caller gives up.
func (w *World) EndpointNeverAnswers(_ context.Context, name string) error {
	return w.changeEndpoint(name, func(e *endpoint) { e.silent = true })
}

// EndpointSetsCookie adds a Set-Cookie header to what a recording endpoint answers.
func (w *World) EndpointSetsCookie(_ context.Context, name, cookie string) error {
	return w.changeEndpoint(name, func(e *endpoint) { e.cookie = cookie })
}

func (w *World) changeEndpoint(name string, change func(*endpoint)) error {
	e, err := w.endpoint(name)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	change(e)
	return nil
}

// EndpointWasTold compares the webhooks that the endpoint got and the scenario has not spoken of yet, in order. The
// columns are names of parameters, "method" and "Cookie"; in a column with a value "absent" a parameter that is not
// there is called that. Each webhook must have a valid signature.
func (w *World) EndpointWasTold(_ context.Context, name string, table Table) error {
	header, rows, got, err := w.told(name, table)
	if err != nil {
		return err
	}
	return w.compare(header, rows, got)
}

// EndpointWasToldInAnyOrder is EndpointWasTold for webhooks that do not wait for each other.
func (w *World) EndpointWasToldInAnyOrder(_ context.Context, name string, table Table) error {
	header, rows, got, err := w.told(name, table)
	if err != nil {
		return err
	}
	return w.compareInAnyOrder(header, rows, got)
}

// told are the webhooks that the scenario has not spoken of yet, as rows of a table.
func (w *World) told(name string, table Table) (header []string, rows, got [][]string, _ error) {
	header, rows, err := table.columns()
	if err != nil {
		return nil, nil, nil, err
	}
	e, ok := w.endpoints[name]
	if !ok {
		return nil, nil, nil, fmt.Errorf("the scenario knows no endpoint %q%s", name, known(w.endpoints))
	}
	calls := e.unread()
	got = make([][]string, len(calls))
	for i, c := range calls {
		if err := w.checkSignature(c); err != nil {
			return nil, nil, nil, err
		}
		got[i] = make([]string, len(header))
		for j, column := range header {
			got[i][j] = c.field(column)
			if !c.params.Has(column) && slices.ContainsFunc(rows, func(row []string) bool { return row[j] == absent }) {
				got[i][j] = absent
			}
		}
	}
	return header, rows, got, nil
}

// absent stands in a table for a parameter that a webhook does not have.
const absent = "absent"

// field is a parameter of a webhook, or what else a table may say of it.
func (c call) field(column string) string {
	switch column {
	case "method":
		return c.method
	case "Cookie":
		return c.cookie
	}
	return c.params.Get(column)
}

// EndpointWasToldNothing checks that the endpoint got no webhook that the scenario has not spoken of.
func (w *World) EndpointWasToldNothing(ctx context.Context, name string) error {
	return w.EndpointWasTold(ctx, name, Table{{"method", "EventType", "AccountSid", "Body"}})
}

// checkSignature checks X-Twilio-Signature with twilio-go's own validator.
func (w *World) checkSignature(c call) error {
	for _, a := range w.accounts {
		if a.SID != c.params.Get("AccountSid") {
			continue
		}
		validator := client.NewRequestValidator(a.AuthToken)
		if c.method == http.MethodPost && validator.ValidateBody(c.url, c.form, c.signature) ||
			c.method != http.MethodPost && validator.Validate(c.url, nil, c.signature) {
			return nil
		}
		return fmt.Errorf("the webhook %s %s is not signed by account %s", c.method, c.url, a.name)
	}
	return errors.New("a webhook came from account " + c.params.Get("AccountSid") + ", which the scenario does not know")
}
