// Package whatsapp is what lies between a customer's phone and a conversation: Twilio's WhatsApp sandbox, the phones that
// join it, the routing of what they write, and the delivery of what is written to them.
//
// It adds messages to conversations only through package conversations, and it is not an HTTP API: packages rest and
// control are in front of it. A message of a phone takes this way ([Sandbox.Receive]): is it join or stop, is the phone
// a member? → a Message resource → a conversation that holds the pair of numbers captures it → the account's "when a
// message comes in" URL is called, signed → what it answers goes back to the phone. A message of a conversation comes as
// a job for each phone in it and goes to that phone, with receipts on the way (delivery.go).
package whatsapp

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// SandboxNumber is the sender that all accounts share. Reference, WhatsApp 1.1.
const SandboxNumber = "whatsapp:+14155238886"

// MembershipLength is the time that a phone stays in a sandbox, counted from joining. Reference, WhatsApp 1.1.
const MembershipLength = 72 * time.Hour

// DemoURL is the URL for "when a message comes in" of a new sandbox: a function of Twilio's, which answers with the text that
// it gets. The emulator answers in its place.
const DemoURL = "https://timberwolf-mastiff-9776.twil.io/demo-reply"

// Config of a Sandbox. Outbox, Conversations, Content, Clock and SIDs must be set.
type Config struct {
	// Outbox is over a store that was opened with Kinds among its kinds, and with Jobs among its jobs.
	Outbox        *outbox.Outbox
	Conversations *conversations.API
	Content       *content.API
	Clock         *clock.Clock
	SIDs          *sid.Source
	// Transport leads to the customers' servers; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// MediaURL is the scheme and host at which webhooks are told to fetch files; nil means https://api.twilio.com.
	MediaURL func() string
	// Switches that are in force from the start; the zero value means DefaultSwitches.
	Switches Switches
	// Logger gets what no caller can be told; nil means none.
	Logger *slog.Logger
}

// Sandbox is the WhatsApp sandbox of all accounts. Its methods may be called from any goroutine.
type Sandbox struct {
	store         store.Store // the outbox, as what it is for most
	outbox        *outbox.Outbox
	conversations *conversations.API
	content       *content.API
	clock         *clock.Clock
	sids          *sid.Source
	transport     http.RoundTripper
	mediaURL      func() string
	defaults      Switches
	logger        *slog.Logger
	sender        webhook.Sender
}

// Kinds are the documents of this package, for opening the store.
func Kinds() []store.Kind {
	return []store.Kind{settings.Kind(), memberships.Kind(), phones.Kind(), messages.Kind(), switchesDocs.Kind(),
		windows.Kind(), rates.Kind(), cookies.Kind(), userIDs.Kind(), messagingServices.Kind(), typingDocs.Kind()}
}

// New returns the sandbox and makes it the worker of the jobs that are its business.
func New(c Config) *Sandbox {
	if c.MediaURL == nil {
		c.MediaURL = func() string { return "https://api.twilio.com" }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Switches.IsZero() {
		c.Switches = DefaultSwitches()
	}
	s := &Sandbox{store: c.Outbox, outbox: c.Outbox, conversations: c.Conversations, content: c.Content, clock: c.Clock, sids: c.SIDs,
		transport: c.Transport, mediaURL: c.MediaURL, defaults: c.Switches, logger: c.Logger,
		sender: webhook.Sender{Transport: c.Transport}}
	outbox.Handle(c.Outbox, s.deliver)
	outbox.Handle(c.Outbox, s.outbound)
	outbox.Handle(c.Outbox, s.fetchFiles)
	outbox.Handle(c.Outbox, s.progress)
	outbox.Handle(c.Outbox, s.callStatusURL)
	outbox.Handle(c.Outbox, s.callInboundURL)
	outbox.Handle(c.Outbox, s.runCapture)
	return s
}

// Jobs has a value of each type of arguments of the jobs of this package.
func Jobs() []outbox.Args {
	return []outbox.Args{outboundJob{}, filesJob{}, progressJob{}, statusCallbackJob{}, inboundJob{}, captureJob{}}
}

// Settings are one account's sandbox, as the Console shows them. Reference, WhatsApp 1.6.
type Settings struct {
	AccountSID string `json:"account_sid"`
	// Number is the shared sender, with its prefix.
	Number string `json:"number"`
	// JoinCode follows "join " in the message that joins.
	JoinCode string `json:"join_code"`
	// InboundURL is "when a message comes in"; empty means that nobody is told. InboundMethod is POST or GET.
	InboundURL    string `json:"inbound_url"`
	InboundMethod string `json:"inbound_method"`
	// StatusCallbackURL is told of the statuses of messages that name no URL of their own; empty means that nobody is.
	StatusCallbackURL string `json:"status_callback_url"`
}

// SettingsParams changes settings; nil fields stay as they are.
type SettingsParams struct {
	JoinCode      *string `json:"join_code,omitempty"`
	InboundURL    *string `json:"inbound_url,omitempty"`
	InboundMethod *string `json:"inbound_method,omitempty"`

	StatusCallbackURL *string `json:"status_callback_url,omitempty"`
}

const byCode = "code" // join code, unique

var settings = store.NewTable[Settings]("sandbox").
	Unique(byCode, func(s Settings) (string, bool) { return s.JoinCode, true })

// AddSettings opens the sandbox of an account in a transaction. What p leaves out is the demo reply as inbound URL, called by
// POST, and a join code that is made up. The error is an *invalid.Error when p is wrong or the code is taken.
func (s *Sandbox) AddSettings(tx store.Tx, accountSID string, p SettingsParams) (Settings, error) {
	if p.JoinCode == nil {
		code := inventCode(s.sids)
		p.JoinCode = &code
	}
	added := Settings{AccountSID: accountSID, Number: SandboxNumber, InboundURL: DemoURL, InboundMethod: http.MethodPost}
	if err := added.apply(p); err != nil {
		return Settings{}, err
	}
	if err := putSettings(tx, added); err != nil {
		return Settings{}, err
	}
	return added, s.addTemplates(tx, accountSID)
}

// FetchSettings returns the sandbox of an account, or store.ErrNotFound.
func (s *Sandbox) FetchSettings(ctx context.Context, accountSID string) (found Settings, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		found, err = settings.Get(tx, accountSID)
		return err
	})
	return found, err
}

// UpdateSettings changes the sandbox of an account. The error is store.ErrNotFound or an *invalid.Error.
func (s *Sandbox) UpdateSettings(ctx context.Context, accountSID string, p SettingsParams) (updated Settings, err error) {
	err = s.store.Update(ctx, func(tx store.Tx) error {
		if updated, err = settings.Get(tx, accountSID); err != nil {
			return err
		}
		if err := updated.apply(p); err != nil {
			return err
		}
		return putSettings(tx, updated)
	})
	return updated, err
}

func putSettings(tx store.Tx, s Settings) error {
	err := settings.Put(tx, s.AccountSID, s)
	var taken *store.ConflictError
	if errors.As(err, &taken) {
		return invalid.Errorf("join code %q belongs to the sandbox of account %s already", s.JoinCode, taken.HeldBy)
	}
	return err
}

// apply checks what was sent and sets it.
func (s *Settings) apply(p SettingsParams) error {
	for name, u := range map[string]*string{"inbound_url": p.InboundURL, "status_callback_url": p.StatusCallbackURL} {
		if u != nil {
			if err := checkLengths(lengthLimit{name, *u, maxURL}); err != nil {
				return err
			}
		}
	}
	if p.JoinCode != nil {
		code, ok := normalizeCode(*p.JoinCode)
		if !ok {
			return invalid.Errorf("join code %.100q: it must be words of letters and digits joined by hyphens, such as cloud-forgot", *p.JoinCode)
		}
		s.JoinCode = code
	}
	if p.InboundURL != nil {
		if *p.InboundURL != "" {
			if err := webhook.CheckCallback(*p.InboundURL); err != nil {
				return invalid.Errorf("inbound URL: %w", err)
			}
		}
		s.InboundURL = *p.InboundURL
	}
	if p.InboundMethod != nil {
		method, err := parseMethod(*p.InboundMethod)
		if err != nil {
			return err
		}
		s.InboundMethod = method
	}
	if p.StatusCallbackURL != nil {
		if *p.StatusCallbackURL != "" {
			if err := webhook.CheckCallback(*p.StatusCallbackURL); err != nil {
				return invalid.Errorf("status callback URL: %w", err)
			}
		}
		s.StatusCallbackURL = *p.StatusCallbackURL
	}
	return nil
}

// What the sandbox itself writes to phones. Reference, WhatsApp 1.3: the first three are observed on the wire.

// joined confirms a join; the asterisks and backticks are WhatsApp's marks for bold and fixed width.
const joined = "*Twilio Sandbox*: ✅ You are all set! The sandbox can now send/receive messages from whatsapp:+14155238886. " +
	"Reply ```stop``` to leave the sandbox any time."

// notConnected answers a phone that is in no sandbox, or not any more.
func notConnected(phone string) string {
	return "Twilio Sandbox: ⚠️ Your number whatsapp:" + phone + " is not connected to a Sandbox. You need to connect it first by " +
		"sending join <sandbox name>. Sandbox membership lasts for 72 hours."
}

// demoReply is the answer of Twilio's demo function, while an account has not set its own URL.
func demoReply(body string) string {
	return "You said :" + body + ".\n Configure your WhatsApp Sandbox's Inbound URL to change this message."
}

// left acknowledges stop. Twilio's own text is not known; this one is the emulator's.
const left = "*Twilio Sandbox*: You have left the sandbox. Reply ```join <sandbox name>``` to connect again."

// isDemo reports whether a URL is Twilio's demo function.
func isDemo(url string) bool { return strings.TrimSuffix(url, "/") == DemoURL }
