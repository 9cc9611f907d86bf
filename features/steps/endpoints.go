package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/twilio/twilio-go/client"
)

func (w *World) endpointSteps() []definition {
	return []definition{
		{form: "endpoint {text} answers {number}", run: w.EndpointAnswers},
		{form: "endpoint {text} answers {type}:", run: w.EndpointAnswersWith},
		{form: "endpoint {text} was told:", run: w.EndpointWasTold},
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
}

// call is one webhook as it came.
type call struct {
	method    string
	url       string
	form      []byte // of a POST
	params    url.Values
	signature string
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
	c := call{method: r.Method, form: form, signature: r.Header.Get("X-Twilio-Signature"),
		url: "http://" + r.Host + r.URL.RequestURI(), params: r.URL.Query()}
	if r.Method == http.MethodPost {
		c.params, err = url.ParseQuery(string(form))
	}
	if err != nil {
		http.Error(rw, "the form is malformed", http.StatusBadRequest)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, c)
	rw.Header().Set("Content-Type", e.contentType)
	rw.WriteHeader(e.status)
	_, _ = io.WriteString(rw, e.body)
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

// server returns the URL of a server: of one that is mounted already, of a recording endpoint, or the URL itself.
func (w *World) server(name string) (string, error) {
	if strings.Contains(name, "://") {
		return name, nil
	}
	if w.servers.find(name) == nil {
		if _, err := w.endpoint(name); err != nil {
			return "", err
		}
	}
	return w.servers.url(name), nil
}

// EndpointAnswers makes a recording endpoint answer with a status and nothing else.
func (w *World) EndpointAnswers(_ context.Context, name string, status int) error {
	if status < http.StatusOK || status > 599 {
		return fmt.Errorf("an endpoint cannot answer %d: the status must lie between 200 and 599", status)
	}
	return w.answer(name, status, "text/plain", "")
}

// EndpointAnswersWith makes a recording endpoint answer with 200, a type and a body.
func (w *World) EndpointAnswersWith(_ context.Context, name, contentType string, body DocString) error {
	return w.answer(name, http.StatusOK, contentType, string(body))
}

func (w *World) answer(name string, status int, contentType, body string) error {
	e, err := w.endpoint(name)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status, e.contentType, e.body = status, contentType, body
	return nil
}

// EndpointWasTold compares the webhooks that the endpoint got and the scenario has not spoken of yet, in order. The
// columns are names of parameters, and "method". Each webhook must have a valid signature.
func (w *World) EndpointWasTold(_ context.Context, name string, table Table) error {
	header, rows, err := table.columns()
	if err != nil {
		return err
	}
	e, ok := w.endpoints[name]
	if !ok {
		return fmt.Errorf("the scenario knows no endpoint %q%s", name, known(w.endpoints))
	}
	calls := e.unread()
	got := make([][]string, len(calls))
	for i, c := range calls {
		if err := w.checkSignature(c); err != nil {
			return err
		}
		got[i] = make([]string, len(header))
		for j, column := range header {
			if got[i][j] = c.params.Get(column); column == "method" {
				got[i][j] = c.method
			}
		}
	}
	return w.compare(header, rows, got)
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
