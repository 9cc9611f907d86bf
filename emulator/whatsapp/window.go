package whatsapp

import (
	"errors"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// window is when a phone last wrote to a sender of an account. From then on free text may be written to it, for the
// length of the switch service_window. Reference, WhatsApp 1.7.
type window struct{ Last time.Time }

// windows stand under Key(account, sender, phone).
var windows = store.NewTable[window]("service_window")

// openWindow opens or prolongs the window of a message that has come in: any does it, join too.
func (s *Sandbox) openWindow(tx store.Tx, m Message) error {
	if m.AccountSID == "" {
		return nil
	}
	return windows.Put(tx, store.Key(m.AccountSID, m.To, m.Phone), window{Last: s.clock.Now()})
}

// windowOpen reports whether free text may be written to the phone of a message that leaves.
func (s *Sandbox) windowOpen(tx store.Tx, m Message) (bool, error) {
	w, err := windows.Get(tx, store.Key(m.AccountSID, m.From, m.Phone))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	set, err := s.switches(tx)
	return s.clock.Now().Before(w.Last.Add(time.Duration(set.ServiceWindow))), err
}
