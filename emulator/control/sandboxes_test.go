package control_test

import (
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func TestSandboxSettings(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	u, get, code, status := "https://example.com/in", "get", "New-Code", "https://example.com/status"
	s := must[whatsapp.Settings](t)(c.UpdateSandbox(ctx, second.SID, whatsapp.SettingsParams{
		InboundURL: &u, InboundMethod: &get, JoinCode: &code, StatusCallbackURL: &status}))
	if s.InboundURL != u || s.StatusCallbackURL != status || s.InboundMethod != "GET" || s.JoinCode != "new-code" {
		t.Errorf("settings = %+v", s)
	}
	if again := must[whatsapp.Settings](t)(c.FetchSandbox(ctx, second.SID)); again != s {
		t.Errorf("fetched %+v, want %+v", again, s)
	}
	bad := func(p whatsapp.SettingsParams, account string) error {
		_, err := c.UpdateSandbox(ctx, account, p)
		return err
	}
	text := func(s string) *string { return &s }
	wantError(t, bad(whatsapp.SettingsParams{InboundURL: text("example.com")}, second.SID), 400, "not an absolute http or https URL")
	wantError(t, bad(whatsapp.SettingsParams{InboundMethod: text("PUT")}, second.SID), 400, "POST or GET")
	wantError(t, bad(whatsapp.SettingsParams{JoinCode: text("cloud-forgot")}, second.SID), 400, "belongs to")
	wantError(t, bad(whatsapp.SettingsParams{JoinCode: text("a b")}, second.SID), 400, "join code")
	wantError(t, bad(whatsapp.SettingsParams{}, "AC0"), 404, "no account AC0")
	if again := must[whatsapp.Settings](t)(c.FetchSandbox(ctx, second.SID)); again != s {
		t.Errorf("refused changes left %+v, want %+v", again, s)
	}
}
