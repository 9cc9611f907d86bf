package conversations

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Reference, Conversations API 3.2: every change of state by REST.
func TestStatesByREST(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		code     int
		events   string // Reason of the state event, if there is one
	}{
		{"active", "inactive", 0, "API"}, {"active", "closed", 0, "API"}, {"active", "active", 0, ""},
		{"inactive", "active", 0, "API"}, {"inactive", "closed", 0, "API"}, {"inactive", "INACTIVE", 0, ""},
		{"closed", "active", 50377, ""}, {"closed", "closed", 50377, ""},
		{"active", "initializing", 50378, ""}, {"active", "open", 50378, ""}, {"active", "", 50374, ""},
	} {
		t.Run(c.from+" to "+c.to, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, WebhookConfig{})
			conversation := w.conversation(ConversationParams{})
			if c.from != "active" {
				must(w.api.UpdateConversation(w.ctx, w.rest, conversation.SID, ConversationParams{State: &c.from}))(t)
			}
			w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), Filters: []string{"onConversationStateUpdated"}})
			updated, err := w.api.UpdateConversation(w.ctx, w.restWebhooks, conversation.SID, ConversationParams{State: &c.to})
			if code := codeOf(t, err); code != c.code {
				t.Fatalf("refused with %d, want %d", code, c.code)
			}
			if err == nil && string(updated.State) != strings.ToLower(c.to) {
				t.Errorf("state %s", updated.State)
			}
			w.settle()
			events := ""
			for _, d := range w.customer.takeDeliveries() {
				events += d.Params.Get("Reason")
				if d.Params.Get("StateFrom") != c.from || d.Params.Get("StateTo") != c.to {
					t.Errorf("from %s to %s", d.Params.Get("StateFrom"), d.Params.Get("StateTo"))
				}
			}
			if events != c.events {
				t.Errorf("reasons %q, want %q", events, c.events)
			}
		})
	}
}

func TestStateAtCreation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	for state, want := range map[string]int{"active": 0, "Inactive": 0, "closed": 50384, "initializing": 50378, "": 50374} {
		created, err := w.api.CreateConversation(w.ctx, w.rest, ConversationParams{State: &state})
		if code := codeOf(t, err); code != want || err == nil && string(created.State) != strings.ToLower(state) {
			t.Errorf("%q: refused with %d, want %d; state %s", state, code, want, created.State)
		}
	}
}

// timersOf returns the times of the timers of a conversation, counted from the start of the world.
func timersOf(c Conversation) string {
	start := time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)
	in := func(t *time.Time) string {
		if t == nil {
			return "never"
		}
		return t.Sub(start).String()
	}
	return in(c.Timers.DateInactive) + ", " + in(c.Timers.DateClosed)
}

// Reference, Conversations API 3.2: a creation, an update, a message and a return to active restart both timers.
func TestTimersRestart(t *testing.T) {
	t.Parallel()
	params := ConversationParams{Timers: TimersParams{Inactive: ptr("PT5M"), Closed: ptr("PT20M")}}
	for name, c := range map[string]struct {
		do   func(w *world, sid string)
		want string // after do at 1m
	}{
		"creation": {func(*world, string) {}, "5m0s, 20m0s"},
		"update": {func(w *world, sid string) {
			must(w.api.UpdateConversation(w.ctx, w.rest, sid, ConversationParams{FriendlyName: ptr("x")}))(w.t)
		}, "6m0s, 21m0s"},
		"message": {func(w *world, sid string) { w.message(w.rest, sid, "x") }, "6m0s, 21m0s"},
		"participant": {func(w *world, sid string) {
			must(w.api.CreateParticipant(w.ctx, w.rest, sid, CreateParticipantParams{Identity: ptr("x")}))(w.t)
		}, "5m0s, 20m0s"},
		"to inactive":  {state("inactive"), "never, 21m0s"},
		"and back":     {func(w *world, sid string) { state("inactive")(w, sid); state("active")(w, sid) }, "6m0s, 21m0s"},
		"and woken":    {func(w *world, sid string) { state("inactive")(w, sid); w.message(w.rest, sid, "x") }, "6m0s, 21m0s"},
		"to closed":    {state("closed"), "never, never"},
		"taken away":   {timers("PT0S", "PT0S"), "never, never"},
		"one changed":  {timers("PT2M", ""), "3m0s, 21m0s"},
		"no such form": {timers("", ""), "6m0s, 21m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, WebhookConfig{})
			conversation := w.conversation(params)
			w.advance(time.Minute)
			c.do(w, conversation.SID)
			if got := timersOf(must(w.api.FetchConversation(w.ctx, w.rest, conversation.SID))(t)); got != c.want {
				t.Errorf("timers %s, want %s", got, c.want)
			}
		})
	}
}

func state(s string) func(*world, string) {
	return func(w *world, sid string) {
		must(w.api.UpdateConversation(w.ctx, w.rest, sid, ConversationParams{State: &s}))(w.t)
	}
}

// timers sets those that are not empty.
func timers(inactive, closed string) func(*world, string) {
	return func(w *world, sid string) {
		var p ConversationParams
		if inactive != "" {
			p.Timers.Inactive = &inactive
		}
		if closed != "" {
			p.Timers.Closed = &closed
		}
		must(w.api.UpdateConversation(w.ctx, w.rest, sid, p))(w.t)
	}
}

// changes returns the onConversationStateUpdated that the customer received: "from to reason, at".
func (w *world) changes() string {
	w.t.Helper()
	w.settle()
	got := w.customer.takeDeliveries()
	list := make([]string, 0, len(got))
	for _, d := range got {
		at, err := time.Parse(twilio.WebhookDateLayout, d.Params.Get("StateUpdated"))
		if err != nil {
			w.t.Error(err)
		}
		list = append(list, d.Params.Get("StateFrom")+" "+d.Params.Get("StateTo")+" "+d.Params.Get("Reason")+" "+at.Format("15:04"))
	}
	return strings.Join(list, ", ")
}

func TestTimersExpire(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		inactive, closed string
		do               func(w *world, sid string)
		want             string
		state            State
	}{
		"both":          {"PT5M", "PT20M", nil, "active inactive TIMER 17:05, inactive closed TIMER 17:20", StateClosed},
		"inactive":      {"PT5M", "", nil, "active inactive TIMER 17:05", StateInactive},
		"closed":        {"", "PT20M", nil, "active closed TIMER 17:20", StateClosed},
		"closed before": {"PT30M", "PT20M", nil, "active closed TIMER 17:20", StateClosed},
		"at once":       {"PT20M", "PT20M", nil, "active inactive TIMER 17:20, inactive closed TIMER 17:20", StateClosed},
		"put off by messages": {"PT5M", "PT20M", func(w *world, sid string) {
			for range 6 {
				w.advance(4 * time.Minute)
				w.message(w.rest, sid, "x")
			}
		}, "active inactive TIMER 17:29, inactive closed TIMER 17:44", StateClosed},
		"woken": {"PT5M", "PT20M", func(w *world, sid string) {
			w.advance(10 * time.Minute)
			w.message(w.rest, sid, "x")
		}, "active inactive TIMER 17:05, inactive active EVENT 17:10, active inactive TIMER 17:15, inactive closed TIMER 17:30", StateClosed},
		"taken away": {"PT5M", "PT20M", timers("PT0S", "PT0S"), "", StateActive},
		"clock jumps": {"PT5M", "PT20M", func(w *world, _ string) { _ = w.clock.Set(w.clock.Now().Add(time.Hour)) },
			"active inactive TIMER 18:00, inactive closed TIMER 18:00", StateClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, WebhookConfig{})
			w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), Filters: []string{"onConversationStateUpdated"}})
			conversation := w.conversation(ConversationParams{})
			timers(c.inactive, c.closed)(w, conversation.SID)
			if c.do != nil {
				c.do(w, conversation.SID)
			}
			w.advance(2 * time.Hour)
			if got := w.changes(); got != c.want {
				t.Errorf("changes %s\nwant    %s", got, c.want)
			}
			found := must(w.api.FetchConversation(w.ctx, w.rest, conversation.SID))(t)
			if found.State != c.state || c.state == StateClosed && timersOf(found) != "never, never" {
				t.Errorf("state %s, timers %s", found.State, timersOf(found))
			}
		})
	}
}

// A timer that closes a conversation frees its bindings. Closing and deleting cancel the timers.
func TestClosingFreesBindingsAndTimers(t *testing.T) {
	t.Parallel()
	pair := CreateParticipantParams{MessagingBinding: BindingParams{Address: ptr(testPhone), ProxyAddress: ptr(testSender)}}
	for name, end := range map[string]func(w *world, sid string){
		"by a timer": func(w *world, _ string) { w.advance(20 * time.Minute) },
		"by REST":    state("closed"),
		"deleted": func(w *world, sid string) {
			if err := w.api.DeleteConversation(w.ctx, w.rest, sid); err != nil {
				w.t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, WebhookConfig{})
			c := w.conversation(ConversationParams{Timers: TimersParams{Inactive: ptr("PT30M"), Closed: ptr("PT20M")}})
			must(w.api.CreateParticipant(w.ctx, w.rest, c.SID, pair))(t)
			end(w, c.SID)
			w.settle()
			must(w.api.CreateParticipant(w.ctx, w.rest, w.conversation(ConversationParams{}).SID, pair))(t)
			if due, waiting, err := w.api.outbox.Agenda().Next(w.ctx); waiting || err != nil {
				t.Errorf("a job is left, due %s, %v", due, err)
			}
		})
	}
}

func TestParseTimer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	for _, c := range []struct {
		inactive, closed string
		code             int
	}{
		{"PT1M", "PT10M", 0}, {"PT60S", "PT600S", 0}, {"P1D", "P1W", 0}, {"P1Y2M3DT4H5M6S", "PT0.5H", 0}, {"PT0S", "PT0S", 0},
		{"PT59S", "PT10M", 50375}, {"PT0.9M", "PT10M", 50375}, {"PT1M", "PT9M59S", 50376},
		{"", "PT10M", 50379}, {"1M", "PT10M", 50379}, {"P", "PT10M", 50379}, {"PT", "PT10M", 50379}, {"P1", "PT10M", 50379},
		{"-PT1M", "PT10M", 50379}, {"pt1m", "PT10M", 50379}, {"PT1M1H", "PT10M", 50379}, {"P1W1D", "PT10M", 50379},
		{"PT1M ", "PT10M", 50379}, {"P1M1Y", "PT10M", 50379}, {"PPT1M", "PT10M", 50379}, {"60", "PT10M", 50379},
		{"P101Y", "PT10M", 50379}, {"PT" + strings.Repeat("9", 400) + "S", "PT10M", 50379},
		{"PT1M", "ten", 50380}, {"PT1M", "PT", 50380}, {"PT1M", "P99999999999999Y", 50380},
	} {
		p := ConversationParams{Timers: TimersParams{Inactive: &c.inactive, Closed: &c.closed}}
		if _, err := w.api.CreateConversation(w.ctx, w.rest, p); codeOf(t, err) != c.code {
			t.Errorf("%.30q, %q: %v, want %d", c.inactive, c.closed, err, c.code)
		}
	}
}

// Every timer of a form is refused or has a duration that Twilio allows.
func FuzzParseTimer(f *testing.F) {
	for _, seed := range []string{"PT1M", "PT0S", "P1D", "P1W", "P1Y2M3DT4H5M6.7S", "P", "PT", "-PT1M", "P99999999999Y", "PT1e9S", "PT½M", "PT.5H", ""} {
		f.Add(seed)
	}
	form := regexp.MustCompile(`^P[0-9.YMWDTHS]+$`)
	f.Fuzz(func(t *testing.T, s string) {
		d, err := parseInactiveTimer(s)
		if err != nil {
			return
		}
		if (d != 0 && d < minInactive) || d > maxTimer || !form.MatchString(s) {
			t.Errorf("%q is a timer of %s", s, d)
		}
	})
}

// A list can be filtered by every state, initializing included.
func TestStateFilter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	for _, s := range []string{"inactive", "closed"} {
		state(s)(w, w.conversation(ConversationParams{}).SID)
	}
	w.conversation(ConversationParams{})
	for filter, want := range map[string]int{"active": 1, "Inactive": 1, "CLOSED": 1, "initializing": 0} {
		page := must(w.api.ListConversations(w.ctx, w.rest, ListConversationsParams{State: &filter}, twilio.PageQuery{Size: 5}))(t)
		if len(page.Items) != want {
			t.Errorf("%d conversations are %s, want %d", len(page.Items), filter, want)
		}
	}
	for _, filter := range []string{"open", ""} {
		_, err := w.api.ListConversations(w.ctx, w.rest, ListConversationsParams{State: &filter}, twilio.PageQuery{Size: 5})
		if code := codeOf(t, err); code != 20001 {
			t.Errorf("%q: refused with %d, want 20001", filter, code)
		}
	}
}
