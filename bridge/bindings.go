package bridge

import (
	"net/url"
	"slices"
	"strings"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// holder is the conversation of this account that holds a pair of numbers.
type holder struct {
	conversation string
	participant  string
	service      string
	uniqueName   string
}

// findHolder looks a pair up; nil when no conversation that is not closed holds it. It stops at the page that has it:
// a customer of long standing has many closed conversations.
func (d *delivery) findHolder(address, proxy string) (*holder, error) {
	params := new(conversations.ListParticipantConversationParams).SetAddress(address).SetPageSize(50)
	token, number := "", ""
	for {
		page, err := d.api.PageParticipantConversation(params, token, number)
		if err != nil {
			return nil, err
		}
		for i := range page.Conversations {
			one := &page.Conversations[i]
			if deref(one.ConversationState) != "closed" && proxyOf(one.ParticipantMessagingBinding) == proxy {
				return &holder{
					conversation: deref(one.ConversationSid), participant: deref(one.ParticipantSid),
					service: deref(one.ChatServiceSid), uniqueName: deref(one.ConversationUniqueName),
				}, nil
			}
		}
		if token, number = nextPage(deref(page.Meta.NextPageUrl)); token == "" {
			return nil, nil
		}
	}
}

// nextPage reads token and number out of a link to the next page; "" when there is none.
func nextPage(link string) (token, number string) {
	u, err := url.Parse(link)
	if err != nil {
		return "", ""
	}
	return u.Query().Get("PageToken"), u.Query().Get("Page")
}

// proxyOf is the sandbox number in a messaging binding.
func proxyOf(binding *any) string {
	if binding == nil {
		return ""
	}
	fields, _ := (*binding).(map[string]any)
	proxy, _ := fields["proxy_address"].(string)
	return proxy
}

// complete makes sure that the flow hears a conversation that a bridge opened, whose attempt may have ended in between.
// Somebody else's conversation is left as it is.
func (d *delivery) complete(h *holder) error {
	if strings.HasPrefix(h.uniqueName, uniqueNamePrefix) {
		if err := d.ensureFlow(h.conversation); err != nil {
			return err
		}
	}
	d.state.Complete = true
	return nil
}

// ensureFlow adds the flow's webhook unless it is there.
func (d *delivery) ensureFlow(conversation string) error {
	heard, err := d.heard(conversation)
	if err != nil || heard {
		return err
	}
	_, err = d.api.CreateConversationScopedWebhook(conversation, studioWebhook(d.h.config.FlowSID))
	return err
}

// heard reports whether a flow hears the conversation.
func (d *delivery) heard(conversation string) (bool, error) {
	hooks, err := d.api.ListConversationScopedWebhook(conversation, new(conversations.ListConversationScopedWebhookParams).SetLimit(5))
	return slices.ContainsFunc(hooks, func(hook conversations.ConversationsV1ConversationScopedWebhook) bool {
		return deref(hook.Target) == "studio"
	}), err
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
