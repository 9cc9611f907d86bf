package bridge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// inbound is one message of a customer: the parameters of its webhook. It is stored in the queue.
type inbound struct {
	AccountSID string
	Parameters parameters
}

// work is the data of a queue entry: either a message, or a conversation that could not be deleted.
type work struct {
	Message *inbound `json:",omitempty"`
	Cleanup string   `json:",omitempty"` // SID or UniqueName
	// Tries counts the attempts to delete that came before this entry, and Since says when the first was made.
	Tries int       `json:",omitempty"`
	Since time.Time `json:",omitzero"`
}

// Twilio signs parameters without separators, so whoever replays a webhook can move the bounds between names and values and
// keep the signature. These forms leave no room for that around the parameters that say which message it is.
var (
	messageSID = regexp.MustCompile(`^(SM|MM)[0-9a-f]{32}$`)
	accountSID = regexp.MustCompile(`^AC[0-9a-f]{32}$`)
	// address is a phone number, or the ID of a customer who shows none. An ID with letters must be said twice: see checkUserID.
	address = regexp.MustCompile(`^(whatsapp:)?(\+[0-9]{1,32}|[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128})$`)
	number  = regexp.MustCompile(`^(whatsapp:)?\+[0-9]{1,32}$`)
	// userID is an ExternalUserId, WhatsApp's business-scoped ID of a user.
	userID = regexp.MustCompile(`^whatsapp:[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}$`)
	digits = regexp.MustCompile(`[.+][0-9]+$`)
	count  = regexp.MustCompile(`^[0-9]{1,2}$`)
)

// checkInbound returns an error that says which parameter of a message is missing or malformed.
func checkInbound(p parameters) error {
	checks := []struct {
		name     string
		required bool
		form     *regexp.Regexp
		want     string
	}{
		{"From", true, address, "an address such as whatsapp:+15558675310"},
		{"To", true, number, "a number such as whatsapp:+14155238886"},
		{"MessageSid", true, messageSID, "SM or MM and 32 hexadecimal digits"},
		{"AccountSid", false, accountSID, "AC and 32 hexadecimal digits"},
		{"NumMedia", false, count, "a number below 100"},
	}
	for _, c := range checks {
		if c.required && p.get(c.name) == "" {
			return fmt.Errorf("%s is missing: From, To and MessageSid are required", c.name)
		}
	}
	for _, c := range checks {
		if value := p.get(c.name); value != "" && !c.form.MatchString(value) {
			return fmt.Errorf("%s is malformed: it must be %s", c.name, c.want)
		}
	}
	return checkUserID(p)
}

// checkUserID refuses an ID with letters in From that no ExternalUserId or ParentExternalUserId repeats: the name of the parameter
// that follows From could be a part of it.
func checkUserID(p parameters) error {
	from := p.get("From")
	if digits.MatchString(from) || from == p.get("ExternalUserId") || from == p.get("ParentExternalUserId") {
		return nil
	}
	return errors.New("an ID with letters in From must be that of ExternalUserId too")
}

// newEntry returns the queue's entry of a message.
func newEntry(account string, w webhook, now time.Time) (Entry, error) {
	p := w.parameters
	if account == "" {
		account = p.get("AccountSid")
	}
	data, err := json.Marshal(work{Message: &inbound{AccountSID: account, Parameters: p}})
	if err != nil {
		return Entry{}, err
	}
	return Entry{Key: p.get("MessageSid"), Token: w.token, Lane: lane(p), Accepted: now, Data: data}, nil
}

// lane names the lane of a message, that of its customer and number. A customer is known by the ExternalUserId where there is one, so
// that the lane and its state stay the same when the customer takes a username and shows no number any more, or a number again.
func lane(p parameters) string {
	customer := p.get("From")
	if id := p.get("ExternalUserId"); userID.MatchString(id) {
		customer = id
	}
	return customer + " " + p.get("To")
}

// Parameters returns what the webhook of an entry carried; nil for an entry that is no message.
func (e Entry) Parameters() url.Values {
	var w work
	if json.Unmarshal(e.Data, &w) != nil || w.Message == nil {
		return nil
	}
	return url.Values(w.Message.Parameters)
}

// cleanupEntry returns the entry that lets the janitor look at a conversation after the customer's waiting messages.
func cleanupEntry(lane string, w work, now time.Time) (Entry, error) {
	data, err := json.Marshal(w)
	if err != nil {
		return Entry{}, err
	}
	key := "cleanup " + w.Cleanup + " " + strconv.FormatInt(now.UnixNano(), 36)
	return Entry{Key: key, Lane: lane, Accepted: now, Data: data}, nil
}

func (m *inbound) sid() string  { return m.Parameters.get("MessageSid") }
func (m *inbound) from() string { return m.Parameters.get("From") }
func (m *inbound) to() string   { return m.Parameters.get("To") }

// uniqueName names the conversation that this message would open, the same on every attempt, so that a second attempt
// finds what the first one made. A name that is used up by a closed conversation has a successor: n counts them from 0.
func (m *inbound) uniqueName(n int) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{m.AccountSID, m.from(), m.to(), m.sid()}, "\n")))
	name := uniqueNamePrefix + hex.EncodeToString(sum[:20])
	if n > 0 {
		name += "-" + strconv.Itoa(n)
	}
	return name
}

// opened reports whether a conversation of that name is one that this message opened.
func (m *inbound) opened(uniqueName string) bool {
	name := m.uniqueName(0)
	return uniqueName == name || strings.HasPrefix(uniqueName, name+"-")
}

// uniqueNamePrefix marks conversations that a bridge opened.
const uniqueNamePrefix = "whatsapp-bridge-"

// conversationAttributes tell Studio and Flex whose conversation this is.
func (m *inbound) conversationAttributes() (string, error) {
	fields := map[string]string{}
	for _, name := range []string{"MessageSid", "ProfileName", "WaId", "ExternalUserId", "ParentExternalUserId", "ProfileUsername", "Username"} {
		if value := m.Parameters.get(name); value != "" {
			fields[name] = value
		}
	}
	data, err := json.Marshal(fields)
	return string(data), err
}
