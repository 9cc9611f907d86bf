package tui

import (
	"cmp"
	"slices"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// thread is the messages of one phone, by number.
type thread struct {
	loaded   bool
	messages []whatsapp.Message
	// undelivered are messages to the phone that never reached it. The emulator does not list them among the phone's; they
	// come by the live stream.
	undelivered []whatsapp.Message
	// cleared is the number up to which messages are not shown, and clearedAt the same for undelivered ones.
	cleared   int64
	clearedAt time.Time
	drawn     map[string]drawing
	changed   bool
}

// refetched is the number of the newest messages that are fetched again, since a message may get its conversation after it was
// first fetched.
const refetched = 20

// known is the part of the thread that need not be fetched.
func (t *thread) known() known {
	if !t.loaded || len(t.messages) == 0 {
		return known{}
	}
	k := known{first: t.messages[0].SID}
	if older := len(t.messages) - refetched; older > 0 {
		k.after = t.messages[older-1].Seq
	}
	return k
}

// replace replaces all messages.
func (t *thread) replace(messages []whatsapp.Message) {
	if t.loaded && len(t.messages) == 0 && len(messages) == 0 {
		return
	}
	if len(t.messages) > 0 {
		t.undelivered, t.cleared, t.clearedAt = nil, 0, time.Time{} // of another life of the emulator
	}
	t.loaded, t.messages, t.drawn, t.changed = true, nil, nil, true
	t.merge(messages)
}

// merge adds messages and brings known ones up to date, by SID, in the order of their numbers.
func (t *thread) merge(messages []whatsapp.Message) {
	for _, m := range messages {
		at, found := slices.BinarySearchFunc(t.messages, m.Seq, func(have whatsapp.Message, seq int64) int { return cmp.Compare(have.Seq, seq) })
		switch {
		case !found:
			t.messages = slices.Insert(t.messages, at, m)
			t.changed = true
		case t.messages[at].SID == m.SID:
			have := &t.messages[at]
			if m.Status.Precedes(have.Status) {
				m.Status, m.ErrorCode = have.Status, have.ErrorCode
			}
			t.changed = t.changed || have.Status != m.Status || have.ConversationSID != m.ConversationSID
			*have = m
		}
	}
}

// status sets how far a message has got.
func (t *thread) status(sid string, status twilio.Status, code int) {
	for i := range slices.Backward(t.messages) {
		m := &t.messages[i]
		if m.SID == sid && m.Status.Precedes(status) {
			m.Status, m.ErrorCode = status, code
			t.changed = true
		}
	}
}

// arrived is the nth last message that the phone got; 1 is the last.
func (t *thread) arrived(nth int) (whatsapp.Message, bool) {
	for _, m := range slices.Backward(t.messages) {
		if m.Direction == whatsapp.DirectionInbound {
			continue
		}
		if nth--; nth == 0 {
			return m, true
		}
	}
	return whatsapp.Message{}, false
}

// find is the message of the thread with a SID.
func (t *thread) find(sid string) (whatsapp.Message, bool) {
	for _, m := range slices.Backward(t.messages) {
		if m.SID == sid {
			return m, true
		}
	}
	return whatsapp.Message{}, false
}

// addUndelivered adds a message that never reached the phone, once.
func (t *thread) addUndelivered(m whatsapp.Message) {
	known := func(have whatsapp.Message) bool { return have.SID == m.SID }
	if slices.ContainsFunc(t.undelivered, known) || slices.ContainsFunc(t.messages, known) {
		return
	}
	t.undelivered = append(t.undelivered, m)
	t.changed = true
}

// clear hides all messages that the thread has now.
func (t *thread) clear(now time.Time) {
	if n := len(t.messages); n > 0 {
		t.cleared = t.messages[n-1].Seq
	}
	t.clearedAt, t.changed = now, true
}

// empty reports whether there is nothing to draw.
func (t *thread) empty() bool {
	n := len(t.messages)
	return (n == 0 || t.messages[n-1].Seq <= t.cleared) &&
		!slices.ContainsFunc(t.undelivered, func(m whatsapp.Message) bool { return m.DateCreated.After(t.clearedAt) })
}

// shown returns the messages to draw: those of the phone by number, and undelivered ones by their time.
func (t *thread) shown() []whatsapp.Message {
	var list []whatsapp.Message
	for _, m := range t.messages {
		if m.Seq > t.cleared {
			list = append(list, m)
		}
	}
	for _, m := range t.undelivered {
		if !m.DateCreated.After(t.clearedAt) {
			continue
		}
		at := len(list)
		for at > 0 && list[at-1].DateCreated.After(m.DateCreated) {
			at--
		}
		list = slices.Insert(list, at, m)
	}
	return list
}
