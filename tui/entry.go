package tui

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// kind is the kind of an entry of the activity; its text is the label.
type kind string

const (
	kindAPI     kind = "api"     // a request to Twilio's API
	kindWebhook kind = "webhook" // a request by Twilio
	kindEvent   kind = "event"   // of a conversation
	kindPhone   kind = "phone"   // a message of or for a phone
	kindSandbox kind = "sandbox"
	kindStudio  kind = "studio"
	kindAlert   kind = "ALERT" // of the debugger
	kindClock   kind = "clock"
	kindNote    kind = "chat" // of the chat itself
)

// level chooses the colour of an entry or a notice.
type level int

const (
	levelNone level = iota
	levelGood
	levelWarn
	levelBad
)

// entry is one thing that happened behind the chat. Its texts are clean, with short SIDs.
type entry struct {
	time time.Time // the emulator's
	// rank orders what happened in one millisecond: what a phone did, then requests, then what came of them.
	rank   int
	kind   kind
	text   string
	result string // at the right end, such as a status and how long it took; may be empty
	detail string // below; may be empty
	level  level
}

// exchangeEntry is the entry of a request.
func exchangeEntry(x traffic.Exchange) entry {
	e := entry{time: x.Time, rank: 1, kind: kindAPI, text: x.Method + " " + requestTarget(x), level: levelGood,
		result: fmt.Sprintf("%3d %6s", x.Status, took(x.Duration))}
	var details []string
	detail := func(text string) {
		if text != "" {
			details = append(details, text)
		}
	}
	if x.Direction == traffic.Out {
		e.kind = kindWebhook
		detail(webhookEvent(x))
	}
	switch {
	case x.Status >= http.StatusInternalServerError:
		e.level = levelBad
	case x.Status >= http.StatusBadRequest:
		e.level = levelWarn
	}
	if x.Fault != "" {
		detail("made to fail by " + x.Fault)
	}
	if x.Ignored != "" {
		detail("ignored: " + x.Ignored)
	}
	switch {
	case x.Error != "":
		e.level, e.result = levelBad, fmt.Sprintf("  – %6s", took(x.Duration))
		detail("no answer: " + x.Error)
	case x.Unhandled != "":
		e.level = levelBad
		detail("not emulated: " + x.Unhandled)
	case x.Direction == traffic.In:
		detail(twilioError(x.Response.Body))
	}
	e.detail = strings.Join(details, ", ")
	e.text, e.detail = shortSIDs(oneLine(e.text, 300)), shortSIDs(oneLine(e.detail, 300))
	return e
}

// requestTarget is the path of a request, with the host where that is neither Twilio nor this machine. It has no password.
func requestTarget(x traffic.Exchange) string {
	u, err := url.Parse(x.URL)
	if err != nil {
		return webhook.Redacted(x.URL)
	}
	path := cmp.Or(u.Path, "/")
	if u.RawQuery != "" && x.Direction == traffic.In {
		path += "?" + u.RawQuery
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); x.Direction == traffic.In || host == "localhost" || (ip != nil && ip.IsLoopback()) {
		return path
	}
	return u.Host + path
}

// webhookEvent is the event that a webhook of Conversations was called for; empty for another webhook.
func webhookEvent(x traffic.Exchange) string {
	form, err := url.ParseQuery(x.Request.Body)
	if err != nil {
		return ""
	}
	return form.Get("EventType")
}

// twilioError is the code and the text of Twilio's error body.
func twilioError(body string) string {
	var e struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil || e.Code == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s", e.Code, e.Message)
}

// eventEntry is the entry of an event. ok is false for an event that has none, as another one says the same.
func eventEntry(x conversations.Event, where *time.Location) (e entry, ok bool) {
	p := x.Params
	e = entry{time: x.Time, rank: 2, kind: kindEvent}
	switch x.Type {
	case conversations.MessageStatus:
		if x.ConversationSID != "" && p.Get("ErrorCode") == "" {
			return entry{}, false // there is an onDeliveryUpdated
		}
		e.kind, e.text = kindPhone, p.Get("MessageSid")+" "+p.Get("Status")
	case conversations.MessageReceived:
		e.rank, e.kind, e.text = 0, kindPhone, person(p, "From")+" "+inboundText(p)
	case conversations.MessageSent:
		e.kind, e.text = kindPhone, person(p, "To")+" got "+quote(p.Get("Body"))
		if p.Get("Status") == string(twilio.StatusFailed) {
			e.text = person(p, "To") + " did not get " + quote(p.Get("Body"))
		}
	case whatsapp.MessageDropped:
		e.rank, e.kind, e.level = 0, kindPhone, levelWarn
		e.text, e.detail = person(p, "From")+" sent a "+p.Get("Kind"), "dropped: Twilio has no webhook for it"
	case whatsapp.TypingStarted:
		e.kind, e.text = kindPhone, person(p, "To")+" sees "+p.Get("From")+" typing"
	case conversations.SandboxJoined:
		e.rank, e.kind, e.level = 0, kindSandbox, levelGood
		e.text = person(p, "From") + " joined " + x.AccountSID + expiry(p.Get("ExpiresAt"), where)
	case conversations.SandboxLeft:
		e.rank, e.kind, e.text = 0, kindSandbox, person(p, "From")+" left "+x.AccountSID
	case conversations.ExecutionStarted, conversations.ExecutionResumed:
		e.kind, e.text = kindStudio, strings.Replace(string(x.Type), ".", " ", 1)+" "+p.Get("ExecutionSid")+" of "+p.Get("FlowSid")
	case conversations.Alerted:
		e.kind, e.level, e.text, e.detail = kindAlert, levelBad, p.Get("ErrorCode")+" "+p.Get("Text"), webhook.Redacted(p.Get("Url"))
	default:
		e.text = string(x.Type) + " " + x.ConversationSID + eventDetail(x)
	}
	if code := p.Get("ErrorCode"); code != "" && x.Type != conversations.Alerted {
		n, _ := strconv.Atoi(code) // Twilio's codes are numbers
		first, _, _ := strings.Cut(whatsapp.ErrorMessage(n), ". ")
		e.level, e.detail = levelBad, code+" "+first
	}
	e.text, e.detail = shortSIDs(oneLine(e.text, 300)), shortSIDs(oneLine(e.detail, 300))
	return e, true
}

// eventDetail is the most important parameter of a conversation's event, with a blank before it; empty for none.
func eventDetail(x conversations.Event) string {
	p := x.Params
	switch x.Type {
	case conversations.OnMessageAdded, conversations.OnMessageUpdated:
		body := quote(p.Get("Body"))
		if p.Has("Media") {
			body = "with a file"
		}
		return " #" + p.Get("Index") + " " + phoneNumber(p.Get("Author")) + ": " + body
	case conversations.OnParticipantAdded, conversations.OnParticipantUpdated, conversations.OnParticipantRemoved:
		return " " + cmp.Or(p.Get("Identity"), phoneNumber(p.Get("MessagingBinding.Address")), p.Get("ParticipantSid"))
	case conversations.OnDeliveryUpdated:
		return " " + p.Get("Status")
	case conversations.OnConversationStateUpdated:
		return " " + p.Get("StateFrom") + " → " + p.Get("StateTo")
	case conversations.OnConversationAdded, conversations.OnConversationUpdated, conversations.OnConversationRemoved:
		if name := cmp.Or(p.Get("FriendlyName"), p.Get("UniqueName")); name != "" {
			return " “" + oneLine(name, maxName) + "”"
		}
	}
	return ""
}

func expiry(instant string, where *time.Location) string {
	at, err := time.Parse(time.RFC3339, instant)
	if err != nil {
		return ""
	}
	return " until " + at.In(where).Format("Mon 2 Jan 15:04")
}

// person names the phone of an event: by its username, or else by one of the event's addresses.
func person(p url.Values, address string) string {
	if username := p.Get("Username"); username != "" {
		return "@" + username
	}
	return phoneNumber(p.Get(address))
}

// numberOf is the number of the phone of an event, which its addresses may not show.
func numberOf(p url.Values) string {
	return cmp.Or(p.Get("Phone"), phoneNumber(cmp.Or(p.Get("From"), p.Get("To"))))
}

// phoneNumber is an address without its channel.
func phoneNumber(address string) string { return strings.TrimPrefix(address, "whatsapp:") }

// maxQuote and maxName are how much of a text is quoted, in cells; the chat has all of it.
const maxQuote, maxName = 48, 16

func quote(s string) string { return "“" + oneLine(s, maxQuote) + "”" }

// inboundText says what a phone did: it wrote a text, which is quoted, or sent a message of another type, with a text or
// without.
func inboundText(p url.Values) string {
	kind, body := p.Get("MessageType"), p.Get("Body")
	switch {
	case kind == "" || kind == "text":
		return "wrote " + quote(body)
	case body == "":
		return "sent " + kind
	}
	return "sent " + kind + ": " + quote(body)
}
