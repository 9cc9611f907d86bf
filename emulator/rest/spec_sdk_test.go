package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twilio/twilio-go/client"
	twilio "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/emulator/memnet"
)

// Every operation works through the stock SDK, with every parameter that it has: the SDK's methods are named like the
// operations, so they are found by name.
func TestEveryOperationThroughTwilioGo(t *testing.T) {
	t.Parallel()
	for _, op := range operations(loadSpec(t)) {
		t.Run(op.id, func(t *testing.T) {
			t.Parallel()
			for i, v := range op.calls() {
				w := newSpecWorld(t)
				if target, ok := targets[op.key()]; ok {
					w.vars[target[0]] = w.vars[target[1]]
				}
				results := w.call(t, op, v)
				if err, _ := results[len(results)-1].Interface().(error); err != nil {
					t.Errorf("variant %d: %v", i, err)
				}
				if len(results) == 2 && results[0].Kind() == reflect.Pointer && results[0].IsNil() {
					t.Errorf("variant %d: no resource", i)
				}
			}
		})
	}
}

// sdk is twilio-go's service, leading to the API in process.
func (c *tester) sdk() *twilio.ApiService {
	requester := &client.Client{Credentials: client.NewCredentials(c.user, c.password), HTTPClient: &http.Client{Transport: inMemory(c.t, c.handler)}}
	requester.SetAccountSid(c.user)
	return twilio.NewApiServiceWithClient(requester)
}

// call calls the SDK's method for an operation: the variables of the path, then the parameters.
func (w *specWorld) call(t *testing.T, op specOperation, v variant) []reflect.Value {
	t.Helper()
	method := reflect.ValueOf(w.sdk()).MethodByName(op.id)
	if !method.IsValid() {
		t.Fatalf("twilio-go has no %s", op.id)
	}
	var in []reflect.Value
	for i, part := range strings.Split(op.path, "/") {
		if strings.HasPrefix(part, "{") {
			in = append(in, reflect.ValueOf(strings.Split(w.path(t, op.path), "/")[i]))
		}
	}
	if method.Type().NumIn() > len(in) {
		params := reflect.New(method.Type().In(len(in)).Elem())
		for i := 0; i < len(v); i += 2 {
			setParam(t, params.Elem(), v[i], w.value(v[i+1]))
		}
		in = append(in, params)
	}
	return method.Call(in)
}

// setParam sets a field of the SDK's params struct by the name of the parameter.
func setParam(t *testing.T, params reflect.Value, name, value string) {
	t.Helper()
	field := params.FieldByName(strings.NewReplacer(".", "", "-", "").Replace(name))
	if !field.IsValid() {
		if name != "Page" { // the SDK counts pages itself
			t.Errorf("twilio-go's %s has no %s", params.Type(), name)
		}
		return
	}
	var parsed any = value
	var err error
	switch field.Type().Elem().Kind() {
	case reflect.Bool:
		parsed, err = strconv.ParseBool(value)
	case reflect.Int:
		parsed, err = strconv.Atoi(value)
	case reflect.Slice:
		list, _ := field.Interface().(*[]string)
		if list == nil {
			list = new([]string)
		}
		parsed = append(*list, value)
	case reflect.Struct:
		parsed, err = time.Parse(time.RFC3339, value)
	}
	if err != nil {
		t.Fatal(err)
	}
	pointer := reflect.New(field.Type().Elem())
	if !reflect.TypeOf(parsed).AssignableTo(pointer.Elem().Type()) {
		t.Fatalf("%s: %s takes a %s", params.Type(), name, fmt.Sprint(pointer.Elem().Type()))
	}
	pointer.Elem().Set(reflect.ValueOf(parsed))
	field.Set(pointer)
}

// inMemory leads requests to a handler, over connections in memory, until the test ends.
func inMemory(t *testing.T, h http.Handler) http.RoundTripper {
	t.Helper()
	l := memnet.Listen()
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)
	return l.Transport()
}
