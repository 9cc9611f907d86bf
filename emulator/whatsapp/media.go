package whatsapp

import (
	"context"
	"errors"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// MediaAccess is how files of phones are fetched. Reference, WhatsApp 4.1.
type MediaAccess struct {
	// Auth: are the account's credentials needed? Redirect: is there a second host, with signed links?
	Auth, Redirect bool
}

// FetchMediaAccess returns what the switches say of fetching files.
func (s *Sandbox) FetchMediaAccess(ctx context.Context) (MediaAccess, error) {
	set, err := s.FetchSwitches(ctx)
	return MediaAccess{Auth: set.MediaAuth, Redirect: set.MediaRedirect}, err
}

// MediaQuery names a file of a message of a phone.
type MediaQuery struct{ AccountSID, MessageSID, MediaSID string }

// FetchMedia returns a file, or a 404: also for a file that has come in so recently that Twilio does not have it
// everywhere yet, as the switch media_propagation_delay says.
func (s *Sandbox) FetchMedia(ctx context.Context, q MediaQuery) (conversations.MediaFile, error) {
	f, err := s.conversations.FetchMedia(ctx, q.AccountSID, q.MediaSID)
	if err != nil {
		return f, err
	}
	if f.MessageSID != q.MessageSID {
		return conversations.MediaFile{}, twilio.ErrNotFound
	}
	m, err := s.FetchMessage(ctx, q.MessageSID)
	if errors.Is(err, store.ErrNotFound) { // a message of a conversation has its files elsewhere
		return conversations.MediaFile{}, twilio.ErrNotFound
	}
	if err != nil {
		return conversations.MediaFile{}, err
	}
	set, err := s.FetchSwitches(ctx)
	if err == nil && m.Direction == DirectionInbound && s.clock.Now().Before(m.DateCreated.Add(time.Duration(set.MediaPropagationDelay))) {
		return conversations.MediaFile{}, twilio.ErrNotFound
	}
	return f, err
}
