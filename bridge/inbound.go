package bridge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// inbound is one message of a customer, as its webhook brought it. This is what the queue keeps of it.
type inbound struct {
	AccountSID string
	Parameters parameters
}

// work is the data of a queue entry: either a message, or a conversation that could not be deleted.
type work struct {
	Message *inbound `json:",omitempty"`
	Cleanup string   `json:",omitempty"` // SID or UniqueName
}

// maxAddress is the longest address that Twilio takes.
const maxAddress = 256

var plainSID = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)

// checkInbound says what a webhook lacks, in words that a person understands.
func checkInbound(p parameters) error {
	for _, name := range []string{"From", "To", "MessageSid"} {
		if p.get(name) == "" {
			return fmt.Errorf("%s is missing: From, To and MessageSid are required", name)
		}
	}
	for _, name := range []string{"From", "To"} {
		if len(p.get(name)) > maxAddress {
			return fmt.Errorf("%s is longer than %d characters", name, maxAddress)
		}
	}
	if !plainSID.MatchString(p.get("MessageSid")) {
		return fmt.Errorf("MessageSid is no SID")
	}
	return nil
}

// newEntry is the queue's entry of a message.
func newEntry(account string, p parameters, token string) (Entry, error) {
	if account == "" {
		account = p.get("AccountSid")
	}
	data, err := json.Marshal(work{Message: &inbound{AccountSID: account, Parameters: p}})
	if err != nil {
		return Entry{}, err
	}
	return Entry{Key: p.get("MessageSid"), Token: token, Lane: p.get("From") + " " + p.get("To"), Accepted: time.Now(), Data: data}, nil
}

// Parameters returns what the webhook of an entry carried; nil for an entry that is no message.
func (e Entry) Parameters() url.Values {
	var w work
	if json.Unmarshal(e.Data, &w) != nil || w.Message == nil {
		return nil
	}
	return url.Values(w.Message.Parameters)
}

// cleanupEntry lets the janitor look at a conversation after the customer's waiting messages.
func cleanupEntry(lane, conversation string) (Entry, error) {
	data, err := json.Marshal(work{Cleanup: conversation})
	if err != nil {
		return Entry{}, err
	}
	now := time.Now()
	key := "cleanup " + conversation + " " + strconv.FormatInt(now.UnixNano(), 36)
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
	for _, name := range []string{"MessageSid", "ProfileName", "WaId"} {
		if value := m.Parameters.get(name); value != "" {
			fields[name] = value
		}
	}
	data, err := json.Marshal(fields)
	return string(data), err
}
