package twilio

import (
	"regexp"
	"strings"
)

// Channels by which a phone is reached.
const (
	ChannelSMS      = "sms"
	ChannelWhatsApp = "whatsapp"
	ChannelRCS      = "rcs"
)

// MaxAddress is the greatest length of an address in bytes. Reference, Conversations API 11.
const MaxAddress = 256

var (
	// numberForm is an E.164 number with the prefix of a channel, or none for SMS.
	numberForm = regexp.MustCompile(`^(?:(whatsapp|rcs):)?\+[1-9][0-9]{6,14}$`)
	// userIDForm is an ExternalUserId, or a ParentExternalUserId with ENT. Meta, "Business-scoped user IDs".
	userIDForm = regexp.MustCompile(`^whatsapp:[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)
)

// Channel returns the channel of an address, and whether it is an address at all: an E.164 number with the prefix of its
// channel ("whatsapp:+15558675310"), or without one for SMS; or an ExternalUserId ("whatsapp:US.13491208655302741918"), which is
// the address of a WhatsApp user who shows no number. The addresses of businesses are numbers: [IsNumber].
func Channel(address string) (channel string, ok bool) {
	if len(address) > MaxAddress {
		return "", false
	}
	m := numberForm.FindStringSubmatch(address)
	switch {
	case m == nil && IsExternalUserID(address):
		return ChannelWhatsApp, true
	case m == nil:
		return "", false
	case m[1] == "":
		return ChannelSMS, true
	}
	return m[1], true
}

// IsAddress reports whether a text is the address of a phone.
func IsAddress(s string) bool {
	_, ok := Channel(s)
	return ok
}

// IsNumber reports whether an address is that of a number, on any channel.
func IsNumber(address string) bool {
	return len(address) <= MaxAddress && numberForm.MatchString(address)
}

// IsExternalUserID reports whether an address is WhatsApp's ID of a user for a business, and no number.
func IsExternalUserID(address string) bool {
	return IsWhatsApp(address) && len(address) <= MaxAddress && userIDForm.MatchString(address)
}

// IsWhatsApp reports whether an address is on WhatsApp.
func IsWhatsApp(address string) bool { return strings.HasPrefix(address, ChannelWhatsApp+":") }
