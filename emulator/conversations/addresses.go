package conversations

import (
	"context"
	"errors"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// AddressType is the channel of an address configuration.
type AddressType string

// Types of addresses. The form of an address is checked for the first four; the others are names of their channels.
const (
	AddressSMS       AddressType = "sms"
	AddressWhatsApp  AddressType = "whatsapp"
	AddressRCS       AddressType = "rcs"
	AddressEmail     AddressType = "email"
	AddressMessenger AddressType = "messenger"
	AddressGBM       AddressType = "gbm"
	AddressApple     AddressType = "apple"
	AddressChat      AddressType = "chat"
)

var addressTypes = []AddressType{AddressSMS, AddressWhatsApp, AddressRCS, AddressEmail, AddressMessenger, AddressGBM,
	AddressApple, AddressChat}

// Address is Twilio's Address Configuration resource, without url. It configures an address of the account for messages that
// belong to no conversation. Reference, Conversations API 7.2.
type Address struct {
	AccountSID   string       `json:"account_sid"`
	SID          string       `json:"sid"`
	Address      string       `json:"address"`
	Type         AddressType  `json:"type"`
	FriendlyName *string      `json:"friendly_name"`
	AutoCreation AutoCreation `json:"auto_creation"`
	// AddressCountry is nil for all but short codes.
	AddressCountry *string   `json:"address_country"`
	DateCreated    time.Time `json:"date_created"`
	DateUpdated    time.Time `json:"date_updated"`
}

// CreateAddressParams is the form of creating an address configuration. Type and Address are required.
type CreateAddressParams struct {
	Type           *string // in any case
	Address        *string
	FriendlyName   *string
	AutoCreation   AutoCreationParams
	AddressCountry *string // ISO 3166-1 alpha-2
}

// UpdateAddressParams is the form of updating an address configuration. Its type and address are fixed.
type UpdateAddressParams struct {
	FriendlyName *string
	AutoCreation AutoCreationParams
}

// addressDoc is the stored form of an address configuration. Ordinal is its number in the order of creation.
type addressDoc struct {
	Address
	Ordinal int64
}

const byType = "type" // Key(account, type, ordinal)

var addresses = store.NewTable[addressDoc]("address").
	Unique(byAddress, func(d addressDoc) (string, bool) { // in its account
		return store.Key(d.AccountSID, d.Address.Address), true
	}).
	Ordered(byAccount, func(d addressDoc) (string, bool) {
		return store.Key(d.AccountSID, store.Ordinal(d.Ordinal)), true
	}).
	Ordered(byType, func(d addressDoc) (string, bool) {
		return store.Key(d.AccountSID, string(d.Type), store.Ordinal(d.Ordinal)), true
	})

// CreateAddress configures an address of the account. Errors: 20001, 20409 for a second configuration of the address, 50003, and
// 50413 for an address of another account.
func (a *API) CreateAddress(ctx context.Context, scope Scope, p CreateAddressParams) (Address, error) {
	addressType, err := p.check()
	if err != nil {
		return Address{}, err
	}
	var created addressDoc
	err = a.update(ctx, func(tx store.Tx) error {
		if a.sharedSenders[*p.Address] {
			return errProxyNotOwned // the sandbox has no auto-creation
		}
		if err := checkOwner(tx, scope.AccountSID, *p.Address); err != nil {
			return err
		}
		now := a.now()
		created = addressDoc{Address: Address{AccountSID: scope.AccountSID, SID: a.sids.New("IG"), Address: *p.Address, Type: addressType,
			AutoCreation: AutoCreation{Type: AutoCreationDefault}, DateCreated: now, DateUpdated: now}}
		if addressType == AddressSMS && shortCode.MatchString(*p.Address) {
			setOrClear(&created.AddressCountry, p.AddressCountry)
		}
		if created.Ordinal, err = store.Next(tx, "address"); err != nil {
			return err
		}
		if err := a.configureAddress(tx, scope, &created, UpdateAddressParams{p.FriendlyName, p.AutoCreation}); err != nil {
			return err
		}
		return putAddress(tx, created)
	})
	return created.Address, err
}

// FetchAddress returns an address configuration by SID or address, or a 404.
func (a *API) FetchAddress(ctx context.Context, scope Scope, id string) (Address, error) {
	var found addressDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		found, err = address(tx, scope, id)
		return err
	})
	return found.Address, err
}

// UpdateAddress changes an address configuration. Errors: 20001, 50003, and 404.
func (a *API) UpdateAddress(ctx context.Context, scope Scope, id string, p UpdateAddressParams) (Address, error) {
	var updated addressDoc
	err := a.update(ctx, func(tx store.Tx) error {
		d, err := address(tx, scope, id)
		if err != nil {
			return err
		}
		d.DateUpdated = a.now()
		if err := a.configureAddress(tx, scope, &d, p); err != nil {
			return err
		}
		updated = d
		return putAddress(tx, d)
	})
	return updated.Address, err
}

// DeleteAddress removes an address configuration. Conversations that it created stay.
func (a *API) DeleteAddress(ctx context.Context, scope Scope, id string) error {
	return a.update(ctx, func(tx store.Tx) error {
		d, err := address(tx, scope, id)
		if err != nil {
			return err
		}
		return addresses.Delete(tx, d.SID)
	})
}

// ListAddresses returns the account's address configurations, oldest first. With addressType, it returns those of the type.
func (a *API) ListAddresses(ctx context.Context, scope Scope, addressType string, q twilio.PageQuery) (twilio.Page[Address], error) {
	l := twilio.Listing[addressDoc, Address]{
		Table:    addresses,
		Query:    store.Query{Index: byAccount, Prefix: store.Prefix(scope.AccountSID)},
		Resource: func(d addressDoc) (Address, error) { return d.Address, nil },
	}
	if addressType != "" {
		t, ok := parseName(addressType, addressTypes)
		if !ok {
			return twilio.Page[Address]{}, twilio.InvalidParameter("Type")
		}
		l.Query = store.Query{Index: byType, Prefix: store.Prefix(scope.AccountSID, string(t))}
	}
	return listPage(ctx, a, q, func(store.Tx) (twilio.Listing[addressDoc, Address], error) { return l, nil })
}

// address returns an address configuration of the account by SID or address, or ErrNotFound.
func address(tx store.Tx, scope Scope, id string) (addressDoc, error) {
	d, err := addresses.Get(tx, id)
	if errors.Is(err, store.ErrNotFound) {
		return addresses.Lookup(tx, byAddress, store.Key(scope.AccountSID, id))
	}
	if err == nil && d.AccountSID != scope.AccountSID {
		return addressDoc{}, store.ErrNotFound
	}
	return d, err
}

func putAddress(tx store.Tx, d addressDoc) error {
	err := addresses.Put(tx, d.SID, d)
	var taken *store.ConflictError
	if errors.As(err, &taken) {
		return twilio.Conflict("An address configuration for " + d.Address.Address + " already exists")
	}
	return err
}

var (
	shortCode   = regexp.MustCompile(`^[0-9]{3,8}$`)
	countryCode = regexp.MustCompile(`^[A-Za-z]{2}$`)
)

// check refuses a malformed form of a new configuration, and returns its type.
func (p CreateAddressParams) check() (AddressType, error) {
	switch {
	case twilio.Value(p.Type) == "":
		return "", twilio.MissingParameter("Type")
	case twilio.Value(p.Address) == "":
		return "", twilio.MissingParameter("Address")
	case twilio.Value(p.AddressCountry) != "" && !countryCode.MatchString(*p.AddressCountry):
		return "", twilio.InvalidParameter("AddressCountry")
	}
	addressType, ok := parseName(*p.Type, addressTypes)
	if !ok {
		return "", twilio.InvalidParameter("Type")
	}
	if !addressType.matches(*p.Address) {
		return "", twilio.InvalidParameter("Address")
	}
	return addressType, nil
}

// matches reports whether an address has the form of the type: with the prefix of the channel for WhatsApp and RCS.
func (t AddressType) matches(address string) bool {
	channel, _ := twilio.Channel(address)
	numbered := twilio.IsNumber(address) // a business has no ExternalUserId
	switch t {
	case AddressSMS:
		return channel == twilio.ChannelSMS || shortCode.MatchString(address)
	case AddressWhatsApp:
		return numbered && channel == twilio.ChannelWhatsApp
	case AddressRCS:
		return strings.HasPrefix(address, "rcs:") && len(address) > len("rcs:") && len(address) <= twilio.MaxAddress
	case AddressEmail:
		parsed, err := mail.ParseAddress(address)
		return err == nil && parsed.Address == address && len(address) <= twilio.MaxAddress
	case AddressMessenger, AddressGBM, AddressApple, AddressChat:
		return !numbered && len(address) <= twilio.MaxAddress
	}
	return false
}

// configureAddress checks the fields that create and update share and sets those that were sent.
func (a *API) configureAddress(tx store.Tx, scope Scope, d *addressDoc, p UpdateAddressParams) error {
	if name := twilio.Value(p.FriendlyName); name != "" {
		if utf8.RuneCountInString(name) > maxName {
			return errFriendlyNameTooLong
		}
		d.FriendlyName = &name
	}
	if sid := twilio.Value(p.AutoCreation.ConversationServiceSid); sid != "" {
		if _, err := a.service(tx, Scope{AccountSID: scope.AccountSID, ServiceSID: sid}); err != nil {
			if errors.Is(err, store.ErrNotFound) {
				return twilio.InvalidParameter("AutoCreation.ConversationServiceSid")
			}
			return err
		}
	}
	if err := d.AutoCreation.apply(p.AutoCreation); err != nil {
		return err
	}
	return a.checkFlow(tx, scope, p.AutoCreation.StudioFlowSid, errAutoCreationFlow)
}

// parseName returns the name that equals s in any case.
func parseName[T ~string](s string, names []T) (T, bool) {
	i := slices.IndexFunc(names, func(n T) bool { return strings.EqualFold(s, string(n)) })
	if i < 0 {
		return "", false
	}
	return names[i], true
}

// maxStudioRetries is the greatest StudioRetryCount. Reference, Conversations API 7.2.
const maxStudioRetries = 3

// AutoCreationType is the receiver of the events of an auto-created conversation.
type AutoCreationType string

// Types of auto-creation: a scoped webhook, a Studio flow, or the account's own webhooks only.
const (
	AutoCreationWebhook AutoCreationType = "webhook"
	AutoCreationStudio  AutoCreationType = "studio"
	AutoCreationDefault AutoCreationType = "default"
)

// AutoCreation is the configuration of the conversations that messages to an address create. All nine keys are always present, as
// in a recorded answer; those that were never set are null. Reference, Conversations API 7.2.
type AutoCreation struct {
	// ConversationServiceSID is nil for the account's default service.
	ConversationServiceSID *string  `json:"conversation_service_sid"`
	StudioFlowSID          *string  `json:"studio_flow_sid"`
	BindingName            *string  `json:"binding_name"`
	Enabled                bool     `json:"enabled"`
	WebhookMethod          *string  `json:"webhook_method"`
	WebhookFilters         []string `json:"webhook_filters"`
	WebhookURL             *string  `json:"webhook_url"`
	// StudioRetryCount has no effect: the emulator starts flows in process.
	StudioRetryCount *int             `json:"studio_retry_count"`
	Type             AutoCreationType `json:"type"`
}

// AutoCreationParams is the part of a form under AutoCreation. An empty text removes a value.
type AutoCreationParams struct {
	Enabled                *bool
	Type                   *string // in any case
	ConversationServiceSid *string
	WebhookUrl             *string //nolint:revive // Twilio's form name
	WebhookMethod          *string // in any case
	WebhookFilters         []string
	StudioFlowSid          *string
	StudioRetryCount       *int
}

// apply checks the fields that were sent, sets them, and refuses a configuration without the fields that its type requires.
// Errors: 20001 with the name of the parameter.
func (c *AutoCreation) apply(p AutoCreationParams) error {
	if err := p.check(); err != nil {
		return err
	}
	if p.Enabled != nil {
		c.Enabled = *p.Enabled
	}
	if p.Type != nil {
		var ok bool
		if c.Type, ok = parseName(*p.Type, []AutoCreationType{AutoCreationWebhook, AutoCreationStudio, AutoCreationDefault}); !ok {
			return twilio.InvalidParameter("AutoCreation.Type")
		}
	}
	setOrClear(&c.ConversationServiceSID, p.ConversationServiceSid)
	setOrClear(&c.WebhookURL, p.WebhookUrl)
	setOrClear(&c.StudioFlowSID, p.StudioFlowSid)
	if p.WebhookMethod != nil {
		method := strings.ToUpper(*p.WebhookMethod)
		setOrClear(&c.WebhookMethod, &method)
	}
	if p.WebhookFilters != nil {
		c.WebhookFilters = slices.Clone(p.WebhookFilters)
	}
	twilio.Assign(&c.StudioRetryCount, p.StudioRetryCount)
	switch {
	case c.Type == AutoCreationWebhook && c.WebhookURL == nil:
		return twilio.MissingParameter("AutoCreation.WebhookUrl")
	case c.Type == AutoCreationStudio && c.StudioFlowSID == nil:
		return twilio.MissingParameter("AutoCreation.StudioFlowSid")
	case c.Type == AutoCreationWebhook && c.WebhookMethod == nil:
		post := "POST"
		c.WebhookMethod = &post
	}
	return nil
}

// check refuses malformed values.
func (p AutoCreationParams) check() error {
	if service := twilio.Value(p.ConversationServiceSid); service != "" && !sid.Valid(service, "IS") {
		return twilio.InvalidParameter("AutoCreation.ConversationServiceSid")
	}
	if u := twilio.Value(p.WebhookUrl); u != "" {
		if err := webhook.CheckCallback(u); err != nil || utf8.RuneCountInString(u) > maxWebhookURL {
			return twilio.InvalidParameter("AutoCreation.WebhookUrl")
		}
	}
	if m := twilio.Value(p.WebhookMethod); m != "" && !strings.EqualFold(m, "GET") && !strings.EqualFold(m, "POST") {
		return twilio.InvalidParameter("AutoCreation.WebhookMethod")
	}
	for _, f := range p.WebhookFilters {
		if !EventType(f).isScopedFilter() {
			return twilio.InvalidParameter("AutoCreation.WebhookFilters")
		}
	}
	if flow := twilio.Value(p.StudioFlowSid); flow != "" && !IsFlowSID(flow) {
		return errAutoCreationFlow
	}
	if n := p.StudioRetryCount; n != nil && (*n < 0 || *n > maxStudioRetries) {
		return twilio.InvalidParameter("AutoCreation.StudioRetryCount")
	}
	return nil
}

// errAutoCreationFlow is the error for a StudioFlowSid that is malformed or not allowed.
var errAutoCreationFlow = twilio.InvalidParameter("AutoCreation.StudioFlowSid")

// webhookParams returns the form of the scoped webhook that an auto-created conversation gets; nil when it gets none. The default
// filter is onMessageAdded.
func (c AutoCreation) webhookParams() *WebhookParams {
	target := string(c.Type)
	switch c.Type {
	case AutoCreationWebhook:
		filters := c.WebhookFilters
		if len(filters) == 0 {
			filters = []string{string(OnMessageAdded)}
		}
		return &WebhookParams{Target: &target, Configuration: WebhookConfigurationParams{
			Url: c.WebhookURL, Method: c.WebhookMethod, Filters: filters}}
	case AutoCreationStudio:
		return &WebhookParams{Target: &target, Configuration: WebhookConfigurationParams{FlowSid: c.StudioFlowSID}}
	case AutoCreationDefault:
	}
	return nil
}

// setOrClear sets a text that was sent. An empty one removes the value.
func setOrClear(target **string, sent *string) {
	if sent == nil {
		return
	}
	*target = nil
	if *sent != "" {
		*target = sent
	}
}
