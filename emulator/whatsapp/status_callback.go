package whatsapp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// statusCallbackJob tells a status callback URL of one status of a message.
type statusCallbackJob struct {
	MessageSID, AccountSID string
	URL, Method            string
	// Token is the same for every attempt.
	Token string
	Form  url.Values
}

// Kind is the type of the job.
func (statusCallbackJob) Kind() string { return "status_callback" }

// callStatusBack promises to tell of a message's status: its own URL, or the sandbox's. Messages that carry those of a
// conversation have no status callbacks. Reference, WhatsApp 5.1 and 5.3. Those of one message come in their order, unless
// switches say otherwise.
func (s *Sandbox) callStatusBack(tx store.Tx, m Message) error {
	if m.ParticipantSID != "" || m.Control || m.Deleted || m.AccountSID == "" {
		return nil
	}
	target := m.StatusCallback
	if target == "" && m.From == SandboxNumber {
		sandbox, err := settings.Get(tx, m.AccountSID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		target = sandbox.StatusCallbackURL
	}
	if target == "" {
		return nil
	}
	timing, err := s.CallbackTiming(tx)
	if err != nil {
		return err
	}
	return s.outbox.PutCallback(tx, timing, outbox.Callback{Queue: "status_callback/" + m.SID, Final: m.final(), Args: statusCallbackJob{
		MessageSID: m.SID, AccountSID: m.AccountSID, URL: target, Method: m.StatusCallbackMethod, Token: s.sids.Token(), Form: statusParams(m)}})
}

// final reports whether no other status follows.
func (m Message) final() bool {
	switch m.Status {
	case twilio.StatusRead, twilio.StatusCanceled:
		return true
	case twilio.StatusDelivered:
		return !twilio.IsWhatsApp(m.To)
	}
	return m.Status.IsFailure()
}

// CallbackTiming reads the switches callback_delay, callback_copies and callback_order in a transaction, for status callbacks and for
// conversations.Config.
func (s *Sandbox) CallbackTiming(tx store.Tx) (outbox.Timing, error) {
	set, err := s.switches(tx)
	t := outbox.Timing{Delay: time.Duration(set.CallbackDelay), Reversed: set.CallbackOrder == CallbacksReversed}
	if set.CallbackCopies > 1 {
		t.Copies = set.CallbackCopies
	}
	return t, err
}

// statusParams is the form of a status callback. Reference, WhatsApp 5.3.
func statusParams(m Message) url.Values {
	v := url.Values{}
	for name, value := range map[string]string{
		"MessageSid": m.SID, "SmsSid": m.SID, "MessageStatus": string(m.Status), "SmsStatus": string(m.Status), "AccountSid": m.AccountSID,
		"From": m.From, "To": m.To, "ApiVersion": apiVersion,
	} {
		v.Set(name, value)
	}
	if m.MessagingServiceSID != "" {
		v.Set("MessagingServiceSid", m.MessagingServiceSID)
	}
	if m.ErrorCode != 0 {
		v.Set("ErrorCode", strconv.Itoa(m.ErrorCode))
	}
	if !twilio.IsWhatsApp(m.To) {
		return v
	}
	v.Set("ChannelPrefix", "whatsapp")
	v.Set("ChannelToAddress", strings.TrimPrefix(m.To, "whatsapp:"))
	v.Set("ChannelInstallSid", installSID(m))
	if m.Template {
		v.Set("StructuredMessage", "true")
	}
	if m.Status == twilio.StatusRead {
		v.Set("EventType", "READ")
	}
	if m.ErrorCode != 0 {
		v.Set("ChannelStatusMessage", ErrorMessage(m.ErrorCode))
	}
	return v
}

// apiVersion of the messaging API.
const apiVersion = "2010-04-01"

// installSID names an account's use of a sender, always the same.
func installSID(m Message) string {
	sum := sha256.Sum256([]byte(m.AccountSID + "/" + m.From))
	return "XE" + hex.EncodeToString(sum[:16])
}

// callStatusURL is the worker of statusCallbackJob. The URL's connection overrides hold here too; what goes wrong in the
// end is an entry of the debugger. Reference, WhatsApp 2.6.
func (s *Sandbox) callStatusURL(ctx context.Context, _ outbox.Job, args statusCallbackJob) error {
	account, err := s.conversations.FetchAccount(ctx, args.AccountSID)
	if err != nil {
		return unlessGone(err)
	}
	set, err := s.FetchSwitches(ctx)
	if err != nil {
		return err
	}
	call := inboundCall{sandbox: s, switches: set, message: Message{AccountSID: account.SID, SID: args.MessageSID,
		From: args.Form.Get("From"), To: args.Form.Get("To")}}
	answer, err := call.send(ctx, webhook.Request{URL: args.URL, Method: args.Method, Params: args.Form, AuthToken: account.AuthToken,
		IdempotencyToken: args.Token})
	switch {
	case err != nil:
		call.alert(ctx, debuggerCode(err), args.URL, err.Error())
	case answer.Status >= http.StatusBadRequest:
		call.alert(ctx, webhook.CodeRetrievalFailure, args.URL,
			fmt.Sprintf("the status callback answered %d %s", answer.Status, http.StatusText(answer.Status)))
	}
	return nil
}

// debug makes an entry of the debugger for a message that has failed.
func (s *Sandbox) debug(tx store.Tx, m Message) error {
	return s.conversations.RecordAlert(tx, conversations.Alert{AccountSID: m.AccountSID, Code: m.ErrorCode, ResourceSID: m.SID,
		Text: fmt.Sprintf("message %s to %s: %s", m.SID, m.To, ErrorMessage(m.ErrorCode))})
}
