package conversations

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	twilio "github.com/twilio/twilio-go/client"
)

// all names of events that a global webhook may filter by.
func everyEvent() []string {
	var names []string
	for _, e := range globalEvents {
		names = append(names, string(e))
	}
	return names
}

// Reference, Conversations API 6.3: who hears of what, by where the action comes from.
func TestHeaderRule(t *testing.T) {
	t.Parallel()
	added := "global: onMessageAdded, scoped: onMessageAdded"
	for name, c := range map[string]struct {
		scope Scope
		want  string
	}{
		"REST":                 {Scope{}, ""},
		"REST with the header": {Scope{WebhookEnabled: true}, added},
		"SDK":                  {Scope{Source: SourceSDK, ClientIdentity: "dave"}, added},
		"WhatsApp":             {Scope{Source: SourceWhatsApp}, added},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, WebhookConfig{})
			w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), Filters: everyEvent()})
			conversation := w.conversation(ConversationParams{})
			w.scoped(conversation.SID, "webhook", "https://scoped/", "onMessageAdded")
			c.scope.AccountSID = testAccount
			w.message(c.scope, conversation.SID, "Hola")
			w.settle()
			got := w.customer.take()
			if summary(sorted(got)) != c.want {
				t.Errorf("heard %q, want %q", summary(sorted(got)), c.want)
			}
			for _, d := range got {
				if d.Params.Get("Source") != string(c.scope.source()) || d.Params.Get("ClientIdentity") != c.scope.ClientIdentity {
					t.Errorf("Source %q, ClientIdentity %q", d.Params.Get("Source"), d.Params.Get("ClientIdentity"))
				}
			}
		})
	}
}

// Reference, Conversations API 6.3: deliveries, timers and waking are told whatever the header says.
func TestWhatHappensByItselfIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), Filters: everyEvent()})
	c := w.conversation(ConversationParams{Timers: TimersParams{Inactive: ptr("PT1M")}})
	p := must(w.api.CreateParticipant(w.ctx, w.rest, c.SID, CreateParticipantParams{
		MessagingBinding: BindingParams{Address: ptr(testPhone), ProxyAddress: ptr(testSender)}}))(t)
	m := w.message(w.rest, c.SID, "Hello")
	if got := w.heard(); got != "" {
		t.Fatalf("REST without the header was told: %s", got)
	}
	report := DeliveryReport{ConversationSID: c.SID, MessageSID: m.SID, ParticipantSID: p.SID, ChannelMessageSID: "SM1", Status: StatusSent}
	if err := w.api.ReportDelivery(w.ctx, report); err != nil {
		t.Fatal(err)
	}
	w.advance(60 * 1e9)
	w.message(w.rest, c.SID, "Are you there?")
	want := "global: onDeliveryUpdated, global: onConversationStateUpdated, global: onConversationStateUpdated"
	if got := w.heard(); got != want {
		t.Errorf("heard %s\nwant  %s", got, want)
	}
}

// Reference, Conversations API 6.1: the service's URL comes in the place of the global one, for each direction.
func TestServiceBeforeGlobal(t *testing.T) {
	t.Parallel()
	global := ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/post"), PreWebhookUrl: ptr("https://global/pre"),
		Filters: []string{"onMessageAdd", "onMessageAdded"}}
	for name, c := range map[string]struct {
		config  WebhookConfig
		service ConfigurationWebhookParams
		target  string
		want    string
	}{
		"only global": {want: "global: onMessageAdd, global: onMessageAdded"},
		"both": {service: ConfigurationWebhookParams{PostWebhookUrl: ptr("https://service/post"), PreWebhookUrl: ptr("https://service/pre"),
			Filters: []string{"onMessageAdd", "onMessageAdded"}}, want: "service: onMessageAdd, service: onMessageAdded"},
		"the service's post only": {service: ConfigurationWebhookParams{PostWebhookUrl: ptr("https://service/post"),
			Filters: []string{"onMessageAdd", "onMessageAdded"}}, want: "global: onMessageAdd, service: onMessageAdded"},
		"the service's filters do not list it": {service: ConfigurationWebhookParams{PostWebhookUrl: ptr("https://service/post"),
			Filters: []string{"onUserAdded"}}, want: "global: onMessageAdd"},
		"beside": {config: WebhookConfig{GlobalBesideService: true}, service: ConfigurationWebhookParams{PostWebhookUrl: ptr("https://service/post"),
			Filters: []string{"onMessageAdded"}}, want: "global: onMessageAdd, global: onMessageAdded, service: onMessageAdded"},
		"global to Flex": {target: "FLEX", want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.config)
			p := global
			if c.target != "" {
				p.Target = &c.target
			}
			w.global(p)
			w.service(c.service)
			w.message(w.loud, w.conversation(ConversationParams{}).SID, "Hola")
			w.settle()
			if got := summary(sorted(w.customer.take())); got != c.want {
				t.Errorf("heard %q, want %q", got, c.want)
			}
		})
	}
}

// A service hears of its own conversations only, and another account of nothing.
func TestWebhooksOfOtherServices(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	other := must(w.api.CreateService(w.ctx, w.rest, CreateServiceParams{FriendlyName: ptr("other")}))(t)
	const foreign = "ACfedcba9876543210fedcba9876543210"
	must(w.api.CreateAccount(w.ctx, Account{SID: foreign, AuthToken: "x"}))(t)
	all := ConfigurationWebhookParams{PostWebhookUrl: ptr("https://wrong/"), PreWebhookUrl: ptr("https://wrong/"), Filters: everyEvent()}
	must(w.api.UpdateServiceWebhookConfiguration(w.ctx, Scope{AccountSID: testAccount, ServiceSID: other.SID}, all))(t)
	must(w.api.UpdateConfigurationWebhook(w.ctx, Scope{AccountSID: foreign}, all))(t)
	must(w.api.CreateConversation(w.ctx, w.loud, ConversationParams{}))(t)
	if got := w.heard(); got != "" {
		t.Errorf("heard %s", got)
	}
}

// A user belongs to no conversation: the account's or the service's webhook hears of it.
func TestEventsWithoutConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	w.service(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://service/"), Filters: []string{"onUserAdded", "onUserUpdated"}})
	u := must(w.api.CreateUser(w.ctx, w.loud, UserParams{Identity: ptr("ada")}))(t)
	must(w.api.UpdateUser(w.ctx, w.loud, u.SID, UserParams{FriendlyName: ptr("Ada")}))(t)
	if got := w.heard(); got != "service: onUserAdded, service: onUserUpdated" {
		t.Errorf("heard %s", got)
	}
}

// Reference, Conversations API 6.4: method, headers, form, and a signature that Twilio's own validator takes.
func TestWebhookRequest(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"POST", "get"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, WebhookConfig{})
			const at = "https://user:secret@shop.example.com:8443/hook?tenant=1"
			w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr(at), Method: &method, Filters: []string{"onMessageAdded"}})
			w.message(w.loud, w.conversation(ConversationParams{}).SID, "Hola & adiós +1")
			w.settle()
			got := w.customer.take()
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

// Only a scoped webhook names itself.
func TestScopedWebhookNamesItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), Filters: []string{"onMessageAdded"}})
	c := w.conversation(ConversationParams{})
	hook := w.scoped(c.SID, "webhook", "https://scoped/", "onMessageAdded")
	w.message(w.loud, c.SID, "Hola")
	w.settle()
	got := sorted(w.customer.take())
	if len(got) != 2 || got[0].Params.Has("WebhookSid") || got[0].Params.Has("WebhookType") ||
		got[1].Params.Get("WebhookSid") != hook.SID || got[1].Params.Get("WebhookType") != "webhook" {
		t.Errorf("deliveries %+v", got)
	}
}

// The events of one conversation reach one URL in their order, however slow it is, and do not wait for another's.
func TestOrderPerConversationAndURL(t *testing.T) {
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
		w.message(w.loud, first.SID, fmt.Sprint(i))
		w.message(w.loud, second.SID, fmt.Sprint(i))
	}
	// All of the second conversation arrive, and one of the first.
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
	for _, d := range w.customer.take() {
		if d.Params.Get("ConversationSid") == first.SID {
			bodies += d.Params.Get("Body")
		}
	}
	if bodies != "00112233" { // the global and the scoped webhook have one URL
		t.Errorf("order %s, want each twice in order", bodies)
	}
}

// Reference, Conversations API 6.4: what is tried again, with the same token and a growing RetryCount.
func TestRetries(t *testing.T) {
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
		"timeout":              {2, 0, errTimeout{}, "012", "50076"},
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
			w.message(w.loud, w.conversation(ConversationParams{}).SID, "Hola")
			w.settle()
			attempts, tokens := "", map[string]bool{}
			for _, d := range w.customer.take() {
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

// A retry keeps its place: what follows waits for it.
func TestRetryKeepsTheOrder(t *testing.T) {
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
		w.message(w.loud, c.SID, body)
	}
	w.settle()
	got := ""
	for _, d := range w.customer.take() {
		got += d.Params.Get("Body") + d.Params.Get("RetryCount")
	}
	if got != "a0a1b0b1" {
		t.Errorf("attempts %s", got)
	}
}

// A server that answers every message with another, with the header, goes on for ever; without it, the loop never begins.
func TestLoopsArePreventedByTheHeader(t *testing.T) {
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
			w.message(w.loud, w.conversation(ConversationParams{}).SID, "Hola")
			w.settle()
			if rounds != c.want {
				t.Errorf("%d rounds, want %d", rounds, c.want)
			}
		})
	}
}

// Reference, Conversations API 6.5: the fields of each event, and no other.
func TestEventForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), PreWebhookUrl: ptr("https://global/"), Filters: everyEvent()})
	c := must(w.api.CreateConversation(w.ctx, w.loud, ConversationParams{FriendlyName: ptr("Ada"), UniqueName: ptr("ada")}))(t)
	p := must(w.api.CreateParticipant(w.ctx, w.loud, c.SID, CreateParticipantParams{
		MessagingBinding: BindingParams{Address: ptr(testPhone), ProxyAddress: ptr(testSender)}}))(t)
	m := must(w.api.CreateMessage(w.ctx, w.loud, c.SID, MessageParams{Body: ptr("Hola"), Author: ptr(testPhone)}))(t)
	must(w.api.UpdateMessage(w.ctx, w.loud, c.SID, m.SID, MessageParams{Body: ptr("Hola!")}))(t)
	must(w.api.UpdateParticipant(w.ctx, w.loud, c.SID, p.SID, UpdateParticipantParams{LastReadMessageIndex: ptr("0")}))(t)
	must(w.api.UpdateConversation(w.ctx, w.loud, c.SID, ConversationParams{State: ptr("inactive")}))(t)
	for _, err := range []error{
		w.api.ReportDelivery(w.ctx, DeliveryReport{ConversationSID: c.SID, MessageSID: m.SID, ParticipantSID: p.SID,
			ChannelMessageSID: "SM1", Status: StatusFailed, ErrorCode: 63016}),
		w.api.DeleteMessage(w.ctx, w.loud, c.SID, m.SID),
		w.api.DeleteParticipant(w.ctx, w.loud, c.SID, p.SID),
		w.api.DeleteConversation(w.ctx, w.loud, c.SID),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.settle()
	got := map[string]string{}
	for _, d := range w.customer.take() {
		names := slices.Sorted(maps.Keys(d.Params))
		names = slices.DeleteFunc(names, func(s string) bool {
			return slices.Contains([]string{"AccountSid", "EventType", "Source", "RetryCount"}, s)
		})
		got[d.event()] = strings.Join(names, " ")
	}
	const (
		conversation = "Attributes ChatServiceSid ConversationSid DateCreated %sDateUpdated FriendlyName MessagingServiceSid State UniqueName"
		message      = "Attributes Author Body ChatServiceSid ConversationSid DateCreated %s%sIndex MessageSid MessagingServiceSid ParticipantSid"
		participant  = "Attributes ChatServiceSid ConversationSid DateCreated %s%s%sMessagingBinding.Address MessagingBinding.ProxyAddress MessagingBinding.Type ParticipantSid RoleSid"
	)
	want := map[string]string{
		"onConversationAdd":          "Attributes ChatServiceSid FriendlyName MessagingServiceSid State UniqueName",
		"onConversationAdded":        fmt.Sprintf(conversation, ""),
		"onConversationUpdate":       fmt.Sprintf(conversation, ""),
		"onConversationUpdated":      fmt.Sprintf(conversation, ""),
		"onConversationRemove":       fmt.Sprintf(conversation, ""),
		"onConversationRemoved":      fmt.Sprintf(conversation, "DateRemoved "),
		"onConversationStateUpdated": "ChatServiceSid ConversationSid MessagingServiceSid Reason StateFrom StateTo StateUpdated",
		"onMessageAdd":               "Attributes Author Body ChatServiceSid ConversationSid ParticipantSid",
		"onMessageAdded":             fmt.Sprintf(message, "", ""),
		"onMessageUpdate":            fmt.Sprintf(message, "", "DateUpdated "),
		"onMessageUpdated":           fmt.Sprintf(message, "", "DateUpdated "),
		"onMessageRemove":            fmt.Sprintf(message, "", "DateUpdated "),
		"onMessageRemoved":           fmt.Sprintf(message, "DateRemoved ", "DateUpdated "),
		"onParticipantAdd": "Attributes ChatServiceSid ConversationSid MessagingBinding.Address MessagingBinding.ProxyAddress " +
			"MessagingBinding.Type RoleSid",
		"onParticipantAdded":   fmt.Sprintf(participant, "", "", ""),
		"onParticipantUpdate":  fmt.Sprintf(participant, "", "DateUpdated ", ""),
		"onParticipantUpdated": fmt.Sprintf(participant, "", "DateUpdated ", "LastReadMessageIndex "),
		"onParticipantRemove":  fmt.Sprintf(participant, "", "DateUpdated ", ""),
		"onParticipantRemoved": fmt.Sprintf(participant, "DateRemoved ", "DateUpdated ", ""),
		"onDeliveryUpdated": "ChannelMessageSid ChatServiceSid ConversationSid DateCreated DateUpdated DeliveryReceiptSid ErrorCode " +
			"MessageSid ParticipantSid Status",
	}
	for name, fields := range want {
		if got[name] != fields {
			t.Errorf("%s\n got %s\nwant %s", name, got[name], fields)
		}
	}
	for name := range got {
		if _, known := want[name]; !known {
			t.Errorf("%s was told, with %s", name, got[name])
		}
	}
}
