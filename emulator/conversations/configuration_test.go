package conversations

import (
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Reference, Conversations API 8: new conversations have the defaults, unless their form has other values.
func TestConfigurationOfNewConversations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	before := w.conversation(ConversationParams{})
	other := must(w.api.CreateService(w.ctx, w.rest, CreateServiceParams{FriendlyName: ptr("other")}))(t)
	messaging := "MG" + strings.Repeat("1", 32)
	updated := must(w.api.UpdateConfiguration(w.ctx, w.rest, ConfigurationParams{DefaultChatServiceSid: &other.SID,
		DefaultMessagingServiceSid: &messaging, DefaultInactiveTimer: ptr("PT5M"), DefaultClosedTimer: ptr("PT20M")}))(t)
	if found := must(w.api.FetchConfiguration(w.ctx, w.rest))(t); twilio.Value(found.DefaultInactiveTimer) != "PT5M" ||
		twilio.Value(updated.DefaultClosedTimer) != "PT20M" || found.DefaultChatServiceSID != other.SID {
		t.Errorf("configuration %+v", found)
	}
	c := w.conversation(ConversationParams{})
	if c.ChatServiceSID != other.SID || c.MessagingServiceSID != messaging || timersOf(c) != "5m0s, 20m0s" {
		t.Errorf("a new conversation is in %s with %s and timers %s", c.ChatServiceSID, c.MessagingServiceSID, timersOf(c))
	}
	old := Scope{AccountSID: testAccount, ServiceSID: before.ChatServiceSID}
	if c := must(w.api.FetchConversation(w.ctx, old, before.SID))(t); timersOf(c) != "never, never" {
		t.Errorf("the one before has the timers %s", timersOf(c))
	}
	for want, p := range map[string]TimersParams{
		"5m0s, 30m0s":  {Closed: ptr("PT30M")},
		"never, 20m0s": {Inactive: ptr("PT0S")},
	} {
		if got := timersOf(w.conversation(ConversationParams{Timers: p})); got != want {
			t.Errorf("timers %s, want %s", got, want)
		}
	}
	must(w.api.UpdateConfiguration(w.ctx, w.rest, ConfigurationParams{DefaultInactiveTimer: ptr("PT0S"), DefaultClosedTimer: ptr("")}))(t)
	if got := timersOf(w.conversation(ConversationParams{})); got != "never, never" {
		t.Errorf("without defaults, timers %s", got)
	}
	if err := w.api.DeleteService(w.ctx, w.rest, old.ServiceSID); err != nil {
		t.Errorf("the service that is not the default any more: %v", err)
	}
}

func TestConfigurationRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	const foreign = "ACfedcba9876543210fedcba9876543210"
	theirs := must(w.api.CreateAccount(w.ctx, Account{SID: foreign, AuthToken: "x"}))(t).DefaultServiceSID
	before := must(w.api.FetchConfiguration(w.ctx, w.rest))(t)
	for _, c := range []struct {
		code int
		p    ConfigurationParams
	}{
		{20001, ConfigurationParams{DefaultChatServiceSid: ptr("IS1")}},
		{20001, ConfigurationParams{DefaultChatServiceSid: ptr("")}},
		{50050, ConfigurationParams{DefaultChatServiceSid: ptr("IS" + strings.Repeat("1", 32))}},
		{50050, ConfigurationParams{DefaultChatServiceSid: &theirs}},
		{50341, ConfigurationParams{DefaultMessagingServiceSid: ptr("MG1")}},
		{50375, ConfigurationParams{DefaultInactiveTimer: ptr("PT59S")}},
		{50376, ConfigurationParams{DefaultClosedTimer: ptr("PT9M")}},
		{50379, ConfigurationParams{DefaultInactiveTimer: ptr("soon")}},
		{50379, ConfigurationParams{DefaultInactiveTimer: ptr("PT" + strings.Repeat("0", 100) + "60S")}},
		{50380, ConfigurationParams{DefaultInactiveTimer: ptr("PT1M"), DefaultClosedTimer: ptr("later")}},
	} {
		if _, err := w.api.UpdateConfiguration(w.ctx, w.rest, c.p); codeOf(t, err) != c.code {
			t.Errorf("%+v: %v, want %d", c.p, err, c.code)
		}
	}
	if after := must(w.api.FetchConfiguration(w.ctx, w.rest))(t); after != before {
		t.Errorf("refused updates left %+v", after)
	}
}

// Reference, Conversations API 8: the default roles can be replaced by others of the service, and never removed.
func TestServiceConfigurationRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	before := must(w.api.FetchServiceConfiguration(w.ctx, w.rest))(t)
	role := func(scope Scope, kind string) *string {
		r := must(w.api.CreateRole(w.ctx, scope, CreateRoleParams{FriendlyName: ptr("r"), Type: &kind, Permission: []string{"addParticipant"}}))(t)
		return &r.SID
	}
	other := must(w.api.CreateService(w.ctx, w.rest, CreateServiceParams{FriendlyName: ptr("other")}))(t)
	elsewhere := role(Scope{AccountSID: testAccount, ServiceSID: other.SID}, "conversation")
	for _, c := range []struct {
		code int
		p    ServiceConfigurationParams
	}{
		{20001, ServiceConfigurationParams{DefaultConversationRoleSid: ptr("")}},
		{20001, ServiceConfigurationParams{DefaultChatServiceRoleSid: ptr("RL1")}},
		{50100, ServiceConfigurationParams{DefaultConversationCreatorRoleSid: ptr("RL" + strings.Repeat("1", 32))}},
		{50100, ServiceConfigurationParams{DefaultConversationRoleSid: elsewhere}},
		{50105, ServiceConfigurationParams{DefaultConversationRoleSid: role(w.rest, "service")}},
		{50105, ServiceConfigurationParams{DefaultChatServiceRoleSid: role(w.rest, "conversation"), ReachabilityEnabled: ptr(true)}},
	} {
		if _, err := w.api.UpdateServiceConfiguration(w.ctx, w.rest, c.p); codeOf(t, err) != c.code {
			t.Errorf("%+v: %v, want %d", c.p, err, c.code)
		}
	}
	if after := must(w.api.FetchServiceConfiguration(w.ctx, w.rest))(t); after != before {
		t.Errorf("refused updates left %+v", after)
	}
	mine := role(w.rest, "conversation")
	after := must(w.api.UpdateServiceConfiguration(w.ctx, w.rest, ServiceConfigurationParams{DefaultConversationRoleSid: mine, ReachabilityEnabled: ptr(true)}))(t)
	p := must(w.api.CreateParticipant(w.ctx, w.rest, w.conversation(ConversationParams{}).SID, CreateParticipantParams{Identity: ptr("ada")}))(t)
	if !after.ReachabilityEnabled || after.DefaultChatServiceRoleSID != before.DefaultChatServiceRoleSID || twilio.Value(p.RoleSID) != *mine {
		t.Errorf("configuration %+v, a new participant has the role %s", after, twilio.Value(p.RoleSID))
	}
}
