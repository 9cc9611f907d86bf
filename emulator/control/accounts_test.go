package control_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func TestAccounts(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	list := must[[]control.Account](t)(c.ListAccounts(ctx))
	if len(list) != 2 || list[0].SID != emulator.DefaultAccountSID || list[0].Sandbox.JoinCode != "cloud-forgot" ||
		list[1].Sandbox.InboundURL != whatsapp.DemoURL {
		t.Errorf("accounts = %+v", list)
	}
	third := control.NewAccount{SID: "AC" + strings.Repeat("3", 32), AuthToken: "token"}
	if a := must[control.Account](t)(c.CreateAccount(ctx, third)); a.Sandbox.JoinCode == "" || a.DefaultServiceSID == "" {
		t.Errorf("created = %+v, want a join code and a service", a)
	}
	for name, bad := range map[string]control.NewAccount{
		"must be AC and 32 hexadecimal digits": {SID: "AC1", AuthToken: "t"},
		"letters and digits only":              {SID: "AC" + strings.Repeat("4", 32), AuthToken: "no-dash"},
		"exists already":                       third,
		"belongs to the sandbox of account":    {SID: "AC" + strings.Repeat("5", 32), AuthToken: "t", JoinCode: secondC},
	} {
		_, err := c.CreateAccount(ctx, bad)
		wantError(t, err, http.StatusBadRequest, name)
	}
	if n := len(must[[]control.Account](t)(c.ListAccounts(ctx))); n != 3 {
		t.Errorf("%d accounts after refused ones, want 3", n)
	}
}
