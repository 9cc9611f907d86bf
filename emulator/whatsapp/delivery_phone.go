package whatsapp

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Behaviour is how a phone takes what is written to it. The zero Behaviour but for ReadReceipts is a phone like most.
type Behaviour struct {
	// Offline: messages stay sent, and are delivered when the phone is back.
	Offline bool `json:"offline"`
	// Blocked: the phone has blocked the business, and messages fail with 63014.
	Blocked bool `json:"blocked"`
	// ReadReceipts: the phone says what it has read. Without them delivered is the end.
	ReadReceipts bool `json:"read_receipts"`
}

// BehaviourParams changes a behaviour; nil fields stay as they are.
type BehaviourParams struct {
	Offline      *bool `json:"offline,omitempty"`
	Blocked      *bool `json:"blocked,omitempty"`
	ReadReceipts *bool `json:"read_receipts,omitempty"`
	// ProfileName renames the phone: what it writes from now on carries the new name.
	ProfileName *string `json:"profile_name,omitempty"`
}

// apply checks what was sent and sets it.
func (d *phoneDoc) apply(p BehaviourParams) error {
	if p.ProfileName != nil {
		if strings.TrimSpace(*p.ProfileName) == "" || !utf8.ValidString(*p.ProfileName) {
			return invalid.Errorf("profile name %.100q: a phone's name is a text and not empty", *p.ProfileName)
		}
		if err := checkLengths(lengthLimit{"profile_name", *p.ProfileName, MaxProfileName}); err != nil {
			return err
		}
		d.ProfileName = *p.ProfileName
	}
	if p.Offline != nil {
		d.Offline = *p.Offline
	}
	if p.Blocked != nil {
		d.Blocked = *p.Blocked
	}
	if p.ReadReceipts != nil {
		d.Unread = !*p.ReadReceipts
	}
	return nil
}

func (d phoneDoc) behaviour() Behaviour {
	return Behaviour{Offline: d.Offline, Blocked: d.Blocked, ReadReceipts: !d.Unread}
}

// phoneDoc is what is kept of a phone; of one that the emulator has not met it is the default.
func (s *Sandbox) phoneDoc(tx store.Tx, phone string) (phoneDoc, error) {
	doc, err := phones.Get(tx, phone)
	if errors.Is(err, store.ErrNotFound) {
		return phoneDoc{Number: phone, ProfileName: defaultProfileName(phone)}, nil
	}
	return doc, err
}

// UpdateBehaviour changes how a phone takes what is written to it, and its name. One that comes back gets what was sent meanwhile, in
// the order of the sending. The error is in a person's words.
func (s *Sandbox) UpdateBehaviour(ctx context.Context, phone string, p BehaviourParams) (updated Phone, err error) {
	phone, err = ParseNumber(phone)
	if err != nil {
		return Phone{}, err
	}
	err = s.store.Update(ctx, func(tx store.Tx) error {
		doc, err := s.phoneDoc(tx, phone)
		if err != nil {
			return err
		}
		back := doc.Offline && p.Offline != nil && !*p.Offline
		if err := doc.apply(p); err != nil {
			return err
		}
		if err := phones.Put(tx, phone, doc); err != nil {
			return err
		}
		if back {
			if err := s.catchUp(tx, phone); err != nil {
				return err
			}
		}
		updated, err = s.phone(tx, phone)
		return err
	})
	return updated, err
}

// catchUp promises the next step of all messages that a phone has missed: delivered, or read for what it had before it
// went offline.
func (s *Sandbox) catchUp(tx store.Tx, phone string) error {
	for m, err := range messages.Each(tx, store.Query{Index: byMissed, Prefix: store.Prefix(phone)}) {
		if err != nil {
			return err
		}
		next := twilio.StatusDelivered
		if m.Status == twilio.StatusDelivered {
			next = twilio.StatusRead
		}
		if err := s.promise(tx, m, next); err != nil {
			return err
		}
	}
	return nil
}
