package conversations

import (
	"context"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// DeleteService removes a service with all that is in it. The account's default service stays: 409/20409. An address
// configuration may go on naming a service that is gone, as on Twilio (reference, Conversations API 7.2).
func (a *API) DeleteService(ctx context.Context, scope Scope, serviceSID string) error {
	return a.update(ctx, func(tx store.Tx) error {
		s, err := a.service(tx, Scope{AccountSID: scope.AccountSID, ServiceSID: serviceSID})
		if err != nil {
			return err
		}
		account, err := accounts.Get(tx, s.AccountSID)
		if err != nil {
			return err
		}
		if account.DefaultServiceSID == s.SID {
			return twilio.Conflict("The default Conversation Service of an account cannot be deleted")
		}
		return a.deleteService(tx, s.SID)
	})
}

// deleteService removes a service in a transaction. No webhook is told: its settings go with it. Media that belong to no
// message yet are collected in their time.
func (a *API) deleteService(tx store.Tx, serviceSID string) error {
	for c, err := range conversationDocs.Each(tx, store.Query{Index: byActivity, Prefix: store.Prefix(serviceSID)}) {
		if err != nil {
			return err
		}
		if err := a.deleteConversation(tx, c.SID); err != nil {
			return err
		}
	}
	if err := store.IgnoreNotFound(webhookSettingsDocs.Delete(tx, serviceSID)); err != nil {
		return err
	}
	if err := store.IgnoreNotFound(notifications.Delete(tx, serviceSID)); err != nil {
		return err
	}
	if err := deleteBindings(tx, serviceSID); err != nil {
		return err
	}
	if err := deleteUsers(tx, serviceSID); err != nil {
		return err
	}
	if err := deleteRoles(tx, serviceSID); err != nil {
		return err
	}
	return services.Delete(tx, serviceSID)
}
