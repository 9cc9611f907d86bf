package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// Limits of a message of Programmable Messaging. Reference, WhatsApp 5.2.
const (
	maxMessageText   = 1600 // characters
	maxVariableValue = 1600 // characters of a variable of a template
	maxMediaURLs     = 10
	minScheduleAhead = 15 * time.Minute
	maxScheduleAhead = 35 * 24 * time.Hour
)

// MessageParams is the form of creating a message of Programmable Messaging; nil fields were not sent.
type MessageParams struct {
	To                  *string
	From                *string
	MessagingServiceSid *string
	Body                *string
	// MediaURL is MediaUrl: ten at most. A WhatsApp message has one file, and Twilio ignores the others
	// (support.twilio.com, article 360017961894).
	MediaURL         []string
	ContentSid       *string
	ContentVariables *string
	StatusCallback   *string
	ScheduleType     *string // fixed
	SendAt           *string // ISO 8601
	MessageOptions
}

// CreateMessage accepts a message of Programmable Messaging and returns it queued (accepted, for a messaging service;
// scheduled, with SendAt). What goes wrong from then on is told by its status. Errors, in the order of reference,
// WhatsApp 1.4: 21604 and 21211 for To, 21603 for no sender, 21910, 21701, 21703, 63007 and 21606 for From, 21619, 21617,
// 21620, 21623, 21654, 21655, 21656, 21658, 35114, 35118, 20001 and 21609.
func (s *Sandbox) CreateMessage(ctx context.Context, accountSID string, p MessageParams) (m Message, err error) {
	err = s.store.Update(ctx, func(tx store.Tx) error {
		m = Message{AccountSID: accountSID, Direction: DirectionOutboundAPI, Status: twilio.StatusQueued, To: twilio.Value(p.To)}
		if err := s.address(tx, &m, p); err != nil {
			return err
		}
		if err := s.compose(tx, &m, p); err != nil {
			return err
		}
		if err := s.schedule(&m, p); err != nil {
			return err
		}
		if err := s.options(&m, p.MessageOptions); err != nil {
			return err
		}
		if p.StatusCallback != nil && *p.StatusCallback != "" {
			if err := webhook.CheckCallback(*p.StatusCallback); err != nil {
				return errStatusCallback
			}
			m.StatusCallback = *p.StatusCallback
		}
		return s.submit(tx, &m)
	})
	return m, s.twilioError(err)
}

// address checks To, finds the sender, and the phone behind the number.
func (s *Sandbox) address(tx store.Tx, m *Message, p MessageParams) (err error) {
	switch {
	case m.To == "":
		return errToMissing
	case !twilio.IsAddress(m.To):
		return errTo(m.To)
	case twilio.Value(p.From) == "" && twilio.Value(p.MessagingServiceSid) == "":
		return errFromMissing
	}
	m.From, m.MessagingServiceSID = twilio.Value(p.From), twilio.Value(p.MessagingServiceSid)
	if m.From != "" && twilio.IsWhatsApp(m.From) != twilio.IsWhatsApp(m.To) {
		return errChannels
	}
	if m.MessagingServiceSID != "" {
		if err := s.pick(tx, m); err != nil {
			return err
		}
	}
	owned, err := s.owns(tx, m.AccountSID, m.From)
	switch {
	case err != nil:
		return err
	case !owned && twilio.IsWhatsApp(m.To):
		return errNoChannel
	case !owned:
		return errNoNumber(m.From)
	}
	m.Phone, err = s.phoneBehind(tx, m.AccountSID, m.To)
	return err
}

// owns reports whether an account may send from an address: the sandbox's number, or a sender of its own.
func (s *Sandbox) owns(tx store.Tx, accountSID, from string) (bool, error) {
	if from == SandboxNumber {
		return settings.Has(tx, accountSID)
	}
	sender, found, err := s.conversations.LookupSender(tx, from)
	return found && sender.AccountSID == accountSID, err
}

// pick takes a messaging service's sender for the channel of To: the one that was named, else its own in the order of
// their addresses, and at last the sandbox's number, which is in the account's default service.
func (s *Sandbox) pick(tx store.Tx, m *Message) error {
	account, err := s.conversations.LookupAccount(tx, m.AccountSID)
	if err != nil {
		return err
	}
	list, err := s.conversations.SendersOf(tx, m.AccountSID)
	if err != nil {
		return err
	}
	service, err := s.messagingService(tx, m.AccountSID, m.MessagingServiceSID)
	if errors.Is(err, store.ErrNotFound) {
		return errServiceMissing
	}
	if err != nil {
		return err
	}
	picked := m.From
	for _, sender := range list {
		if inService(sender, service.SID, account) && picked == "" && twilio.IsWhatsApp(sender.Address) == twilio.IsWhatsApp(m.To) {
			picked = sender.Address
		}
	}
	if picked == "" && service.SID == account.DefaultMessagingServiceSID && twilio.IsWhatsApp(m.To) {
		picked = SandboxNumber
	}
	if picked == "" {
		return errServiceEmpty
	}
	m.From, m.Status, m.StatusCallback = picked, twilio.StatusAccepted, twilio.Value(service.StatusCallback)
	return nil
}

// compose takes text and files, or a template. A template with anything beside it is accepted, and fails with 63030.
func (s *Sandbox) compose(tx store.Tx, m *Message, p MessageParams) error {
	switch {
	case twilio.Value(p.ContentSid) == "" && twilio.Value(p.ContentVariables) != "":
		return errContentMissing
	case twilio.Value(p.ContentSid) == "" && twilio.Value(p.Body) == "" && len(p.MediaURL) == 0:
		return errEmpty
	case utf8.RuneCountInString(twilio.Value(p.Body)) > maxMessageText:
		return errTooLong
	case !utf8.ValidString(twilio.Value(p.Body)):
		return twilio.InvalidParameter("Body")
	case len(p.MediaURL) > maxMediaURLs:
		return errTooManyFiles
	}
	for _, link := range p.MediaURL {
		if _, err := webhook.ParseURL(link); err != nil || utf8.RuneCountInString(link) > webhook.MaxCallback {
			return errMediaURL(fmt.Sprintf("%.200s", link))
		}
	}
	m.Body, m.MediaURLs = twilio.Value(p.Body), firstFiles(p.MediaURL, m.To)
	if twilio.Value(p.ContentSid) == "" {
		return nil
	}
	rendered, err := content.Render(tx, content.Request{AccountSID: m.AccountSID, SID: *p.ContentSid, Variables: twilio.Value(p.ContentVariables),
		MaxValue: maxVariableValue, Types: content.AllTypes()})
	if err != nil {
		return contentError(err)
	}
	m.Excess = m.Body != "" || len(m.MediaURLs) > 0
	m.Body = twilio.Value(rendered.Body)
	m.setContent(*p.ContentSid, rendered)
	return nil
}

// firstFiles are the files that a message to an address can have: of WhatsApp's only the first.
func firstFiles(links []string, to string) []string {
	if twilio.IsWhatsApp(to) && len(links) > 1 {
		return links[:1]
	}
	return links
}

// schedule sets when a message is sent, if not now.
func (s *Sandbox) schedule(m *Message, p MessageParams) error {
	if twilio.Value(p.ScheduleType) == "" && twilio.Value(p.SendAt) == "" {
		return nil
	}
	at, err := twilio.ParseDate(twilio.Value(p.SendAt))
	now := s.clock.Now()
	switch {
	case m.MessagingServiceSID == "":
		return errScheduleService
	case twilio.Value(p.ScheduleType) != "fixed":
		return twilio.InvalidParameter("ScheduleType")
	case err != nil, at.Before(now.Add(minScheduleAhead)), at.After(now.Add(maxScheduleAhead)):
		return errSendAt
	}
	m.Status, m.SendAt = twilio.StatusScheduled, at.UTC()
	return nil
}

// twilioError makes every error that leaves the messaging API a *twilio.Error, but for those of a context.
func (s *Sandbox) twilioError(err error) error {
	var refused *twilio.Error
	switch {
	case err == nil, errors.As(err, &refused), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, store.ErrNotFound):
		return twilio.ErrNotFound
	}
	s.logger.Error("whatsapp: the store failed", "error", err)
	return fmt.Errorf("messaging: %w", err)
}

// maxValidity is the greatest ValidityPeriod, in seconds.
const maxValidity = 36000

// MessageOptions is the part of the form of a message that is not what it says, to whom and when. MaxPrice, Attempt,
// ForceDelivery, SmartEncoded, SendAsMms, TrafficType and RiskCheck are taken and change nothing: they are obsolete,
// reserved, or of SMS. What would change something that the emulator has not got is refused.
type MessageOptions struct {
	// PersistentAction is a place, on WhatsApp: geo:LATITUDE,LONGITUDE or geo:LATITUDE,LONGITUDE|LABEL.
	PersistentAction []string
	// ValidityPeriod is the longest time that the message may wait in a queue, in seconds.
	ValidityPeriod  *int
	ProvideFeedback *bool

	FallbackFrom     *string // an SMS sender in place of RCS
	ApplicationSid   *string // a TwiML application
	ShortenUrls      *bool
	ContentRetention *string // retain, or discard
	AddressRetention *string // retain, or obfuscate
	RiskCheck        *string // enable or disable
	TrafficType      *string // free
	MaxPrice         *float64
	Attempt          *int
	ForceDelivery    *bool
	SmartEncoded     *bool
	SendAsMms        *bool
}

// options checks the options of a message and sets what follows from them. Errors: 20001 with the name of the parameter.
func (s *Sandbox) options(m *Message, p MessageOptions) error {
	if err := p.check(); err != nil {
		return err
	}
	m.ProvideFeedback = p.ProvideFeedback != nil && *p.ProvideFeedback
	if p.ValidityPeriod != nil {
		from := s.clock.Now()
		if m.SendAt.After(from) {
			from = m.SendAt
		}
		m.ValidUntil = from.Add(time.Duration(*p.ValidityPeriod) * time.Second)
	}
	actions := slices.DeleteFunc(slices.Clone(p.PersistentAction), func(a string) bool { return a == "" })
	if len(actions) == 0 {
		return nil
	}
	place, ok := parseGeo(actions[0])
	if !ok || len(actions) > 1 || !twilio.IsWhatsApp(m.To) {
		return twilio.InvalidParameter("PersistentAction")
	}
	m.Location = place
	m.Excess = m.Excess || m.Template || len(m.MediaURLs) > 0 // a message is one thing
	return nil
}

func (p MessageOptions) check() error {
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"ValidityPeriod", p.ValidityPeriod == nil || (*p.ValidityPeriod >= 1 && *p.ValidityPeriod <= maxValidity)},
		{"FallbackFrom: there are no RCS senders in this emulator", twilio.Value(p.FallbackFrom) == ""},
		{"ApplicationSid: there are no TwiML applications in this emulator", twilio.Value(p.ApplicationSid) == ""},
		{"ShortenUrls: there is no link shortening in this emulator", p.ShortenUrls == nil || !*p.ShortenUrls},
		{"ContentRetention: this emulator only knows retain", oneOf(p.ContentRetention, "retain")},
		{"AddressRetention: this emulator only knows retain", oneOf(p.AddressRetention, "retain")},
		{"RiskCheck", oneOf(p.RiskCheck, "enable", "disable")},
		{"TrafficType", oneOf(p.TrafficType, "free")},
	} {
		if !c.ok {
			return twilio.InvalidParameter(c.name)
		}
	}
	return nil
}

// oneOf reports whether a text was not sent, or is one of some words.
func oneOf(sent *string, words ...string) bool {
	return twilio.Value(sent) == "" || slices.Contains(words, *sent)
}

// parseGeo reads the place of a PersistentAction.
func parseGeo(action string) (*Location, bool) {
	geo, ok := strings.CutPrefix(action, "geo:")
	point, label, _ := strings.Cut(geo, "|")
	l, err := ParseLocation(point)
	l.Label = strings.TrimSpace(label)
	return &l, ok && err == nil && utf8.RuneCountInString(l.Label) <= maxField
}

// The refusals of Programmable Messaging, by status, code and message. Reference, WhatsApp 1.4 and 1.5, and Twilio's error
// dictionary.
var (
	errFromMissing     = twilio.NewError(400, 21603, "A 'From' phone number is required.")
	errToMissing       = twilio.NewError(400, 21604, "A 'To' phone number is required.")
	errStatusCallback  = twilio.NewError(400, 21609, "The 'StatusCallback' URL is not a valid URL.")
	errTooLong         = twilio.NewError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
	errEmpty           = twilio.NewError(400, 21619, "A text message body or media urls must be specified.")
	errTooManyFiles    = twilio.NewError(400, 21623, "Number of media files exceeds allowed limit")
	errContentMissing  = twilio.NewError(400, 21654, "The ContentSid Parameter is Required")
	errServiceMissing  = twilio.NewError(400, 21701, "The Messaging Service does not exist")
	errServiceEmpty    = twilio.NewError(400, 21703, "The Messaging Service does not have a sender available for this destination")
	errChannels        = twilio.NewError(400, 21910, "Invalid From and To pair. From and To should be of the same channel")
	errNoChannel       = twilio.NewError(400, 63007, "Twilio could not find a Channel with the specified From address")
	errScheduleService = twilio.NewError(400, 35118, "MessagingServiceSid is required to schedule a message")
	errSendAt          = twilio.NewError(400, 35114, "Scheduling does not support this timestamp")
	errNotCancelable   = twilio.NewError(400, 30409, "This message cannot be canceled")
	errNotFinished     = twilio.NewError(409, 20009, "Cannot delete message because delivery has not been completed.")
)

func errNoNumber(from string) *twilio.Error {
	return twilio.NewError(400, 21606, fmt.Sprintf("The 'From' phone number provided (%s) is not a valid message-capable Twilio phone number for this destination/account.", from))
}

func errTo(to string) *twilio.Error {
	return twilio.NewError(400, 21211, fmt.Sprintf("The 'To' number %s is not a valid phone number.", to))
}

func errMediaURL(link string) *twilio.Error {
	return twilio.NewError(400, 21620, "Invalid media URL(s): "+link)
}

// contentError gives a refusal of a template the code that it has here.
func contentError(err error) error {
	switch {
	case errors.Is(err, content.ErrNoTemplate):
		return twilio.NewError(400, 21655, "The ContentSid is invalid")
	case errors.Is(err, content.ErrValueTooLong):
		return twilio.NewError(400, 21658, "Parameter exceeded character limit: a variable of ContentVariables")
	case slices.ContainsFunc([]error{content.ErrVariables, content.ErrTooManyVariables, content.ErrKeyTooLong, content.ErrType},
		func(reason error) bool { return errors.Is(err, reason) }):
		return twilio.NewError(400, 21656, "The ContentVariables Parameter is invalid: "+err.Error())
	}
	return err
}
