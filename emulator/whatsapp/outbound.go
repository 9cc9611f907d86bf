package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// outboundJob sends a message that waits in a sender's queue, or one that was scheduled, which is then put into the queue.
type outboundJob struct {
	MessageSID string
	Scheduled  bool
}

// Kind is the type of the job.
func (outboundJob) Kind() string { return "outbound" }

// Sending has the fields of a Message that belong to its way out. For a message of a phone only the dates and the number
// mean something.
type Sending struct {
	// Number grows in the order in which messages were made; Seq is the order in which they came to phones.
	Number int64 `json:"number,omitempty"`
	// DateSent is zero until the message is sent.
	DateSent            time.Time `json:"date_sent,omitzero"`
	DateUpdated         time.Time `json:"date_updated,omitzero"`
	MessagingServiceSID string    `json:"messaging_service_sid,omitempty"`
	// StatusCallback is told of the message's statuses, in place of the sandbox's own URL.
	StatusCallback string `json:"status_callback,omitempty"`
	// Template says that the text comes from a content template, which the service window does not hold back where WhatsApp
	// has approved it. ContentSID says from which.
	Template   bool   `json:"template,omitempty"`
	ContentSID string `json:"content_sid,omitempty"`
	// Buttons are the template's, which the phone can tap.
	Buttons []content.Button `json:"buttons,omitempty"`
	// Excess says that something was sent along that a template does not take (63030).
	Excess bool `json:"excess,omitempty"`
	// MediaURLs are files that are still to be fetched.
	MediaURLs []string `json:"media_urls,omitempty"`
	// FileProblem is the reason for which WhatsApp refuses the file that a conversation sends; nil when it takes it.
	FileProblem *FileProblem `json:"file_problem,omitempty"`
	// SendAt is the due time of a scheduled message. A message that still waits after ValidUntil fails; zero: it waits for ever.
	SendAt     time.Time `json:"send_at,omitzero"`
	ValidUntil time.Time `json:"valid_until,omitzero"`
	// StatusCallbackMethod is GET, or POST when it is empty.
	StatusCallbackMethod string `json:"status_callback_method,omitempty"`
	// ProvideFeedback: the account may say what the outcome was. Feedback is what it said; nil before.
	ProvideFeedback bool      `json:"provide_feedback,omitempty"`
	Feedback        *Feedback `json:"feedback,omitempty"`
	// Redacted and Deleted hide the text, or all of it, from the account; the phone has what it has.
	Redacted bool `json:"redacted,omitempty"`
	Deleted  bool `json:"deleted,omitempty"`
}

// Codes of messages that fail after they were accepted. Reference, WhatsApp 1.5.
const (
	codeNoUser       = 63003
	codeNoChannel    = 63007
	codeBlocked      = 63014
	codeNotJoined    = 63015
	codeWindow       = 63016
	codeRate         = 63018
	codeExcess       = 63030
	codeRejected     = 63040
	codePaused       = 63041
	codeDisabled     = 63042
	codeSameNumber   = 63031
	codeMediaMissing = 63019
	codeValidity     = 30036
)

// errorMessages has the texts of Twilio's dictionary for the codes with which messages fail.
var errorMessages = map[int]string{
	21617: "The concatenated message body exceeds the 1600 character limit",
	30036: "Validity Period Expired",
	63003: "Channel could not find To address",
	63005: "Channel did not accept given content. Please see Channel specific error message for more information",
	63007: "Twilio could not find a Channel with the specified From address",
	63014: "Channel message blocked by user action",
	63015: "Channel Sandbox can only send messages to phone numbers that have joined the Sandbox",
	63016: "Failed to send freeform message because you are outside the allowed window. If you are using WhatsApp, please use a Message Template.",
	63018: "Rate limit exceeded for Channel",
	63019: "Media failed to download",
	63021: "Channel invalid content error",
	63030: "Unsupported parameter for type of channels message",
	63031: "Channels message cannot have same From and To",
	63032: "We cannot send this message to this user because of a WhatsApp limitation.",
	63034: "Media exceeds size limit",
	63040: "Template Rejected",
	63041: "Template paused",
	63042: "Template disabled",
}

// submit keeps a message that leaves, and promises to send it: at once when it is going to fail, else behind what its
// sender sends before it. Reference, WhatsApp 1.4: whatever goes wrong from here on is told by the message's status.
func (s *Sandbox) submit(tx store.Tx, m *Message) error {
	if m.Status == "" {
		m.Status = twilio.StatusQueued
	}
	if err := s.put(tx, m, nil); err != nil {
		return err
	}
	if m.Status == twilio.StatusScheduled {
		return s.outbox.Put(tx, outbox.Job{Due: m.SendAt, Args: outboundJob{MessageSID: m.SID, Scheduled: true}})
	}
	return s.enqueue(tx, *m)
}

// enqueue promises to send a message. One with files has them fetched first, and what is written to the same phone
// meanwhile waits behind it, so that the order is kept; other phones do not wait for a slow server of files.
func (s *Sandbox) enqueue(tx store.Tx, m Message) error {
	code, err := s.gate(tx, m)
	if err != nil {
		return err
	}
	if code != 0 {
		return s.enqueueSending(tx, m, "")
	}
	behind := "outbound/files/" + m.AccountSID + "/" + m.From + "/" + m.Phone
	held, err := s.outbox.Waits(tx, behind)
	if err != nil {
		return err
	}
	if held || len(m.MediaURLs) > 0 {
		return s.outbox.Put(tx, outbox.Job{Queue: behind, Args: filesJob{m.SID}})
	}
	return s.enqueueSending(tx, m, sendingQueue(m))
}

// enqueueSending promises to send a message that has all its files.
func (s *Sandbox) enqueueSending(tx store.Tx, m Message, queue string) error {
	return s.outbox.Put(tx, outbox.Job{Queue: queue, Args: outboundJob{MessageSID: m.SID}})
}

// sendingQueue names the outbox queue in which a message waits for its turn. Those that have a rate wait for each other, as
// it is one for all phones; of others those to one phone do.
func sendingQueue(m Message) string {
	if limited(m) {
		return "outbound/" + m.AccountSID
	}
	return "outbound/" + m.From + "/" + m.Phone
}

// gate returns the code with which a message fails, before its rate and its files are looked at, or 0. Reference, WhatsApp
// 1.4, rules 6 and 7, in this order; a registered sender has no sandbox, and SMS has neither.
func (s *Sandbox) gate(tx store.Tx, m Message) (code int, _ error) {
	if !twilio.IsWhatsApp(m.To) {
		return 0, nil
	}
	if m.To == m.From {
		return codeSameNumber, nil
	}
	if owned, err := s.owns(tx, m.AccountSID, m.From); err != nil || !owned { // taken away while the message waited
		return codeNoChannel, err
	}
	if m.From == SandboxNumber {
		written := m.Phone
		if !twilio.IsExternalUserID(m.To) { // not the phone behind an alias: what has joined is what must be written to
			var err error
			if written, err = ParseNumber(m.To); err != nil {
				return 0, err
			}
		}
		membership, member, err := s.membership(tx, written)
		if err != nil {
			return 0, err
		}
		if !member || membership.AccountSID != m.AccountSID {
			return codeNotJoined, nil
		}
	}
	if twilio.IsExternalUserID(m.To) && m.Phone == nobody(m.To) {
		return codeNoUser, nil
	}
	if m.Excess {
		return codeExcess, nil
	}
	open, err := s.windowOpen(tx, m)
	if err != nil || open {
		return 0, err
	}
	if m.Template {
		return s.unapproved(tx, m)
	}
	return codeWindow, nil
}

// outbound is the worker of outboundJob.
func (s *Sandbox) outbound(ctx context.Context, _ outbox.Job, args outboundJob) error {
	m, err := s.FetchMessage(ctx, args.MessageSID)
	if err != nil {
		return unlessGone(err)
	}
	var wait error
	err = s.store.Update(ctx, func(tx store.Tx) error {
		wait = nil
		if m, err = messages.Get(tx, m.SID); err != nil || !m.Status.IsUnsent() {
			return err // sent, canceled or moved on by hand meanwhile
		}
		if args.Scheduled {
			m.Status = twilio.StatusQueued
			if err := messages.Put(tx, m.SID, m); err != nil {
				return err
			}
			return s.enqueue(tx, m)
		}
		wait, err = s.attempt(tx, &m)
		return err
	})
	if err != nil {
		return unlessGone(err)
	}
	if wait != nil {
		return wait
	}
	return s.report(ctx, m)
}

// attempt sends a message whose turn it is, or lets it fail; wait is a *outbox.RetryError when it must wait for the
// rate. Reference, WhatsApp 1.4, rules 6 to 9.
func (s *Sandbox) attempt(tx store.Tx, m *Message) (wait, _ error) {
	code, err := s.gate(tx, *m)
	if err != nil || code != 0 {
		return nil, s.fail(tx, m, code, err)
	}
	now := s.clock.Now()
	if !m.ValidUntil.IsZero() && now.After(m.ValidUntil) {
		return nil, s.fail(tx, m, codeValidity, nil)
	}
	free, allowed, err := s.rate(tx, *m)
	switch {
	case err != nil:
		return nil, err
	case !allowed:
		return nil, s.fail(tx, m, codeRate, nil)
	case !free.IsZero():
		return &outbox.RetryError{At: free, Err: errors.New("the sandbox's rate")}, nil
	}
	if p := m.FileProblem; p != nil && twilio.IsWhatsApp(m.To) {
		err := s.conversations.RecordAlert(tx, conversations.Alert{AccountSID: m.AccountSID, Code: p.Code, ResourceSID: m.SID, Text: p.Text})
		return nil, s.fail(tx, m, p.Code, err)
	}
	phone, err := s.phoneDoc(tx, m.Phone)
	if err != nil {
		return nil, err
	}
	if phone.Blocked && twilio.IsWhatsApp(m.To) {
		return nil, s.fail(tx, m, codeBlocked, nil)
	}
	m.DateSent = now
	if err := s.count(tx, *m); err != nil {
		return nil, err
	}
	if err := s.move(tx, m, twilio.StatusSent, 0); err != nil {
		return nil, err
	}
	return nil, s.promise(tx, *m, twilio.StatusDelivered)
}

// fail ends a message with a code, unless err is set, which is returned then.
func (s *Sandbox) fail(tx store.Tx, m *Message, code int, err error) error {
	if err != nil {
		return err
	}
	return s.move(tx, m, twilio.StatusFailed, code)
}

// ErrorMessage says what the code of a message that has failed means, in the words of Twilio's dictionary.
func ErrorMessage(code int) string {
	if text, ok := errorMessages[code]; ok {
		return text
	}
	return fmt.Sprintf("Error %d", code)
}

// sentLast is the time at which an account last sent from the sandbox's number. Reference, WhatsApp 1.1: one message in three seconds;
// the switches rate_interval and rate_over_limit say how many, and what becomes of a faster one.
type sentLast struct{ At time.Time }

// rates stand under the account.
var rates = store.NewTable[sentLast]("sandbox_rate")

// limited reports whether messages like this one have a rate: those from the sandbox's number, but not what its webhook
// answered, which is sent at once.
func limited(m Message) bool {
	return m.From == SandboxNumber && twilio.IsWhatsApp(m.To) && m.Direction != DirectionOutboundReply
}

// rate says whether a message may be sent now: free is zero then. Else free is when it may, or allowed is false when it
// may not wait.
func (s *Sandbox) rate(tx store.Tx, m Message) (free time.Time, allowed bool, _ error) {
	if !limited(m) {
		return time.Time{}, true, nil
	}
	set, err := s.switches(tx)
	if err != nil {
		return time.Time{}, false, err
	}
	last, err := rates.Get(tx, m.AccountSID)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, true, nil
	}
	if err != nil {
		return time.Time{}, false, err
	}
	next := last.At.Add(time.Duration(set.RateInterval))
	now := s.clock.Now()
	switch {
	case !now.Before(next), last.At.After(now): // the clock was set back: nobody waits for a time that has been
		return time.Time{}, true, nil
	case set.RateOverLimit == OverLimitFail:
		return time.Time{}, false, nil
	}
	return next, true, nil
}

// count remembers when a message is sent.
func (s *Sandbox) count(tx store.Tx, m Message) error {
	if !limited(m) {
		return nil
	}
	return rates.Put(tx, m.AccountSID, sentLast{At: m.DateSent})
}

// window is the time at which a phone last wrote to a sender of an account. From then on free text may be written to it, for the
// length of the switch service_window. Reference, WhatsApp 1.7.
type window struct{ Last time.Time }

// windows stand under Key(account, sender, phone).
var windows = store.NewTable[window]("service_window")

// openWindow opens or prolongs the window of a message that has come in: any does it, join too.
func (s *Sandbox) openWindow(tx store.Tx, m Message) error {
	if m.AccountSID == "" {
		return nil
	}
	return windows.Put(tx, store.Key(m.AccountSID, m.To, m.Phone), window{Last: s.clock.Now()})
}

// windowOpen reports whether free text may be written to the phone of a message that leaves.
func (s *Sandbox) windowOpen(tx store.Tx, m Message) (bool, error) {
	w, err := windows.Get(tx, store.Key(m.AccountSID, m.From, m.Phone))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	set, err := s.switches(tx)
	return s.clock.Now().Before(w.Last.Add(time.Duration(set.ServiceWindow))), err
}
