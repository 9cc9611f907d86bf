package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// The switches that take a word have a type each, named here with its switch.
type (
	// WebhookWhenBound is a word of inbound_webhook_when_bound.
	WebhookWhenBound string
	// UnknownCodeReply is a word of unknown_join_code_reply.
	UnknownCodeReply string
	// OverLimit is a word of rate_over_limit.
	OverLimit string
	// EmptyTextPlain is a word of empty_text_plain.
	EmptyTextPlain string
	// NotOpus is a word of ogg_not_opus.
	NotOpus string
	// CallbackOrder is a word of callback_order.
	CallbackOrder string
	// LongText is a word of long_text_webhook and long_text_in_conversation.
	LongText string
	// ForeignSID is a word of foreign_ch_sid_in_50416.
	ForeignSID string
	// Delivery is a word of delivery.
	Delivery string
	// FlowCheck is a word of flow_exists_check.
	FlowCheck string
	// UserID is a word of external_user_id and parent_external_user_id.
	UserID string
	// HidesNumber is a word of username_hides_number.
	HidesNumber string
	// UsernameParameter is a word of username_parameter.
	UsernameParameter string
)

// Their words; the first of each is the recommended reading.
const (
	WebhookAlways WebhookWhenBound = "always"
	WebhookNever  WebhookWhenBound = "never"

	ReplySilent       UnknownCodeReply = "silent"
	ReplyNotConnected UnknownCodeReply = "not-connected"

	OverLimitQueue OverLimit = "queue"
	OverLimitFail  OverLimit = "fail"

	EmptyTextPlainOK    EmptyTextPlain = "ok"
	EmptyTextPlainAlert EmptyTextPlain = "11200"

	LongTextWhole LongText = "whole"
	LongTextCut   LongText = "cut"
	LongTextNone  LongText = "none"

	CallbacksInOrder  CallbackOrder = "in-order"
	CallbacksReversed CallbackOrder = "reversed"

	NotOpusDownload NotOpus = "63019"
	NotOpusContent  NotOpus = "63021"

	ForeignSIDReveal ForeignSID = "reveal"
	ForeignSIDHide   ForeignSID = "hide"

	DeliveryInstant   Delivery = "instant"
	DeliveryRealistic Delivery = "realistic"
	DeliveryManual    Delivery = "manual"

	FlowCheckAtFire   FlowCheck = "at-fire"
	FlowCheckAtCreate FlowCheck = "at-create"

	UserIDAlways UserID = "always"
	UserIDNever  UserID = "never"

	HidesAlways       HidesNumber = "always"
	HidesUnlessRecent HidesNumber = "unless-recent"

	UsernameProfile UsernameParameter = "profile-username"
	UsernamePlain   UsernameParameter = "username"
	UsernameBoth    UsernameParameter = "both"
)

// Switches choose how the emulator behaves where Twilio's behaviour is not documented, or where a test wants it another
// way. DefaultSwitches has the recommended readings. Reference, WhatsApp and messaging, appendix A.
type Switches struct {
	// InboundWebhookWhenBound: is "when a message comes in" called for a message that a conversation has captured?
	// always or never.
	InboundWebhookWhenBound WebhookWhenBound `json:"inbound_webhook_when_bound"`
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
	UnknownJoinCodeReply UnknownCodeReply `json:"unknown_join_code_reply"`
	// RejoinRefreshesExpiry: does joining again before the end count the membership anew?
	RejoinRefreshesExpiry bool `json:"rejoin_refreshes_expiry"`
	// SandboxTTL is the length of a membership.
	SandboxTTL Duration `json:"sandbox_ttl"`
	// ServiceWindow is the time after a phone's last message in which free text may be written to it.
	ServiceWindow Duration `json:"service_window"`
	// RateInterval is the least time between two messages from a sandbox; RateOverLimit what happens to a faster one:
	// queue (it is sent late) or fail (63018).
	RateInterval  Duration  `json:"rate_interval"`
	RateOverLimit OverLimit `json:"rate_over_limit"`
	// MediaAuth: does fetching an inbound file need the account's credentials?
	MediaAuth bool `json:"media_auth"`
	// MediaRedirect: is an inbound file served from a second host, by a signed link that refuses credentials?
	MediaRedirect bool `json:"media_redirect"`
	// MediaPropagationDelay is the time after the webhook in which an inbound file is not found yet.
	MediaPropagationDelay Duration `json:"media_propagation_delay"`
	// WebhookTimeout is the real time that "when a message comes in" may take.
	WebhookTimeout Duration `json:"webhook_timeout"`
	// WebhookRetries is the number of further attempts for a webhook that could not be connected to.
	WebhookRetries int `json:"webhook_retries"`
	// EmptyTextPlain says whether an empty answer of type text/plain is right: ok, or 11200 for an entry of the debugger.
	EmptyTextPlain EmptyTextPlain `json:"empty_text_plain"`
	// LongTextWebhook is the part of a text above 1,600 characters that "when a message comes in" gets: cut (the first
	// 1,600), whole, or none: it is not called then.
	LongTextWebhook LongText `json:"long_text_webhook"`
	// LongTextInConversation is the part of such a text that a conversation gets: whole or cut.
	LongTextInConversation LongText `json:"long_text_in_conversation"`
	// CallbackDelay is the time between a status and its callback, in messaging and in conversations. The message and its receipt are
	// right all the same.
	CallbackDelay Duration `json:"callback_delay"`
	// CallbackCopies is the number of times that each such callback comes, 1 to 10.
	CallbackCopies int `json:"callback_copies"`
	// CallbackOrder of one message: in-order, or reversed, the latest first. Each waits for the final one then, ten seconds at most.
	CallbackOrder CallbackOrder `json:"callback_order"`
	// OggNotOpus is the code with which a message fails whose Ogg file holds other audio than Opus: 63019, as somebody's log
	// has it, or 63021.
	OggNotOpus NotOpus `json:"ogg_not_opus"`
	// ForeignSIDIn50416: does the refusal of a pair that another account's conversation holds name that conversation?
	// reveal or hide.
	ForeignSIDIn50416 ForeignSID `json:"foreign_ch_sid_in_50416"`
	// NumberAliases are numbers under which phones are known to WhatsApp other than the one that is written to (Brazil,
	// Argentina, Mexico): from the number written to, to the phone's.
	NumberAliases map[string]string `json:"number_aliases"`
	// ExternalUserID: does the webhook of a phone's message have ExternalUserId? always or never, as an application should
	// bear that it is missing.
	ExternalUserID UserID `json:"external_user_id"`
	// ParentExternalUserID: does it have ParentExternalUserId, the ID for all businesses of an enterprise? never or always. Meta gives
	// such IDs to enterprises that have asked for them.
	ParentExternalUserID UserID `json:"parent_external_user_id"`
	// UsernameHidesNumber: when is From the ExternalUserId of a phone with a username, and WaId missing? always, or unless-recent:
	// a business that the phone has written to within 30 days still sees the number.
	UsernameHidesNumber HidesNumber `json:"username_hides_number"`
	// UsernameParameter is the parameter that has the username: profile-username (ProfileUsername), username (Username) or both.
	// Integrations read either (chatwoot/chatwoot#14436).
	UsernameParameter UsernameParameter `json:"username_parameter"`
	// NumberBindingCaptures: does a conversation that holds the number of a phone capture what the phone writes after it has taken a
	// username? If not, From and the address in the conversation are two customers.
	NumberBindingCaptures bool `json:"number_binding_captures"`
	// GroupTexting: may accounts text groups, by participants with an address alone and projected addresses? If not, they are refused with
	// 50452, as by an account of Twilio's for which it is not enabled.
	GroupTexting bool `json:"group_texting"`
	// Delivery of a message to a phone: instant, realistic (seconds on the emulator's clock) or manual.
	Delivery Delivery `json:"delivery"`
	// TemplateApproval is the time after which WhatsApp approves a template that was submitted: it is received in the first half of it and
	// pending in the second. 0s approves at once.
	TemplateApproval Duration `json:"template_approval"`
	// FlowExistsCheck is the time at which a Studio flow is looked for, in an account that has registered any: at-fire (an unknown or
	// unpublished flow is an entry of the debugger when an event fires) or at-create (it is refused in a configuration).
	FlowExistsCheck FlowCheck `json:"flow_exists_check"`
	// StudioRefireAfterHandoff: does a message in a conversation that a flow has handed to an agent start an execution?
	StudioRefireAfterHandoff bool `json:"studio_refire_after_handoff"`
}

// DefaultSwitches returns the recommended readings.
func DefaultSwitches() Switches {
	return Switches{
		InboundWebhookWhenBound: WebhookAlways, CaptureBeforeWebhook: true, UnknownJoinCodeReply: ReplySilent, RejoinRefreshesExpiry: true,
		SandboxTTL: Duration(MembershipLength), ServiceWindow: Duration(24 * time.Hour),
		RateInterval: Duration(3 * time.Second), RateOverLimit: OverLimitQueue, MediaAuth: true, MediaRedirect: true,
		WebhookTimeout: Duration(15 * time.Second), WebhookRetries: 1, EmptyTextPlain: EmptyTextPlainOK, ForeignSIDIn50416: ForeignSIDReveal,
		NumberAliases: map[string]string{}, GroupTexting: true, ExternalUserID: UserIDAlways, ParentExternalUserID: UserIDNever,
		UsernameHidesNumber: HidesAlways, UsernameParameter: UsernameProfile, Delivery: DeliveryInstant,
		TemplateApproval: Duration(5 * time.Minute), FlowExistsCheck: FlowCheckAtFire,
		OggNotOpus: NotOpusDownload, CallbackCopies: 1, CallbackOrder: CallbacksInOrder,
		LongTextWebhook: LongTextCut, LongTextInConversation: LongTextWhole,
	}
}

// IsZero reports whether nothing is set; such switches stand for DefaultSwitches.
func (s Switches) IsZero() bool { return reflect.ValueOf(s).IsZero() }

// Validate returns an *invalid.Error that says which switch cannot be what it is. Apart from the zero value, which stands
// for DefaultSwitches, every switch must be set: change what DefaultSwitches returns.
func (s Switches) Validate() error {
	if s.IsZero() {
		return nil
	}
	for _, err := range []error{
		checkWord("inbound_webhook_when_bound", s.InboundWebhookWhenBound, WebhookAlways, WebhookNever),
		checkWord("unknown_join_code_reply", s.UnknownJoinCodeReply, ReplySilent, ReplyNotConnected),
		checkWord("rate_over_limit", s.RateOverLimit, OverLimitQueue, OverLimitFail),
		checkWord("empty_text_plain", s.EmptyTextPlain, EmptyTextPlainOK, EmptyTextPlainAlert),
		checkWord("long_text_webhook", s.LongTextWebhook, LongTextCut, LongTextWhole, LongTextNone),
		checkWord("long_text_in_conversation", s.LongTextInConversation, LongTextWhole, LongTextCut),
		checkWord("callback_order", s.CallbackOrder, CallbacksInOrder, CallbacksReversed),
		checkLeast("callback_delay", s.CallbackDelay, 0),
		checkWord("ogg_not_opus", s.OggNotOpus, NotOpusDownload, NotOpusContent),
		checkWord("foreign_ch_sid_in_50416", s.ForeignSIDIn50416, ForeignSIDReveal, ForeignSIDHide),
		checkWord("external_user_id", s.ExternalUserID, UserIDAlways, UserIDNever),
		checkWord("parent_external_user_id", s.ParentExternalUserID, UserIDNever, UserIDAlways),
		checkWord("username_hides_number", s.UsernameHidesNumber, HidesAlways, HidesUnlessRecent),
		checkWord("username_parameter", s.UsernameParameter, UsernameProfile, UsernamePlain, UsernameBoth),
		checkWord("delivery", s.Delivery, DeliveryInstant, DeliveryRealistic, DeliveryManual),
		checkWord("flow_exists_check", s.FlowExistsCheck, FlowCheckAtFire, FlowCheckAtCreate),
		checkLeast("capture_delay", s.CaptureDelay, 0),
		checkLeast("template_approval", s.TemplateApproval, 0),
		checkLeast("rate_interval", s.RateInterval, 0),
		checkLeast("media_propagation_delay", s.MediaPropagationDelay, 0),
		checkLeast("sandbox_ttl", s.SandboxTTL, 1),
		checkLeast("service_window", s.ServiceWindow, 1),
		checkLeast("webhook_timeout", s.WebhookTimeout, 1),
	} {
		if err != nil {
			return err
		}
	}
	if s.WebhookRetries < 0 || s.WebhookRetries > 5 {
		return invalid.Errorf("webhook_retries: %d is not between 0 and 5", s.WebhookRetries)
	}
	if s.CallbackCopies < 1 || s.CallbackCopies > 10 {
		return invalid.Errorf("callback_copies: %d is not between 1 and 10", s.CallbackCopies)
	}
	if len(s.NumberAliases) > maxNumberAliases {
		return invalid.Errorf("number_aliases: there are %d, and there can be %d", len(s.NumberAliases), maxNumberAliases)
	}
	written := map[string]bool{}
	for from, to := range s.NumberAliases {
		number, err := ParseNumber(from)
		if err == nil {
			_, err = ParseNumber(to)
		}
		if err != nil {
			return invalid.Errorf("number_aliases: %w", err)
		}
		if written[number] {
			return invalid.Errorf("number_aliases: %s is there more than once", number)
		}
		written[number] = true
	}
	return nil
}

func checkWord[T ~string](name string, value T, words ...T) error {
	if slices.Contains(words, value) {
		return nil
	}
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return invalid.Errorf("%s: %q is none of %s", name, value, strings.Join(list, ", "))
}

func checkLeast(name string, d, least Duration) error {
	switch {
	case d >= least:
		return nil
	case least == 0:
		return invalid.Errorf("%s: %s is negative", name, d)
	}
	return invalid.Errorf("%s: %s is not longer than nothing", name, d)
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

// maxNumberAliases bounds number_aliases.
const maxNumberAliases = 1000

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
	return set.ForeignSIDIn50416 == ForeignSIDHide, err
}

// HasGroupTexting reads the switch group_texting in a transaction, for conversations.Config.
func (s *Sandbox) HasGroupTexting(tx store.Tx, _ string) (bool, error) {
	set, err := s.switches(tx)
	return set.GroupTexting, err
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

// UpdateSwitches changes the switches that a JSON object names, and leaves the others. The error is an *invalid.Error,
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
