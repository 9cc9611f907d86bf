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

// asked returns a world whose global pre-action webhook is asked about everything.
func asked(t *testing.T, config WebhookConfig) *world {
	t.Helper()
	w := newWorld(t, config)
	w.global(ConfigurationWebhookParams{PreWebhookUrl: ptr("https://pre/"), Filters: allFilters()})
	return w
}

// Every change is asked about, and a refusal leaves everything as it was.
func TestPreActionOfEveryChange(t *testing.T) {
	t.Parallel()
	for event, change := range map[EventType]func(w *world, c, p, m, u string) error{
		OnConversationAdd: func(w *world, _, _, _, _ string) error {
			_, err := w.api.CreateConversation(w.ctx, w.loud, ConversationParams{})
			return err
		},
		OnConversationUpdate: func(w *world, c, _, _, _ string) error {
			_, err := w.api.UpdateConversation(w.ctx, w.loud, c, ConversationParams{State: ptr("closed")})
			return err
		},
		OnConversationRemove: func(w *world, c, _, _, _ string) error { return w.api.DeleteConversation(w.ctx, w.loud, c) },
		OnMessageAdd: func(w *world, c, _, _, _ string) error {
			_, err := w.api.CreateMessage(w.ctx, w.loud, c, MessageParams{Body: ptr("x")})
			return err
		},
		OnMessageUpdate: func(w *world, c, _, m, _ string) error {
			_, err := w.api.UpdateMessage(w.ctx, w.loud, c, m, MessageParams{Body: ptr("x")})
			return err
		},
		OnMessageRemove: func(w *world, c, _, m, _ string) error { return w.api.DeleteMessage(w.ctx, w.loud, c, m) },
		OnParticipantAdd: func(w *world, c, _, _, _ string) error {
			_, err := w.api.CreateParticipant(w.ctx, w.loud, c, CreateParticipantParams{Identity: ptr("bob")})
			return err
		},
		OnParticipantUpdate: func(w *world, c, p, _, _ string) error {
			_, err := w.api.UpdateParticipant(w.ctx, w.loud, c, p, UpdateParticipantParams{Attributes: ptr("{}")})
			return err
		},
		OnParticipantRemove: func(w *world, c, p, _, _ string) error { return w.api.DeleteParticipant(w.ctx, w.loud, c, p) },
		OnUserUpdate: func(w *world, _, _, _, u string) error {
			_, err := w.api.UpdateUser(w.ctx, w.loud, u, UserParams{FriendlyName: ptr("x")})
			return err
		},
	} {
		t.Run(string(event), func(t *testing.T) {
			t.Parallel()
			w := asked(t, WebhookConfig{})
			c := w.conversation(ConversationParams{})
			p := must(w.api.CreateParticipant(w.ctx, w.rest, c.SID, CreateParticipantParams{Identity: ptr("ada")}))(t)
			m := w.message(w.rest, c.SID, "Hola")
			before := dump(t, w)
			w.customer.answers(always(403, "", nil))
			if code := codeOf(t, change(w, c.SID, p.SID, m.SID, "ada")); code != 50056 {
				t.Errorf("refused with %d, want 50056", code)
			}
			if got := w.heard(); got != "pre: "+string(event) {
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

// A webhook is asked only about what would succeed.
func TestPreActionIsNotAskedInVain(t *testing.T) {
	t.Parallel()
	w := asked(t, WebhookConfig{})
	c := w.conversation(ConversationParams{UniqueName: ptr("taken")})
	pair := CreateParticipantParams{MessagingBinding: BindingParams{Address: ptr(testPhone), ProxyAddress: ptr(testSender)}}
	must(w.api.CreateParticipant(w.ctx, w.rest, c.SID, pair))(t)
	closed := w.conversation(ConversationParams{})
	must(w.api.UpdateConversation(w.ctx, w.rest, closed.SID, ConversationParams{State: ptr("closed")}))(t)
	for want, do := range map[int]func() error{
		20404: func() error { return w.api.DeleteMessage(w.ctx, w.loud, c.SID, "IM1") },
		50353: func() error {
			_, err := w.api.CreateConversation(w.ctx, w.loud, ConversationParams{UniqueName: ptr("taken")})
			return err
		},
		50416: func() error {
			_, err := w.api.CreateParticipant(w.ctx, w.loud, w.conversation(ConversationParams{}).SID, pair)
			return err
		},
		50377: func() error {
			_, err := w.api.CreateMessage(w.ctx, w.loud, closed.SID, MessageParams{Body: ptr("x")})
			return err
		},
		50503: func() error {
			_, err := w.api.CreateMessage(w.ctx, w.loud, c.SID, MessageParams{})
			return err
		},
	} {
		if code := codeOf(t, do()); code != want {
			t.Errorf("refused with %d, want %d", code, want)
		}
	}
	if got := w.heard(); got != "" {
		t.Errorf("asked about %s", got)
	}
}

// The asked server may use the API meanwhile: no transaction is open.
func TestPreActionHoldsNoLock(t *testing.T) {
	t.Parallel()
	w := asked(t, WebhookConfig{})
	c := w.conversation(ConversationParams{})
	w.customer.answers(func(delivery) (int, string, error) {
		_, err := w.api.CreateMessage(w.ctx, w.rest, c.SID, MessageParams{Body: ptr("first")})
		return 200, "", err
	})
	m := w.message(w.loud, c.SID, "second")
	if m.Index != 1 {
		t.Errorf("index %d: the message of the asked server was not first", m.Index)
	}
}

// What has changed while the server was asked counts: here the conversation was closed.
func TestPreActionIsCheckedAgain(t *testing.T) {
	t.Parallel()
	w := asked(t, WebhookConfig{})
	c := w.conversation(ConversationParams{})
	w.customer.answers(func(delivery) (int, string, error) {
		_, err := w.api.UpdateConversation(w.ctx, w.rest, c.SID, ConversationParams{State: ptr("closed")})
		return 200, "", err
	})
	_, err := w.api.CreateMessage(w.ctx, w.loud, c.SID, MessageParams{Body: ptr("x")})
	if code := codeOf(t, err); code != 50377 {
		t.Errorf("refused with %d, want 50377", code)
	}
}

// Reference, Conversations API 6.3 and 6.4: who is asked about, and how often.
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
			w := asked(t, c.config)
			conversation := w.conversation(ConversationParams{})
			w.customer.answers(always(0, "", timeoutError{}))
			c.scope.AccountSID = testAccount
			w.message(c.scope, conversation.SID, "Hola")
			attempts, tokens := "", map[string]bool{}
			for _, d := range w.customer.take() {
				attempts += d.Params.Get("RetryCount")
				tokens[d.Header.Get("I-Twilio-Idempotency-Token")] = true
			}
			if attempts != c.attempts || len(tokens) > 1 {
				t.Errorf("attempts %q with %d tokens, want %q with one", attempts, len(tokens), c.attempts)
			}
		})
	}
}

// A caller who goes away while the server is asked has changed nothing, and nobody's server has failed.
func TestPreActionOfCallerWhoLeaves(t *testing.T) {
	t.Parallel()
	w := asked(t, WebhookConfig{})
	c := w.conversation(ConversationParams{})
	ctx, leave := context.WithCancel(w.ctx)
	w.customer.answers(func(delivery) (int, string, error) {
		leave()
		return 0, "", ctx.Err()
	})
	_, err := w.api.CreateMessage(ctx, w.loud, c.SID, MessageParams{Body: ptr("x")})
	if !errors.Is(err, context.Canceled) || len(w.alerts()) != 0 {
		t.Errorf("error %v, alerts %v", err, w.alerts())
	}
}

// With both webhooks asked, each sees the action as it was asked for, and the later reply counts.
func TestPreActionOfServiceAndGlobal(t *testing.T) {
	t.Parallel()
	w := asked(t, WebhookConfig{GlobalBesideService: true})
	w.service(ConfigurationWebhookParams{PreWebhookUrl: ptr("https://service/"), Filters: []string{"onMessageAdd"}})
	c := w.conversation(ConversationParams{})
	w.customer.answers(func(d delivery) (int, string, error) {
		if d.host() == "service" {
			return 200, `{"body":"a","author":"a"}`, nil
		}
		return 200, `{"body":"b"}`, nil
	})
	m := w.message(w.loud, c.SID, "Hola")
	if twilio.Value(m.Body) != "b" || m.Author != "a" {
		t.Errorf("message %q by %s", twilio.Value(m.Body), m.Author)
	}
	if got := w.heard(); got != "service: onMessageAdd, pre: onMessageAdd" {
		t.Errorf("asked %s", got)
	}
}

// dump is everything in the store but the log, the counters and the debugger.
func dump(t *testing.T, w *world) string {
	t.Helper()
	return strings.Join(slices.DeleteFunc(documents(t, w), func(s string) bool {
		return strings.HasPrefix(s, "event ") || strings.HasPrefix(s, store.SequenceKind+" ")
	}), "\n")
}
