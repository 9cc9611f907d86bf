package conversations

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// asked returns a world whose global pre-action webhook is asked about everything.
func asked(t *testing.T, config WebhookConfig) *world {
	t.Helper()
	w := newWorld(t, config)
	w.global(ConfigurationWebhookParams{PreWebhookUrl: ptr("https://pre/"), Filters: everyEvent()})
	return w
}

// Reference, Conversations API 6.6: what each reply does to a message, and what the debugger says of it.
func TestPreActionReplies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config WebhookConfig
		status int
		body   string
		err    error
		code   int    // of the refusal
		want   string // the message: body, author, attributes
		alert  string
	}{
		"empty":               {status: 200, want: "Hola, ada, {}"},
		"empty object":        {status: 200, body: " {}\n", want: "Hola, ada, {}"},
		"other keys":          {status: 200, body: `{"friendly_name":"x","index":7}`, want: "Hola, ada, {}"},
		"null":                {status: 200, body: `{"body":null}`, want: "Hola, ada, {}"},
		"body":                {status: 200, body: `{"body":"****"}`, want: "****, ada, {}"},
		"all":                 {status: 200, body: `{"body":"a","author":"b","attributes":"{\"c\":1}"}`, want: `a, b, {"c":1}`},
		"created":             {status: 201, body: `{"body":"a"}`, want: "a, ada, {}"},
		"no content":          {status: 204, want: "Hola, ada, {}"},
		"403":                 {status: 403, code: 50056, alert: "50057"},
		"400 with a body":     {status: 400, body: `{"body":"a"}`, code: 50056, alert: "50057"},
		"500":                 {status: 500, code: 50056, alert: "50057"},
		"503":                 {status: 503, code: 50056, alert: "50057"},
		"timeout":             {err: errTimeout{}, want: "Hola, ada, {}", alert: "50076"},
		"no connection":       {err: errRefused, want: "Hola, ada, {}", alert: "50057"},
		"garbage":             {status: 200, body: "<Response/>", want: "Hola, ada, {}", alert: "50057"},
		"garbage refused":     {config: WebhookConfig{RefuseMalformedReply: true}, status: 200, body: "OK", code: 50056, alert: "50057"},
		"half a body":         {status: 200, body: `{"body":"a"`, want: "Hola, ada, {}", alert: "50057"},
		"a number":            {status: 200, body: `{"body":1}`, want: "Hola, ada, {}", alert: "50057"},
		"redirect to nothing": {status: 302, want: "Hola, ada, {}"},
		"attributes no JSON":  {status: 200, body: `{"attributes":"x"}`, code: 50304},
		"author too long":     {status: 200, body: `{"author":"` + strings.Repeat("x", 257) + `"}`, code: 50310},
		"body too long":       {status: 200, body: `{"body":"` + strings.Repeat("x", maxBody+1) + `"}`, code: 50504},
		"body taken away":     {status: 200, body: `{"body":""}`, code: 50503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := asked(t, c.config)
			conversation := w.conversation(ConversationParams{})
			w.customer.answers(always(c.status, c.body, c.err))
			m, err := w.api.CreateMessage(w.ctx, w.loud, conversation.SID, MessageParams{Body: ptr("Hola"), Author: ptr("ada")})
			if code := codeOf(t, err); code != c.code {
				t.Fatalf("refused with %d (%v), want %d", code, err, c.code)
			}
			if c.code == 0 && strings.Join([]string{text(m.Body), m.Author, m.Attributes}, ", ") != c.want {
				t.Errorf("message %q by %s, %s; want %s", text(m.Body), m.Author, m.Attributes, c.want)
			}
			page := must(w.api.ListMessages(w.ctx, w.rest, conversation.SID, false, PageQuery{Size: 5}))(t)
			if (len(page.Items) == 1) != (c.code == 0) {
				t.Errorf("%d messages", len(page.Items))
			}
			if got := strings.Join(w.alerts(), " "); got != c.alert {
				t.Errorf("alerts %q, want %q", got, c.alert)
			}
		})
	}
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

// Conversations take a name from the reply, checked like a name of a form.
func TestPreActionNamesConversations(t *testing.T) {
	t.Parallel()
	w := asked(t, WebhookConfig{})
	c := w.conversation(ConversationParams{FriendlyName: ptr("Ada")})
	w.customer.answers(always(200, `{"friendly_name":"Bob","body":"x"}`, nil))
	created := must(w.api.CreateConversation(w.ctx, w.loud, ConversationParams{FriendlyName: ptr("Eve")}))(t)
	updated := must(w.api.UpdateConversation(w.ctx, w.loud, c.SID, ConversationParams{UniqueName: ptr("c")}))(t)
	if text(created.FriendlyName) != "Bob" || text(updated.FriendlyName) != "Bob" {
		t.Errorf("names %s and %s, want Bob", text(created.FriendlyName), text(updated.FriendlyName))
	}
	w.customer.answers(always(200, `{"friendly_name":"`+strings.Repeat("x", 257)+`"}`, nil))
	_, err := w.api.UpdateConversation(w.ctx, w.loud, c.SID, ConversationParams{})
	if code := codeOf(t, err); code != 50003 {
		t.Errorf("refused with %d, want 50003", code)
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
			w.customer.answers(always(0, "", errTimeout{}))
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
	if text(m.Body) != "b" || m.Author != "a" {
		t.Errorf("message %q by %s", text(m.Body), m.Author)
	}
	if got := w.heard(); got != "service: onMessageAdd, pre: onMessageAdd" {
		t.Errorf("asked %s", got)
	}
}

// dump is everything in the store but the log, the counters and the debugger.
func dump(t *testing.T, w *world) string {
	t.Helper()
	return strings.Join(slices.DeleteFunc(documents(t, w), func(s string) bool {
		return strings.HasPrefix(s, "event ") || strings.HasPrefix(s, CountersKind+" ")
	}), "\n")
}

// Whatever a server replies, it is understood or refused.
func FuzzParseReply(f *testing.F) {
	for _, seed := range []string{"", "{}", " \n", `{"body":"x"}`, `{"body":null}`, `{"attributes":{}}`, `[]`, `"x"`, `{"body":1}`, "{", "\x00", `{"body":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		reply, err := parseReply(body)
		if err != nil && reply != (hookReply{}) {
			t.Errorf("%q: refused with %v, and yet understood as %+v", body, err, reply)
		}
	})
}
