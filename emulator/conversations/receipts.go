package conversations

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Receipt is the latest status of a message on its way to one phone. Reference, Conversations API 5.3.
type Receipt struct {
	AccountSID        string        `json:"account_sid"`
	ConversationSID   string        `json:"conversation_sid"`
	SID               string        `json:"sid"`
	MessageSID        string        `json:"message_sid"`
	ChannelMessageSID string        `json:"channel_message_sid"`
	ParticipantSID    string        `json:"participant_sid"`
	Status            twilio.Status `json:"status"`
	// ErrorCode is 0 when there is no error.
	ErrorCode   int       `json:"error_code"`
	DateCreated time.Time `json:"date_created"`
	DateUpdated time.Time `json:"date_updated"`
}

// Delivery is the summary of the receipts of a message. Each field but Total is "all", "some" or "none". A read message counts as
// delivered and as sent too.
type Delivery struct {
	Total       int    `json:"total"`
	Sent        string `json:"sent"`
	Delivered   string `json:"delivered"`
	Read        string `json:"read"`
	Failed      string `json:"failed"`
	Undelivered string `json:"undelivered"`
}

// tally counts the receipts of a message by status.
type tally struct{ Sent, Delivered, Read, Failed, Undelivered int16 }

func (t *tally) add(s twilio.Status, by int16) {
	switch s {
	case twilio.StatusRead:
		t.Read += by
	case twilio.StatusDelivered:
		t.Delivered += by
	case twilio.StatusSent:
		t.Sent += by
	case twilio.StatusFailed:
		t.Failed += by
	case twilio.StatusUndelivered:
		t.Undelivered += by
	}
}

func (t tally) delivery() *Delivery {
	total := t.Sent + t.Delivered + t.Read + t.Failed + t.Undelivered
	part := func(n int16) string {
		switch n {
		case 0:
			return "none"
		case total:
			return "all"
		}
		return "some"
	}
	return &Delivery{Total: int(total), Sent: part(t.Sent + t.Delivered + t.Read), Delivered: part(t.Delivered + t.Read),
		Read: part(t.Read), Failed: part(t.Failed), Undelivered: part(t.Undelivered)}
}

// receiptDoc is a receipt with what is kept beside it.
type receiptDoc struct {
	Receipt
	ServiceSID string
	Created    time.Time
}

// byParticipant: Key(message, participant), unique.
const byParticipant = "participant"

// receipts have the key Key(message, SID).
var receipts = store.NewTable[receiptDoc]("receipt").
	Unique(byParticipant, func(r receiptDoc) (string, bool) {
		return store.Key(r.MessageSID, r.ParticipantSID), true
	})

// DeliveryReport is a report of the channel on the delivery of a message to a participant.
type DeliveryReport struct {
	ConversationSID, MessageSID, ParticipantSID string
	// ChannelMessageSID is the SID of the message on the channel (SM, MM).
	ChannelMessageSID string
	Status            twilio.Status
	ErrorCode         int
}

// ReportDelivery creates or updates the receipt of a delivery and emits onDeliveryUpdated. A report that is older than the
// receipt changes nothing, nor does one for a message that was deleted.
func (a *API) ReportDelivery(ctx context.Context, report DeliveryReport) error {
	return a.update(ctx, func(tx store.Tx) error {
		c, err := conversationDocs.Get(tx, report.ConversationSID)
		if err != nil {
			return store.IgnoreNotFound(err)
		}
		m, err := messageOf(tx, c.SID, report.MessageSID)
		if err != nil {
			return store.IgnoreNotFound(err)
		}
		r, err := a.receipt(tx, c, report)
		if err != nil || !r.Status.Precedes(report.Status) {
			return err
		}
		count := twilio.Value(m.Tally)
		count.add(r.Status, -1)
		count.add(report.Status, +1)
		m.Tally, m.Delivery = &count, count.delivery()
		r.Status, r.ErrorCode, r.ChannelMessageSID = report.Status, report.ErrorCode, report.ChannelMessageSID
		r.DateUpdated = a.now()
		if err := receipts.Put(tx, store.Key(m.SID, r.SID), r); err != nil {
			return err
		}
		if err := messages.Put(tx, m.key(), m); err != nil {
			return err
		}
		if report.Status == twilio.StatusRead {
			if err := a.markRead(tx, m, report.ParticipantSID); err != nil {
				return err
			}
		}
		return a.emit(tx, automaticScope(c), deliveryEvent(r))
	})
}

// receipt returns the receipt of a report, or a new one without a status.
func (a *API) receipt(tx store.Tx, c conversationDoc, report DeliveryReport) (receiptDoc, error) {
	r, err := receipts.Lookup(tx, byParticipant, store.Key(report.MessageSID, report.ParticipantSID))
	if !errors.Is(err, store.ErrNotFound) {
		return r, err
	}
	now := a.now()
	return receiptDoc{
		Receipt: Receipt{AccountSID: c.AccountSID, ConversationSID: c.SID, SID: a.sids.New("DY"),
			MessageSID: report.MessageSID, ParticipantSID: report.ParticipantSID, DateCreated: now},
		ServiceSID: c.ChatServiceSID, Created: now,
	}, nil
}

// markRead advances LastReadMessageIndex of a WhatsApp participant. Reference, Conversations API 4.4.
func (a *API) markRead(tx store.Tx, m messageDoc, participantSID string) error {
	p, err := participantOf(tx, m.ConversationSID, participantSID)
	if err != nil {
		return store.IgnoreNotFound(err)
	}
	if p.LastReadMessageIndex != nil && *p.LastReadMessageIndex >= m.Index {
		return nil
	}
	index, at := m.Index, a.now().UTC().Format(twilio.DateLayout)
	p.LastReadMessageIndex, p.LastReadTimestamp = &index, &at
	return putParticipant(tx, p)
}

// FetchReceipt returns a receipt of a message, or a 404.
func (a *API) FetchReceipt(ctx context.Context, scope Scope, conversation, messageSID, receiptSID string) (Receipt, error) {
	var found receiptDoc
	err := a.view(ctx, func(tx store.Tx) error {
		_, m, err := a.message(tx, scope, conversation, messageSID)
		if err != nil {
			return err
		}
		found, err = receipts.Get(tx, store.Key(m.SID, receiptSID))
		return err
	})
	return found.Receipt, err
}

// ListReceipts returns the receipts of a message, one for each phone.
func (a *API) ListReceipts(ctx context.Context, scope Scope, conversation, messageSID string, q twilio.PageQuery) (twilio.Page[Receipt], error) {
	return listPage(ctx, a, q, func(tx store.Tx) (twilio.Listing[receiptDoc, Receipt], error) {
		_, m, err := a.message(tx, scope, conversation, messageSID)
		return twilio.Listing[receiptDoc, Receipt]{
			Table:    receipts,
			Query:    store.Query{Prefix: store.Prefix(m.SID)},
			Resource: func(r receiptDoc) (Receipt, error) { return r.Receipt, nil },
		}, err
	})
}

func deliveryEvent(r receiptDoc) Event {
	v := url.Values{}
	v.Set("ConversationSid", r.ConversationSID)
	v.Set("ChatServiceSid", r.ServiceSID)
	v.Set("MessageSid", r.MessageSID)
	v.Set("DeliveryReceiptSid", r.SID)
	v.Set("ParticipantSid", r.ParticipantSID)
	v.Set("Status", string(r.Status))
	v.Set("DateCreated", twilio.WebhookDate(r.Created))
	v.Set("DateUpdated", twilio.WebhookDate(r.DateUpdated))
	twilio.SetOptional(v, "ChannelMessageSid", &r.ChannelMessageSID)
	if r.ErrorCode != 0 {
		v.Set("ErrorCode", strconv.Itoa(r.ErrorCode))
	}
	return Event{Type: OnDeliveryUpdated, ConversationSID: r.ConversationSID, Params: v}
}
