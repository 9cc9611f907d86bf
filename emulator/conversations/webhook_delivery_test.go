package conversations

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	twilio "github.com/twilio/twilio-go/client"
)

// Reference, Conversations API 6.4: method, headers, form, and a signature that twilio-go accepts.
func TestWebhookRequest(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"POST", "get"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, WebhookConfig{})
			const at = "https://user:secret@shop.example.com:8443/hook?tenant=1"
			w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr(at), Method: &method, Filters: []string{"onMessageAdded"}})
			w.message(w.restWebhooks, w.conversation(ConversationParams{}).SID, "Hola & adiós +1")
			w.settle()
			got := w.customer.takeDeliveries()
			if len(got) != 1 {
				t.Fatalf("%d deliveries, want 1", len(got))
			}
			d := got[0]
			validator := twilio.NewRequestValidator(testToken)
			signature, valid := d.Header.Get("X-Twilio-Signature"), false
			if d.Method == http.MethodPost {
				form := map[string]string{}
				for name := range d.Params {
					form[name] = d.Params.Get(name)
				}
				valid = validator.Validate(at, form, signature)
			} else {
				valid = validator.Validate(d.Raw, nil, signature) && d.Params.Get("tenant") == "1"
			}
			if !valid || d.Method != strings.ToUpper(method) {
				t.Errorf("%s %s: the signature %q is not valid", d.Method, d.Raw, signature)
			}
			if d.Params.Get("Body") != "Hola & adiós +1" || d.Params.Get("RetryCount") != "0" {
				t.Errorf("form %v", d.Params)
			}
			if token := d.Header.Get("I-Twilio-Idempotency-Token"); len(token) != 36 || d.Header.Get("User-Agent") != "TwilioProxy/1.1" {
				t.Errorf("headers %v", d.Header)
			}
		})
	}
}

// Only scoped webhooks send WebhookSid and WebhookType.
func TestScopedWebhookSID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), Filters: []string{"onMessageAdded"}})
	c := w.conversation(ConversationParams{})
	hook := w.scoped(c.SID, "webhook", "https://scoped/", "onMessageAdded")
	w.message(w.restWebhooks, c.SID, "Hola")
	w.settle()
	got := sorted(w.customer.takeDeliveries())
	if len(got) != 2 || got[0].Params.Has("WebhookSid") || got[0].Params.Has("WebhookType") ||
		got[1].Params.Get("WebhookSid") != hook.SID || got[1].Params.Get("WebhookType") != "webhook" {
		t.Errorf("deliveries %+v", got)
	}
}

// A URL gets the events of a conversation in their order, however slow it is. Those of other conversations do not wait.
func TestWebhookOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://slow/"), Filters: []string{"onMessageAdded"}})
	first, second := w.conversation(ConversationParams{}), w.conversation(ConversationParams{})
	w.scoped(first.SID, "webhook", "https://slow/", "onMessageAdded")
	release, arrived := make(chan struct{}), make(chan string, 32)
	w.customer.answers(func(d delivery) (int, string, error) {
		arrived <- d.Params.Get("ConversationSid") + " " + d.Params.Get("Body")
		if d.Params.Get("ConversationSid") == first.SID && d.Params.Get("Body") == "0" {
			<-release
		}
		return 200, "", nil
	})
	for i := range 4 {
		w.message(w.restWebhooks, first.SID, fmt.Sprint(i))
		w.message(w.restWebhooks, second.SID, fmt.Sprint(i))
	}
	// All events of the second conversation arrive, and one of the first.
	got := map[string][]string{}
	for range 5 {
		of, body, _ := strings.Cut(<-arrived, " ")
		got[of] = append(got[of], body)
	}
	if !slices.Equal(got[second.SID], []string{"0", "1", "2", "3"}) || !slices.Equal(got[first.SID], []string{"0"}) {
		t.Errorf("while the first is held: %v", got)
	}
	close(release)
	w.settle()
	bodies := ""
	for _, d := range w.customer.takeDeliveries() {
		if d.Params.Get("ConversationSid") == first.SID {
			bodies += d.Params.Get("Body")
		}
	}
	if bodies != "00112233" { // the global and the scoped webhook have one URL
		t.Errorf("order %s, want each twice in order", bodies)
	}
}

// Reference, Conversations API 6.4: these calls are tried again, with the same token and a growing RetryCount.
func TestWebhookRetries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		retries  int
		status   int
		err      error
		attempts string
		alert    string
	}{
		"503, none configured": {0, 503, nil, "0", "50057"},
		"503":                  {2, 503, nil, "012", "50057"},
		"429":                  {1, 429, nil, "01", "50057"},
		"504":                  {3, 504, nil, "0123", "50057"},
		"more than allowed":    {9, 504, nil, "0123", "50057"},
		"timeout":              {2, 0, timeoutError{}, "012", "50076"},
		"500":                  {3, 500, nil, "0", "50057"},
		"404":                  {3, 404, nil, "0", "50057"},
		"no connection":        {3, 0, errRefused, "0", "50057"},
		"200":                  {3, 200, nil, "0", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, WebhookConfig{PostRetryCount: c.retries})
			w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), Filters: []string{"onMessageAdded"}})
			w.customer.answers(always(c.status, "", c.err))
			w.message(w.restWebhooks, w.conversation(ConversationParams{}).SID, "Hola")
			w.settle()
			attempts, tokens := "", map[string]bool{}
			for _, d := range w.customer.takeDeliveries() {
				attempts += d.Params.Get("RetryCount")
				tokens[d.Header.Get("I-Twilio-Idempotency-Token")] = true
			}
			if attempts != c.attempts || len(tokens) != 1 {
				t.Errorf("attempts %s with %d tokens, want %s with one", attempts, len(tokens), c.attempts)
			}
			if codes := w.alerts(); (c.alert == "") != (len(codes) == 0) || slices.ContainsFunc(codes, func(s string) bool { return s != c.alert }) {
				t.Errorf("alerts %v, want %s", codes, c.alert)
			}
		})
	}
}

// Later events wait for a retry.
func TestWebhookRetryOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{PostRetryCount: 1})
	w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), Filters: []string{"onMessageAdded"}})
	c := w.conversation(ConversationParams{})
	w.customer.answers(func(d delivery) (int, string, error) {
		if d.Params.Get("RetryCount") == "0" {
			return 503, "", nil
		}
		return 200, "", nil
	})
	for _, body := range []string{"a", "b"} {
		w.message(w.restWebhooks, c.SID, body)
	}
	w.settle()
	got := ""
	for _, d := range w.customer.takeDeliveries() {
		got += d.Params.Get("Body") + d.Params.Get("RetryCount")
	}
	if got != "a0a1b0b1" {
		t.Errorf("attempts %s", got)
	}
}

// A server that creates a message for every message loops with the header, and does not without it.
func TestWebhookEnabledAndLoops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		enabled bool
		want    int
	}{"with the header": {true, 5}, "without": {false, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, WebhookConfig{})
			w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), Filters: []string{"onMessageAdded"}})
			var mu sync.Mutex
			rounds := 0
			w.customer.answers(func(d delivery) (int, string, error) {
				mu.Lock()
				defer mu.Unlock()
				if rounds++; rounds < 5 { // the test's bound, not the emulator's
					_, err := w.api.CreateMessage(w.ctx, Scope{AccountSID: testAccount, WebhookEnabled: c.enabled},
						d.Params.Get("ConversationSid"), MessageParams{Body: ptr("echo")})
					return 200, "", err
				}
				return 200, "", nil
			})
			w.message(w.restWebhooks, w.conversation(ConversationParams{}).SID, "Hola")
			w.settle()
			if rounds != c.want {
				t.Errorf("%d rounds, want %d", rounds, c.want)
			}
		})
	}
}
