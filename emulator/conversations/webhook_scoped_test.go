package conversations

import (
	"strconv"
	"testing"
)

// Reference, Conversations API 6.2 and 13, 13: the three readings of a keyword in a text.
func TestTriggerMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, keyword        string
		anywhere, word, same bool
	}{
		{"I need help", "help", true, true, true},
		{"HELP!", "help", true, true, false},
		{"helpless", "help", true, false, true},
		{"please call me back.", "call me", true, true, true},
		{"recall me", "call me", true, false, true},
		{"ÀRBOL", "àrbol", true, true, false},
		{"hi", "help", false, false, false},
		{"", "help", false, false, false},
		{"really?!", "?!", true, false, true},
	} {
		for match, want := range map[TriggerMatch]bool{TriggerAnywhere: c.anywhere, TriggerWord: c.word, TriggerExactCase: c.same} {
			if got := match.match(c.text, c.keyword); got != want {
				t.Errorf("match %d of %q in %q = %v, want %v", match, c.keyword, c.text, got, want)
			}
		}
	}
}

// A trigger gets new messages that match its keyword, in the reading of WebhookConfig.Triggers.
func TestTriggerWebhook(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		match TriggerMatch
		want  string
	}{"anywhere": {TriggerAnywhere, "012"}, "as a word": {TriggerWord, "01"}, "in its case": {TriggerExactCase, "02"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, WebhookConfig{Triggers: c.match})
			conversation := w.conversation(ConversationParams{})
			must(w.api.CreateWebhook(w.ctx, w.rest, conversation.SID, WebhookParams{Target: ptr("trigger"),
				Configuration: WebhookConfigurationParams{Url: ptr("https://trigger/"), Triggers: []string{"agent", "help"}}}))(t)
			for _, body := range []string{"an agent, please", "HELP", "helpless", "nothing"} {
				m := w.message(w.restWebhooks, conversation.SID, body)
				must(w.api.UpdateMessage(w.ctx, w.restWebhooks, conversation.SID, m.SID, MessageParams{Body: ptr("help")}))(t)
			}
			w.settle()
			got := ""
			for _, d := range w.customer.takeDeliveries() {
				got += d.Params.Get("Index")
				if d.event() != "onMessageAdded" || d.Params.Get("WebhookType") != "trigger" {
					t.Errorf("got %s as %s", d.event(), d.Params.Get("WebhookType"))
				}
			}
			if got != c.want {
				t.Errorf("got the messages %s, want %s", got, c.want)
			}
		})
	}
}

// Reference, Conversations API 6.2: a new webhook gets the messages from its index on, in their order and without the header.
// ReplayAfterExclusive leaves out the index itself.
func TestReplayAfter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		exclusive bool
		after     string
		want      string
	}{
		"from the first": {false, "0", "0123"}, "from the third": {false, "2", "23"}, "behind the last": {false, "4", ""},
		"exclusive": {true, "0", "123"}, "none": {false, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, WebhookConfig{ReplayAfterExclusive: c.exclusive})
			conversation := w.conversation(ConversationParams{})
			for i := range 4 {
				w.message(w.rest, conversation.SID, strconv.Itoa(i))
			}
			p := WebhookConfigurationParams{Url: ptr("https://scoped/"), Filters: []string{"onMessageAdded", "onConversationUpdated"}}
			if c.after != "" {
				p.ReplayAfter = &c.after
			}
			must(w.api.CreateWebhook(w.ctx, w.rest, conversation.SID, WebhookParams{Target: ptr("webhook"), Configuration: p}))(t)
			w.settle()
			got := ""
			for _, d := range w.customer.takeDeliveries() {
				got += d.Params.Get("Body")
				if d.Params.Get("Source") != "API" || d.event() != "onMessageAdded" {
					t.Errorf("replayed %s of %s", d.event(), d.Params.Get("Source"))
				}
			}
			if got != c.want {
				t.Errorf("replayed %q, want %q", got, c.want)
			}
		})
	}
}

// Reference, Conversations API 13, 1: WhatsAppSource is the Source of webhooks; the event log has the emulator's own name.
func TestWhatsAppSource(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{"": "WHATSAPP", "whatsapp": "whatsapp"} {
		w := newWorld(t, WebhookConfig{WhatsAppSource: config})
		w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), Filters: []string{"onMessageAdded"}})
		c := w.conversation(ConversationParams{})
		w.message(Scope{AccountSID: testAccount, Source: SourceWhatsApp}, c.SID, "Hola")
		w.settle()
		got := w.customer.takeDeliveries()
		if len(got) != 1 || got[0].Params.Get("Source") != want {
			t.Errorf("%q: got %+v, want Source %s", config, got, want)
		}
	}
}
