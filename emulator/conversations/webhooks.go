package conversations

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// Limits of scoped webhooks. Reference, Conversations API 11.
const (
	maxWebhooks   = 5
	maxTriggers   = 5
	maxTriggerLen = 248 // characters
	maxWebhookURL = 512 // characters
)

// Targets of scoped webhooks.
const (
	TargetWebhook = "webhook"
	TargetTrigger = "trigger"
	TargetStudio  = "studio"
)

// Webhook is Twilio's conversation-scoped Webhook resource, without url. Reference, Conversations API 6.2.
type Webhook struct {
	SID             string               `json:"sid"`
	AccountSID      string               `json:"account_sid"`
	ConversationSID string               `json:"conversation_sid"`
	Target          string               `json:"target"`
	Configuration   WebhookConfiguration `json:"configuration"`
	DateCreated     time.Time            `json:"date_created"`
	DateUpdated     time.Time            `json:"date_updated"`
}

// WebhookConfiguration has the fields of its target only.
type WebhookConfiguration struct {
	URL         *string  `json:"url,omitempty"`
	Method      *string  `json:"method,omitempty"`
	Filters     []string `json:"filters,omitempty"`
	Triggers    []string `json:"triggers,omitempty"`
	FlowSID     *string  `json:"flow_sid,omitempty"`
	ReplayAfter *int64   `json:"replay_after,omitempty"`
}

// WebhookParams is the form of creating or updating a scoped webhook; Target and ReplayAfter are for creating only.
type WebhookParams struct {
	Target        *string
	Configuration WebhookConfigurationParams
}

// WebhookConfigurationParams is the part of the form under Configuration.
type WebhookConfigurationParams struct {
	Url         *string //nolint:revive // Twilio's form name
	Method      *string
	Filters     []string
	Triggers    []string
	FlowSid     *string
	ReplayAfter *string
}

// webhookDoc is the stored form of a scoped webhook.
type webhookDoc struct {
	Webhook
	ServiceSID string
	Ordinal    int64
}

func (w webhookDoc) key() string { return store.Key(w.ConversationSID, store.Ordinal(w.Ordinal)) }

// webhooks have the key Key(conversation, ordinal), in the order of creation.
var webhooks = store.NewTable[webhookDoc]("webhook").
	Unique(bySID, func(w webhookDoc) (string, bool) { return w.SID, true })

// CreateWebhook adds a scoped webhook to a conversation. With ReplayAfter, it gets the messages from that index on at once.
// Errors: 50361–50372, 50377, 20001, and 404 for the conversation.
func (a *API) CreateWebhook(ctx context.Context, scope Scope, conversation string, p WebhookParams) (Webhook, error) {
	var created webhookDoc
	err := a.update(ctx, func(tx store.Tx) error {
		c, err := a.openConversation(tx, scope, conversation)
		if err != nil {
			return err
		}
		if created, err = a.addWebhook(tx, &c, p); err != nil {
			return err
		}
		return a.checkFlow(tx, scope, created.Configuration.FlowSID, errFlowSID)
	})
	return created.Webhook, err
}

// addWebhook adds a scoped webhook to an open conversation in a transaction.
func (a *API) addWebhook(tx store.Tx, c *conversationDoc, p WebhookParams) (webhookDoc, error) {
	now := a.now()
	w := webhookDoc{
		Webhook: Webhook{SID: a.sids.New("WH"), AccountSID: c.AccountSID, ConversationSID: c.SID,
			DateCreated: now, DateUpdated: now},
		ServiceSID: c.ChatServiceSID, Ordinal: c.NextOrdinal,
	}
	if err := w.setTarget(p.Target); err != nil {
		return w, err
	}
	if err := w.configure(p.Configuration); err != nil {
		return w, err
	}
	if err := w.setReplayAfter(p.Configuration.ReplayAfter); err != nil {
		return w, err
	}
	existing, err := webhooksOf(tx, c.SID)
	if err != nil {
		return w, err
	}
	if len(existing) >= maxWebhooks {
		return w, errWebhookLimit
	}
	if err := webhooks.Put(tx, w.key(), w); err != nil {
		return w, err
	}
	c.NextOrdinal++
	if err := a.putConversation(tx, *c); err != nil {
		return w, err
	}
	return w, a.replay(tx, *c, w)
}

// FetchWebhook returns a scoped webhook by SID, or a 404.
func (a *API) FetchWebhook(ctx context.Context, scope Scope, conversation, webhookSID string) (Webhook, error) {
	var found webhookDoc
	err := a.view(ctx, func(tx store.Tx) (err error) {
		_, found, err = a.webhook(tx, scope, conversation, webhookSID)
		return err
	})
	return found.Webhook, err
}

// UpdateWebhook changes the configuration of a scoped webhook; its target is fixed. The errors are those of CreateWebhook.
func (a *API) UpdateWebhook(ctx context.Context, scope Scope, conversation, webhookSID string, p WebhookParams) (Webhook, error) {
	var updated webhookDoc
	err := a.update(ctx, func(tx store.Tx) error {
		c, w, err := a.webhook(tx, scope, conversation, webhookSID)
		if err != nil {
			return err
		}
		if c.State == StateClosed {
			return errClosed
		}
		if err := w.configure(p.Configuration); err != nil {
			return err
		}
		if err := a.checkFlow(tx, scope, w.Configuration.FlowSID, errFlowSID); err != nil {
			return err
		}
		w.DateUpdated = a.now()
		updated = w
		return webhooks.Put(tx, w.key(), w)
	})
	return updated.Webhook, err
}

// DeleteWebhook removes a scoped webhook.
func (a *API) DeleteWebhook(ctx context.Context, scope Scope, conversation, webhookSID string) error {
	return a.update(ctx, func(tx store.Tx) error {
		c, w, err := a.webhook(tx, scope, conversation, webhookSID)
		if err != nil {
			return err
		}
		if c.State == StateClosed {
			return errClosed
		}
		return webhooks.Delete(tx, w.key())
	})
}

// ListWebhooks returns the scoped webhooks of a conversation, oldest first.
func (a *API) ListWebhooks(ctx context.Context, scope Scope, conversation string, q twilio.PageQuery) (twilio.Page[Webhook], error) {
	return listPage(ctx, a, q, func(tx store.Tx) (twilio.Listing[webhookDoc, Webhook], error) {
		c, err := a.conversation(tx, scope, conversation)
		return twilio.Listing[webhookDoc, Webhook]{
			Table:    webhooks,
			Query:    store.Query{Prefix: store.Prefix(c.SID)},
			Resource: func(w webhookDoc) (Webhook, error) { return w.Webhook, nil },
		}, err
	})
}

func (a *API) webhook(tx store.Tx, scope Scope, conversation, webhookSID string) (conversationDoc, webhookDoc, error) {
	c, err := a.conversation(tx, scope, conversation)
	if err != nil {
		return c, webhookDoc{}, err
	}
	w, err := webhooks.Lookup(tx, bySID, webhookSID)
	if err == nil && w.ConversationSID != c.SID {
		return c, webhookDoc{}, store.ErrNotFound
	}
	return c, w, err
}

func webhooksOf(tx store.Tx, conversationSID string) (list []webhookDoc, err error) {
	for w, err := range webhooks.Each(tx, store.Query{Prefix: store.Prefix(conversationSID)}) {
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, nil
}

// setTarget checks and sets the Target of a form. Reference, Conversations API 2 and 6.2.
func (w *webhookDoc) setTarget(sent *string) error {
	if twilio.Value(sent) == "" {
		return errTargetMissing
	}
	var ok bool
	if w.Target, ok = parseName(*sent, []string{TargetWebhook, TargetTrigger, TargetStudio}); !ok {
		return errTargetUnknown
	}
	return nil
}

// configure checks the fields that were sent, sets those that the target has, and refuses a configuration without the fields that
// the target requires.
func (w *webhookDoc) configure(p WebhookConfigurationParams) error {
	if err := p.check(); err != nil {
		return err
	}
	c := &w.Configuration
	if w.Target == TargetStudio {
		twilio.Assign(&c.FlowSID, p.FlowSid)
		if p.Filters != nil {
			c.Filters = p.Filters
		}
		if c.FlowSID == nil {
			return errFlowSID
		}
		return nil
	}
	twilio.Assign(&c.URL, p.Url)
	twilio.Assign(&c.Method, p.Method)
	if c.Method == nil {
		post := "POST"
		c.Method = &post
	}
	if c.URL == nil || *c.URL == "" {
		return errURLMissing
	}
	if w.Target == TargetTrigger {
		if p.Triggers != nil {
			c.Triggers = p.Triggers
		}
		if len(c.Triggers) == 0 {
			return errTriggersMissing
		}
		return nil
	}
	if p.Filters != nil {
		c.Filters = p.Filters
	}
	if len(c.Filters) == 0 {
		return errFiltersMissing
	}
	return nil
}

func (p WebhookConfigurationParams) check() error {
	if p.Url != nil && *p.Url != "" {
		if utf8.RuneCountInString(*p.Url) > maxWebhookURL {
			return errURLTooLong
		}
		if err := webhook.CheckCallback(*p.Url); err != nil {
			return twilio.InvalidParameter("Configuration.Url")
		}
	}
	if p.Method != nil && !strings.EqualFold(*p.Method, "GET") && !strings.EqualFold(*p.Method, "POST") {
		return twilio.InvalidParameter("Configuration.Method")
	}
	for _, f := range p.Filters {
		if !EventType(f).isScopedFilter() {
			return errFilterUnknown
		}
	}
	if len(p.Triggers) > maxTriggers {
		return errTriggerLimit
	}
	for _, t := range p.Triggers {
		if n := utf8.RuneCountInString(t); n == 0 || n > maxTriggerLen {
			return errTriggerInvalid
		}
	}
	if p.FlowSid != nil && !IsFlowSID(*p.FlowSid) {
		return errFlowSID
	}
	return nil
}

// documentedFlowSID is the flow of the examples in Twilio's documentation. It is not hexadecimal; the examples must work as
// printed.
const documentedFlowSID = "FWXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"

// IsFlowSID reports whether s is well-formed as the SID of a Studio flow.
func IsFlowSID(s string) bool { return sid.Valid(s, "FW") || s == documentedFlowSID }

// checkFlow returns refuse for a flow that was sent and that Config.MayConfigure does not allow.
func (a *API) checkFlow(tx store.Tx, scope Scope, flowSID *string, refuse *twilio.Error) error {
	if twilio.Value(flowSID) == "" || a.mayConfigure == nil {
		return nil
	}
	if may, err := a.mayConfigure(tx, scope.AccountSID, *flowSID); err != nil || may {
		return err
	}
	return refuse
}

func (w *webhookDoc) setReplayAfter(sent *string) error {
	if sent == nil {
		return nil
	}
	n, err := strconv.ParseInt(*sent, 10, 64)
	if err != nil || n < 0 {
		return twilio.InvalidParameter("Configuration.ReplayAfter")
	}
	w.Configuration.ReplayAfter = &n
	return nil
}
