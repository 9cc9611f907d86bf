package conversations

import (
	"context"
	"net/url"
	"strconv"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Reachability is what a chat SDK tells Twilio of its user: whether it is connected, and whether it has registered for
// push notifications. Nil fields stay as they were.
type Reachability struct{ Online, Notifiable *bool }

// ReportReachability takes the part of a user's chat SDK, which the emulator has none of: the REST API can read
// is_online and is_notifiable and cannot set them. Webhooks hear of a change as onUserUpdated. While reachability is off
// in the service, a report changes nothing. Errors: 404.
func (a *API) ReportReachability(ctx context.Context, scope Scope, id string, r Reachability) (User, error) {
	scope.Source = SourceSDK
	var reported userDoc
	err := a.update(ctx, func(tx store.Tx) error {
		service, u, err := a.user(tx, scope, id)
		if err != nil || !service.ReachabilityEnabled {
			reported = u.seen(service)
			return err
		}
		twilio.Assign(&u.IsOnline, r.Online)
		twilio.Assign(&u.IsNotifiable, r.Notifiable)
		reported = u.seen(service)
		if err := users.Put(tx, u.SID, u); err != nil {
			return err
		}
		return a.emit(tx, scope, userEvent(OnUserUpdated, reported))
	})
	return reported.User, err
}

// seen is the user as an answer about it alone shows it.
func (u userDoc) seen(s serviceDoc) userDoc {
	if !s.ReachabilityEnabled {
		return u.unreachable()
	}
	return u
}

// unreachable is the user without its reachability, as lists show it.
func (u userDoc) unreachable() userDoc {
	u.IsOnline, u.IsNotifiable = nil, nil
	return u
}

// userEvent is the form of onUserAdded, onUserUpdate and onUserUpdated. Reference, Conversations API 6.5.
func userEvent(t EventType, u userDoc) Event {
	v := url.Values{}
	v.Set("ChatServiceSid", u.ChatServiceSID)
	v.Set("UserSid", u.SID)
	v.Set("Identity", u.Identity)
	v.Set("RoleSid", u.RoleSID)
	v.Set("Attributes", u.Attributes)
	twilio.SetOptional(v, "FriendlyName", u.FriendlyName)
	if t != OnUserUpdate {
		v.Set("DateCreated", twilio.WebhookDate(u.Created))
	}
	if t != OnUserAdded {
		v.Set("DateUpdated", twilio.WebhookDate(u.DateUpdated))
	}
	if t == OnUserUpdated {
		setFlag(v, "isOnline", u.IsOnline)
		setFlag(v, "isNotifiable", u.IsNotifiable)
	}
	return Event{Type: t, Params: v}
}

func setFlag(v url.Values, name string, flag *bool) {
	if flag != nil {
		v.Set(name, strconv.FormatBool(*flag))
	}
}
