package tui

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// kind is what an entry of the activity is about; its text is the label.
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

// tone is how good an entry's news are.
type tone int

const (
	toneNone tone = iota
	toneGood
	toneWarn
	toneBad
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
	tone   tone
}

// exchangeEntry tells of a request.
func exchangeEntry(x traffic.Exchange) entry {
	e := entry{time: x.Time, rank: 1, kind: kindAPI, text: x.Method + " " + place(x), tone: toneGood,
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
		e.tone = toneBad
	case x.Status >= http.StatusBadRequest:
		e.tone = toneWarn
	}
	if x.Fault != "" {
		detail("made to fail by " + x.Fault)
	}
	switch {
	case x.Error != "":
		e.tone, e.result = toneBad, fmt.Sprintf("  – %6s", took(x.Duration))
		detail("no answer: " + x.Error)
	case x.Unhandled != "":
		e.tone = toneBad
		detail("not emulated: " + x.Unhandled)
	case x.Direction == traffic.In:
		detail(twilioError(x.Response.Body))
	}
	e.detail = strings.Join(details, ", ")
	e.text, e.detail = shortSIDs(oneLine(e.text, 300)), shortSIDs(oneLine(e.detail, 300))
	return e
}

// place is the path of a request, with the host where that is neither Twilio nor this machine.
func place(x traffic.Exchange) string {
	u, err := url.Parse(x.URL)
	if err != nil {
		return x.URL
	}
	path := u.Path
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" && x.Direction == traffic.In {
		path += "?" + u.RawQuery
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); x.Direction == traffic.In || host == "localhost" || (ip != nil && ip.IsLoopback()) {
		return path
	}
	return u.Host + path
}

// webhookEvent is the event that a webhook was told, if it is one of Conversations.
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

// eventEntry tells of an event; told is false for one that only repeats what another tells.
func eventEntry(x conversations.Event, where *time.Location) (e entry, told bool) {
	p := x.Params
	e = entry{time: x.Time, rank: 2, kind: kindEvent}
	switch x.Type {
	case conversations.MessageStatus:
		if x.ConversationSID != "" && p.Get("ErrorCode") == "" {
			return entry{}, false // onDeliveryUpdated tells it
		}
		e.kind, e.text = kindPhone, p.Get("MessageSid")+" "+p.Get("Status")
	case conversations.MessageReceived:
		e.rank, e.kind, e.text = 0, kindPhone, number(p.Get("From"))+" "+said(p)
	case conversations.MessageSent:
		e.kind, e.text = kindPhone, number(p.Get("To"))+" got "+quote(p.Get("Body"))
		if p.Get("Status") == string(conversations.StatusFailed) {
			e.text = number(p.Get("To")) + " did not get " + quote(p.Get("Body"))
		}
	case whatsapp.MessageDropped:
		e.rank, e.kind, e.tone = 0, kindPhone, toneWarn
		e.text, e.detail = number(p.Get("From"))+" sent a "+p.Get("Kind"), "dropped: Twilio has no webhook for it"
	case conversations.SandboxJoined:
		e.rank, e.kind, e.tone = 0, kindSandbox, toneGood
		e.text = number(p.Get("From")) + " joined " + x.AccountSID + until(p.Get("ExpiresAt"), where)
	case conversations.SandboxLeft:
		e.rank, e.kind, e.text = 0, kindSandbox, number(p.Get("From"))+" left "+x.AccountSID
	case conversations.ExecutionStarted, conversations.ExecutionResumed:
		e.kind, e.text = kindStudio, strings.Replace(string(x.Type), ".", " ", 1)+" "+p.Get("ExecutionSid")+" of "+p.Get("FlowSid")
	case conversations.Alerted:
		e.kind, e.tone, e.text, e.detail = kindAlert, toneBad, p.Get("ErrorCode")+" "+p.Get("Text"), p.Get("Url")
	default:
		e.text = string(x.Type) + " " + x.ConversationSID + about(x)
	}
	if code := p.Get("ErrorCode"); code != "" && x.Type != conversations.Alerted {
		e.tone, e.detail = toneBad, explain(code)
	}
	e.text, e.detail = shortSIDs(oneLine(e.text, 300)), shortSIDs(oneLine(e.detail, 300))
	return e, true
}

// about is what matters most of a conversation's event.
func about(x conversations.Event) string {
	p := x.Params
	switch x.Type {
	case conversations.OnMessageAdded, conversations.OnMessageUpdated:
		body := quote(p.Get("Body"))
		if p.Has("Media") {
			body = "with a file"
		}
		return " #" + p.Get("Index") + " " + number(p.Get("Author")) + ": " + body
	case conversations.OnParticipantAdded, conversations.OnParticipantUpdated, conversations.OnParticipantRemoved:
		return " " + firstOf(p.Get("Identity"), number(p.Get("MessagingBinding.Address")), p.Get("ParticipantSid"))
	case conversations.OnDeliveryUpdated:
		return " " + p.Get("Status")
	case conversations.OnConversationStateUpdated:
		return " " + p.Get("StateFrom") + " → " + p.Get("StateTo")
	case conversations.OnConversationAdded, conversations.OnConversationUpdated, conversations.OnConversationRemoved:
		if name := firstOf(p.Get("FriendlyName"), p.Get("UniqueName")); name != "" {
			return " “" + oneLine(name, maxName) + "”"
		}
	}
	return ""
}

// explain says what an error code of a delivery means.
func explain(code string) string {
	switch code {
	case "63015":
		return code + " the phone is not in this account's sandbox"
	case "63016":
		return code + " outside the 24-hour window"
	}
	return code
}

func until(instant string, where *time.Location) string {
	at, err := time.Parse(time.RFC3339, instant)
	if err != nil {
		return ""
	}
	return " until " + at.In(where).Format("Mon 2 Jan 15:04")
}

// number is an address without its channel.
func number(address string) string { return strings.TrimPrefix(address, "whatsapp:") }

// maxQuote and maxName are how much of a text is quoted, in cells; the chat has all of it.
const maxQuote, maxName = 48, 16

func quote(s string) string { return "“" + oneLine(s, maxQuote) + "”" }

// kindNames are the kinds of message that may have no text, as a person says them.
var kindNames = map[string]string{"image": "a picture", "audio": "a voice note", "video": "a video", "sticker": "a sticker",
	"document": "a document", "contacts": "a contact", "location": "a location"}

// said is what a phone did: it wrote a text, which is quoted, or sent something, with a text or without.
func said(p url.Values) string {
	sent, body := kindNames[p.Get("MessageType")], p.Get("Body")
	switch {
	case sent != "" && body != "":
		return "sent " + sent + ": " + quote(body)
	case sent != "":
		return "sent " + sent
	case body == "":
		return "wrote a message without text"
	}
	return "wrote " + quote(body)
}

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
