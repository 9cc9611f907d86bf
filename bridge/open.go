package bridge

import (
	"cmp"
	"errors"
	"fmt"

	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
)

// maxRenamed is the number of closed conversations of one message after which it fails.
const maxRenamed = 3

// reopen opens a new conversation for a pair whose last one was closed, unless that one has the message: it can have been
// closed while the message waited here. What was found in it may be given.
func (d *delivery) reopen(found *search) (Result, error) {
	if last := d.state.Conversation; last != "" {
		if found == nil {
			looked, err := d.search(last, false)
			if err != nil && !notFound(err) {
				return "", err
			}
			found = &looked
		}
		there, err := d.capturedThen(found)
		if err != nil || there {
			return ResultCaptured, err
		}
	}
	return d.open()
}

// opening is a new conversation that is being prepared for the customer.
type opening struct {
	sid     string
	service string
	closed  bool // an earlier attempt made it, and it was closed since
	fresh   bool // made by this attempt: nobody can have put anything in
	bound   bool // holds the customer, whose messages it captures
	filling bool // the message is on its way into it, or there
}

// open makes a conversation of the pair in three steps, whose order is Config.Order. Attachments are moved before them, so
// that the customer's next message, which Twilio captures as soon as the pair is bound, has less time to overtake this one.
func (d *delivery) open() (Result, error) {
	c, found, err := d.create()
	if err != nil {
		return "", err
	}
	if finished, err := d.finished(c, &found); finished || err != nil {
		return ResultCaptured, err
	}
	for _, step := range d.steps(d.prepare(c.service, &found)) {
		err := step(c)
		if hasCode(err, codeBindingExists) {
			d.discard(c)
			return d.conflict(boundConversation(err))
		}
		if err != nil {
			if !c.filling || permanent(err) { // otherwise the next attempt goes on with it
				d.discard(c)
			}
			return "", err
		}
	}
	d.state.Complete = true
	return ResultOpened, nil
}

// finished reports whether an earlier attempt has done everything, and the conversation was closed since or the customer
// taken out of it. The customer's next messages may stand in it too. One that no flow hears was begun with OrderMessage,
// and goes on in whatever order is configured now.
func (d *delivery) finished(c *opening, found *search) (bool, error) {
	if !found.complete {
		return false, nil
	}
	if !c.closed {
		if heard, err := d.hasFlow(c.sid); err != nil || !heard {
			return false, err
		}
	}
	d.state = d.state.held(c.sid, d.h.pace.Now())
	d.state.Address = d.message.from()
	return true, nil
}

// steps make a conversation the customer's.
func (d *delivery) steps(parts []part) []func(*opening) error {
	fill := func(c *opening) error {
		c.filling = true
		return d.post(c.sid, parts, nil)
	}
	switch d.h.config.Order {
	case OrderFlow:
		return []func(*opening) error{d.addFlow, d.bind, fill}
	case OrderMessage:
		return []func(*opening) error{fill, d.bind, d.addFlow}
	}
	return []func(*opening) error{d.bind, d.addFlow, fill}
}

// create makes the conversation, or finds the one that an earlier attempt made.
func (d *delivery) create() (*opening, search, error) {
	attributes, err := d.message.conversationAttributes()
	if err != nil {
		return nil, search{}, err
	}
	params := new(conversations.CreateConversationParams).SetXTwilioWebhookEnabled("true").
		SetUniqueName(d.message.uniqueName(d.renamed)).SetAttributes(attributes)
	if timer := d.h.config.TimerInactive; timer != "" {
		params.SetTimersInactive(timer)
	}
	if timer := d.h.config.TimerClosed; timer != "" {
		params.SetTimersClosed(timer)
	}
	c, err := d.api.CreateConversation(params)
	if hasCode(err, codeUniqueName) {
		return d.resume()
	}
	if err != nil {
		d.unsure = d.unsure || !permanent(err)
		return nil, search{}, err
	}
	d.unsure = true
	return &opening{sid: deref(c.Sid), service: deref(c.ChatServiceSid), fresh: true}, search{}, nil
}

// resume takes up the conversation that an earlier attempt made and did not finish. If somebody closed it meanwhile its
// name is used up, and the next one is taken.
func (d *delivery) resume() (*opening, search, error) {
	c, err := d.api.FetchConversation(d.message.uniqueName(d.renamed))
	if err != nil {
		return nil, search{}, err
	}
	o := &opening{sid: deref(c.Sid), service: deref(c.ChatServiceSid), closed: deref(c.State) == "closed"}
	d.unsure = true
	found, err := d.search(o.sid, true)
	if err != nil {
		return nil, search{}, err
	}
	if !o.closed || found.complete {
		return o, found, nil
	}
	d.discard(o)
	if d.renamed++; d.renamed > maxRenamed {
		return nil, search{}, errors.New("the conversations of earlier attempts were closed before they were finished")
	}
	return d.create()
}

// bind adds the customer. From here on Twilio captures the pair's messages.
func (d *delivery) bind(c *opening) error {
	p, err := d.api.CreateConversationParticipant(c.sid, binding(d.message.from(), d.message.to()))
	before := hasCode(err, codeBindingHere) || (hasCode(err, codeBindingExists) && boundConversation(err) == c.sid)
	if err != nil && !before {
		return err
	}
	c.bound = true
	d.state = d.state.held(c.sid, d.h.pace.Now())
	d.state.Address = d.message.from()
	if before {
		return nil // an earlier attempt added it; a lookup will tell more
	}
	d.state.Participant = deref(p.Sid)
	if p.DateCreated != nil {
		d.state.Bound = *p.DateCreated
	}
	return nil
}

// addFlow adds the flow to the conversation.
func (d *delivery) addFlow(c *opening) error {
	if !c.fresh {
		return d.ensureFlow(c.sid)
	}
	_, err := d.api.CreateConversationScopedWebhook(c.sid, studioWebhook(d.h.config.FlowSID))
	return err
}

// conflict handles a pair that another conversation holds.
func (d *delivery) conflict(named string) (Result, error) {
	h, err := d.findHolder(d.message.from(), d.message.to())
	if err != nil {
		return "", err
	}
	if h != nil {
		return d.join(h, nil)
	}
	if named == "" && d.job.Attempt == 1 {
		return "", errors.New("the binding is held by a conversation that Twilio does not name")
	}
	if named != "" {
		if _, err := d.api.FetchConversation(named); !notFound(err) {
			return "", errors.Join(err, errors.New("the binding changed hands meanwhile"))
		}
	}
	d.log.Error("ANOTHER ACCOUNT holds the binding of this customer and the sandbox number: close or delete its "+
		"conversation there, or remove its participant, and replay this message", "holder_conversation_sid", cmp.Or(named, "not named"))
	d.sendConflictReply()
	return "", fmt.Errorf("%w, in conversation %s", errForeign, cmp.Or(named, "(not named)"))
}
