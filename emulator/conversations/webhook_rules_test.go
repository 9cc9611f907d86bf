package conversations

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// allFilters returns the names of all events that a global webhook may filter by.
func allFilters() []string {
	names := make([]string, 0, len(audiences))
	for e := range audiences {
		names = append(names, string(e))
	}
	slices.Sort(names)
	return names
}

// Every event of Twilio's is in the table of audiences; without that no webhook can filter by it.
func TestAudiences(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("event.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`EventType = "(on[A-Za-z]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(declared) != len(audiences) {
		t.Errorf("%d events are declared and %d are in the table", len(declared), len(audiences))
	}
	for _, d := range declared {
		if !EventType(d[1]).isFilter() {
			t.Errorf("%s is not in the table", d[1])
		}
	}
}

// Reference, Conversations API 6.3: the header is needed for actions of REST only.
func TestWebhookEnabled(t *testing.T) {
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
			w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), Filters: allFilters()})
			conversation := w.conversation(ConversationParams{})
			w.scoped(conversation.SID, "webhook", "https://scoped/", "onMessageAdded")
			c.scope.AccountSID = testAccount
			w.message(c.scope, conversation.SID, "Hola")
			w.settle()
			got := w.customer.takeDeliveries()
			if summary(sorted(got)) != c.want {
				t.Errorf("webhooks %q, want %q", summary(sorted(got)), c.want)
			}
			for _, d := range got {
				if d.Params.Get("Source") != string(c.scope.source()) || d.Params.Get("ClientIdentity") != c.scope.ClientIdentity {
					t.Errorf("Source %q, ClientIdentity %q", d.Params.Get("Source"), d.Params.Get("ClientIdentity"))
				}
			}
		})
	}
}

// Reference, Conversations API 6.3: deliveries, timers and the return to active fire webhooks without the header.
func TestAutomaticEventsFireWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	w.global(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://global/"), Filters: allFilters()})
	c := w.conversation(ConversationParams{Timers: TimersParams{Inactive: ptr("PT1M")}})
	p := must(w.api.CreateParticipant(w.ctx, w.rest, c.SID, CreateParticipantParams{
		MessagingBinding: BindingParams{Address: ptr(testPhone), ProxyAddress: ptr(testSender)}}))(t)
	m := w.message(w.rest, c.SID, "Hello")
	if got := w.received(); got != "" {
		t.Fatalf("REST without the header fired %s", got)
	}
	report := DeliveryReport{ConversationSID: c.SID, MessageSID: m.SID, ParticipantSID: p.SID, ChannelMessageSID: "SM1", Status: twilio.StatusSent}
	if err := w.api.ReportDelivery(w.ctx, report); err != nil {
		t.Fatal(err)
	}
	w.advance(60 * 1e9)
	w.message(w.rest, c.SID, "Are you there?")
	want := "global: onDeliveryUpdated, global: onConversationStateUpdated, global: onConversationStateUpdated"
	if got := w.received(); got != want {
		t.Errorf("webhooks %s\nwant     %s", got, want)
	}
}

// Reference, Conversations API 6.1: a URL of the service replaces the global one, separately for pre- and post-action.
func TestServiceWebhookReplacesGlobal(t *testing.T) {
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
			w.message(w.restWebhooks, w.conversation(ConversationParams{}).SID, "Hola")
			w.settle()
			if got := summary(sorted(w.customer.takeDeliveries())); got != c.want {
				t.Errorf("webhooks %q, want %q", got, c.want)
			}
		})
	}
}

// The webhooks of another service and of another account get no events.
func TestWebhooksOfOtherServices(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	other := must(w.api.CreateService(w.ctx, w.rest, CreateServiceParams{FriendlyName: ptr("other")}))(t)
	const foreign = "ACfedcba9876543210fedcba9876543210"
	must(w.api.CreateAccount(w.ctx, Account{SID: foreign, AuthToken: "x"}))(t)
	all := ConfigurationWebhookParams{PostWebhookUrl: ptr("https://wrong/"), PreWebhookUrl: ptr("https://wrong/"), Filters: allFilters()}
	must(w.api.UpdateServiceWebhookConfiguration(w.ctx, Scope{AccountSID: testAccount, ServiceSID: other.SID}, all))(t)
	must(w.api.UpdateConfigurationWebhook(w.ctx, Scope{AccountSID: foreign}, all))(t)
	must(w.api.CreateConversation(w.ctx, w.restWebhooks, ConversationParams{}))(t)
	if got := w.received(); got != "" {
		t.Errorf("webhooks %s", got)
	}
}

// Global and service webhooks get the events of users, which have no conversation.
func TestEventsWithoutConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	w.service(ConfigurationWebhookParams{PostWebhookUrl: ptr("https://service/"), Filters: []string{"onUserAdded", "onUserUpdated"}})
	u := must(w.api.CreateUser(w.ctx, w.restWebhooks, UserParams{Identity: ptr("ada")}))(t)
	must(w.api.UpdateUser(w.ctx, w.restWebhooks, u.SID, UserParams{FriendlyName: ptr("Ada")}))(t)
	if got := w.received(); got != "service: onUserAdded, service: onUserUpdated" {
		t.Errorf("webhooks %s", got)
	}
}
