package whatsapp

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// externalUserID returns the address that WhatsApp gives a user towards one business, its business-scoped user ID: the user's
// country, and digits that say nothing of the number. The business is the account, whichever of its senders the user writes to;
// no account knows the user's ID of another. It is derived, so a restart does not change it. Meta, "Business-scoped user IDs".
func externalUserID(accountSID, phone string) string {
	return userIDPrefix(phone) + userDigits(accountSID+"\n"+phone)
}

// userIDPrefix is what all IDs of a user begin with.
func userIDPrefix(phone string) string { return "whatsapp:" + countryOf(phone) + "." }

// userDigits are up to 20 digits that are always the same for a text.
func userDigits(of string) string {
	sum := sha256.Sum256([]byte(of))
	return strconv.FormatUint(binary.BigEndian.Uint64(sum[:8]), 10)
}
