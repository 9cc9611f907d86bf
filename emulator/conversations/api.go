package conversations

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// Config of an API. Outbox, Clock and SIDs must be set.
type Config struct {
	// Outbox is over a store that was opened with Kinds among its kinds, and with Jobs among its jobs.
	Outbox *outbox.Outbox
	Clock  *clock.Clock
	SIDs   *sid.Source
	// Transport leads to the customers' servers; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// SharedSenders are the WhatsApp senders that every account may use, with their prefix ("whatsapp:+14155238886").
	// A binding on one of them is unique over all accounts, not only within one. Reference, WhatsApp 1.9.
	SharedSenders []string
	// HidesForeignSID says, in a transaction, whether the refusal of a pair that a conversation of another account holds
	// (50416) leaves that conversation's SID out; nil means that it does not. Reference, WhatsApp 1.9.
	HidesForeignSID func(tx store.Tx) (bool, error)
	// MayConfigure says, in a transaction, whether a webhook or an address may be configured with a Studio flow; nil means
	// that any well-formed SID will do. Reference, WhatsApp 6.1.
	MayConfigure func(tx store.Tx, accountSID, flowSID string) (bool, error)
	// HasGroupTexting says, in a transaction, whether an account may text groups (otherwise 50452); nil means that all may.
	HasGroupTexting func(tx store.Tx, accountSID string) (bool, error)
	// KeepEvents is the number of events that the event log keeps; 0 means 1,000.
	KeepEvents int
	// Webhooks chooses between readings of what Twilio leaves open about webhooks.
	Webhooks WebhookConfig
	// Logger gets what no caller can be told; nil means none.
	Logger *slog.Logger
}

// API is Twilio Conversations for any number of accounts. Its methods may be called from any goroutine.
type API struct {
	store           store.Store
	clock           *clock.Clock
	sids            *sid.Source
	sender          webhook.Sender
	outbox          *outbox.Outbox
	sharedSenders   map[string]bool
	keepEvents      int64
	webhooks        WebhookConfig
	hidesForeignSID func(tx store.Tx) (bool, error)
	logger          *slog.Logger

	mayConfigure    func(tx store.Tx, accountSID, flowSID string) (bool, error)
	hasGroupTexting func(tx store.Tx, accountSID string) (bool, error)
}

// Kinds are the documents of Conversations, for opening the store.
func Kinds() []store.Kind {
	return []store.Kind{
		accounts.Kind(), services.Kind(), conversationDocs.Kind(), participants.Kind(), messages.Kind(),
		addresses.Kind(), mediaContents.Kind(), contents.Kind(), credentials.Kind(), pushBindings.Kind(),
		users.Kind(), deletedMessages.Kind(),
		receipts.Kind(), webhooks.Kind(), mediaDocs.Kind(), senders.Kind(), events.Kind(),
		webhookSettingsDocs.Kind(), notifications.Kind(), roles.Kind(),
	}
}

// New returns the API over a store, and makes it the worker of its jobs.
func New(c Config) *API {
	if c.KeepEvents <= 0 {
		c.KeepEvents = 1000
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	a := &API{
		store: c.Outbox, outbox: c.Outbox, clock: c.Clock, sids: c.SIDs, sender: webhook.Sender{Transport: c.Transport},
		sharedSenders: make(map[string]bool, len(c.SharedSenders)), keepEvents: int64(c.KeepEvents), logger: c.Logger,
		webhooks: c.Webhooks.withDefaults(), hidesForeignSID: c.HidesForeignSID,
		mayConfigure: c.MayConfigure, hasGroupTexting: c.HasGroupTexting,
	}
	for _, s := range c.SharedSenders {
		a.sharedSenders[s] = true
	}
	outbox.Handle(a.outbox, a.runWebhook)
	outbox.Handle(a.outbox, a.runTimer)
	outbox.Handle(a.outbox, a.runMedia)
	outbox.Handle(a.outbox, a.runParticipants)
	return a
}

// Jobs has a value of each type of arguments of the jobs of this package. Those of StudioJob and DeliveryJob are run by others.
func Jobs() []outbox.Args {
	return []outbox.Args{webhookJob{}, timerJob{}, mediaJob{}, participantsJob{}, StudioJob{}, DeliveryJob{}}
}

// Source says by whom an action was taken, in the words of a webhook's Source parameter.
type Source string

// Sources. Reference, Conversations API 6.4: WHATSAPP in upper case is the recommended reading of an open question.
const (
	SourceAPI      Source = "API"
	SourceSDK      Source = "SDK"
	SourceWhatsApp Source = "WHATSAPP"
	SourceStudio   Source = "STUDIO"
)

// Scope says for whom a call is made, and where.
type Scope struct {
	AccountSID string
	// ServiceSID is the Conversation Service that is addressed; empty means the account's default service.
	ServiceSID string
	// Source is who acts; empty means SourceAPI.
	Source Source
	// ClientIdentity is the user who acts through an SDK; empty otherwise.
	ClientIdentity string
	// WebhookEnabled is the header X-Twilio-Webhook-Enabled. Actions of the API fire no webhooks without it; those of
	// any other source always do. Reference, Conversations API 6.3.
	WebhookEnabled bool
}

func (s Scope) source() Source {
	if s.Source == "" {
		return SourceAPI
	}
	return s.Source
}

// firesWebhooks reports whether what happens in this scope is told to webhooks.
func (s Scope) firesWebhooks() bool { return s.WebhookEnabled || s.source() != SourceAPI }

// update runs fn in a transaction, and turns what the store says into Twilio's errors.
func (a *API) update(ctx context.Context, fn func(tx store.Tx) error) error {
	return a.twilioError(a.store.Update(ctx, fn))
}

func (a *API) view(ctx context.Context, fn func(tx store.Tx) error) error {
	return a.twilioError(a.store.View(ctx, fn))
}

// twilioError makes every error that leaves the API a *twilio.Error, except an *invalid.Error and those of a context that ended.
func (a *API) twilioError(err error) error {
	var refused *twilio.Error
	switch {
	case err == nil, errors.As(err, &refused), invalid.Is(err), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, store.ErrNotFound):
		return twilio.ErrNotFound
	}
	a.logger.Error("conversations: the store failed", "error", err)
	return twilio.ErrInternal
}

// now is the emulator's time, in whole milliseconds: the precision of Twilio's webhooks.
func (a *API) now() time.Time { return a.clock.Now().Truncate(time.Millisecond) }

// listPage reads one page of the list that in describes.
func listPage[D, R any](ctx context.Context, a *API, pq twilio.PageQuery, in func(store.Tx) (twilio.Listing[D, R], error)) (page twilio.Page[R], err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		l, err := in(tx)
		if err != nil {
			return err
		}
		page, err = l.Page(tx, pq)
		return err
	})
	return page, err
}
