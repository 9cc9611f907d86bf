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

// Config is the configuration of an API. Outbox, Clock and SIDs must be set.
type Config struct {
	// Outbox must stand on a store opened with Kinds, and know Jobs.
	Outbox *outbox.Outbox
	Clock  *clock.Clock
	SIDs   *sid.Source
	// Transport sends webhooks; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// SharedSenders are the WhatsApp senders that every account may use, with their prefix ("whatsapp:+14155238886").
	// A binding on one of them is unique over all accounts. Reference, WhatsApp 1.9.
	SharedSenders []string
	// HidesForeignSID reports whether error 50416 leaves out the SID of the conversation that holds the binding, when it belongs
	// to another account; nil means that it does not. Reference, WhatsApp 1.9.
	HidesForeignSID func(tx store.Tx) (bool, error)
	// DeliveryTiming says how onDeliveryUpdated comes to webhooks; nil means once, at once and in order.
	DeliveryTiming func(tx store.Tx) (outbox.Timing, error)
	// MayConfigure reports whether a webhook or an address may be configured with a Studio flow; nil means that any well-formed
	// SID may. Reference, WhatsApp 6.1.
	MayConfigure func(tx store.Tx, accountSID, flowSID string) (bool, error)
	// HasGroupTexting reports whether an account may text groups (otherwise 50452); nil means that all may.
	HasGroupTexting func(tx store.Tx, accountSID string) (bool, error)
	// KeepEvents is the number of events in the event log; 0 means 1,000.
	KeepEvents int
	// Webhooks chooses between readings where Twilio's documentation of webhooks is open.
	Webhooks WebhookConfig
	// Logger gets the errors that no caller gets; nil means none.
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

	deliveryTiming  func(tx store.Tx) (outbox.Timing, error)
	mayConfigure    func(tx store.Tx, accountSID, flowSID string) (bool, error)
	hasGroupTexting func(tx store.Tx, accountSID string) (bool, error)
}

// Kinds returns the kinds of documents of this package, for opening the store.
func Kinds() []store.Kind {
	return []store.Kind{
		accounts.Kind(), services.Kind(), conversationDocs.Kind(), participants.Kind(), messages.Kind(),
		addresses.Kind(), mediaContents.Kind(), credentials.Kind(), pushBindings.Kind(),
		users.Kind(), deletedMessages.Kind(),
		receipts.Kind(), webhooks.Kind(), mediaDocs.Kind(), senders.Kind(), events.Kind(), apiKeys.Kind(),
		webhookSettingsDocs.Kind(), notifications.Kind(), roles.Kind(),
	}
}

// New returns an API and registers its workers with the outbox.
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
		deliveryTiming: c.DeliveryTiming, mayConfigure: c.MayConfigure, hasGroupTexting: c.HasGroupTexting,
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

// Jobs returns a value of each type of job arguments of this package. Other packages have the workers of StudioJob and
// DeliveryJob.
func Jobs() []outbox.Args {
	return []outbox.Args{webhookJob{}, timerJob{}, mediaJob{}, participantsJob{}, StudioJob{}, DeliveryJob{}}
}

// Source is the origin of an action, as the Source parameter of a webhook names it.
type Source string

// Sources. Reference, Conversations API 6.4: WHATSAPP in upper case is the recommended reading of an open question.
const (
	SourceAPI      Source = "API"
	SourceSDK      Source = "SDK"
	SourceWhatsApp Source = "WHATSAPP"
	SourceStudio   Source = "STUDIO"
)

// Scope is the account and service that a call works on, and the caller.
type Scope struct {
	AccountSID string
	// ServiceSID is the Conversation Service; empty means the account's default service.
	ServiceSID string
	// Source is the origin of the call; empty means SourceAPI.
	Source Source
	// ClientIdentity is the user of a client SDK; empty for other sources.
	ClientIdentity string
	// WebhookEnabled is the header X-Twilio-Webhook-Enabled. Actions of SourceAPI fire webhooks only with it; actions of any
	// other source always do. Reference, Conversations API 6.3.
	WebhookEnabled bool
}

func (s Scope) source() Source {
	if s.Source == "" {
		return SourceAPI
	}
	return s.Source
}

// firesWebhooks reports whether actions of the scope fire webhooks.
func (s Scope) firesWebhooks() bool { return s.WebhookEnabled || s.source() != SourceAPI }

// update runs fn in a transaction and turns the store's errors into Twilio's.
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
	case err == nil, errors.As(err, &refused), invalid.Is(err),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, store.ErrNotFound):
		return twilio.ErrNotFound
	}
	a.logger.Error("conversations: the store failed", "error", err)
	return twilio.ErrInternal
}

// now returns the emulator's time in whole milliseconds, the precision of Twilio's webhooks.
func (a *API) now() time.Time { return a.clock.Now().Truncate(time.Millisecond) }

// listPage returns one page of a list. In a transaction, listing returns what the list is made of.
func listPage[D, R any](ctx context.Context, a *API, q twilio.PageQuery, listing func(store.Tx) (twilio.Listing[D, R], error),
) (page twilio.Page[R], err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		l, err := listing(tx)
		if err != nil {
			return err
		}
		page, err = l.Page(tx, q)
		return err
	})
	return page, err
}
