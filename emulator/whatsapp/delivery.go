package whatsapp

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// progressJob moves a message that was sent to delivered, and then to read.
type progressJob struct {
	MessageSID string
	Status     twilio.Status
}

// Kind is the type of the job.
func (progressJob) Kind() string { return "progress" }

// deliver is the worker of conversations.DeliveryJob: it carries a message of a conversation to one phone.
func (s *Sandbox) deliver(ctx context.Context, _ outbox.Job, args conversations.DeliveryJob) error {
	scope, conversation := args.Scope, args.ConversationSID
	m, err := s.conversations.FetchMessage(ctx, scope, conversation, args.MessageSID)
	if err != nil {
		return unlessGone(err)
	}
	p, err := s.conversations.FetchParticipant(ctx, scope, conversation, args.ParticipantSID)
	if err != nil || p.MessagingBinding == nil || p.MessagingBinding.Address == nil {
		return unlessGone(err)
	}
	c, err := s.conversations.FetchConversation(ctx, scope, conversation)
	if err != nil {
		return unlessGone(err)
	}
	return s.submitOnce(ctx, m, Message{AccountSID: m.AccountSID, Direction: DirectionOutboundAPI, From: args.From, To: *p.MessagingBinding.Address,
		Body: twilio.Value(m.Body), ConversationSID: m.ConversationSID, ConversationMessageSID: m.SID, ParticipantSID: p.SID,
		Sending: Sending{MessagingServiceSID: c.MessagingServiceSID}})
}

// submitOnce completes the message that carries m, a message of a conversation, to one phone, and submits it if no attempt before has.
func (s *Sandbox) submitOnce(ctx context.Context, m conversations.Message, out Message) error {
	problem, err := s.checkConversationFiles(ctx, m)
	if err != nil {
		return unlessGone(err)
	}
	return s.store.Update(ctx, func(tx store.Tx) error {
		_, err := messages.Lookup(tx, byDelivery, store.Key(m.SID, out.ParticipantSID))
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		message := out // a transaction may be repeated
		if message.Phone, err = s.phoneBehind(tx, message.AccountSID, message.To); err != nil {
			return err
		}
		if err := s.addContent(tx, &message, m); err != nil {
			return err
		}
		for _, f := range m.Media {
			message.Media = append(message.Media, fileOf(f))
		}
		message.FileProblem = problem
		return s.submit(tx, &message)
	})
}

// phoneBehind is the phone that an account writes to by an address: a number, which may be another than the phone's own (a switch),
// or the ID by which the account knows it.
func (s *Sandbox) phoneBehind(tx store.Tx, accountSID, address string) (string, error) {
	if twilio.IsExternalUserID(address) {
		return phoneOf(tx, accountSID, address)
	}
	phone, err := ParseNumber(address)
	if err != nil {
		return "", err
	}
	set, err := s.switches(tx)
	if err != nil {
		return "", err
	}
	for written, behind := range set.NumberAliases {
		if number, err := ParseNumber(written); err == nil && number == phone {
			return ParseNumber(behind)
		}
	}
	return phone, nil
}

// realistic has the durations of the steps of a delivery with DeliveryRealistic.
var realistic = map[twilio.Status]time.Duration{
	twilio.StatusDelivered: time.Second, twilio.StatusRead: 5 * time.Second,
}

// promise puts the next step of a delivery into the outbox, unless somebody wants to do it by hand. The steps of one
// phone's messages are in the order of the messages.
func (s *Sandbox) promise(tx store.Tx, m Message, to twilio.Status) error {
	set, err := s.switches(tx)
	if err != nil || set.Delivery == DeliveryManual {
		return err
	}
	due := s.clock.Now()
	if set.Delivery == DeliveryRealistic {
		due = due.Add(realistic[to])
	}
	return s.outbox.Put(tx, outbox.Job{Queue: "progress/" + string(to) + "/" + m.Phone, Due: due,
		Args: progressJob{MessageSID: m.SID, Status: to}})
}

// progress is the worker of progressJob. SMS ends with delivered; WhatsApp goes on to read. A phone that is offline gets
// nothing, until it is back.
func (s *Sandbox) progress(ctx context.Context, _ outbox.Job, args progressJob) error {
	var m Message
	to := args.Status
	err := s.store.Update(ctx, func(tx store.Tx) (err error) {
		if m, err = messages.Get(tx, args.MessageSID); err != nil {
			return err
		}
		if !m.Status.Precedes(to) {
			return nil // done before, or ended otherwise
		}
		phone, err := s.phoneDoc(tx, m.Phone)
		if err != nil || phone.Offline || (to == twilio.StatusRead && phone.Unread) {
			return err
		}
		if err := s.move(tx, &m, to, 0); err != nil {
			return err
		}
		if to == twilio.StatusDelivered && twilio.IsWhatsApp(m.To) {
			return s.promise(tx, m, twilio.StatusRead)
		}
		return nil
	})
	if err != nil {
		return unlessGone(err)
	}
	return s.report(ctx, m)
}

// report tells the conversation that a message belongs to of its status. It may be told again.
func (s *Sandbox) report(ctx context.Context, m Message) error {
	if m.ParticipantSID == "" || m.Status.IsUnsent() || m.Status == twilio.StatusCanceled {
		return nil
	}
	return s.conversations.ReportDelivery(ctx, conversations.DeliveryReport{ConversationSID: m.ConversationSID,
		MessageSID: m.ConversationMessageSID, ParticipantSID: m.ParticipantSID, ChannelMessageSID: m.SID,
		Status: m.Status, ErrorCode: m.ErrorCode})
}

// unlessGone makes nothing of an error that says that something was deleted meanwhile.
func unlessGone(err error) error {
	if err == nil || twilio.IsNotFound(err) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// Behaviour of a phone towards what is written to it. The zero Behaviour but for ReadReceipts is a phone like most.
type Behaviour struct {
	// Offline: messages stay sent, and are delivered when the phone is back.
	Offline bool `json:"offline"`
	// Blocked: the phone has blocked the business, and messages fail with 63014.
	Blocked bool `json:"blocked"`
	// ReadReceipts: the phone says what it has read. Without them delivered is the end.
	ReadReceipts bool `json:"read_receipts"`
}

// BehaviourParams changes a behaviour; nil fields stay as they are.
type BehaviourParams struct {
	Offline      *bool `json:"offline,omitempty"`
	Blocked      *bool `json:"blocked,omitempty"`
	ReadReceipts *bool `json:"read_receipts,omitempty"`
	// ProfileName renames the phone: what it writes from now on carries the new name.
	ProfileName *string `json:"profile_name,omitempty"`
	// Username gives the phone a username, so that what it writes from now on shows no number; an empty one takes it away.
	Username *string `json:"username,omitempty"`
}

// apply checks what was sent and sets it.
func (d *phoneDoc) apply(p BehaviourParams) error {
	if p.ProfileName != nil {
		if strings.TrimSpace(*p.ProfileName) == "" || !utf8.ValidString(*p.ProfileName) {
			return invalid.Errorf("profile name %.100q: a phone's name is a text and not empty", *p.ProfileName)
		}
		if err := checkLengths(lengthLimit{"profile_name", *p.ProfileName, MaxProfileName}); err != nil {
			return err
		}
		d.ProfileName = *p.ProfileName
	}
	if p.Username != nil {
		username, err := checkUsername(*p.Username)
		if err != nil {
			return err
		}
		d.Username = username
	}
	if p.Offline != nil {
		d.Offline = *p.Offline
	}
	if p.Blocked != nil {
		d.Blocked = *p.Blocked
	}
	if p.ReadReceipts != nil {
		d.Unread = !*p.ReadReceipts
	}
	return nil
}

func (d phoneDoc) behaviour() Behaviour {
	return Behaviour{Offline: d.Offline, Blocked: d.Blocked, ReadReceipts: !d.Unread}
}

// phoneDoc returns the document of a phone, or the default for one that is not known.
func (s *Sandbox) phoneDoc(tx store.Tx, phone string) (phoneDoc, error) {
	doc, err := phones.Get(tx, phone)
	if errors.Is(err, store.ErrNotFound) {
		return phoneDoc{Number: phone, ProfileName: defaultProfileName(phone)}, nil
	}
	return doc, err
}

// UpdateBehaviour changes how a phone takes what is written to it, and its name. One that comes back gets what was sent meanwhile, in
// the order of the sending. The error is an *invalid.Error.
func (s *Sandbox) UpdateBehaviour(ctx context.Context, phone string, p BehaviourParams) (updated Phone, err error) {
	phone, err = s.numberOf(ctx, phone)
	if err != nil {
		return Phone{}, err
	}
	err = s.store.Update(ctx, func(tx store.Tx) error {
		doc, err := s.phoneDoc(tx, phone)
		if err != nil {
			return err
		}
		back := doc.Offline && p.Offline != nil && !*p.Offline
		if err := doc.apply(p); err != nil {
			return err
		}
		if err := putPhone(tx, doc); err != nil {
			return err
		}
		if back {
			if err := s.catchUp(tx, phone); err != nil {
				return err
			}
		}
		updated, err = s.phone(tx, phone)
		return err
	})
	return updated, err
}

// catchUp promises the next step of all messages that a phone has missed: delivered, or read for what it had before it
// went offline.
func (s *Sandbox) catchUp(tx store.Tx, phone string) error {
	for m, err := range messages.Each(tx, store.Query{Index: byMissed, Prefix: store.Prefix(phone)}) {
		if err != nil {
			return err
		}
		next := twilio.StatusDelivered
		if m.Status == twilio.StatusDelivered {
			next = twilio.StatusRead
		}
		if err := s.promise(tx, m, next); err != nil {
			return err
		}
	}
	return nil
}

// number gives a new message its place: among all, and in its phone's thread if the phone has it.
func (s *Sandbox) number(tx store.Tx, m *Message) (err error) {
	if m.Number, err = store.Next(tx, "whatsapp_message"); err != nil {
		return err
	}
	if m.Status.HasArrived() {
		m.Seq = m.Number
	}
	m.DateCreated = s.clock.Now()
	m.DateUpdated = m.DateCreated
	if m.Status.HasArrived() {
		m.DateSent = m.DateCreated
	}
	if m.Direction == DirectionInbound {
		return s.openWindow(tx, *m)
	}
	return nil
}

// move brings a message to a status, with all who are told of it but its conversation: report does that.
func (s *Sandbox) move(tx store.Tx, m *Message, status twilio.Status, code int) error {
	m.Status, m.ErrorCode, m.DateUpdated = status, code, s.clock.Now()
	happened := conversations.MessageStatus
	if m.Seq == 0 && status.HasArrived() {
		seq, err := store.Next(tx, "whatsapp_message")
		if err != nil {
			return err
		}
		m.Seq, happened = seq, conversations.MessageSent
	}
	if status.HasArrived() {
		if err := stopTyping(tx, *m); err != nil {
			return err
		}
	}
	if status == twilio.StatusFailed {
		happened = conversations.MessageSent
	}
	if m.DateSent.IsZero() && status.HasArrived() {
		m.DateSent = m.DateUpdated
	}
	if err := messages.Put(tx, m.SID, *m); err != nil {
		return err
	}
	if err := s.record(tx, happened, *m); err != nil {
		return err
	}
	if code != 0 {
		if err := s.debug(tx, *m); err != nil {
			return err
		}
	}
	return s.callStatusBack(tx, *m)
}

// StatusChange is a step of a delivery that is made by hand.
type StatusChange struct {
	// Status is sent, delivered, read, failed or undelivered.
	Status twilio.Status `json:"status"`
	// ErrorCode says why, for the last two.
	ErrorCode int `json:"error_code,omitempty"`
}

// UpdateStatus moves a message to a phone on by hand, whatever the switch delivery says. The error is store.ErrNotFound,
// or an *invalid.Error.
func (s *Sandbox) UpdateStatus(ctx context.Context, messageSID string, change StatusChange) (m Message, err error) {
	err = s.store.Update(ctx, func(tx store.Tx) error {
		if m, err = messages.Get(tx, messageSID); err != nil {
			return err
		}
		switch {
		case !change.Status.IsFailure() && !twilio.StatusQueued.Precedes(change.Status):
			return invalid.Errorf("status %q: it must be sent, delivered, read, failed or undelivered", change.Status)
		case !change.Status.IsFailure() && change.ErrorCode != 0:
			return invalid.Errorf("error_code %d: only a message that is failed or undelivered has one", change.ErrorCode)
		case change.ErrorCode < 0:
			return invalid.Errorf("error_code %d: it must be a code of Twilio's, such as 63016", change.ErrorCode)
		case m.Direction == DirectionInbound:
			return invalid.Errorf("message %s was written by the phone: it is received and stays so", m.SID)
		case change.Status == twilio.StatusRead && !twilio.IsWhatsApp(m.To):
			return invalid.Errorf("message %s is an SMS: it ends with delivered", m.SID)
		case !m.Status.Precedes(change.Status):
			return invalid.Errorf("message %s is %s: it cannot become %s any more", m.SID, m.Status, change.Status)
		}
		if !change.Status.IsFailure() && m.DateSent.IsZero() {
			m.DateSent = s.clock.Now()
		}
		return s.move(tx, &m, change.Status, change.ErrorCode)
	})
	if err != nil {
		return m, err
	}
	return m, s.report(ctx, m)
}
