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

// addressForm is an E.164 number with the prefix of a channel, or none for SMS.
var addressForm = regexp.MustCompile(`^(?:(whatsapp|rcs):)?\+[1-9][0-9]{6,14}$`)

// Channel returns the channel of an address, and whether it is an address at all: an E.164 number with the prefix of its
// channel ("whatsapp:+15558675310"), or without one for SMS.
func Channel(address string) (channel string, ok bool) {
	if len(address) > MaxAddress {
		return "", false
	}
	m := addressForm.FindStringSubmatch(address)
	switch {
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

// IsWhatsApp reports whether an address is on WhatsApp.
func IsWhatsApp(address string) bool { return strings.HasPrefix(address, ChannelWhatsApp+":") }
