package bridge

import (
	"context"
	"time"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// prepare returns the parts that are not in the conversation yet, their attachments moved. All attachments of a message
// share mediaBudget, so that the message arrives whatever becomes of them.
func (d *delivery) prepare(serviceSID string, found *search) []part {
	ctx, cancel := context.WithTimeout(d.ctx, mediaBudget)
	defer cancel()
	var missing []part
	for _, p := range d.message.parts() {
		if found.parts[p.number] {
			continue
		}
		if p.media != nil {
			d.moveMedia(ctx, &p, serviceSID)
		}
		missing = append(missing, p)
	}
	return missing
}

// post adds parts to a conversation, in order. A date is given where the message comes later than it was written.
func (d *delivery) post(conversation string, parts []part, created *time.Time) error {
	for i := range parts {
		p := &parts[i]
		err := d.postPart(conversation, p, created)
		if err != nil && permanent(err) && p.mediaSID != "" {
			d.log.Error("attachment not attached, the message says so", "part", p.number, "content_type", p.media.contentType, "error", err)
			p.mediaSID, p.missing = "", "Twilio does not attach it"
			err = d.postPart(conversation, p, created)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *delivery) postPart(conversation string, p *part, created *time.Time) error {
	attributes, err := d.message.attributes(p)
	if err != nil {
		return err
	}
	params := new(conversations.CreateConversationMessageParams).
		SetAuthor(d.message.from()).SetAttributes(attributes).SetXTwilioWebhookEnabled("true")
	if body := p.posted(); body != "" {
		params.SetBody(body)
	}
	if p.mediaSID != "" {
		params.SetMediaSid(p.mediaSID)
	}
	if created != nil {
		params.SetDateCreated(*created)
	}
	_, err = d.api.CreateConversationMessage(conversation, params)
	return err
}
