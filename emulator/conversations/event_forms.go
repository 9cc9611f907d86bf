package conversations

import (
	"net/url"
	"strconv"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// The forms of the events. Reference, Conversations API 6.5: an optional field that is absent is left out, not empty, and
// what is only asked for has no SID and no date yet.

func conversationEvent(t EventType, c conversationDoc) Event {
	v := url.Values{}
	if t != OnConversationAdd {
		v.Set("ConversationSid", c.SID)
		v.Set("DateCreated", twilio.WebhookDate(c.Created))
		v.Set("DateUpdated", twilio.WebhookDate(c.DateUpdated))
	}
	v.Set("Attributes", c.Attributes)
	v.Set("ChatServiceSid", c.ChatServiceSID)
	v.Set("MessagingServiceSid", c.MessagingServiceSID)
	v.Set("State", string(c.State))
	twilio.SetOptional(v, "FriendlyName", c.FriendlyName)
	twilio.SetOptional(v, "UniqueName", c.UniqueName)
	return Event{Type: t, ConversationSID: c.SID, Params: v}
}

func stateEvent(c conversationDoc, from State, reason string) Event {
	v := url.Values{}
	v.Set("ConversationSid", c.SID)
	v.Set("ChatServiceSid", c.ChatServiceSID)
	v.Set("MessagingServiceSid", c.MessagingServiceSID)
	v.Set("StateUpdated", twilio.WebhookDate(c.DateUpdated))
	v.Set("StateFrom", string(from))
	v.Set("StateTo", string(c.State))
	v.Set("Reason", reason)
	return Event{Type: OnConversationStateUpdated, ConversationSID: c.SID, Params: v}
}

func messageEvent(t EventType, c conversationDoc, m messageDoc) Event {
	v := url.Values{}
	v.Set("ConversationSid", m.ConversationSID)
	v.Set("ChatServiceSid", c.ChatServiceSID)
	if t != OnMessageAdd {
		v.Set("MessagingServiceSid", c.MessagingServiceSID)
		v.Set("MessageSid", m.SID)
		v.Set("Index", strconv.FormatInt(m.Index, 10))
		v.Set("DateCreated", twilio.WebhookDate(m.Created))
	}
	if t != OnMessageAdd && t != OnMessageAdded {
		v.Set("DateUpdated", twilio.WebhookDate(m.DateUpdated))
	}
	v.Set("Author", m.Author)
	v.Set("Attributes", m.Attributes)
	twilio.SetOptional(v, "Body", m.Body)
	twilio.SetOptional(v, "ParticipantSid", m.ParticipantSID)
	if len(m.Media) > 0 {
		v.Set("Media", webhookMedia(m.Media))
	}
	return Event{Type: t, ConversationSID: m.ConversationSID, Params: v}
}

func participantEvent(t EventType, p participantDoc) Event {
	v := url.Values{}
	v.Set("ConversationSid", p.ConversationSID)
	v.Set("ChatServiceSid", p.ServiceSID)
	if t != OnParticipantAdd {
		v.Set("ParticipantSid", p.SID)
		v.Set("DateCreated", twilio.WebhookDate(p.Created))
	}
	if t != OnParticipantAdd && t != OnParticipantAdded {
		v.Set("DateUpdated", twilio.WebhookDate(p.DateUpdated))
	}
	v.Set("Attributes", p.Attributes)
	twilio.SetOptional(v, "Identity", p.Identity)
	twilio.SetOptional(v, "RoleSid", p.RoleSID)
	if t == OnParticipantUpdated && p.LastReadMessageIndex != nil {
		v.Set("LastReadMessageIndex", strconv.FormatInt(*p.LastReadMessageIndex, 10))
	}
	v.Set("MessagingBinding.Type", "chat")
	if b := p.MessagingBinding; b != nil {
		v.Set("MessagingBinding.Type", b.Type)
		twilio.SetOptional(v, "MessagingBinding.Address", b.Address)
		twilio.SetOptional(v, "MessagingBinding.ProxyAddress", b.ProxyAddress)
		twilio.SetOptional(v, "MessagingBinding.ProjectedAddress", b.ProjectedAddress)
	}
	return Event{Type: t, ConversationSID: p.ConversationSID, Params: v}
}
