package twiliofake

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/gorilla/mux"
)

// SandboxNumber is the To of inbound messages.
const SandboxNumber = "whatsapp:+14155238886"

// Receive is a text that the customer sends: Twilio keeps a Message, the conversation that holds the binding captures
// it, and the webhook that is returned would be sent.
func (s *Server) Receive(from, body string) url.Values {
	return s.ReceiveForm(url.Values{"From": {from}, "Body": {body}})
}

// ReceiveForm is Receive with further parameters; NumMedia and MediaUrl0 are the caller's.
func (s *Server) ReceiveForm(given url.Values) url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	sid := given.Get("MessageSid")
	if sid == "" {
		sid = s.sid("SM")
	}
	s.inbound[sid] = s.now()
	form := url.Values{"MessageSid": {sid}, "SmsSid": {sid}, "SmsMessageSid": {sid}, "AccountSid": {AccountSID}, "To": {SandboxNumber},
		"NumMedia": {"0"}, "NumSegments": {"1"}, "SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"}, "ProfileName": {"Ada Lovelace"},
		"WaId": {"15558675310"}, "MessageType": {"text"}, "Body": {""}}
	for name, values := range given {
		form[name] = values
	}
	if c := s.bound(form.Get("From"), form.Get("To")); c != nil {
		native := Message{Author: form.Get("From"), Body: form.Get("Body"), Native: true, Announced: true}
		if form.Get("NumMedia") != "0" {
			native.MediaSID = s.sid("ME")
			s.mcs[native.MediaSID] = Media{Type: form.Get("MediaContentType0")}
		}
		s.append(c, native)
	}
	return form
}

// append gives m its place in c; s.mu must be held.
func (s *Server) append(c *Conversation, m Message) *Message {
	m.SID, m.Index, m.Created = s.sid("IM"), len(c.Messages), s.now()
	m.Attributes = or(m.Attributes, "{}")
	c.Messages = append(c.Messages, m)
	return &c.Messages[len(c.Messages)-1]
}

func (s *Server) createMessage(r *http.Request) (int, any) {
	c := s.find(r)
	if c == nil {
		return notFound(r)
	}
	body, media := r.Form.Get("Body"), r.Form.Get("MediaSid")
	if body == "" && media == "" {
		return problem(http.StatusBadRequest, 50503, "Body, MediaSid or ContentSid is required")
	}
	if utf8.RuneCountInString(body) > 1600 {
		return problem(http.StatusBadRequest, 50504, "Message body is too long")
	}
	if _, known := s.mcs[media]; media != "" && !known {
		return problem(http.StatusNotFound, 50507, "Media not found")
	}
	if c.State == "closed" {
		return problem(http.StatusBadRequest, 50377, "Can't update conversation as it's in final closed state")
	}
	m := s.append(c, Message{Author: r.Form.Get("Author"), Body: body, Attributes: r.Form.Get("Attributes"), MediaSID: media,
		Announced: r.Header.Get("X-Twilio-Webhook-Enabled") == "true"})
	if date, err := time.Parse(time.RFC3339, r.Form.Get("DateCreated")); err == nil {
		m.Created = date.UTC()
	}
	return http.StatusCreated, s.messageJSON(c, *m)
}

func (s *Server) updateMessage(r *http.Request) (int, any) {
	c := s.find(r)
	if c == nil {
		return notFound(r)
	}
	for i := range c.Messages {
		if c.Messages[i].SID == mux.Vars(r)["im"] {
			c.Messages[i].Attributes = or(r.Form.Get("Attributes"), c.Messages[i].Attributes)
			return http.StatusOK, s.messageJSON(c, c.Messages[i])
		}
	}
	return notFound(r)
}

func (s *Server) listMessages(r *http.Request) (int, any) {
	c := s.find(r)
	if c == nil {
		return notFound(r)
	}
	messages := slices.Clone(c.Messages)
	if r.Form.Get("Order") == "desc" {
		slices.Reverse(messages)
	}
	size, _ := strconv.Atoi(or(r.Form.Get("PageSize"), "50"))
	page, _ := strconv.Atoi(or(r.Form.Get("PageToken"), "0"))
	from, to := min(page*size, len(messages)), min((page+1)*size, len(messages))
	rows := []any{}
	for _, m := range messages[from:to] {
		rows = append(rows, s.messageJSON(c, m))
	}
	next := ""
	if to < len(messages) {
		next = fmt.Sprintf("%s/v1/Conversations/%s/Messages?Order=%s&PageSize=%d&Page=%d&PageToken=%d", s.URL, c.SID, r.Form.Get("Order"), size, page+1, page+1)
	}
	return http.StatusOK, map[string]any{"messages": rows, "meta": meta("messages", next)}
}

func (s *Server) messageJSON(c *Conversation, m Message) any {
	var media any
	if m.MediaSID != "" {
		stored := s.mcs[m.MediaSID]
		media = []any{map[string]any{"sid": m.MediaSID, "size": len(stored.Content), "content_type": stored.Type, "filename": stored.Name}}
	}
	return map[string]any{"sid": m.SID, "conversation_sid": c.SID, "author": m.Author, "body": null(m.Body), "attributes": m.Attributes,
		"index": m.Index, "media": media, "date_created": m.Created, "date_updated": m.Created}
}

// fetchMessageResource is the messaging API's record of an inbound message, with dates as RFC 2822.
func (s *Server) fetchMessageResource(r *http.Request) (int, any) {
	sid := mux.Vars(r)["sm"]
	created, ok := s.inbound[sid]
	if !ok {
		return notFound(r)
	}
	return http.StatusOK, map[string]any{"sid": sid, "direction": "inbound", "status": "received", "date_created": created.Format(time.RFC1123Z)}
}

func (s *Server) sendMessage(r *http.Request) (int, any) {
	s.sms = append(s.sms, r.Form)
	return http.StatusCreated, map[string]any{"sid": s.sid("SM"), "status": "queued"}
}

// Sent returns what was sent by the messaging API.
func (s *Server) Sent() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sms)
}

func (s *Server) listServices(*http.Request) (int, any) {
	return http.StatusOK, map[string]any{"services": []any{map[string]any{"sid": ServiceSID}}, "meta": meta("services", "")}
}

func (s *Server) fetchFlow(r *http.Request) (int, any) {
	switch sid := mux.Vars(r)["fw"]; sid {
	case FlowSID:
		return http.StatusOK, map[string]any{"sid": sid, "status": "published"}
	case DraftSID:
		return http.StatusOK, map[string]any{"sid": sid, "status": "draft"}
	}
	return notFound(r)
}

func (s *Server) fetchWebhookConfiguration(*http.Request) (int, any) {
	return http.StatusOK, map[string]any{"post_webhook_url": PostWebhookURL, "filters": []string{"onMessageAdded", "onDeliveryUpdated"}}
}
