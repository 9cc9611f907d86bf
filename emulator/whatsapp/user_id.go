package whatsapp

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// externalUserID returns the address that WhatsApp gives a user towards one business, its business-scoped user ID: the user's
// country, and digits that say nothing of the number. The business is the account, whichever of its senders the user writes to;
// no account knows the user's ID of another. It is derived, so a restart does not change it. Meta, "Business-scoped user IDs".
func externalUserID(accountSID, phone string) string {
	return userIDPrefix(phone) + userDigits(accountSID+"\n"+phone)
}

// parentExternalUserID is the ID of a user for all businesses of an enterprise: here that is every account.
func parentExternalUserID(phone string) string {
	return userIDPrefix(phone) + "ENT." + userDigits("enterprise\n"+phone)
}

// userIDPrefix begins all IDs of a user.
func userIDPrefix(phone string) string { return "whatsapp:" + countryOf(phone) + "." }

// userDigits are up to 20 digits that are always the same for a text.
func userDigits(of string) string {
	sum := sha256.Sum256([]byte(of))
	return strconv.FormatUint(binary.BigEndian.Uint64(sum[:8]), 10)
}

// userIDDoc is the document of an ID under which an account knows a phone.
type userIDDoc struct{ ID, Phone string }

const byUserID = "id"

// userIDs stand under Key(account, ID), from the first message of the phone to the account on: nobody learns an ID before.
var userIDs = store.NewTable[userIDDoc]("external_user_id").
	Ordered(byUserID, func(d userIDDoc) (string, bool) { return store.Key(d.ID), true })

// identify sets the address that a message of a phone is from, as its account sees it, and lets the account write to the phone's ID.
// Since it has a username the phone shows no number: Twilio fills From with the ID then (dimagi/open-chat-studio#3322).
func (s *Sandbox) identify(tx store.Tx, m *Message) error {
	set, err := s.switches(tx)
	if err != nil {
		return err
	}
	ids := []string{externalUserID(m.AccountSID, m.Phone)}
	if set.ParentExternalUserID == UserIDAlways {
		ids = append(ids, parentExternalUserID(m.Phone))
	}
	for _, id := range ids {
		known, err := userIDs.Has(tx, store.Key(m.AccountSID, id))
		if err == nil && !known {
			err = userIDs.Put(tx, store.Key(m.AccountSID, id), userIDDoc{ID: id, Phone: m.Phone})
		}
		if err != nil {
			return err
		}
	}
	hidden, err := s.hidesNumber(tx, *m, set)
	if err != nil || !hidden {
		return err
	}
	if m.ReplyToSender == m.From { // it answers what it wrote itself, perhaps while it showed its number
		m.ReplyToSender = ids[0]
	}
	m.From = ids[0]
	return nil
}

// recently is the time in which WhatsApp still shows the number of a user with a username to a business that the user has
// written to. Meta, "Business-scoped user IDs".
const recently = 30 * 24 * time.Hour

// hidesNumber reports whether the phone that sends a message keeps its number from the account.
func (s *Sandbox) hidesNumber(tx store.Tx, m Message, set Switches) (bool, error) {
	if m.Username == "" || set.UsernameHidesNumber == HidesAlways {
		return m.Username != "", nil
	}
	last, err := windows.Get(tx, store.Key(m.AccountSID, m.To, m.Phone))
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	return s.clock.Now().Sub(last.Last) > recently, err
}

// phoneOf returns the phone that an account knows by an ID; for an ID that nobody has, what nobody returns.
func phoneOf(tx store.Tx, accountSID, id string) (string, error) {
	known, err := userIDs.Get(tx, store.Key(accountSID, id))
	if errors.Is(err, store.ErrNotFound) {
		return nobody(id), nil
	}
	return known.Phone, err
}

// numberOf returns the number of a phone that is named by its number, by its username with an @, or by an ID that an account has of it.
// The error is an *invalid.Error.
func (s *Sandbox) numberOf(ctx context.Context, name string) (number string, err error) {
	username, byName := strings.CutPrefix(strings.TrimSpace(name), "@")
	byID := twilio.IsExternalUserID(name)
	if !byName && !byID {
		return ParseNumber(name)
	}
	err = s.store.View(ctx, func(tx store.Tx) error {
		if byID {
			known, err := userIDs.First(tx, store.Query{Index: byUserID, Prefix: store.Prefix(name)})
			number = known.Phone
			return err
		}
		phone, err := phones.Lookup(tx, byUsername, strings.ToLower(username))
		number = phone.Number
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return "", invalid.Errorf("no phone of this emulator is %.150s", name)
	}
	return number, err
}

// nobody stands for the phone of an ID that nobody has, the ID without prefix: messages to it wait for each other, and arrive
// nowhere.
func nobody(id string) string { return strings.TrimPrefix(id, "whatsapp:") }

// userParams sets the parameters of an inbound webhook that say who the user is, and returns those that ChannelMetadata repeats.
func (m Message) userParams(v url.Values, set Switches) map[string]any {
	mirrored := map[string]any{"ProfileName": m.ProfileName}
	v.Set("ProfileName", m.ProfileName)
	if !twilio.IsExternalUserID(m.From) { // without a number there is no WaId
		waID := strings.TrimPrefix(m.Phone, "+")
		v.Set("WaId", waID)
		mirrored["WaId"] = waID
	}
	if m.Username != "" {
		for _, name := range usernameParameters[set.UsernameParameter] {
			v.Set(name, m.Username)
		}
	}
	if set.ExternalUserID == UserIDAlways {
		v.Set("ExternalUserId", externalUserID(m.AccountSID, m.Phone))
	}
	if set.ParentExternalUserID == UserIDAlways {
		v.Set("ParentExternalUserId", parentExternalUserID(m.Phone))
	}
	return mirrored
}

// usernameParameters are the names under which a webhook has the username.
var usernameParameters = map[UsernameParameter][]string{
	UsernameProfile: {"ProfileUsername"}, UsernamePlain: {"Username"}, UsernameBoth: {"ProfileUsername", "Username"},
}

// usernameForm and checkUsername have WhatsApp's rules: 3 to 35 English letters, digits, periods and underscores, with a letter
// among them. Meta, "Business usernames", which are those of users too.
var usernameForm = regexp.MustCompile(`^[a-z0-9._]{3,35}$`)

// checkUsername returns a username as it is kept, in small letters and without the @ that people write; empty for none.
func checkUsername(s string) (string, error) {
	name := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(s), "@"))
	switch {
	case name == "":
		return "", nil
	case !usernameForm.MatchString(name) || !strings.ContainsFunc(name, func(r rune) bool { return r >= 'a' && r <= 'z' }):
		return "", invalid.Errorf("username %.100q: it must be 3 to 35 letters (a to z), digits, periods and underscores, with a letter among them", s)
	case strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") || strings.HasPrefix(name, "www."):
		return "", invalid.Errorf("username %.100q: it must not begin with www. or a period, end with a period, or have two in a row", s)
	}
	return name, nil
}
