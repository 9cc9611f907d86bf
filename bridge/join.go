package bridge

import (
	"context"
	"time"
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
		return ResultOpened, d.finish(h, found)
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
	return ResultAppended, d.post(h.conversation, d.prepare(h.service, found), created)
}

// finish posts what an earlier attempt of the opening message did not. It may come after what Twilio captured meanwhile;
// its date then tells that it was first.
func (d *delivery) finish(h *holder, found *search) error {
	if found.complete {
		return nil
	}
	created, err := d.messageDate()
	if err = ignorePermanent(err); err != nil {
		return err
	}
	return d.post(h.conversation, d.prepare(h.service, found), created)
}

// learn remembers who holds the pair. A participant that was added anew has another SID, and is a new binding.
func (d *delivery) learn(h *holder) {
	if d.state.Conversation != h.conversation || (d.state.Participant != "" && d.state.Participant != h.participant) {
		d.state = d.state.held(h.conversation)
	}
	d.state.Participant = h.participant
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
