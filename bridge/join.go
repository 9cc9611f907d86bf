package bridge

import (
	"context"
	"time"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// join handles a message whose pair is bound. As a rule Twilio has captured the message and nothing is left to do; the
// exceptions are the message that opened this conversation in an attempt that was cut short, and one that came before
// the binding did.
//
// What was found in the conversation may be given; nil lets join look.
func (d *delivery) join(h *holder, found *search) (Result, error) {
	own := d.message.opened(h.uniqueName)
	d.learn(h)
	if d.state.Complete && !own && d.longKnown() {
		return ResultCaptured, nil
	}
	if !d.state.Complete {
		if err := d.complete(h); err != nil {
			return "", err
		}
	}
	if found == nil || own {
		looked, err := d.search(h.conversation, own)
		if err != nil {
			return "", err
		}
		found = &looked
	}
	if own {
		created, _ := d.messageDate() // it may come after what Twilio captured meanwhile; its date then tells
		_, err := d.post(h.conversation, d.prepare(h.service, found), created)
		return ResultOpened, err
	}
	if found.complete || (d.followed() && d.captured(found)) {
		return ResultCaptured, nil
	}
	var created *time.Time
	if len(found.parts) == 0 {
		before, date, err := d.cameBefore(h, found)
		if err != nil || !before {
			return ResultCaptured, err
		}
		created = date
	}
	_, err := d.post(h.conversation, d.prepare(h.service, found), created)
	return ResultAppended, err
}

// learn remembers who holds the pair. A participant that was added anew has another SID, and is a new binding.
func (d *delivery) learn(h *holder) {
	if d.state.Conversation != h.conversation || (d.state.Participant != "" && d.state.Participant != h.participant) {
		d.state = laneState{Conversation: h.conversation, Known: time.Now(), Claimed: d.state.Claimed, Told: d.state.Told}
	}
	d.state.Participant = h.participant
}

// prepare returns the parts that are not in the conversation yet, their attachments moved.
func (d *delivery) prepare(serviceSID string, found *search) []part {
	var missing []part
	for _, p := range d.message.parts() {
		if found.parts[p.number] {
			continue
		}
		if p.media != nil {
			d.moveMedia(&p, serviceSID)
		}
		missing = append(missing, p)
	}
	return missing
}

// post adds parts to a conversation, in order, and returns how many it added. A date is given where the message comes
// later than it was written.
func (d *delivery) post(conversation string, parts []part, created *time.Time) (int, error) {
	for i := range parts {
		attributes, err := d.message.attributes(&parts[i])
		if err != nil {
			return i, err
		}
		params := new(conversations.CreateConversationMessageParams).
			SetAuthor(d.message.from()).SetAttributes(attributes).SetXTwilioWebhookEnabled("true")
		if body := parts[i].posted(); body != "" {
			params.SetBody(body)
		}
		if parts[i].mediaSID != "" {
			params.SetMediaSid(parts[i].mediaSID)
		}
		if created != nil {
			params.SetDateCreated(*created)
		}
		if _, err := d.api.CreateConversationMessage(conversation, params); err != nil {
			return i, err
		}
	}
	return len(parts), nil
}

// pause waits, or returns the error of ctx.
func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
