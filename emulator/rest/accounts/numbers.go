package accounts

import (
	"context"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// numberBody is Twilio's IncomingPhoneNumber resource. Texts of what a number has not are empty where Twilio's are, else null.
type numberBody struct {
	AccountSID             string          `json:"account_sid"`
	AddressRequirements    string          `json:"address_requirements"`
	AddressSID             *string         `json:"address_sid"`
	APIVersion             string          `json:"api_version"`
	Beta                   bool            `json:"beta"`
	BundleSID              *string         `json:"bundle_sid"`
	Capabilities           map[string]bool `json:"capabilities"`
	DateCreated            *rest.RFC2822   `json:"date_created"`
	DateUpdated            *rest.RFC2822   `json:"date_updated"`
	EmergencyAddressSID    *string         `json:"emergency_address_sid"`
	EmergencyAddressStatus string          `json:"emergency_address_status"`
	EmergencyStatus        string          `json:"emergency_status"`
	FriendlyName           string          `json:"friendly_name"`
	IdentitySID            *string         `json:"identity_sid"`
	Origin                 string          `json:"origin"`
	PhoneNumber            string          `json:"phone_number"`
	SID                    string          `json:"sid"`
	SMSApplicationSID      *string         `json:"sms_application_sid"`
	SMSFallbackMethod      string          `json:"sms_fallback_method"`
	SMSFallbackURL         string          `json:"sms_fallback_url"`
	SMSMethod              string          `json:"sms_method"`
	SMSURL                 string          `json:"sms_url"`
	Status                 string          `json:"status"`
	StatusCallback         string          `json:"status_callback"`
	StatusCallbackMethod   string          `json:"status_callback_method"`
	TrunkSID               *string         `json:"trunk_sid"`
	Type                   string          `json:"type,omitempty"`
	URI                    string          `json:"uri"`
	VoiceApplicationSID    *string         `json:"voice_application_sid"`
	VoiceCallerIDLookup    bool            `json:"voice_caller_id_lookup"`
	VoiceFallbackMethod    string          `json:"voice_fallback_method"`
	VoiceFallbackURL       *string         `json:"voice_fallback_url"`
	VoiceMethod            string          `json:"voice_method"`
	VoiceReceiveMode       string          `json:"voice_receive_mode"`
	VoiceURL               *string         `json:"voice_url"`
}

const originTwilio = "twilio"

func newNumberBody(s conversations.Sender) numberBody {
	const post = "POST"
	return numberBody{AccountSID: s.AccountSID, AddressRequirements: "none", APIVersion: "2010-04-01",
		Capabilities: map[string]bool{"fax": false, "mms": true, "sms": true, "voice": false},
		DateCreated:  rest.Dated(s.DateCreated), DateUpdated: rest.Dated(s.DateCreated), EmergencyAddressStatus: "unregistered",
		EmergencyStatus: "Inactive", FriendlyName: s.Address, Origin: originTwilio, PhoneNumber: s.Address, SID: s.SID,
		SMSFallbackMethod: post, SMSMethod: post, Status: "in-use", StatusCallbackMethod: post, Type: numberType(s.Address),
		URI:                 "/2010-04-01/Accounts/" + s.AccountSID + "/IncomingPhoneNumbers/" + s.SID + ".json",
		VoiceFallbackMethod: post, VoiceMethod: post, VoiceReceiveMode: "voice"}
}

// numberType is "toll free" for the prefixes of North America that are, and "local" for all other numbers.
func numberType(number string) string {
	for _, prefix := range []string{"+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888"} {
		if strings.HasPrefix(number, prefix) && len(number) == len("+18005550100") {
			return "toll free"
		}
	}
	return "local"
}

// numbers are the numbers that an account has registered as senders of SMS. The sandbox number is no account's own, and senders of
// WhatsApp are no numbers of Twilio's.
func (a *api) numbers(ctx context.Context, accountSID string) ([]conversations.Sender, error) {
	senders, err := a.conversations.ListSenders(ctx, accountSID)
	var list []conversations.Sender
	for _, s := range senders {
		if strings.HasPrefix(s.Address, "+") {
			list = append(list, s)
		}
	}
	return list, err
}

// listNumbers lists the numbers of a type; empty means all. It pages by number: an account has few.
func (a *api) listNumbers(ofType string) rest.Handler {
	return func(in *rest.Request) (rest.Result, error) {
		p, err := in.Paging(rest.MaxPageSize)
		if err != nil {
			return rest.Result{}, err
		}
		var filter struct {
			Beta                              *bool
			FriendlyName, Origin, PhoneNumber string
		}
		if err := in.Query(&filter); err != nil {
			return rest.Result{}, err
		}
		all, err := a.numbers(in.Context(), in.Account.SID)
		if err != nil {
			return rest.Result{}, err
		}
		var numbers []conversations.Sender
		for _, s := range all {
			if (ofType == "" || numberType(s.Address) == ofType) && (filter.FriendlyName == "" || filter.FriendlyName == s.Address) &&
				(filter.Origin == "" || filter.Origin == originTwilio) && matches(s.Address, filter.PhoneNumber) {
				numbers = append(numbers, s)
			}
		}
		page := rest.Numbered(p, numbers, func(s conversations.Sender) string { return s.SID })
		return rest.Page2010(in, p, "incoming_phone_numbers", page, func(s conversations.Sender) numberBody {
			b := newNumberBody(s)
			if ofType != "" { // the lists of one type do not name it (Twilio's OpenAPI file)
				b.Type = ""
			}
			return b
		}), nil
	}
}

// matches reports whether a number has a sequence of digits, in which "*" stands for any digit.
func matches(number, pattern string) bool {
	pattern = digits(pattern)
	number = strings.TrimPrefix(number, "+")
	for from := 0; from+len(pattern) <= len(number); from++ {
		same := true
		for i := range len(pattern) {
			same = same && (pattern[i] == '*' || pattern[i] == number[from+i])
		}
		if same {
			return true
		}
	}
	return false
}

// digits are the characters of a PhoneNumber filter that count: "*" stands for any digit.
func digits(pattern string) string {
	return strings.Map(func(r rune) rune {
		if r == '*' || (r >= '0' && r <= '9') {
			return r
		}
		return -1
	}, pattern)
}

func (a *api) fetchNumber(in *rest.Request) (rest.Result, error) {
	all, err := a.numbers(in.Context(), in.Account.SID)
	if err != nil {
		return rest.Result{}, err
	}
	for _, s := range all {
		if s.SID == in.Vars["Sid"] {
			return rest.OK(newNumberBody(s)), nil
		}
	}
	return rest.Result{}, twilio.ErrNotFound
}
