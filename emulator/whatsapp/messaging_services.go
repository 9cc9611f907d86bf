package whatsapp

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// MessagingService is Twilio's messaging Service resource: a pool of senders that a message can name in place of one.
// StatusCallback holds for its messages that have none of their own, and InboundRequestURL is told of what phones write to
// its senders; all else is kept and changes nothing.
type MessagingService struct {
	AccountSID                string    `json:"account_sid"`
	SID                       string    `json:"sid"`
	DateCreated               time.Time `json:"date_created"`
	DateUpdated               time.Time `json:"date_updated"`
	FriendlyName              string    `json:"friendly_name"`
	InboundRequestURL         *string   `json:"inbound_request_url"`
	InboundMethod             string    `json:"inbound_method"`
	FallbackURL               *string   `json:"fallback_url"`
	FallbackMethod            string    `json:"fallback_method"`
	StatusCallback            *string   `json:"status_callback"`
	StickySender              bool      `json:"sticky_sender"`
	MMSConverter              bool      `json:"mms_converter"`
	SmartEncoding             bool      `json:"smart_encoding"`
	FallbackToLongCode        bool      `json:"fallback_to_long_code"`
	AreaCodeGeomatch          bool      `json:"area_code_geomatch"`
	SynchronousValidation     bool      `json:"synchronous_validation"`
	ScanMessageContent        string    `json:"scan_message_content"`
	ValidityPeriod            int       `json:"validity_period"` // seconds
	Usecase                   string    `json:"usecase"`
	USAppToPersonRegistered   bool      `json:"us_app_to_person_registered"`
	UseInboundWebhookOnNumber bool      `json:"use_inbound_webhook_on_number"`
}

// maxServiceName is the greatest length of a service's name, in characters.
const maxServiceName = 64

var messagingServices = store.NewTable[MessagingService]("messaging service").
	Ordered(byAccount, func(s MessagingService) (string, bool) {
		return store.Key(s.AccountSID, store.Instant(s.DateCreated), s.SID), true
	})

// MessagingServiceParams is the form of creating or updating a messaging service; nil fields were not sent.
type MessagingServiceParams struct {
	FriendlyName              *string // required to create one; 64 characters at most
	InboundRequestURL         *string
	InboundMethod             *string // GET or POST
	FallbackURL               *string
	FallbackMethod            *string // GET or POST
	StatusCallback            *string
	StickySender              *bool
	MmsConverter              *bool
	SmartEncoding             *bool
	FallbackToLongCode        *bool
	AreaCodeGeomatch          *bool
	SynchronousValidation     *bool
	ScanMessageContent        *string // inherit, enable or disable
	ValidityPeriod            *int    // 1 to 36000 seconds
	Usecase                   *string
	UseInboundWebhookOnNumber *bool
}

// CreateMessagingService creates a service of an account. Errors: 400/20001 with the name of the parameter.
func (s *Sandbox) CreateMessagingService(ctx context.Context, accountSID string, p MessagingServiceParams) (created MessagingService, err error) {
	if twilio.Value(p.FriendlyName) == "" {
		return created, twilio.MissingParameter("FriendlyName")
	}
	created = s.newMessagingService(accountSID, s.sids.New("MG"), s.clock.Now())
	if err := created.change(p); err != nil {
		return created, err
	}
	err = s.store.Update(ctx, func(tx store.Tx) error { return messagingServices.Put(tx, created.SID, created) })
	return created, s.twilioError(err)
}

// newMessagingService has Twilio's defaults.
func (s *Sandbox) newMessagingService(accountSID, serviceSID string, created time.Time) MessagingService {
	created = created.Truncate(time.Millisecond)
	return MessagingService{AccountSID: accountSID, SID: serviceSID, DateCreated: created, DateUpdated: created, InboundMethod: "POST",
		FallbackMethod: "POST", StickySender: true, MMSConverter: true, SmartEncoding: true, FallbackToLongCode: true, AreaCodeGeomatch: true,
		ScanMessageContent: "inherit", ValidityPeriod: maxValidity, Usecase: "undeclared"}
}

// change sets what was sent.
func (m *MessagingService) change(p MessagingServiceParams) error {
	if err := p.check(); err != nil {
		return err
	}
	for _, f := range []struct {
		target *string
		sent   *string
	}{
		{&m.FriendlyName, p.FriendlyName}, {&m.InboundMethod, upper(p.InboundMethod)}, {&m.FallbackMethod, upper(p.FallbackMethod)},
		{&m.ScanMessageContent, p.ScanMessageContent}, {&m.Usecase, p.Usecase},
	} {
		if twilio.Value(f.sent) != "" {
			*f.target = *f.sent
		}
	}
	for _, f := range []struct {
		target **string
		sent   *string
	}{{&m.InboundRequestURL, p.InboundRequestURL}, {&m.FallbackURL, p.FallbackURL}, {&m.StatusCallback, p.StatusCallback}} {
		switch {
		case f.sent == nil:
		case *f.sent == "":
			*f.target = nil
		default:
			*f.target = f.sent
		}
	}
	for _, f := range []struct {
		target *bool
		sent   *bool
	}{
		{&m.StickySender, p.StickySender}, {&m.MMSConverter, p.MmsConverter}, {&m.SmartEncoding, p.SmartEncoding},
		{&m.FallbackToLongCode, p.FallbackToLongCode}, {&m.AreaCodeGeomatch, p.AreaCodeGeomatch},
		{&m.SynchronousValidation, p.SynchronousValidation}, {&m.UseInboundWebhookOnNumber, p.UseInboundWebhookOnNumber},
	} {
		if f.sent != nil {
			*f.target = *f.sent
		}
	}
	if p.ValidityPeriod != nil {
		m.ValidityPeriod = *p.ValidityPeriod
	}
	return nil
}

// upper is a method in the case that Twilio shows; nil was not sent.
func upper(sent *string) *string {
	if sent == nil {
		return nil
	}
	u := strings.ToUpper(*sent)
	return &u
}

func (p MessagingServiceParams) check() error {
	isURL := func(sent *string) bool {
		if twilio.Value(sent) == "" {
			return true
		}
		return webhook.CheckCallback(*sent) == nil
	}
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"FriendlyName", (p.FriendlyName == nil || *p.FriendlyName != "") && utf8.RuneCountInString(twilio.Value(p.FriendlyName)) <= maxServiceName},
		{"InboundRequestUrl", isURL(p.InboundRequestURL)},
		{"FallbackUrl", isURL(p.FallbackURL)},
		{"StatusCallback", isURL(p.StatusCallback)},
		{"InboundMethod", oneOf(upper(p.InboundMethod), "GET", "POST")},
		{"FallbackMethod", oneOf(upper(p.FallbackMethod), "GET", "POST")},
		{"ScanMessageContent", oneOf(p.ScanMessageContent, "inherit", "enable", "disable")},
		{"ValidityPeriod", p.ValidityPeriod == nil || (*p.ValidityPeriod >= 1 && *p.ValidityPeriod <= maxValidity)},
		{"Usecase", utf8.RuneCountInString(twilio.Value(p.Usecase)) <= maxServiceName},
	} {
		if !c.ok {
			return twilio.InvalidParameter(c.name)
		}
	}
	return nil
}

// FetchMessagingService returns a service of an account, or a 404.
func (s *Sandbox) FetchMessagingService(ctx context.Context, accountSID, serviceSID string) (found MessagingService, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		found, err = s.messagingService(tx, accountSID, serviceSID)
		return err
	})
	return found, s.twilioError(err)
}

// messagingService returns a service of an account, or ErrNotFound. The account's default service exists from the start, and one that a
// sender was registered with from then on, without a document until they are changed.
func (s *Sandbox) messagingService(tx store.Tx, accountSID, serviceSID string) (MessagingService, error) {
	found, err := messagingServices.Get(tx, serviceSID)
	switch {
	case err == nil && found.AccountSID != accountSID:
		return MessagingService{}, store.ErrNotFound
	case err == nil:
		return found, nil
	case !errors.Is(err, store.ErrNotFound):
		return MessagingService{}, err
	}
	implied, err := s.impliedServices(tx, accountSID)
	for _, i := range implied {
		if i.SID == serviceSID {
			return i, nil
		}
	}
	if err == nil {
		err = store.ErrNotFound
	}
	return MessagingService{}, err
}

// impliedServices are the services of an account that exist without having been created by its program.
func (s *Sandbox) impliedServices(tx store.Tx, accountSID string) ([]MessagingService, error) {
	account, err := s.conversations.LookupAccount(tx, accountSID)
	if err != nil {
		return nil, err
	}
	byDefault := s.newMessagingService(accountSID, account.DefaultMessagingServiceSID, account.DateCreated)
	byDefault.FriendlyName = "Default Messaging Service for Conversations"
	list := []MessagingService{byDefault}
	senders, err := s.conversations.SendersOf(tx, accountSID)
	for _, sender := range senders {
		known := func(m MessagingService) bool { return m.SID == sender.MessagingServiceSID }
		if sender.MessagingServiceSID != "" && !slices.ContainsFunc(list, known) {
			implied := s.newMessagingService(accountSID, sender.MessagingServiceSID, sender.DateCreated)
			implied.FriendlyName = sender.MessagingServiceSID
			list = append(list, implied)
		}
	}
	return list, err
}

// ListMessagingServices returns the services of an account, oldest first.
func (s *Sandbox) ListMessagingServices(ctx context.Context, accountSID string) (list []MessagingService, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		list = nil
		for m, err := range messagingServices.Each(tx, store.Query{Index: byAccount, Prefix: store.Prefix(accountSID)}) {
			if err != nil {
				return err
			}
			list = append(list, m)
		}
		implied, err := s.impliedServices(tx, accountSID)
		for _, i := range implied {
			if !slices.ContainsFunc(list, func(m MessagingService) bool { return m.SID == i.SID }) {
				list = append(list, i)
			}
		}
		slices.SortStableFunc(list, func(a, b MessagingService) int { return a.DateCreated.Compare(b.DateCreated) })
		return err
	})
	return list, s.twilioError(err)
}

// UpdateMessagingService changes a service. Errors: 404, and 400/20001 with the name of the parameter.
func (s *Sandbox) UpdateMessagingService(ctx context.Context, accountSID, serviceSID string, p MessagingServiceParams) (changed MessagingService, err error) {
	err = s.store.Update(ctx, func(tx store.Tx) error {
		if changed, err = s.messagingService(tx, accountSID, serviceSID); err != nil {
			return err
		}
		if err := changed.change(p); err != nil {
			return err
		}
		changed.DateUpdated = s.clock.Now().Truncate(time.Millisecond)
		return messagingServices.Put(tx, serviceSID, changed)
	})
	return changed, s.twilioError(err)
}

// DeleteMessagingService removes a service. Its senders are without one from then on, which is to say in the default one.
// That one cannot be deleted (409/20409), as Configuration names it.
func (s *Sandbox) DeleteMessagingService(ctx context.Context, accountSID, serviceSID string) error {
	return s.twilioError(s.store.Update(ctx, func(tx store.Tx) error {
		account, err := s.conversations.LookupAccount(tx, accountSID)
		if err != nil {
			return err
		}
		if _, err := s.messagingService(tx, accountSID, serviceSID); err != nil {
			return err
		}
		if serviceSID == account.DefaultMessagingServiceSID {
			return twilio.Conflict("The default Messaging Service of an account cannot be deleted")
		}
		senders, err := s.conversations.SendersOf(tx, accountSID)
		if err != nil {
			return err
		}
		for _, sender := range senders {
			if sender.MessagingServiceSID == serviceSID {
				sender.MessagingServiceSID = ""
				if err := s.conversations.PutSender(tx, sender); err != nil {
					return err
				}
			}
		}
		return store.IgnoreNotFound(messagingServices.Delete(tx, serviceSID))
	}))
}

// ListServiceSenders returns the senders of a service, those of one kind: PN for numbers, XE for those of other channels. The sandbox's
// number is the Console's and not among those of the default service.
func (s *Sandbox) ListServiceSenders(ctx context.Context, accountSID, serviceSID, kind string) (list []conversations.Sender, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		list, err = s.serviceSenders(tx, accountSID, serviceSID, kind)
		return err
	})
	return list, s.twilioError(err)
}

func (s *Sandbox) serviceSenders(tx store.Tx, accountSID, serviceSID, kind string) (list []conversations.Sender, err error) {
	if _, err := s.messagingService(tx, accountSID, serviceSID); err != nil {
		return nil, err
	}
	account, err := s.conversations.LookupAccount(tx, accountSID)
	if err != nil {
		return nil, err
	}
	senders, err := s.conversations.SendersOf(tx, accountSID)
	for _, sender := range senders {
		if inService(sender, serviceSID, account) && sid.Valid(sender.SID, kind) {
			list = append(list, sender)
		}
	}
	return list, err
}

// inService reports whether a sender is in a service of its account: one that names none is in the default one.
func inService(sender conversations.Sender, serviceSID string, account conversations.Account) bool {
	return sender.MessagingServiceSID == serviceSID || (sender.MessagingServiceSID == "" && serviceSID == account.DefaultMessagingServiceSID)
}

// AddServiceSender puts a sender, by its SID of a kind, into a service. Errors: 404 for a service and for a sender that the
// account has not, and 409/21710 for a sender that another service has, unless that is the default one.
func (s *Sandbox) AddServiceSender(ctx context.Context, accountSID, serviceSID, senderSID string) (added conversations.Sender, err error) {
	err = s.store.Update(ctx, func(tx store.Tx) error {
		if _, err := s.messagingService(tx, accountSID, serviceSID); err != nil {
			return err
		}
		account, err := s.conversations.LookupAccount(tx, accountSID)
		if err != nil {
			return err
		}
		senders, err := s.conversations.SendersOf(tx, accountSID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(senders, func(sender conversations.Sender) bool { return sender.SID == senderSID })
		if i < 0 {
			return store.ErrNotFound
		}
		added = senders[i]
		if added.MessagingServiceSID != "" && added.MessagingServiceSID != account.DefaultMessagingServiceSID {
			return errSenderInService
		}
		added.MessagingServiceSID = serviceSID
		return s.conversations.PutSender(tx, added)
	})
	return added, s.twilioError(err)
}

// RemoveServiceSender takes a sender out of a service: it is in the default one then. The error is a 404 for a sender that the service has
// not.
func (s *Sandbox) RemoveServiceSender(ctx context.Context, accountSID, serviceSID, senderSID string) error {
	return s.twilioError(s.store.Update(ctx, func(tx store.Tx) error {
		senders, err := s.serviceSenders(tx, accountSID, serviceSID, senderSID[:min(2, len(senderSID))])
		if err != nil {
			return err
		}
		i := slices.IndexFunc(senders, func(sender conversations.Sender) bool { return sender.SID == senderSID })
		if i < 0 {
			return store.ErrNotFound
		}
		senders[i].MessagingServiceSID = ""
		return s.conversations.PutSender(tx, senders[i])
	}))
}

// errSenderInService is the title of Twilio's error dictionary.
var errSenderInService = twilio.NewError(409, 21710, "Phone Number or Short Code is already in the Messaging Service.")
