package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	wrong := whatsapp.DefaultSwitches()
	wrong.RateOverLimit = "explode"
	late := time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)
	for want, c := range map[string]emulator.Config{
		`rate_over_limit: "explode" is none of queue, fail`:         {Switches: wrong},
		`inbound_webhook_when_bound: "" is none of always, never`:   {Switches: whatsapp.Switches{MediaAuth: true}},
		"the clock shows the years 1970 to 2261":                    {Clock: clock.State{Frozen: &late}},
		"AC and 32 hexadecimal digits":                              {Accounts: []emulator.Account{{SID: "AC1", AuthToken: "t"}}},
		"account AC0123456789abcdef0123456789abcdef exists already": {Accounts: []emulator.Account{{SID: emulator.DefaultAccountSID, AuthToken: "t"}, {SID: emulator.DefaultAccountSID, AuthToken: "t"}}},
		"API key \"SK1\": it must be SK and 32 hexadecimal digits": {Accounts: []emulator.Account{{SID: emulator.DefaultAccountSID, AuthToken: "t",
			APIKeys: []emulator.APIKey{{SID: "SK1"}}}}},
		"inbound URL": {Accounts: []emulator.Account{{SID: emulator.DefaultAccountSID, AuthToken: "t", InboundURL: "ftp://x"}}},
	} {
		emu, err := emulator.New(c)
		if err == nil {
			_ = emu.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New: %v, want %q", err, want)
		}
	}
}

// What is set is in force; without anything RunT has no rate.
func TestConfigSwitches(t *testing.T) {
	t.Parallel()
	set := whatsapp.DefaultSwitches()
	set.Delivery, set.MediaAuth = whatsapp.DeliveryManual, false
	for _, c := range []struct {
		config emulator.Config
		rate   time.Duration
		manual bool
	}{
		{emulator.Config{}, 0, false},
		{emulator.Config{Switches: set}, 3 * time.Second, true},
	} {
		got, err := emulator.RunT(t, c.config).Control().FetchSwitches(deadline(t))
		if err != nil || time.Duration(got.RateInterval) != c.rate || (got.Delivery == whatsapp.DeliveryManual) != c.manual || got.MediaAuth == c.manual {
			t.Errorf("switches in force: %+v, %v", got, err)
		}
	}
}
