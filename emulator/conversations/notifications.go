package conversations

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Limits of the texts of push notifications, in characters. Twilio has codes for longer texts (50058, 50059) and does not
// document the limits; these are the emulator's.
const (
	maxTemplate = 2048
	maxSound    = 256
)

// Notification is the push notification settings of a service, without url. The emulator stores them and sends nothing. A part
// that was never set is absent. Reference, Conversations API 8.
type Notification struct {
	AccountSID              string                 `json:"account_sid"`
	ChatServiceSID          string                 `json:"chat_service_sid"`
	LogEnabled              bool                   `json:"log_enabled"`
	NewMessage              NewMessageNotification `json:"new_message"`
	AddedToConversation     MembershipNotification `json:"added_to_conversation"`
	RemovedFromConversation MembershipNotification `json:"removed_from_conversation"`
}

// MembershipNotification is the part of a Notification for being added to a conversation, or removed from it.
type MembershipNotification struct {
	Enabled  bool    `json:"enabled"`
	Template *string `json:"template,omitempty"`
	Sound    *string `json:"sound,omitempty"`
}

// NewMessageNotification is the part of a Notification for new messages; WithMedia is for those with media.
type NewMessageNotification struct {
	Enabled           bool               `json:"enabled"`
	Template          *string            `json:"template,omitempty"`
	BadgeCountEnabled *bool              `json:"badge_count_enabled,omitempty"`
	Sound             *string            `json:"sound,omitempty"`
	WithMedia         *MediaNotification `json:"with_media,omitempty"`
}

// MediaNotification is the part of a Notification for new messages with media.
type MediaNotification struct {
	Enabled  bool    `json:"enabled"`
	Template *string `json:"template,omitempty"`
}

// NotificationParams is the form of updating a Notification.
type NotificationParams struct {
	LogEnabled              *bool
	NewMessage              NewMessageParams
	AddedToConversation     MembershipNotificationParams
	RemovedFromConversation MembershipNotificationParams
}

// NewMessageParams is the part of the form under NewMessage.
type NewMessageParams struct {
	Enabled           *bool
	Template          *string
	Sound             *string
	BadgeCountEnabled *bool
	WithMedia         struct {
		Enabled  *bool
		Template *string
	}
}

// MembershipNotificationParams is the part of the form under AddedToConversation or RemovedFromConversation.
type MembershipNotificationParams struct {
	Enabled         *bool
	Template, Sound *string
}

// notifications have the SID of the service as their key.
var notifications = store.NewTable[Notification]("notification")

// FetchNotification returns the push notification settings of the scope's service, or a 404.
func (a *API) FetchNotification(ctx context.Context, scope Scope) (found Notification, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		found, err = a.notification(tx, scope)
		return err
	})
	return found, err
}

// UpdateNotification changes the push notification settings of the scope's service. Errors: 50058, 50059, and 404 for the
// service.
func (a *API) UpdateNotification(ctx context.Context, scope Scope, p NotificationParams) (Notification, error) {
	var updated Notification
	err := a.update(ctx, func(tx store.Tx) error {
		n, err := a.notification(tx, scope)
		if err != nil {
			return err
		}
		if err := n.apply(p); err != nil {
			return err
		}
		updated = n
		return notifications.Put(tx, n.ChatServiceSID, n)
	})
	return updated, err
}

// notification returns the settings of the scope's service, or zero settings when none were set.
func (a *API) notification(tx store.Tx, scope Scope) (Notification, error) {
	service, err := a.service(tx, scope)
	if err != nil {
		return Notification{}, err
	}
	n, err := notifications.Get(tx, service.SID)
	if errors.Is(err, store.ErrNotFound) {
		return Notification{AccountSID: service.AccountSID, ChatServiceSID: service.SID}, nil
	}
	return n, err
}

// apply checks the fields of a form and sets those that were sent.
func (n *Notification) apply(p NotificationParams) error {
	if p.LogEnabled != nil {
		n.LogEnabled = *p.LogEnabled
	}
	if err := n.NewMessage.apply(p.NewMessage); err != nil {
		return err
	}
	if err := n.AddedToConversation.apply(p.AddedToConversation); err != nil {
		return err
	}
	return n.RemovedFromConversation.apply(p.RemovedFromConversation)
}

func (n *MembershipNotification) apply(p MembershipNotificationParams) error {
	if err := checkNotification(p.Template, p.Sound); err != nil {
		return err
	}
	if p.Enabled != nil {
		n.Enabled = *p.Enabled
	}
	twilio.Assign(&n.Template, p.Template)
	twilio.Assign(&n.Sound, p.Sound)
	return nil
}

func (n *NewMessageNotification) apply(p NewMessageParams) error {
	if err := checkNotification(p.Template, p.Sound); err != nil {
		return err
	}
	if err := checkNotification(p.WithMedia.Template, nil); err != nil {
		return err
	}
	if p.Enabled != nil {
		n.Enabled = *p.Enabled
	}
	twilio.Assign(&n.Template, p.Template)
	twilio.Assign(&n.Sound, p.Sound)
	twilio.Assign(&n.BadgeCountEnabled, p.BadgeCountEnabled)
	if p.WithMedia.Enabled == nil && p.WithMedia.Template == nil {
		return nil
	}
	var media MediaNotification
	if n.WithMedia != nil {
		media = *n.WithMedia
	}
	if p.WithMedia.Enabled != nil {
		media.Enabled = *p.WithMedia.Enabled
	}
	twilio.Assign(&media.Template, p.WithMedia.Template)
	n.WithMedia = &media
	return nil
}

func checkNotification(template, sound *string) error {
	switch {
	case utf8.RuneCountInString(twilio.Value(template)) > maxTemplate:
		return errTemplateTooLong
	case utf8.RuneCountInString(twilio.Value(sound)) > maxSound:
		return errSoundTooLong
	}
	return nil
}
