package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"
	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// callBudget limits the time in which one call is repeated after 429, 503 and failed connections.
const callBudget = 8 * time.Second

// delivery is one attempt to deliver a message to its conversation exactly once.
//
// A pair of numbers that is not known opens a conversation at once, which costs four calls; Twilio itself refuses a
// second binding of the pair. A known pair is looked up first, which costs one call where Twilio captured the message.
type delivery struct {
	ctx     context.Context
	h       *Handler
	api     *conversations.ApiService
	job     *Job
	message *inbound
	author  string // the customer's address in the conversation
	state   laneState
	log     *slog.Logger
	follow  []Entry
	unsure  bool // the conversation that this message would open may exist
	renamed int  // how many UniqueNames of this message are used up
}

// laneState is the state that is kept for a customer and a number. It saves calls, and says who a customer is that shows another
// address than before; nothing else depends on it.
type laneState struct {
	Conversation string    // that holds the pair; "": not known
	Participant  string    // the customer in it
	Address      string    // the customer's there; another From is the customer's too
	Uncaptured   string    // another address, from which Twilio captures nothing for the conversation
	Known        time.Time // bridge's clock: from here on Twilio captures the pair's messages
	Bound        time.Time // Twilio's clock: when the customer was added; zero: not known
	Complete     bool      // the flow hears the conversation
	Claimed      []string  // recent messages (IM…) that Twilio captured and an inbound message was matched with
	Told         time.Time // when the customer was last told of another account's binding
}

// held returns the state of a pair that a conversation holds from now on.
func (s laneState) held(conversation string, now time.Time) laneState {
	return laneState{Conversation: conversation, Known: now, Claimed: s.Claimed, Told: s.Told}
}

// errForeign says that another account holds the binding of this customer and the shared number.
var errForeign = errors.New("the binding of this customer and number is held by another account")

// work does one job of the queue.
func (h *Handler) work(ctx context.Context, job *Job) Outcome {
	var w work
	if err := json.Unmarshal(job.Data, &w); err != nil || (w.Message == nil && w.Cleanup == "") {
		return Outcome{Status: StatusDead, Reason: "the entry cannot be read"}
	}
	d := &delivery{ctx: ctx, h: h, job: job, api: h.twilio.conversations(ctx, callBudget), log: h.log.With("attempt", job.Attempt)}
	if w.Message == nil {
		return d.outcomeOfCleanup(w)
	}
	d.message, d.author = w.Message, w.Message.from()
	d.log = d.log.With("message_sid", d.message.sid())
	d.unsure = job.Attempt > 1
	if json.Unmarshal(job.LaneState, &d.state) != nil {
		d.state = laneState{}
	}
	result, err := d.deliver()
	return d.outcome(result, err)
}

// deliver finds or opens the conversation of the pair and puts into it what is missing of the message.
func (d *delivery) deliver() (Result, error) {
	first := d.job.Attempt == 1
	if first && d.state.Conversation == "" {
		return d.open()
	}
	var found *search
	if first && d.state.Complete && d.followed() && !d.longKnown() {
		looked, err := d.search(d.state.Conversation, false)
		if err == nil && d.captured(&looked) {
			return ResultCaptured, nil
		}
		if err != nil && !notFound(err) {
			return "", err
		}
		found = &looked
	}
	before := d.state.Address
	h, err := d.findHolder(d.message.from(), d.message.to())
	if h == nil && err == nil && before != "" && before != d.message.from() {
		if h, err = d.findHolder(before, d.message.to()); h != nil && err == nil {
			return d.joinByOther(h)
		}
	}
	if err != nil {
		return "", err
	}
	if h == nil {
		return d.reopen(found)
	}
	if h.conversation != d.state.Conversation {
		found = nil
	}
	return d.join(h, found)
}

// followed reports whether the webhook came after the bridge knew of the binding. An equal text in the conversation is
// then the message itself.
func (d *delivery) followed() bool { return d.job.Accepted.After(d.state.Known) }

// longKnown reports whether the message came so long after the binding that Twilio must have captured it, however late
// its webhook was.
func (d *delivery) longKnown() bool { return d.job.Accepted.After(d.state.Known.Add(captureWindow)) }

// outcome returns the outcome for the message's entry.
func (d *delivery) outcome(result Result, err error) Outcome {
	took := max(0, d.h.pace.since(d.job.Accepted)) // the clock may have been set back since
	metrics := d.h.config.Metrics
	log := d.log.With("conversation_sid", d.state.Conversation)
	if err == nil {
		metrics.Message(result, took)
		log.Info("message delivered", "result", result, "took", took)
		return Outcome{Status: StatusDone, LaneState: d.encodeState(), Follow: d.follow}
	}
	foreign := errors.Is(err, errForeign)
	if !foreign && !permanent(err) && d.h.pace.since(d.job.Queued) < d.h.config.RetryFor {
		metrics.Retry()
		at := d.h.pace.Now().Add(max(retryDelay(d.job.Attempt), retryAfter(err)))
		log.Warn("message not delivered yet", "error", err, "next_attempt", at)
		return Outcome{Status: StatusRetry, At: at, Reason: err.Error(), LaneState: d.encodeState(), Follow: d.follow}
	}
	if result = ResultDead; foreign {
		result = ResultForeign
	}
	metrics.Message(result, took)
	log.Error("MESSAGE NOT DELIVERED, it is kept as a dead letter", "error", err)
	if d.unsure {
		d.cleanupLater(d.message.uniqueName(d.renamed))
	}
	return Outcome{Status: StatusDead, Reason: err.Error(), LaneState: d.encodeState(), Follow: d.follow}
}

// encodeState returns the lane state for the queue.
func (d *delivery) encodeState() []byte {
	data, err := json.Marshal(d.state)
	if err != nil {
		return nil
	}
	return data
}

// retryDelay returns the wait after a number of attempts. It grows from about 300 ms to a minute.
func retryDelay(attempts int) time.Duration {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier = 300*time.Millisecond, time.Minute, 2
	delay := b.NextBackOff()
	for range min(attempts, 12) - 1 {
		delay = b.NextBackOff()
	}
	return delay
}

// prepare returns the parts that are not in the conversation yet, their attachments moved. All attachments of a message
// share mediaBudget, so that the message arrives whatever becomes of them.
func (d *delivery) prepare(serviceSID string, found *search) []part {
	ctx, cancel := d.h.pace.withTimeout(d.ctx, mediaBudget)
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
		SetAuthor(d.author).SetAttributes(attributes).SetXTwilioWebhookEnabled("true")
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
