package twiliofake

import "encoding/json"

func meta(key, next string) map[string]any {
	m := map[string]any{"key": key, "page": 0, "page_size": 50, "next_page_url": nil}
	if next != "" {
		m["next_page_url"] = next
	}
	return m
}

func (c *Conversation) json() any {
	return map[string]any{"sid": c.SID, "account_sid": AccountSID, "chat_service_sid": ServiceSID, "unique_name": null(c.UniqueName),
		"attributes": c.Attributes, "state": c.State, "date_created": c.Created, "date_updated": c.Created, "timers": map[string]any{}}
}

func (p Participant) json(c *Conversation) any {
	return map[string]any{"sid": p.SID, "conversation_sid": c.SID, "date_created": p.Created, "attributes": "{}", "messaging_binding": p.binding()}
}

func (p Participant) binding() any {
	return map[string]any{"type": "whatsapp", "address": p.Address, "proxy_address": p.Proxy}
}

func (p Participant) listed(c *Conversation) any {
	return map[string]any{"participant_sid": p.SID, "conversation_sid": c.SID, "chat_service_sid": ServiceSID, "conversation_state": c.State,
		"conversation_unique_name": null(c.UniqueName), "conversation_attributes": c.Attributes,
		"conversation_date_created": c.Created, "participant_messaging_binding": p.binding()}
}

func (h Webhook) json(c *Conversation) any {
	return map[string]any{"sid": h.SID, "conversation_sid": c.SID, "target": h.Target, "configuration": map[string]any{"flow_sid": h.FlowSID}}
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// Attribute returns one string out of a JSON object of attributes, "" when it is not there.
func Attribute(attributes, name string) string {
	var all map[string]any
	_ = json.Unmarshal([]byte(attributes), &all)
	value, _ := all[name].(string)
	return value
}
