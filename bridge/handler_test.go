package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twilio/twilio-go/client"
	"go.uber.org/goleak"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliofake"
)

// inProcess is a client.BaseClient that calls a handler without any port.
func inProcess(handler http.Handler) (client.BaseClient, *http.Client) {
	web := &http.Client{Transport: handlerTransport{handler}}
	return &client.Client{Credentials: client.NewCredentials(twiliofake.AccountSID, twiliofake.AuthToken), HTTPClient: web}, web
}

type handlerTransport struct{ handler http.Handler }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	served := r.Clone(r.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	if product, _, _ := strings.Cut(r.URL.Host, "."); product == "mcs" {
		served.URL.Path = "/mcs" + served.URL.Path
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, served)
	return w.Result(), nil
}

// TestInProcess leads everything to a fake Twilio by Config.Client and Config.HTTPClient, on Twilio's own URLs.
func TestInProcess(t *testing.T) {
	t.Parallel()
	for _, policy := range []bridge.Policy{bridge.PolicyStandard, bridge.PolicyClassic} {
		fake := twiliofake.New(t)
		config := fakeConfig(fake, policy)
		config.APIURL = ""
		config.Client, config.HTTPClient = inProcess(fake)
		h := newHandler(t, config)
		form := fake.ReceiveMedia(customer, "Hola", photo)
		form.Set("MediaUrl0", strings.Replace(form.Get("MediaUrl0"), fake.URL, "https://api.twilio.com", 1))
		if w := serve(h, twiliofake.Post(webhookURL, form)); w.Code != http.StatusOK {
			t.Errorf("%s: %d", policy, w.Code)
		}
		settled(t, h)
		checkBodies(t, fake, []string{"Hola"})
		if m := oneConversation(t, fake)[0]; (m.MediaSID != "") != (policy == bridge.PolicyStandard) {
			t.Errorf("%s: message %+v", policy, m)
		}
	}
}

// TestNothingSecretIsLogged runs through successes and failures with everything logged.
func TestNothingSecretIsLogged(t *testing.T) {
	t.Parallel()
	var log safeBuffer
	var all sync.WaitGroup
	for _, policy := range []bridge.Policy{bridge.PolicyStandard, bridge.PolicyClassic} {
		for _, op := range append([]string{"", "list messages", "list participant conversations", "delete conversation", "fetch media", "upload media"}, openingCalls...) {
			fake := twiliofake.New(t)
			config := fakeConfig(fake, policy)
			config.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			h := newHandler(t, config)
			all.Go(func() { goThrough(t, fake, h, op) })
		}
	}
	all.Wait()
	text := log.String()
	for _, secret := range []string{twiliofake.AuthToken, "secret", "15558675310", "Ada", "Authorization", "Basic "} {
		if strings.Contains(text, secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	if !strings.Contains(text, "message_sid=") || !strings.Contains(text, "conversation_sid=CH") {
		t.Errorf("the log has no SIDs: %s", text)
	}
}

// goThrough has an operation of Twilio's fail in two ways, and webhooks come signed and forged.
func goThrough(t *testing.T, fake *twiliofake.Server, h *bridge.Handler, op string) {
	if op != "" {
		fake.Fail(twiliofake.Fault{Op: op, Times: 1, Drop: true})
		fake.Fail(twiliofake.Fault{Op: op, Times: 1, Status: 400, Code: 20001, Message: "no " + customer})
	}
	serve(h, twiliofake.Post(webhookURL, fake.ReceiveMedia(customer, "my secret words", photo)))
	serve(h, twiliofake.Get(webhookURL, fake.Receive(customer, "my secret words")))
	forged := twiliofake.Get(webhookURL, fake.Receive(customer, "my secret words"))
	forged.Header.Set("X-Twilio-Signature", "x")
	serve(h, forged)
	if err := h.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBodiesAreLoggedWhenAsked(t *testing.T) {
	t.Parallel()
	var log safeBuffer
	fake, h := newPair(t, func(c *bridge.Config) { c.LogBodies, c.Logger = true, slog.New(slog.NewTextHandler(&log, nil)) })
	deliver(t, h, fake.Receive(customer, "my words"))
	if !strings.Contains(log.String(), "my words") {
		t.Error("LogBodies does not log bodies")
	}
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// brokenQueue takes nothing.
type brokenQueue struct{ bridge.Queue }

func (brokenQueue) Accept(context.Context, bridge.Entry) (bool, error) {
	return false, errors.New("disk full")
}

// TestBrokenQueue answers 503, so that Twilio shows the failure and tries again where it is told to.
func TestBrokenQueue(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t, func(c *bridge.Config) { c.Queue = brokenQueue{bridge.NewMemoryQueue()} })
	if w := serve(h, twiliofake.Post(webhookURL, fake.Receive(customer, "Hola"))); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("%d %q, want 503 without details", w.Code, w.Body)
	}
}

// patientQueue takes nothing from those who do not wait, as a database does.
type patientQueue struct{ *bridge.MemoryQueue }

func (q patientQueue) Accept(ctx context.Context, entry bridge.Entry) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return q.MemoryQueue.Accept(ctx, entry)
}

// TestCallerGoesAway breaks the connection off before the message is stored: Twilio need not deliver it again.
func TestCallerGoesAway(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t, func(c *bridge.Config) { c.Queue = patientQueue{bridge.NewMemoryQueue()} })
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	serve(h, twiliofake.Post(webhookURL, fake.Receive(customer, "Hola")).WithContext(gone))
	settled(t, h)
	checkBodies(t, fake, []string{"Hola"})
}

// TestAnswersFirst answers while Twilio is slow.
func TestAnswersFirst(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	fake.Fail(twiliofake.Fault{Op: "create conversation", Times: 1, Status: 503, Delay: 2 * time.Second, Body: "{}", RetryAfter: "0"})
	began := time.Now()
	post(t, h, fake.Receive(customer, "Hola"))
	if took := time.Since(began); took > time.Second {
		t.Errorf("answered after %s", took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := h.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait while something is queued: %v", err)
	}
	settled(t, h)
	checkBodies(t, fake, []string{"Hola"})
}

// TestSlowCustomerHoldsUpNobody serves others while one customer's calls hang.
func TestSlowCustomerHoldsUpNobody(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	fake.Fail(twiliofake.Fault{Op: "create message", Times: 1, Status: 201, Body: "{}", Delay: 3 * time.Second, Performed: true})
	post(t, h, fake.Receive(customer, "slow"))
	waitFor(t, func() bool { return fake.Busy("create message") })
	began := time.Now()
	post(t, h, fake.Receive("whatsapp:+15550000002", "quick"))
	waitFor(t, func() bool { return len(fake.Conversations()) == 2 && len(fake.Conversations()[1].Messages) == 1 })
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the second customer waited %s", took)
	}
	settled(t, h)
}

// TestCloseLeavesNothingRunning closes while work is going on: with its own queue it finishes that, with a lasting one
// it finishes what runs and leaves the rest.
func TestCloseLeavesNothingRunning(t *testing.T) {
	fake := twiliofake.New(t)
	existing := goleak.IgnoreCurrent()
	for _, queue := range []bridge.Queue{nil, bridge.NewMemoryQueue()} {
		config := fakeConfig(fake, bridge.PolicyStandard)
		config.Queue, config.Workers = queue, 1
		transport := &http.Transport{}
		config.HTTPClient = &http.Client{Transport: transport}
		h, err := bridge.New(config)
		if err != nil {
			t.Fatal(err)
		}
		forms := make([]url.Values, 0, 9)
		for _, digit := range "123456789" {
			forms = append(forms, fake.Receive("whatsapp:+1555000000"+string(digit), "Hola"))
		}
		for _, form := range forms {
			post(t, h, form)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		if err := h.Close(ctx); err != nil {
			t.Error(err)
		}
		cancel()
		if stats, _ := h.Stats(t.Context()); queue == nil && stats.Waiting > 0 {
			t.Errorf("%d messages were dropped with the Handler's own queue", stats.Waiting)
		}
		transport.CloseIdleConnections()
	}
	goleak.VerifyNone(t, existing, goleak.IgnoreAnyFunction("net/http.(*conn).serve"), goleak.IgnoreAnyFunction("internal/poll.(*FD).Read"))
}

// TestCloseInterrupts gives up waiting when its context ends.
func TestCloseInterrupts(t *testing.T) {
	t.Parallel()
	fake := twiliofake.New(t)
	fake.Fail(twiliofake.Fault{Op: "create conversation", Status: 201, Body: "{}", Delay: 20 * time.Second})
	config := fakeConfig(fake, bridge.PolicyStandard)
	config.Queue = bridge.NewMemoryQueue()
	h, err := bridge.New(config)
	if err != nil {
		t.Fatal(err)
	}
	post(t, h, fake.Receive(customer, "Hola"))
	waitFor(t, func() bool { return fake.Busy("create conversation") })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := h.Close(ctx); err == nil || time.Since(began) > 5*time.Second {
		t.Errorf("Close: %v after %s", err, time.Since(began))
	}
	if stats, _ := h.Stats(t.Context()); stats.Waiting != 1 {
		t.Errorf("%d messages wait, want the interrupted one", stats.Waiting)
	}
}
