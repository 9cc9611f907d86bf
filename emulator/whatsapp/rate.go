package whatsapp

import (
	"errors"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// sentLast is when an account last sent from the sandbox's number. Reference, WhatsApp 1.1: one message in three seconds;
// the switches rate_interval and rate_over_limit say how many, and what becomes of a faster one.
type sentLast struct{ At time.Time }

// rates stand under the account.
var rates = store.NewTable[sentLast]("sandbox_rate")

// limited reports whether messages like this one have a rate: those from the sandbox's number, but not what its webhook
// answered, which is sent at once.
func limited(m Message) bool {
	return m.From == SandboxNumber && twilio.IsWhatsApp(m.To) && m.Direction != DirectionOutboundReply
}

// rate says whether a message may be sent now: free is zero then. Else free is when it may, or allowed is false when it
// may not wait.
func (s *Sandbox) rate(tx store.Tx, m Message) (free time.Time, allowed bool, _ error) {
	if !limited(m) {
		return time.Time{}, true, nil
	}
	set, err := s.switches(tx)
	if err != nil {
		return time.Time{}, false, err
	}
	last, err := rates.Get(tx, m.AccountSID)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, true, nil
	}
	if err != nil {
		return time.Time{}, false, err
	}
	next := last.At.Add(time.Duration(set.RateInterval))
	now := s.clock.Now()
	switch {
	case !now.Before(next), last.At.After(now): // the clock was set back: nobody waits for a time that has been
		return time.Time{}, true, nil
	case set.RateOverLimit == OverLimitFail:
		return time.Time{}, false, nil
	}
	return next, true, nil
}

// count remembers when a message is sent.
func (s *Sandbox) count(tx store.Tx, m Message) error {
	if !limited(m) {
		return nil
	}
	return rates.Put(tx, m.AccountSID, sentLast{At: m.DateSent})
}
