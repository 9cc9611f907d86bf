package bridge

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// join handles a message whose pair is bound. As a rule Twilio has captured the message and nothing is left to do; the
// exceptions are the message that opened this conversation in an attempt that was cut short, and one that came before
// the binding did.
//
// What was found in the conversation may be given; nil lets join look.
func (d *delivery) join(h *holder, found *search) (Result, error) {
	own := d.message.opened(h.uniqueName)
	d.learn(h)
	if d.state.Complete && !own && d.longKnown() {
		return ResultCaptured, nil
	}
	if !d.state.Complete {
		if err := d.complete(h); err != nil {
			return "", err
		}
	}
	if found == nil || own {
		looked, err := d.search(h.conversation, own)
		if err != nil {
			return "", err
		}
		found = &looked
	}
	if own {
		return ResultOpened, d.finish(h, found)
	}
	if found.complete || (d.followed() && d.captured(found)) {
		return ResultCaptured, nil
	}
	var created *time.Time
	if len(found.parts) == 0 {
		before, date, err := d.cameBefore(h, found)
		if err != nil || !before {
			return ResultCaptured, err
		}
		created = date
	}
	return ResultAppended, d.post(h.conversation, d.prepare(h.service, found), created)
}

// finish posts what an earlier attempt of the opening message did not. It may come after what Twilio captured meanwhile;
// its date then tells that it was first.
func (d *delivery) finish(h *holder, found *search) error {
	if found.complete {
		return nil
	}
	created, err := d.messageDate()
	if err = ignorePermanent(err); err != nil {
		return err
	}
	return d.post(h.conversation, d.prepare(h.service, found), created)
}

// learn stores in the state which conversation holds the pair. A participant that was added again has another SID, and is a new
// binding.
func (d *delivery) learn(h *holder) {
	if d.state.Conversation != h.conversation || (d.state.Participant != "" && d.state.Participant != h.participant) {
		d.state = d.state.held(h.conversation, d.h.pace.Now())
	}
	d.state.Participant, d.state.Address = h.participant, h.address
}

// holder is the conversation of this account that holds a pair of numbers.
type holder struct {
	conversation string
	participant  string
	address      string // of the customer
	service      string
	uniqueName   string
}

// findHolder looks a pair up; nil when no conversation that is not closed holds it. It stops at the page that has it:
// a customer of long standing has many closed conversations.
func (d *delivery) findHolder(address, proxy string) (*holder, error) {
	token, number := "", ""
	for {
		page, err := d.pageOfAddress(address, token, number)
		if err != nil {
			return nil, err
		}
		for i := range page.Conversations {
			one := &page.Conversations[i]
			if deref(one.ConversationState) != "closed" && proxyOf(one.ParticipantMessagingBinding) == proxy {
				return &holder{
					conversation: deref(one.ConversationSid), participant: deref(one.ParticipantSid), address: address,
					service: deref(one.ChatServiceSid), uniqueName: deref(one.ConversationUniqueName),
				}, nil
			}
		}
		if token, number = nextPage(deref(page.Meta.NextPageUrl)); token == "" {
			return nil, nil
		}
	}
}

// pageOfAddress returns a page of the conversations of an address. It writes the query itself: twilio-go leaves out of a query what is
// a period with digits behind it (delimitingRegex in its client.go), and an ExternalUserId has such a part.
func (d *delivery) pageOfAddress(address, token, number string) (page conversations.ListParticipantConversationResponse, err error) {
	query := url.Values{"Address": {address}, "PageSize": {"50"}}
	if token != "" {
		query.Set("PageToken", token)
		query.Set("Page", number)
	}
	response, err := d.api.RequestHandler().Get("https://"+conversationsHost+"/v1/ParticipantConversations?"+query.Encode(), nil, nil, "")
	if err != nil {
		return page, err
	}
	defer func() { _ = response.Body.Close() }()
	return page, json.NewDecoder(response.Body).Decode(&page)
}

// nextPage reads token and number out of a link to the next page; "" when there is none.
func nextPage(link string) (token, number string) {
	u, err := url.Parse(link)
	if err != nil {
		return "", ""
	}
	return u.Query().Get("PageToken"), u.Query().Get("Page")
}

// proxyOf returns the sandbox number of a messaging binding.
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
	heard, err := d.hasFlow(conversation)
	if err != nil || heard {
		return err
	}
	_, err = d.api.CreateConversationScopedWebhook(conversation, studioWebhook(d.h.config.FlowSID))
	return err
}

// hasFlow reports whether a flow hears the conversation.
func (d *delivery) hasFlow(conversation string) (bool, error) {
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
