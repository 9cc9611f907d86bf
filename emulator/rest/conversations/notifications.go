package conversations

import (
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) notificationRoutes() [][]rest.Route {
	return [][]rest.Route{
		service("GET", "/Configuration/Notifications", a.fetchNotification),
		service("POST", "/Configuration/Notifications", a.updateNotification),
	}
}

type notificationBody struct {
	conversations.Notification
	URL string `json:"url"`
}

func (in *request) notification(n conversations.Notification) notificationBody {
	return notificationBody{n, in.url("Configuration", "Notifications")}
}

func (a *api) fetchNotification(in *request) (rest.Result, error) {
	n, err := a.conversations.FetchNotification(in.Context(), in.Scope)
	return rest.OK(in.notification(n)), err
}

func (a *api) updateNotification(in *request) (rest.Result, error) {
	var p conversations.NotificationParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	n, err := a.conversations.UpdateNotification(in.Context(), in.Scope, p)
	return rest.OK(in.notification(n)), err
}
