package bridge

// joinByOther puts a message into the conversation that holds its customer by another address than From: the number of one who has
// taken a username since, or the ID of one who shows the number again. That the two are one customer is what their ExternalUserId says,
// by which the lane is named.
//
// Whether Twilio knows that too, and captures the message, is not documented. So the message is looked for, until a capture can
// not be under way any more, and added if it is not there. Its author is the address in the conversation: as anybody else's it would
// be sent to the customer.
func (d *delivery) joinByOther(h *holder) (Result, error) {
	d.learn(h)
	d.author = h.address
	if !d.state.Complete {
		if err := d.complete(h); err != nil {
			return "", err
		}
	}
	found, err := d.search(h.conversation, false)
	if err != nil {
		return "", err
	}
	if there, err := d.capturedThen(&found); err != nil || there {
		return ResultCaptured, err
	}
	wait := captureWait(d.h.pace.since(d.job.Accepted))
	if d.state.Uncaptured != d.message.from() && wait > 0 && len(found.parts) == 0 {
		if err := d.h.pace.sleep(d.ctx, wait); err != nil {
			return "", err
		}
		if found, err = d.search(h.conversation, false); err != nil {
			return "", err
		}
		if there, err := d.capturedThen(&found); err != nil || there {
			return ResultCaptured, err
		}
	}
	if err := d.post(h.conversation, d.prepare(h.service, &found), nil); err != nil {
		return "", err
	}
	d.state.Uncaptured = d.message.from()
	return ResultAppended, nil
}
