package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Words that some switches take.
const (
	Always       = "always"
	Never        = "never"
	Silent       = "silent"
	NotConnected = "not-connected"
	Queue        = "queue"
	Fail         = "fail"
	OK           = "ok"
	Reveal       = "reveal"
	Hide         = "hide"
	Instant      = "instant"
	Realistic    = "realistic"
	Manual       = "manual"
	AtCreate     = "at-create"
	AtFire       = "at-fire"
)

// Switches choose how the emulator behaves where Twilio's behaviour is not documented, or where a test wants it another
// way. DefaultSwitches has the recommended readings. Reference, WhatsApp and messaging, appendix A.
type Switches struct {
	// InboundWebhookWhenBound: is "when a message comes in" called for a message that a conversation has captured?
	// always or never.
	InboundWebhookWhenBound string `json:"inbound_webhook_when_bound"`
	// ForeignBindingCaptures: does a conversation of another account than the one whose sandbox the phone is in capture
	// its messages, if it holds the pair?
	ForeignBindingCaptures bool `json:"foreign_binding_captures"`
	// CaptureBeforeWebhook: is a message in its conversation before the webhook is called? If not, it comes there
	// CaptureDelay after it.
	CaptureBeforeWebhook bool     `json:"capture_before_webhook"`
	CaptureDelay         Duration `json:"capture_delay"`
	// ControlMessagesForwarded: is the account told of join and stop?
	ControlMessagesForwarded bool `json:"control_messages_forwarded"`
	// UnknownJoinCodeReply to "join" with a code that no sandbox has: silent or not-connected.
	UnknownJoinCodeReply string `json:"unknown_join_code_reply"`
	// RejoinRefreshesExpiry: does joining again before the end count the membership anew?
	RejoinRefreshesExpiry bool `json:"rejoin_refreshes_expiry"`
	// SandboxTTL is the length of a membership.
	SandboxTTL Duration `json:"sandbox_ttl"`
	// ServiceWindow is how long after a phone's last message free text may be written to it.
	ServiceWindow Duration `json:"service_window"`
	// RateInterval is the least time between two messages from a sandbox; RateOverLimit what happens to a faster one:
	// queue (it is sent late) or fail (63018).
	RateInterval  Duration `json:"rate_interval"`
	RateOverLimit string   `json:"rate_over_limit"`
	// MediaAuth: does fetching an inbound file need the account's credentials?
	MediaAuth bool `json:"media_auth"`
	// MediaRedirect: is an inbound file served from a second host, by a signed link that refuses credentials?
	MediaRedirect bool `json:"media_redirect"`
	// MediaPropagationDelay is how long after the webhook an inbound file is not found yet.
	MediaPropagationDelay Duration `json:"media_propagation_delay"`
	// WebhookTimeout is the real time that "when a message comes in" may take.
	WebhookTimeout Duration `json:"webhook_timeout"`
	// WebhookRetries is how often a webhook that could not be connected to is tried again.
	WebhookRetries int `json:"webhook_retries"`
	// EmptyTextPlain is what an empty answer of type text/plain is: ok, or 11200 for an entry of the debugger.
	EmptyTextPlain string `json:"empty_text_plain"`
	// ForeignSIDIn50416: does the refusal of a pair that another account's conversation holds name that conversation?
	// reveal or hide.
	ForeignSIDIn50416 string `json:"foreign_ch_sid_in_50416"`
	// NumberAliases are numbers under which phones are known to WhatsApp other than the one that is written to (Brazil,
	// Argentina, Mexico): from the number written to, to the phone's.
	NumberAliases map[string]string `json:"number_aliases"`
	// Delivery is how a message to a phone gets on: instant, realistic (seconds on the emulator's clock) or manual.
	Delivery string `json:"delivery"`
	// FlowExistsCheck is when a Studio flow is looked for, in an account that has registered any: at-fire (an unknown or
	// unpublished flow is an entry of the debugger when an event fires) or at-create (it is refused in a configuration).
	FlowExistsCheck string `json:"flow_exists_check"`
	// StudioRefireAfterHandoff: does a message in a conversation that a flow has handed to an agent start an execution?
	StudioRefireAfterHandoff bool `json:"studio_refire_after_handoff"`
}

// DefaultSwitches returns the recommended readings.
func DefaultSwitches() Switches {
	return Switches{
		InboundWebhookWhenBound: Always, CaptureBeforeWebhook: true, UnknownJoinCodeReply: Silent, RejoinRefreshesExpiry: true,
		SandboxTTL: Duration(MembershipLength), ServiceWindow: Duration(24 * time.Hour),
		RateInterval: Duration(3 * time.Second), RateOverLimit: Queue, MediaAuth: true, MediaRedirect: true,
		WebhookTimeout: Duration(15 * time.Second), WebhookRetries: 1, EmptyTextPlain: OK, ForeignSIDIn50416: Reveal,
		NumberAliases: map[string]string{}, Delivery: Instant, FlowExistsCheck: AtFire,
	}
}

// Validate says what is wrong with switches, for a person.
func (s Switches) Validate() error {
	for _, c := range []struct {
		name, value string
		words       []string
	}{
		{"inbound_webhook_when_bound", s.InboundWebhookWhenBound, []string{Always, Never}},
		{"unknown_join_code_reply", s.UnknownJoinCodeReply, []string{Silent, NotConnected}},
		{"rate_over_limit", s.RateOverLimit, []string{Queue, Fail}},
		{"empty_text_plain", s.EmptyTextPlain, []string{OK, "11200"}},
		{"foreign_ch_sid_in_50416", s.ForeignSIDIn50416, []string{Reveal, Hide}},
		{"delivery", s.Delivery, []string{Instant, Realistic, Manual}},
		{"flow_exists_check", s.FlowExistsCheck, []string{AtFire, AtCreate}},
	} {
		if !slices.Contains(c.words, c.value) {
			return invalid.Errorf("%s: %q is none of %s", c.name, c.value, strings.Join(c.words, ", "))
		}
	}
	for name, d := range map[string]Duration{
		"capture_delay": s.CaptureDelay, "rate_interval": s.RateInterval, "media_propagation_delay": s.MediaPropagationDelay,
	} {
		if d < 0 {
			return invalid.Errorf("%s: %s is negative", name, d)
		}
	}
	for name, d := range map[string]Duration{
		"sandbox_ttl": s.SandboxTTL, "service_window": s.ServiceWindow, "webhook_timeout": s.WebhookTimeout,
	} {
		if d <= 0 {
			return invalid.Errorf("%s: %s is not longer than nothing", name, d)
		}
	}
	if s.WebhookRetries < 0 || s.WebhookRetries > 5 {
		return invalid.Errorf("webhook_retries: %d is not between 0 and 5", s.WebhookRetries)
	}
	for from, to := range s.NumberAliases {
		for _, n := range []string{from, to} {
			if _, err := ParseNumber(n); err != nil {
				return invalid.Errorf("number_aliases: %w", err)
			}
		}
	}
	return nil
}

// Duration is a time.Duration that is a text such as "72h" in JSON.
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes the form "72h0m0s".
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a duration as Go writes it, such as 72h or 1m30s.
func (d *Duration) UnmarshalText(b []byte) error {
	parsed, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("%q is not a duration: write it like 72h or 1m30s", b)
	}
	*d = Duration(parsed)
	return nil
}

// switchesDocs holds one document.
var switchesDocs = store.NewTable[Switches]("switches")

const theSwitches = "switches"

// switches are those that are in force.
func (s *Sandbox) switches(tx store.Tx) (Switches, error) {
	set, err := switchesDocs.Get(tx, theSwitches)
	if errors.Is(err, store.ErrNotFound) {
		return s.defaults, nil
	}
	return set, err
}

// HidesForeignSID reads the switch foreign_ch_sid_in_50416 in a transaction, for conversations.Config.
func (s *Sandbox) HidesForeignSID(tx store.Tx) (bool, error) {
	set, err := s.switches(tx)
	return set.ForeignSIDIn50416 == Hide, err
}

// LookupSwitches is FetchSwitches in a transaction.
func (s *Sandbox) LookupSwitches(tx store.Tx) (Switches, error) { return s.switches(tx) }

// FetchSwitches returns the switches that are in force.
func (s *Sandbox) FetchSwitches(ctx context.Context) (set Switches, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		set, err = s.switches(tx)
		return err
	})
	return set, err
}

// UpdateSwitches changes the switches that a JSON object names, and leaves the others. The error is in a person's words,
// and nothing has changed then.
func (s *Sandbox) UpdateSwitches(ctx context.Context, change json.RawMessage) (set Switches, err error) {
	err = s.store.Update(ctx, func(tx store.Tx) error {
		if set, err = s.switches(tx); err != nil {
			return err
		}
		set.NumberAliases = maps.Clone(set.NumberAliases) // decoding adds to the map, and documents do not change
		d := json.NewDecoder(strings.NewReader(string(change)))
		d.DisallowUnknownFields()
		if err := d.Decode(&set); err != nil {
			return invalid.Errorf("switches: %s", strings.TrimPrefix(err.Error(), "json: "))
		}
		if err := set.Validate(); err != nil {
			return err
		}
		return switchesDocs.Put(tx, theSwitches, set)
	})
	return set, err
}
