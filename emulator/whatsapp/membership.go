package whatsapp

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Membership is a phone's place in an account's sandbox. A phone is in one sandbox at a time, over all accounts.
type Membership struct {
	// Phone is an E.164 number without prefix.
	Phone      string    `json:"phone"`
	AccountSID string    `json:"account_sid"`
	JoinedAt   time.Time `json:"joined_at"`
	// ExpiresAt is the instant from which the phone is no member any more.
	ExpiresAt time.Time `json:"expires_at"`
}

// memberships stand under the phone. An expired one stays until the phone joins again or leaves: nothing happens at the
// moment of expiry. Reference, WhatsApp 1.2.
var memberships = store.NewTable[Membership]("membership")

// Phone is a WhatsApp user of the emulator.
type Phone struct {
	// Number is E.164 without prefix.
	Number      string `json:"number"`
	ProfileName string `json:"profile_name"`
	// Username is shown by WhatsApp in place of the number; empty for a phone that shows its number.
	Username string `json:"username,omitempty"`
	// ExternalUserID is the address ("whatsapp:US.13491208655302741918") by which the account of Membership knows the phone; empty
	// without one. Every other account knows it by another.
	ExternalUserID string `json:"external_user_id,omitempty"`
	// Membership is nil when the phone is in no sandbox, or its time is over.
	Membership *Membership `json:"membership"`
	// Typing is the sender that is typing to the phone now; nil when none is.
	Typing *Typing `json:"typing,omitempty"`
	Behaviour
}

// phoneDoc is the document of a phone.
type phoneDoc struct {
	Number, ProfileName string
	// Username is empty for a phone that shows its number.
	Username string
	// Offline, Blocked and Unread (it sends no read receipts) are its Behaviour.
	Offline, Blocked, Unread bool
}

const byUsername = "username" // unique

var phones = store.NewTable[phoneDoc]("phone").
	Unique(byUsername, func(d phoneDoc) (string, bool) { return d.Username, d.Username != "" })

// putPhone keeps a phone. The error is an *invalid.Error when another one has the username.
func putPhone(tx store.Tx, d phoneDoc) error {
	err := phones.Put(tx, d.Number, d)
	var taken *store.ConflictError
	if errors.As(err, &taken) {
		return invalid.Errorf("username %q is that of %s already", d.Username, taken.HeldBy)
	}
	return err
}

// Address is the address under which the account of the phone's sandbox knows it: its number, or its ExternalUserId when it has a
// username. With the switch username_hides_number on unless-recent that account may see the number all the same.
func (p Phone) Address() string {
	if p.Username != "" && p.ExternalUserID != "" {
		return p.ExternalUserID
	}
	return "whatsapp:" + p.Number
}

// Shown returns the name of the phone for messages to people: its username with an @, or its number without one.
func (p Phone) Shown() string {
	if p.Username != "" {
		return "@" + p.Username
	}
	return p.Number
}

// ParseNumber returns a phone number without prefix. It takes it with "whatsapp:" or without, and with the blanks,
// hyphens and brackets that people write. The error is an *invalid.Error.
func ParseNumber(s string) (string, error) {
	bare := strings.TrimPrefix(strings.TrimSpace(s), "whatsapp:")
	bare = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(bare)
	if channel, _ := twilio.Channel(bare); channel != twilio.ChannelSMS { // the address without a prefix
		return "", invalid.Errorf("%.100q is not a phone number: write it with + and country code, such as +15558675310", s)
	}
	return bare, nil
}

// FetchPhone returns a phone; one that the emulator has not met yet is in no sandbox. Like all that takes a phone it takes the number,
// the username ("@ada"), or an ExternalUserId.
func (s *Sandbox) FetchPhone(ctx context.Context, phone string) (found Phone, err error) {
	phone, err = s.numberOf(ctx, phone)
	if err != nil {
		return Phone{}, err
	}
	err = s.store.View(ctx, func(tx store.Tx) error {
		found, err = s.phone(tx, phone)
		return err
	})
	return found, err
}

// ListPhones returns the phones that the emulator has met, by number.
func (s *Sandbox) ListPhones(ctx context.Context) (list []Phone, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		list = []Phone{}
		for doc, err := range phones.Each(tx, store.Query{}) {
			if err != nil {
				return err
			}
			p, err := s.phone(tx, doc.Number)
			if err != nil {
				return err
			}
			list = append(list, p)
		}
		return nil
	})
	return list, err
}

func (s *Sandbox) phone(tx store.Tx, phone string) (Phone, error) {
	doc, err := s.phoneDoc(tx, phone)
	if err != nil {
		return Phone{}, err
	}
	p := Phone{Number: phone, ProfileName: doc.ProfileName, Username: doc.Username, Behaviour: doc.behaviour()}
	m, member, err := s.membership(tx, phone)
	if member {
		p.Membership, p.ExternalUserID = &m, externalUserID(m.AccountSID, phone)
	}
	if err != nil {
		return p, err
	}
	p.Typing, err = s.typing(tx, phone)
	return p, err
}

// membership returns the sandbox that a phone is in now.
func (s *Sandbox) membership(tx store.Tx, phone string) (m Membership, member bool, err error) {
	m, err = memberships.Get(tx, phone)
	if errors.Is(err, store.ErrNotFound) {
		return m, false, nil
	}
	return m, err == nil && s.clock.Now().Before(m.ExpiresAt), err
}

// join puts a phone into the sandbox that has a code, for 72 hours from now (a switch), and takes it out of any other.
func (s *Sandbox) join(tx store.Tx, phone, code string, set Switches) (m Membership, known bool, err error) {
	sandbox, err := settings.Lookup(tx, byCode, code)
	if errors.Is(err, store.ErrNotFound) {
		return m, false, nil
	}
	if err != nil {
		return m, false, err
	}
	present, member, err := s.membership(tx, phone)
	if err != nil || (member && present.AccountSID == sandbox.AccountSID && !set.RejoinRefreshesExpiry) {
		return present, true, err
	}
	now := s.clock.Now()
	m = Membership{Phone: phone, AccountSID: sandbox.AccountSID, JoinedAt: now, ExpiresAt: now.Add(time.Duration(set.SandboxTTL))}
	return m, true, memberships.Put(tx, phone, m)
}

// command is a request to the sandbox itself, join or stop.
type command struct {
	join, stop bool
	code       string
}

// parseCommand finds "join <code>" and "stop", in any case and with any blanks around the words. Reference, WhatsApp 1.2.
func parseCommand(body string) command {
	words := strings.Fields(strings.ToLower(body))
	switch {
	case len(words) == 1 && words[0] == "stop":
		return command{stop: true}
	case len(words) == 2 && words[0] == "join":
		return command{join: true, code: words[1]}
	}
	return command{}
}

var codeForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// maxCode is the greatest length of a join code, in bytes.
const maxCode = 64

// normalizeCode returns a join code as it is kept, in small letters, and whether it is one: words with hyphens between them.
func normalizeCode(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	return s, len(s) <= maxCode && codeForm.MatchString(s)
}

// words for join codes that nobody chose.
var words = []string{
	"amber", "bridge", "cedar", "delta", "ember", "fable", "grove", "harbor", "island", "juniper", "kettle", "lantern",
	"meadow", "nectar", "orchard", "pebble", "quartz", "ribbon", "saffron", "timber", "umber", "violet", "willow", "zephyr",
}

func inventCode(sids *sid.Source) string {
	s := sids.New("")
	return words[int(s[2])%len(words)] + "-" + words[int(s[3])*31%len(words)] + "-" + s[4:8]
}

func parseMethod(s string) (string, error) {
	switch m := strings.ToUpper(s); m {
	case http.MethodGet, http.MethodPost:
		return m, nil
	}
	return "", invalid.Errorf("inbound method %q: it must be POST or GET", s)
}

func defaultProfileName(phone string) string { return "Phone " + phone[max(0, len(phone)-4):] }
