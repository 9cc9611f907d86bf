package conversations

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// newPreActionWorld returns a world whose global pre-action webhook gets every event.
func newPreActionWorld(t *testing.T, config WebhookConfig) *world {
	t.Helper()
	w := newWorld(t, config)
	w.global(ConfigurationWebhookParams{PreWebhookUrl: ptr("https://pre/"), Filters: allFilters()})
	return w
}

// Every change calls the pre-action webhook, and a refusal changes nothing.
func TestPreActionOfEveryChange(t *testing.T) {
	t.Parallel()
	for event, change := range map[EventType]func(w *world, c, p, m, u string) error{
		OnConversationAdd: func(w *world, _, _, _, _ string) error {
			_, err := w.api.CreateConversation(w.ctx, w.restWebhooks, ConversationParams{})
			return err
		},
		OnConversationUpdate: func(w *world, c, _, _, _ string) error {
			_, err := w.api.UpdateConversation(w.ctx, w.restWebhooks, c, ConversationParams{State: ptr("closed")})
			return err
		},
		OnConversationRemove: func(w *world, c, _, _, _ string) error { return w.api.DeleteConversation(w.ctx, w.restWebhooks, c) },
		OnMessageAdd: func(w *world, c, _, _, _ string) error {
			_, err := w.api.CreateMessage(w.ctx, w.restWebhooks, c, MessageParams{Body: ptr("x")})
			return err
		},
		OnMessageUpdate: func(w *world, c, _, m, _ string) error {
			_, err := w.api.UpdateMessage(w.ctx, w.restWebhooks, c, m, MessageParams{Body: ptr("x")})
			return err
		},
		OnMessageRemove: func(w *world, c, _, m, _ string) error { return w.api.DeleteMessage(w.ctx, w.restWebhooks, c, m) },
		OnParticipantAdd: func(w *world, c, _, _, _ string) error {
			_, err := w.api.CreateParticipant(w.ctx, w.restWebhooks, c, CreateParticipantParams{Identity: ptr("bob")})
			return err
		},
		OnParticipantUpdate: func(w *world, c, p, _, _ string) error {
			_, err := w.api.UpdateParticipant(w.ctx, w.restWebhooks, c, p, UpdateParticipantParams{Attributes: ptr("{}")})
			return err
		},
		OnParticipantRemove: func(w *world, c, p, _, _ string) error { return w.api.DeleteParticipant(w.ctx, w.restWebhooks, c, p) },
		OnUserUpdate: func(w *world, _, _, _, u string) error {
			_, err := w.api.UpdateUser(w.ctx, w.restWebhooks, u, UserParams{FriendlyName: ptr("x")})
			return err
		},
	} {
		t.Run(string(event), func(t *testing.T) {
			t.Parallel()
			w := newPreActionWorld(t, WebhookConfig{})
			c := w.conversation(ConversationParams{})
			p := must(w.api.CreateParticipant(w.ctx, w.rest, c.SID, CreateParticipantParams{Identity: ptr("ada")}))(t)
			m := w.message(w.rest, c.SID, "Hola")
			before := dump(t, w)
			w.customer.answers(always(403, "", nil))
			if code := codeOf(t, change(w, c.SID, p.SID, m.SID, "ada")); code != 50056 {
				t.Errorf("refused with %d, want 50056", code)
			}
			if got := w.received(); got != "pre: "+string(event) {
				t.Errorf("asked about %q", got)
			}
			if after := dump(t, w); after != before {
				t.Errorf("the refused change left a trace:\n%s\nbefore:\n%s", after, before)
			}
			w.customer.answers(nil)
			if err := change(w, c.SID, p.SID, m.SID, "ada"); err != nil {
				t.Errorf("not refused, and yet: %v", err)
			}
		})
	}
}

// The webhook is called only for changes that would succeed.
func TestPreActionOfRefusedChange(t *testing.T) {
	t.Parallel()
	w := newPreActionWorld(t, WebhookConfig{})
	c := w.conversation(ConversationParams{UniqueName: ptr("taken")})
	pair := CreateParticipantParams{MessagingBinding: BindingParams{Address: ptr(testPhone), ProxyAddress: ptr(testSender)}}
	must(w.api.CreateParticipant(w.ctx, w.rest, c.SID, pair))(t)
	closed := w.conversation(ConversationParams{})
	must(w.api.UpdateConversation(w.ctx, w.rest, closed.SID, ConversationParams{State: ptr("closed")}))(t)
	for want, do := range map[int]func() error{
		20404: func() error { return w.api.DeleteMessage(w.ctx, w.restWebhooks, c.SID, "IM1") },
		50353: func() error {
			_, err := w.api.CreateConversation(w.ctx, w.restWebhooks, ConversationParams{UniqueName: ptr("taken")})
			return err
		},
		50416: func() error {
			_, err := w.api.CreateParticipant(w.ctx, w.restWebhooks, w.conversation(ConversationParams{}).SID, pair)
			return err
		},
		50377: func() error {
			_, err := w.api.CreateMessage(w.ctx, w.restWebhooks, closed.SID, MessageParams{Body: ptr("x")})
			return err
		},
		50503: func() error {
			_, err := w.api.CreateMessage(w.ctx, w.restWebhooks, c.SID, MessageParams{})
			return err
		},
	} {
		if code := codeOf(t, do()); code != want {
			t.Errorf("refused with %d, want %d", code, want)
		}
	}
	if got := w.received(); got != "" {
		t.Errorf("asked about %s", got)
	}
}

// The webhook may use the API: no transaction is open while it is called.
func TestPreActionHoldsNoLock(t *testing.T) {
	t.Parallel()
	w := newPreActionWorld(t, WebhookConfig{})
	c := w.conversation(ConversationParams{})
	w.customer.answers(func(delivery) (int, string, error) {
		_, err := w.api.CreateMessage(w.ctx, w.rest, c.SID, MessageParams{Body: ptr("first")})
		return 200, "", err
	})
	m := w.message(w.restWebhooks, c.SID, "second")
	if m.Index != 1 {
		t.Errorf("index %d: the message of the asked server was not first", m.Index)
	}
}

// The change is checked again after the webhook has answered: here the conversation was closed meanwhile.
func TestPreActionIsCheckedAgain(t *testing.T) {
	t.Parallel()
	w := newPreActionWorld(t, WebhookConfig{})
	c := w.conversation(ConversationParams{})
	w.customer.answers(func(delivery) (int, string, error) {
		_, err := w.api.UpdateConversation(w.ctx, w.rest, c.SID, ConversationParams{State: ptr("closed")})
		return 200, "", err
	})
	_, err := w.api.CreateMessage(w.ctx, w.restWebhooks, c.SID, MessageParams{Body: ptr("x")})
	if code := codeOf(t, err); code != 50377 {
		t.Errorf("refused with %d, want 50377", code)
	}
}

// Reference, Conversations API 6.3 and 6.4: sources that call the webhook, and retries.
func TestPreActionScopesAndRetries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config   WebhookConfig
		scope    Scope
		attempts string
	}{
		"REST":                         {WebhookConfig{}, Scope{}, ""},
		"REST with the header":         {WebhookConfig{}, Scope{WebhookEnabled: true}, "0"},
		"WhatsApp":                     {WebhookConfig{}, Scope{Source: SourceWhatsApp}, "0"},
		"REST with the header, not so": {WebhookConfig{NoPreActionForREST: true}, Scope{WebhookEnabled: true}, ""},
		"WhatsApp all the same":        {WebhookConfig{NoPreActionForREST: true}, Scope{Source: SourceWhatsApp}, "0"},
		"with retries":                 {WebhookConfig{PreRetryCount: 2}, Scope{WebhookEnabled: true}, "012"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newPreActionWorld(t, c.config)
			conversation := w.conversation(ConversationParams{})
			w.customer.answers(always(0, "", timeoutError{}))
			c.scope.AccountSID = testAccount
			w.message(c.scope, conversation.SID, "Hola")
			attempts, tokens := "", map[string]bool{}
			for _, d := range w.customer.takeDeliveries() {
				attempts += d.Params.Get("RetryCount")
				tokens[d.Header.Get("I-Twilio-Idempotency-Token")] = true
			}
			if attempts != c.attempts || len(tokens) > 1 {
				t.Errorf("attempts %q with %d tokens, want %q with one", attempts, len(tokens), c.attempts)
			}
		})
	}
}

// A request that is cancelled during the webhook changes nothing and is no alert.
func TestPreActionOfCancelledRequest(t *testing.T) {
	t.Parallel()
	w := newPreActionWorld(t, WebhookConfig{})
	c := w.conversation(ConversationParams{})
	ctx, leave := context.WithCancel(w.ctx)
	w.customer.answers(func(delivery) (int, string, error) {
		leave()
		return 0, "", ctx.Err()
	})
	_, err := w.api.CreateMessage(ctx, w.restWebhooks, c.SID, MessageParams{Body: ptr("x")})
	if !errors.Is(err, context.Canceled) || len(w.alerts()) != 0 {
		t.Errorf("error %v, alerts %v", err, w.alerts())
	}
}

// Of two webhooks, each gets the form of the request, and the later reply overwrites the earlier one.
func TestPreActionOfServiceAndGlobal(t *testing.T) {
	t.Parallel()
	w := newPreActionWorld(t, WebhookConfig{GlobalBesideService: true})
	w.service(ConfigurationWebhookParams{PreWebhookUrl: ptr("https://service/"), Filters: []string{"onMessageAdd"}})
	c := w.conversation(ConversationParams{})
	w.customer.answers(func(d delivery) (int, string, error) {
		if d.host() == "service" {
			return 200, `{"body":"a","author":"a"}`, nil
		}
		return 200, `{"body":"b"}`, nil
	})
	m := w.message(w.restWebhooks, c.SID, "Hola")
	if twilio.Value(m.Body) != "b" || m.Author != "a" {
		t.Errorf("message %q by %s", twilio.Value(m.Body), m.Author)
	}
	if got := w.received(); got != "service: onMessageAdd, pre: onMessageAdd" {
		t.Errorf("webhooks %s", got)
	}
}

// dump returns all documents of the store but events and sequences.
func dump(t *testing.T, w *world) string {
	t.Helper()
	return strings.Join(slices.DeleteFunc(documents(t, w), func(s string) bool {
		return strings.HasPrefix(s, "event ") || strings.HasPrefix(s, store.SequenceKind+" ")
	}), "\n")
}
