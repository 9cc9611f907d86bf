package control_test

import (
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	const given = "SK00000000000000000000000000000001"
	made := must[control.CreatedAPIKey](t)(c.CreateAPIKey(ctx, second.SID, control.NewAPIKey{SID: given, Secret: "sesame", FriendlyName: "n8n"}))
	if made.SID != given || made.Secret != "sesame" || made.AccountSID != second.SID || made.FriendlyName != "n8n" {
		t.Errorf("created %+v", made)
	}
	if other := must[control.CreatedAPIKey](t)(c.CreateAPIKey(ctx, second.SID, control.NewAPIKey{})); !strings.HasPrefix(other.SID, "SK") || len(other.Secret) != 32 {
		t.Errorf("made up %+v", other)
	}
	for want, bad := range map[string]control.NewAPIKey{
		"must be SK and 32 hexadecimal digits": {SID: "SK1"},
		"letters and digits only":              {Secret: "ses-ame"},
		"exists already":                       {SID: given},
		"FriendlyName":                         {FriendlyName: strings.Repeat("x", 65)},
	} {
		_, err := c.CreateAPIKey(ctx, second.SID, bad)
		wantError(t, err, 400, want)
		if strings.Contains(err.Error(), "ses-ame") {
			t.Errorf("the refusal repeats a secret: %v", err)
		}
	}
	const nobody = "AC00000000000000000000000000000000"
	_, err := c.CreateAPIKey(ctx, nobody, control.NewAPIKey{})
	wantError(t, err, 404, "there is no account")
	_, err = c.ListAPIKeys(ctx, nobody)
	wantError(t, err, 404, "there is no account")
	if keys := must[[]conversations.APIKey](t)(c.ListAPIKeys(ctx, second.SID)); len(keys) != 2 {
		t.Errorf("keys = %+v", keys)
	}
	wantError(t, c.DeleteAPIKey(ctx, emulator.DefaultAccountSID, given), 404, "has no API key")
	if err := c.DeleteAPIKey(ctx, second.SID, given); err != nil {
		t.Fatal(err)
	}
	wantError(t, c.DeleteAPIKey(ctx, second.SID, given), 404, "has no API key")
	for _, a := range must[[]control.Account](t)(c.ListAccounts(ctx)) {
		if a.APIKey != nil {
			t.Errorf("%s is shown with a key that it did not come with: %+v", a.SID, a.APIKey)
		}
	}
}

// Of several keys the first that was given is shown, whatever their SIDs.
func TestTheFirstConfiguredAPIKeyIsShown(t *testing.T) {
	t.Parallel()
	account := emulator.DefaultAccount()
	account.APIKeys = []emulator.APIKey{{SID: "SK00000000000000000000000000000002", Secret: "b"}, {SID: "SK00000000000000000000000000000001", Secret: "a"}}
	c := emulator.RunT(t, emulator.Config{Accounts: []emulator.Account{account}}).Control()
	if k := must[[]control.Account](t)(c.ListAccounts(t.Context()))[0].APIKey; k == nil || k.Secret != "b" {
		t.Errorf("shown with %+v", k)
	}
}

// A key that came with its account is shown with it, as the token is, until it is revoked; a reset brings it back.
func TestConfiguredAPIKeys(t *testing.T) {
	t.Parallel()
	c, ctx := emulator.RunT(t, emulator.Config{}).Control(), t.Context()
	shown := func() *control.APIKey { return must[[]control.Account](t)(c.ListAccounts(ctx))[0].APIKey }
	if k := shown(); k == nil || k.SID != emulator.DefaultAPIKeySID || k.Secret != emulator.DefaultAPIKeySecret {
		t.Fatalf("the default account is shown with %+v", k)
	}
	if err := c.DeleteAPIKey(ctx, emulator.DefaultAccountSID, emulator.DefaultAPIKeySID); err != nil {
		t.Fatal(err)
	}
	if k := shown(); k != nil {
		t.Errorf("a revoked key is shown: %+v", k)
	}
	if err := c.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if shown() == nil {
		t.Error("the reset has not brought the key back")
	}
}
