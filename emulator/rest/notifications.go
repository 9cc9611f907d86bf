package rest

import "github.com/cloudforgot/cloudforgot/emulator/conversations"

func (a *API) notificationRoutes() [][]route {
	return [][]route{
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

func (a *API) fetchNotification(in *request) (result, error) {
	n, err := a.conversations.FetchNotification(in.Context(), in.Scope)
	return ok(in.notification(n)), err
}

func (a *API) updateNotification(in *request) (result, error) {
	var p conversations.NotificationParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	n, err := a.conversations.UpdateNotification(in.Context(), in.Scope, p)
	return ok(in.notification(n)), err
}
