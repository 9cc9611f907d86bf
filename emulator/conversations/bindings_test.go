package conversations

import (
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// DeleteService deletes the bindings of the service and no others.
func TestDeleteServiceDeletesBindings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, WebhookConfig{})
	service := must(w.api.CreateService(w.ctx, w.rest, CreateServiceParams{FriendlyName: ptr("Other")}))(t)
	p := CreateBindingParams{Identity: "ada", BindingType: "twilsock", Endpoint: "x"}
	scope := Scope{AccountSID: testAccount, ServiceSID: service.SID}
	for _, s := range []Scope{w.rest, scope} {
		must(w.api.CreateBinding(w.ctx, s, p))(t)
	}
	if err := w.api.DeleteService(w.ctx, w.rest, service.SID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.api.CreateBinding(w.ctx, scope, p); !twilio.IsNotFound(err) {
		t.Errorf("CreateBinding in a service that is gone: %v", err)
	}
	left := 0
	err := w.store.View(w.ctx, func(tx store.Tx) error {
		for d, err := range pushBindings.Each(tx, store.Query{}) {
			if err != nil {
				return err
			}
			if d.ChatServiceSID == service.SID {
				t.Errorf("the service left %+v", d)
			}
			left++
		}
		return nil
	})
	if err != nil || left != 1 {
		t.Errorf("%d bindings are left, %v; want that of the default service", left, err)
	}
}
