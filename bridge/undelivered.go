package bridge

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
)

// Undelivered is a message of a conversation, such as an agent's, that did not reach the customer.
type Undelivered struct {
	ConversationSID string
	MessageSID      string // IM…
	ParticipantSID  string // the customer
	ReceiptSID      string // DY…
	Status          string // failed or undelivered
	ErrorCode       int    // Twilio's, e.g. 63016; 0: not given
}

// Why explains the error code to the agent (reference, WhatsApp 1.5).
func (u Undelivered) Why() string {
	switch u.ErrorCode {
	case 0:
		return "Twilio does not say why"
	case 63015:
		return "the customer must join the sandbox again"
	case 63016:
		return "the 24-hour window is closed: send a template, or wait until the customer writes"
	case 63014:
		return "the customer has blocked this number"
	case 63018:
		return "too many messages at once"
	}
	return "see https://www.twilio.com/docs/api/errors/" + strconv.Itoa(u.ErrorCode)
}

// Deliveries returns the handler of a second webhook, which is not needed: Twilio's event onDeliveryUpdated. Mount it, and
// enter its URL as the post-event URL of the account's Conversations webhooks. It logs each message that did not reach a
// customer, tells Config.OnUndelivered once for each, and answers 204, or 403 to what Twilio has not signed. Other events
// are answered and left alone.
func (h *Handler) Deliveries() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.answer()
		defer h.answered()
		p, refusal := h.read(w, r, &h.deliveries)
		if refusal != nil {
			refusal.write(w)
			return
		}
		if p.get("EventType") == deliveryUpdated {
			if err := checkDelivery(p); err != nil {
				plain(http.StatusBadRequest, err.Error()).write(w)
				return
			}
			h.delivered(p)
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// deliveryUpdated is the EventType that Deliveries handles.
const deliveryUpdated = "onDeliveryUpdated"

// deliverySIDs are the parameters that say which delivery it is, and their prefixes: see messageSID.
var deliverySIDs = map[string]*regexp.Regexp{
	"ConversationSid":    regexp.MustCompile(`^CH[0-9a-f]{32}$`),
	"MessageSid":         regexp.MustCompile(`^IM[0-9a-f]{32}$`),
	"ParticipantSid":     regexp.MustCompile(`^MB[0-9a-f]{32}$`),
	"DeliveryReceiptSid": regexp.MustCompile(`^DY[0-9a-f]{32}$`),
}

// checkDelivery returns an error that says which SID of a delivery is missing or malformed.
func checkDelivery(p parameters) error {
	for _, name := range slices.Sorted(maps.Keys(deliverySIDs)) {
		if !deliverySIDs[name].MatchString(p.get(name)) {
			return fmt.Errorf("%s is missing or malformed", name)
		}
	}
	return nil
}

// delivered handles a changed delivery receipt.
func (h *Handler) delivered(p parameters) {
	u := Undelivered{ConversationSID: p.get("ConversationSid"), MessageSID: p.get("MessageSid"), ParticipantSID: p.get("ParticipantSid"),
		ReceiptSID: p.get("DeliveryReceiptSid"), Status: p.get("Status")}
	if u.Status != "failed" && u.Status != "undelivered" {
		return
	}
	u.ErrorCode, _ = strconv.Atoi(p.get("ErrorCode")) // absent or no number: not given
	if !h.reported.add(u) {
		h.log.Info("duplicate: the failed delivery was reported before", "delivery_receipt_sid", u.ReceiptSID)
		return
	}
	h.log.Warn("a message did not reach the customer", "why", u.Why(), "error_code", u.ErrorCode, "status", u.Status,
		"conversation_sid", u.ConversationSID, "message_sid", u.MessageSID, "delivery_receipt_sid", u.ReceiptSID)
	if onUndelivered := h.config.OnUndelivered; onUndelivered != nil {
		onUndelivered(u)
	}
}

// rememberedReports is the number of failed deliveries that are kept to recognise repeated events.
const rememberedReports = 4096

// reports are the failed deliveries that were reported last. The zero value is empty.
type reports struct {
	mu    sync.Mutex
	known map[Undelivered]bool
	order [rememberedReports]Undelivered // a ring
	next  int
}

// add reports whether u is new.
func (r *reports) add(u Undelivered) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[u] {
		return false
	}
	if r.known == nil {
		r.known = map[Undelivered]bool{}
	}
	delete(r.known, r.order[r.next])
	r.known[u], r.order[r.next] = true, u
	r.next = (r.next + 1) % rememberedReports
	return true
}
