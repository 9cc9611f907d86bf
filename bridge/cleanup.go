package bridge

import (
	"net/url"
	"time"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// tellAgain is how long a customer who was told of another account's binding is not told again.
const tellAgain = time.Hour

// discard deletes a conversation that will not be used. It never deletes a message but the one that was to open it: where
// another may have come in it looks first, and leaves the conversation if so. What cannot be deleted now is the janitor's.
func (d *delivery) discard(c *opening) {
	if d.ctx.Err() != nil {
		return // the next attempt takes it up, or the janitor, since unsure stays set
	}
	if c.bound || !c.fresh || c.filling {
		spare, err := d.isSpare(c.sid, d.message.sid())
		if err == nil && !spare {
			d.log.Warn("conversation is not deleted: it has messages", "conversation_sid", c.sid)
			d.unsure = false
			return
		}
		if err != nil && !notFound(err) {
			d.cleanupLater(c.sid)
			return
		}
	}
	if err := d.delete(c.sid); err != nil {
		d.log.Error("conversation not deleted, the janitor will try again", "conversation_sid", c.sid, "error", err)
		d.cleanupLater(c.sid)
		return
	}
	d.unsure = false
	if d.state.Conversation == c.sid {
		d.state = laneState{Claimed: d.state.Claimed, Told: d.state.Told}
	}
}

// delete removes a conversation; one that is gone is no error. Whoever was told of its creation is told of this.
func (d *delivery) delete(conversation string) error {
	err := d.api.DeleteConversation(conversation, new(conversations.DeleteConversationParams).SetXTwilioWebhookEnabled("true"))
	if notFound(err) {
		return nil
	}
	return err
}

// isSpare reports whether a conversation has no messages, or with OrderMessage, which puts the first one in before anybody
// can hear it, none but parts of that one. An opener of "" stands for any message that a bridge has posted.
func (d *delivery) isSpare(conversation, opener string) (bool, error) {
	page, err := d.api.PageConversationMessage(conversation, new(conversations.ListConversationMessageParams).SetPageSize(searchPageSize), "", "")
	if err != nil {
		return false, err
	}
	if len(page.Messages) == 0 {
		return true, nil
	}
	if d.h.config.Order != OrderMessage || deref(page.Meta.NextPageUrl) != "" {
		return false, nil
	}
	for i := range page.Messages {
		sid := readStamp(page.Messages[i].Attributes).MessageSid
		if sid == "" || (opener != "" && sid != opener) {
			return false, nil
		}
	}
	return true, nil
}

// isAbandoned reports whether a conversation is spare and, where it may still have a message, no flow hears it: with
// OrderMessage the flow comes last.
func (d *delivery) isAbandoned(conversation string) (bool, error) {
	spare, err := d.isSpare(conversation, "")
	if err != nil || !spare || d.h.config.Order != OrderMessage {
		return spare, err
	}
	page, err := d.api.PageConversationScopedWebhook(conversation, new(conversations.ListConversationScopedWebhookParams).SetPageSize(1), "", "")
	if err != nil {
		return false, err
	}
	return len(page.Webhooks) == 0, nil
}

// cleanupLater leaves a conversation, by SID or UniqueName, to the janitor. Its work stands in the customer's lane
// behind what waits there, so that it cannot take a conversation away from a message that is about to use it.
func (d *delivery) cleanupLater(conversation string) {
	entry, err := cleanupEntry(d.job.Lane, work{Cleanup: conversation})
	if err != nil {
		d.log.Error("conversation stays behind", "conversation", conversation, "error", err)
		return
	}
	d.unsure = false
	d.follow = append(d.follow, entry)
}

// janitorPatience is how many times longer than a message a conversation that cannot be deleted is tried.
const janitorPatience = 24

// outcomeOfCleanup is the janitor: it deletes a conversation that was abandoned on the way and has not come to use since. When
// that fails it tries again behind what waits in the customer's lane meanwhile, so that it holds up no message for long.
func (d *delivery) outcomeOfCleanup(w work) Outcome {
	log := d.log.With("conversation", w.Cleanup)
	abandoned, err := d.isAbandoned(w.Cleanup)
	if err == nil && abandoned {
		err = d.delete(w.Cleanup)
	}
	if err == nil || notFound(err) {
		log.Info("janitor is done", "deleted", abandoned)
		return Outcome{Status: StatusDone}
	}
	again := work{Cleanup: w.Cleanup, Tries: w.Tries + 1, Since: w.Since}
	if again.Since.IsZero() || d.job.Attempt > 1 { // the first look, or one after a crash or a replay
		again.Since = d.job.Queued
	}
	if !permanent(err) && time.Since(again.Since) < janitorPatience*d.h.config.RetryFor {
		if next, failed := cleanupEntry(d.job.Lane, again); failed == nil {
			at := time.Now().Add(max(retryDelay(again.Tries), retryAfter(err)))
			log.Warn("conversation not deleted yet", "error", err, "next_attempt", at)
			return Outcome{Status: StatusDone, At: at, Follow: []Entry{next}}
		}
	}
	log.Error("EMPTY CONVERSATION STAYS BEHIND, the janitor gives up", "error", err)
	return Outcome{Status: StatusDead, Reason: "empty conversation not deleted: " + err.Error()}
}

// tellConflict sends the customer the configured words about another account's binding.
func (d *delivery) tellConflict() {
	reply := d.h.config.ConflictReply
	if told := time.Since(d.state.Told); reply == "" || (told >= 0 && told < tellAgain) { // negative: the clock was set back
		return
	}
	path := "https://" + apiHost + "/2010-04-01/Accounts/" + url.PathEscape(d.message.AccountSID) + "/Messages.json"
	form := url.Values{"From": {d.message.to()}, "To": {d.message.from()}, "Body": {reply}}
	headers := map[string]any{"Content-Type": "application/x-www-form-urlencoded"}
	response, err := d.api.RequestHandler().Post(path, form, headers, "")
	if err != nil {
		d.log.Error("customer was not told of the conflict", "error", err)
		return
	}
	_ = response.Body.Close()
	d.state.Told = time.Now()
}
