package steps

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// bridgeCalls is the transport of one bridge. It records what the bridge asks of Twilio, apart from what the steps ask.
type bridgeCalls struct {
	next    http.RoundTripper
	clock   *bridgeClock  // nil: real time
	timeout time.Duration // of one call; 0: none but the bridge's own

	mu        sync.Mutex // guards what follows
	made      []bridgeCall
	ended     time.Time         // when the last of them did
	read      int               // how many of them the scenario has spoken of
	meanwhile map[string]func() // what happens just before the next call of a kind, by its name
}

// bridgeCall is one request of a bridge.
type bridgeCall struct {
	name   string // as scenarios name it, or method and path
	form   url.Values
	header http.Header
	status int           // 0: there was no answer
	waited time.Duration // since the call before
}

// RoundTrip implements http.RoundTripper.
func (c *bridgeCalls) RoundTrip(r *http.Request) (*http.Response, error) {
	form, err := formOf(r)
	if err != nil {
		return nil, err
	}
	name := callName(r)
	if happens := c.begin(name); happens != nil {
		happens()
	}
	made := bridgeCall{waited: c.sinceLast(), name: name, form: form, header: r.Header.Clone()}
	res, err := c.limited(r)
	if err == nil {
		made.status = res.StatusCode
	}
	c.end(made)
	return res, err
}

// limited makes a call, and gives it up when its time is over.
func (c *bridgeCalls) limited(r *http.Request) (*http.Response, error) {
	if c.clock != nil {
		return c.clock.call(r, c.timeout, c.send)
	}
	if c.timeout == 0 {
		return c.send(r)
	}
	ctx, cancel := context.WithTimeout(r.Context(), c.timeout)
	defer cancel()
	return c.send(r.WithContext(ctx))
}

// send makes a call and reads its answer, whole.
func (c *bridgeCalls) send(r *http.Request) (*http.Response, error) {
	res, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := readAnswer(res); err != nil {
		return nil, err
	}
	return res, nil
}

func (c *bridgeCalls) now() time.Time {
	if c.clock != nil {
		return c.clock.Now()
	}
	return time.Now()
}

// begin returns what happens just before a call, once.
func (c *bridgeCalls) begin(name string) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	happens := c.meanwhile[name]
	delete(c.meanwhile, name)
	return happens
}

// sinceLast returns the time since the last call ended; 0 before the first.
func (c *bridgeCalls) sinceLast() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended.IsZero() {
		return 0
	}
	return c.now().Sub(c.ended)
}

// end records a call.
func (c *bridgeCalls) end(made bridgeCall) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made, c.ended = append(c.made, made), c.now()
}

// unread are the calls that the scenario has not spoken of.
func (c *bridgeCalls) unread() []bridgeCall {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := c.made[c.read:]
	c.read = len(c.made)
	return fresh
}

// formOf reads the parameters of a request and leaves it as it was.
func formOf(r *http.Request) (url.Values, error) {
	form := r.URL.Query()
	if r.Body == nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return form, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sent, err := url.ParseQuery(string(body))
	for name, values := range sent {
		form[name] = values
	}
	return form, err
}

// readAnswer takes in the body of an answer.
func readAnswer(res *http.Response) error {
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	return err
}

// callName is the name of a call in scenarios; method and path where it has none.
func callName(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.Path, mcsPrefix)
	for name, f := range apiCalls {
		if f.Method == r.Method && matches(f.Path, path) {
			return name
		}
	}
	return r.Method + " " + path
}

// BridgeHasCalled compares what an account's bridge has asked of Twilio since the scenario last spoke of that. Columns:
// call, status (empty: no answer came), waited (whole seconds since the call before: "1 second"), and names of
// parameters and of headers that begin with X-.
func (w *World) BridgeHasCalled(_ context.Context, name string, table Table) error {
	header, rows, err := table.columns()
	if err != nil {
		return err
	}
	b, err := w.bridgeOf(name)
	if err != nil {
		return err
	}
	calls := b.calls.unread()
	got := make([][]string, len(calls))
	for i, c := range calls {
		for _, column := range header {
			got[i] = append(got[i], c.column(column))
		}
	}
	return w.compare(header, rows, got)
}

// BridgeHasCalledNobody checks that an account's bridge has asked nothing of Twilio since the scenario last spoke of that.
func (w *World) BridgeHasCalledNobody(ctx context.Context, name string) error {
	return w.BridgeHasCalled(ctx, name, Table{{"call", "status"}})
}

func (c bridgeCall) column(name string) string {
	switch {
	case name == "call":
		return c.name
	case name == "status" && c.status == 0:
		return ""
	case name == "status":
		return strconv.Itoa(c.status)
	case name == "waited" && c.waited < time.Second:
		return ""
	case name == "waited":
		return strings.TrimSuffix(fmt.Sprintf("%d seconds", int(c.waited.Seconds())), map[bool]string{true: "s"}[c.waited < 2*time.Second])
	case strings.HasPrefix(name, "X-"):
		return c.header.Get(name)
	}
	return strings.Join(c.form[name], ", ")
}

// SendsMeanwhile lets a phone send a text just before the next call of a kind that an account's bridge makes.
func (w *World) SendsMeanwhile(_ context.Context, owner, text, accountName, what string) error {
	p, err := w.phone(owner)
	if err != nil {
		return err
	}
	b, err := w.bridgeOf(accountName)
	if err != nil {
		return err
	}
	if _, ok := apiCalls[what]; !ok {
		return unknownCall(what)
	}
	b.calls.mu.Lock()
	defer b.calls.mu.Unlock()
	b.calls.meanwhile[what] = func() {
		ctx, cancel := context.WithTimeout(context.Background(), w.options.StepTime)
		defer cancel()
		if _, err := w.control.SendMessage(ctx, p.number, control.NewMessage{Body: text, ProfileName: owner}); err != nil {
			w.options.Logger.Error("the phone could not send meanwhile", "phone", owner, "error", err)
		}
	}
	return nil
}
