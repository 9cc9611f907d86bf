package control_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func TestSwitches(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	want := whatsapp.DefaultSwitches()
	want.RateInterval = 0 // in tests, as RunT says
	if set := must[whatsapp.Switches](t)(c.FetchSwitches(ctx)); !reflect.DeepEqual(set, want) {
		t.Errorf("switches = %+v, want the defaults", set)
	}
	set := must[whatsapp.Switches](t)(c.UpdateSwitches(ctx, map[string]any{"sandbox_ttl": "1h", "unknown_join_code_reply": "not-connected"}))
	if time.Duration(set.SandboxTTL) != time.Hour || set.ServiceWindow != whatsapp.DefaultSwitches().ServiceWindow {
		t.Errorf("switches = %+v", set)
	}
	p := must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	if got := p.Membership.ExpiresAt.Sub(p.Membership.JoinedAt); got != time.Hour {
		t.Errorf("membership of %s, want 1h", got)
	}
	many := map[string]string{}
	for i := range 1001 {
		many[fmt.Sprintf("+1555000%04d", i)] = "+15551234567"
	}
	for text, change := range map[string]map[string]any{
		"there can be 1000":        {"number_aliases": many},
		"is none of always, never": {"inbound_webhook_when_bound": "sometimes"},
		"unknown field":            {"no_such_switch": 1},
		"is not a duration":        {"sandbox_ttl": "soon"},
		"not longer than nothing":  {"service_window": "0s"},
		"between 0 and 5":          {"webhook_retries": 6},
		"is not a phone number":    {"number_aliases": map[string]string{"+5511987654321": "x"}},
		"more than once":           {"number_aliases": map[string]string{"+5511987654321": "+15551234567", "+55 11 98765-4321": "+15557654321"}},
	} {
		_, err := c.UpdateSwitches(ctx, change)
		wantError(t, err, 400, text)
	}
	if after := must[whatsapp.Switches](t)(c.FetchSwitches(ctx)); !reflect.DeepEqual(after, set) {
		t.Errorf("refused changes left %+v", after)
	}
}
