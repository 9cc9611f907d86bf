package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
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
	if o.ConversationSID == "" {
		o.ConversationSID, err = findConversation(ctx, client, o.Message)
	}
	return errors.Join(unsettled, err)
}

// findConversation looks through the events for the message of a conversation that a bridge made of an inbound message:
// it carries the MessageSid in its attributes, or at least has the same author and text. Empty when there is none. The bridge's
// author may be the number of a customer who has taken a username since.
func findConversation(ctx context.Context, client *control.Client, m whatsapp.Message) (string, error) {
	events, err := client.ListEvents(ctx, 0, 0)
	if err != nil {
		return "", err
	}
	alike, received := "", false
	for _, e := range events {
		if e.Type == conversations.MessageReceived && e.Params.Get("MessageSid") == m.SID {
			received = true
		}
		if !received || e.Type != conversations.OnMessageAdded {
			continue
		}
		var stamp struct{ MessageSid string }
		_ = json.Unmarshal([]byte(e.Params.Get("Attributes")), &stamp) // a bridge need not stamp its messages
		switch {
		case stamp.MessageSid == m.SID:
			return e.ConversationSID, nil
		case stamp.MessageSid == "" && alike == "" && e.Params.Get("Author") == m.From && e.Params.Get("Body") == m.Body:
			alike = e.ConversationSID
		}
	}
	return alike, nil
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
	if waited && len(o.Answers) == 0 {
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
