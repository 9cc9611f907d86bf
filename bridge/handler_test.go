package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

// TestInProcess leads everything to a fake Twilio by Config.Client and Config.HTTPClient, on Twilio's own URLs.
func TestInProcess(t *testing.T) {
	t.Parallel()
	for _, policy := range []bridge.Policy{bridge.PolicyStandard, bridge.PolicyClassic} {
		fake := twiliotest.New(t)
		config := fakeConfig(fake, policy)
		config.APIURL = ""
		config.Client, config.HTTPClient = fake.Requester(), fake.Client()
		h := newHandler(t, config)
		form := fake.ReceiveMedia(customer, "Hola", photo)
		form.Set("MediaUrl0", strings.Replace(form.Get("MediaUrl0"), fake.URL, "https://api.twilio.com", 1))
		if w := serve(h, twiliotest.Post(webhookURL, form)); w.Code != http.StatusOK {
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
			fake := twiliotest.New(t)
			config := fakeConfig(fake, policy)
			config.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			h := newHandler(t, config)
			all.Go(func() { goThrough(t, fake, h, op) })
		}
	}
	all.Wait()
	text := log.String()
	for _, secret := range []string{twiliotest.AuthToken, "secret", "15558675310", "Ada", "Authorization", "Basic "} {
		if strings.Contains(text, secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	if !strings.Contains(text, "message_sid=") || !strings.Contains(text, "conversation_sid=CH") {
		t.Errorf("the log has no SIDs: %s", text)
	}
}

// goThrough has an operation of Twilio's fail in two ways, and webhooks come signed and forged.
func goThrough(t *testing.T, fake *twiliotest.Server, h *bridge.Handler, op string) {
	if op != "" {
		fake.Fail(twiliotest.Fault{Op: op, Times: 1, Drop: true})
		fake.Fail(twiliotest.Fault{Op: op, Times: 1, Status: 400, Code: 20001, Message: "no " + customer})
	}
	serve(h, twiliotest.Post(webhookURL, fake.ReceiveMedia(customer, "my secret words", photo)))
	serve(h, twiliotest.Get(webhookURL, fake.Receive(customer, "my secret words")))
	forged := twiliotest.Get(webhookURL, fake.Receive(customer, "my secret words"))
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
	if w := serve(h, twiliotest.Post(webhookURL, fake.Receive(customer, "Hola"))); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "disk") {
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
	serve(h, twiliotest.Post(webhookURL, fake.Receive(customer, "Hola")).WithContext(gone))
	settled(t, h)
	checkBodies(t, fake, []string{"Hola"})
}

// TestAnswersFirst answers while Twilio is slow.
func TestAnswersFirst(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	held := fake.Hold("create conversation")
	post(t, h, fake.Receive(customer, "Hola"))
	<-held.Reached()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := h.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait while something is queued: %v", err)
	}
	held.Release()
	settled(t, h)
	checkBodies(t, fake, []string{"Hola"})
}

// TestSlowCustomerHoldsUpNobody serves others while one customer's calls hang.
func TestSlowCustomerHoldsUpNobody(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	held := fake.Hold("create message")
	post(t, h, fake.Receive(customer, "slow"))
	<-held.Reached()
	post(t, h, fake.Receive("whatsapp:+15550000002", "quick"))
	waitFor(t, func() bool { return fake.Heard("whatsapp:+15550000002", "quick") })
	held.Release()
	settled(t, h)
}

// TestCloseLeavesNothingRunning closes while work is going on: with its own queue it finishes that, with a lasting one
// it finishes what runs and leaves the rest.
func TestCloseLeavesNothingRunning(t *testing.T) {
	fake := twiliotest.New(t)
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
	fake := twiliotest.New(t)
	held := fake.Hold("create conversation")
	config := fakeConfig(fake, bridge.PolicyStandard)
	config.Queue = bridge.NewMemoryQueue()
	h, err := bridge.New(config)
	if err != nil {
		t.Fatal(err)
	}
	post(t, h, fake.Receive(customer, "Hola"))
	<-held.Reached()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := h.Close(ctx); err == nil {
		t.Error("Close does not say that it was interrupted")
	}
	if stats, _ := h.Stats(t.Context()); stats.Waiting != 1 {
		t.Errorf("%d messages wait, want the interrupted one", stats.Waiting)
	}
}
