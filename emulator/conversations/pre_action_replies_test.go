package conversations

import (
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Reference, Conversations API 6.6: each reply changes the message as follows, and malformed ones are alerts.
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
		"timeout":             {err: timeoutError{}, want: "Hola, ada, {}", alert: "50076"},
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
			w := newPreActionWorld(t, c.config)
			conversation := w.conversation(ConversationParams{})
			w.customer.answers(always(c.status, c.body, c.err))
			m, err := w.api.CreateMessage(w.ctx, w.restWebhooks, conversation.SID, MessageParams{Body: ptr("Hola"), Author: ptr("ada")})
			if code := codeOf(t, err); code != c.code {
				t.Fatalf("refused with %d (%v), want %d", code, err, c.code)
			}
			if c.code == 0 && strings.Join([]string{twilio.Value(m.Body), m.Author, m.Attributes}, ", ") != c.want {
				t.Errorf("message %q by %s, %s; want %s", twilio.Value(m.Body), m.Author, m.Attributes, c.want)
			}
			page := must(w.api.ListMessages(w.ctx, w.rest, conversation.SID, false, twilio.PageQuery{Size: 5}))(t)
			if (len(page.Items) == 1) != (c.code == 0) {
				t.Errorf("%d messages", len(page.Items))
			}
			if got := strings.Join(w.alerts(), " "); got != c.alert {
				t.Errorf("alerts %q, want %q", got, c.alert)
			}
		})
	}
}

// The friendly name of a reply is set and checked as one of a form.
func TestPreActionFriendlyName(t *testing.T) {
	t.Parallel()
	w := newPreActionWorld(t, WebhookConfig{})
	c := w.conversation(ConversationParams{FriendlyName: ptr("Ada")})
	w.customer.answers(always(200, `{"friendly_name":"Bob","body":"x"}`, nil))
	created := must(w.api.CreateConversation(w.ctx, w.restWebhooks, ConversationParams{FriendlyName: ptr("Eve")}))(t)
	updated := must(w.api.UpdateConversation(w.ctx, w.restWebhooks, c.SID, ConversationParams{UniqueName: ptr("c")}))(t)
	if twilio.Value(created.FriendlyName) != "Bob" || twilio.Value(updated.FriendlyName) != "Bob" {
		t.Errorf("names %s and %s, want Bob", twilio.Value(created.FriendlyName), twilio.Value(updated.FriendlyName))
	}
	w.customer.answers(always(200, `{"friendly_name":"`+strings.Repeat("x", 257)+`"}`, nil))
	_, err := w.api.UpdateConversation(w.ctx, w.restWebhooks, c.SID, ConversationParams{})
	if code := codeOf(t, err); code != 50003 {
		t.Errorf("refused with %d, want 50003", code)
	}
}

// Every reply is read or refused.
func FuzzParseReply(f *testing.F) {
	for _, seed := range []string{"", "{}", " \n", `{"body":"x"}`, `{"body":null}`, `{"attributes":{}}`, `[]`, `"x"`, `{"body":1}`, "{", "\x00", `{"body":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		reply, err := parseReply(body)
		if err != nil && reply != (preActionReply{}) {
			t.Errorf("%q: refused with %v, and yet understood as %+v", body, err, reply)
		}
	})
}
