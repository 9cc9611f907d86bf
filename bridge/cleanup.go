package bridge

import (
	"net/url"
	"time"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// conflictReplyEvery is the least time between two conflict replies to one customer.
const conflictReplyEvery = time.Hour

// discard deletes a conversation that will not be used. Where it may hold another message than the one that was to open it,
// discard looks first, and keeps the conversation if it does. A conversation that cannot be deleted now is left to the janitor.
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

// delete deletes a conversation; it is no error if that is gone already. The account's webhooks get the event, as they got that of
// its creation.
func (d *delivery) delete(conversation string) error {
	err := d.api.DeleteConversation(conversation, new(conversations.DeleteConversationParams).SetXTwilioWebhookEnabled("true"))
	if notFound(err) {
		return nil
	}
	return err
}

// isSpare reports whether a conversation has no messages, or with OrderMessage, which posts the first one before the flow is
// added, none but parts of that one. An opener of "" stands for any message that a bridge has posted.
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

// cleanupLater leaves a conversation, by SID or UniqueName, to the janitor. Its entry is queued in the customer's lane behind the
// waiting messages, so that no conversation is deleted that one of them is about to use.
func (d *delivery) cleanupLater(conversation string) {
	entry, err := cleanupEntry(d.job.Lane, work{Cleanup: conversation}, d.h.pace.Now())
	if err != nil {
		d.log.Error("conversation not deleted", "conversation", conversation, "error", err)
		return
	}
	d.unsure = false
	d.follow = append(d.follow, entry)
}

// janitorPatience times RetryFor is the time in which an abandoned conversation is tried to be deleted.
const janitorPatience = 24

// outcomeOfCleanup deletes a conversation that a failed attempt has left, unless it is in use by now (the janitor of the logs).
// A failed deletion is tried again behind the entries that wait in the customer's lane, so that it delays no message for long.
func (d *delivery) outcomeOfCleanup(w work) Outcome {
	log := d.log.With("conversation", w.Cleanup)
	abandoned, err := d.isAbandoned(w.Cleanup)
	if err == nil && abandoned {
		err = d.delete(w.Cleanup)
	}
	if err == nil || notFound(err) {
		log.Info("abandoned conversation looked at", "deleted", abandoned)
		return Outcome{Status: StatusDone}
	}
	again := work{Cleanup: w.Cleanup, Tries: w.Tries + 1, Since: w.Since}
	if again.Since.IsZero() || d.job.Attempt > 1 { // the first look, or one after a crash or a replay
		again.Since = d.job.Queued
	}
	if !permanent(err) && d.h.pace.since(again.Since) < janitorPatience*d.h.config.RetryFor {
		if next, failed := cleanupEntry(d.job.Lane, again, d.h.pace.Now()); failed == nil {
			at := d.h.pace.Now().Add(max(retryDelay(again.Tries), retryAfter(err)))
			log.Warn("conversation not deleted yet", "error", err, "next_attempt", at)
			return Outcome{Status: StatusDone, At: at, Follow: []Entry{next}}
		}
	}
	log.Error("EMPTY CONVERSATION NOT DELETED, the janitor gives up: replay its dead letter", "error", err)
	return Outcome{Status: StatusDead, Reason: "empty conversation not deleted: " + err.Error()}
}

// sendConflictReply sends ConflictReply to a customer whose binding another account holds.
func (d *delivery) sendConflictReply() {
	reply := d.h.config.ConflictReply
	if told := d.h.pace.since(d.state.Told); reply == "" || (told >= 0 && told < conflictReplyEvery) { // negative: the clock was set back
		return
	}
	path := "https://" + apiHost + "/2010-04-01/Accounts/" + url.PathEscape(d.message.AccountSID) + "/Messages.json"
	form := url.Values{"From": {d.message.to()}, "To": {d.message.from()}, "Body": {reply}}
	headers := map[string]any{"Content-Type": "application/x-www-form-urlencoded"}
	response, err := d.api.RequestHandler().Post(path, form, headers, "")
	if err != nil {
		d.log.Error("conflict reply not sent", "error", err)
		return
	}
	_ = response.Body.Close()
	d.state.Told = d.h.pace.Now()
}
