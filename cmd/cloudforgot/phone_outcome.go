package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// outcome is a message that a phone sent, and what followed.
type outcome struct {
	Message whatsapp.Message `json:"message"`
	// Album are all messages of several files that were sent at once, of which Message is the first; nil for one.
	Album []whatsapp.Message `json:"album,omitempty"`
	// ConversationSID is the conversation that holds the message, whether that captured it or a bridge added it; empty
	// when none does.
	ConversationSID string `json:"conversation_sid"`
	// Answers are what arrived at the phone since.
	Answers []whatsapp.Message `json:"answers"`
	// Undelivered are what was sent to the phone since and has not arrived: it waits, or has failed.
	Undelivered []whatsapp.Message `json:"undelivered,omitempty"`
}

// dropped reports whether the message is of a kind that Twilio has no webhook for, so that nothing follows.
func (o outcome) dropped() bool { return o.Message.SID == "" }

// await waits until nothing is under way any more, or the time is over, and fills in what followed.
func (o *outcome) await(ctx context.Context, client *control.Client, timeout time.Duration) error {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	unsettled := client.Settle(limited)
	if errors.Is(unsettled, context.DeadlineExceeded) {
		unsettled = fmt.Errorf("the message is sent, but after %s not everything that follows is done: `cloudforgot traffic` "+
			"shows what happens; --timeout waits longer", timeout)
	}
	thread, err := client.ListMessages(ctx, o.Message.Phone, o.Message.Seq, 0)
	if err != nil {
		return errors.Join(unsettled, err)
	}
	o.Answers = arrived(thread)
	events, err := eventsSince(ctx, client, o.Message)
	if err != nil {
		return errors.Join(unsettled, err)
	}
	o.ConversationSID = cmp.Or(o.ConversationSID, findConversation(events, o.Message))
	o.Undelivered, err = fetchUndelivered(ctx, client, events, o.Message.Phone)
	return errors.Join(unsettled, err)
}

// eventsSince lists what has happened since a phone's message came in.
func eventsSince(ctx context.Context, client *control.Client, m whatsapp.Message) ([]conversations.Event, error) {
	events, err := client.ListEvents(ctx, 0, 0)
	received := slices.IndexFunc(events, func(e conversations.Event) bool {
		return e.Type == conversations.MessageReceived && e.Params.Get("MessageSid") == m.SID
	})
	if err != nil || received < 0 {
		return nil, err
	}
	return events[received:], nil
}

// fetchUndelivered fetches the messages to a phone whose last status among the events is that of one that has not arrived.
func fetchUndelivered(ctx context.Context, client *control.Client, events []conversations.Event, phone string) ([]whatsapp.Message, error) {
	var sids []string
	status := map[string]twilio.Status{}
	for _, e := range events {
		sid := e.Params.Get("MessageSid")
		if e.Params.Get("Phone") != phone || e.Type != conversations.MessageStatus && e.Type != conversations.MessageSent {
			continue
		}
		if status[sid] == "" {
			sids = append(sids, sid)
		}
		status[sid] = twilio.Status(e.Params.Get("Status"))
	}
	var undelivered []whatsapp.Message
	for _, sid := range sids {
		if s := status[sid]; s == twilio.StatusDelivered || s == twilio.StatusRead {
			continue
		}
		m, err := client.FetchMessage(ctx, sid)
		if err != nil {
			return undelivered, err
		}
		undelivered = append(undelivered, m)
	}
	return undelivered, nil
}

// findConversation looks through the events since a message came in for the message of a conversation that a bridge made of it:
// it carries the MessageSid in its attributes, or at least has the same author and text. Empty when there is none. The bridge's
// author may be the number of a customer who has taken a username since.
func findConversation(events []conversations.Event, m whatsapp.Message) string {
	alike := ""
	for _, e := range events {
		if e.Type != conversations.OnMessageAdded {
			continue
		}
		var stamp struct{ MessageSid string }
		_ = json.Unmarshal([]byte(e.Params.Get("Attributes")), &stamp) // a bridge need not stamp its messages
		switch {
		case stamp.MessageSid == m.SID:
			return e.ConversationSID
		case stamp.MessageSid == "" && alike == "" && e.Params.Get("Author") == m.From && e.Params.Get("Body") == m.Body:
			alike = e.ConversationSID
		}
	}
	return alike
}

// printOutcome prints a message and what followed; without waited that is not known.
func (p process) printOutcome(o outcome, waited bool) error {
	if o.dropped() {
		return p.printTable(nil, []string{"Message", "none: Twilio has no webhook for this (" + o.Message.MessageType + "), so it is dropped and logged"})
	}
	var rows [][]string
	for _, m := range append([]whatsapp.Message{o.Message}, o.Album[min(1, len(o.Album)):]...) {
		rows = append(rows, []string{"Message", m.SID + " from " + sentBy(m) + kindText(m)})
	}
	switch {
	case o.ConversationSID != "":
		rows = append(rows, []string{"Conversation", o.ConversationSID})
	case waited:
		rows = append(rows, []string{"Conversation", "none"})
	}
	for _, answer := range o.Answers {
		rows = append(rows, []string{"Answer", messageText(answer)})
	}
	for _, m := range o.Undelivered {
		rows = append(rows, []string{"Not arrived", m.SID + " (" + statusText(m) + ")\n" + messageText(m)})
	}
	if waited && len(o.Answers)+len(o.Undelivered) == 0 {
		rows = append(rows, []string{"Answer", "none"})
	}
	return p.printTable(nil, rows...)
}

// sentBy names the phone that has sent a message, by its username or its number.
func sentBy(m whatsapp.Message) string {
	if m.Username != "" {
		return "@" + m.Username
	}
	return m.Phone
}

// kindText names the kind of a message that is no plain text.
func kindText(m whatsapp.Message) string {
	if m.MessageType == "" || m.MessageType == "text" {
		return ""
	}
	return " (" + m.MessageType + ")"
}
