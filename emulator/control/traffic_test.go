package control_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

func TestFaultsAndTraffic(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	f := must[traffic.Fault](t)(c.CreateFault(ctx, traffic.Fault{Path: "/v1/Services", Status: 503, Count: 1}))
	get := func() int {
		req, _ := http.NewRequestWithContext(ctx, "GET", "https://conversations.twilio.com/v1/Services", nil)
		req.SetBasicAuth(second.SID, second.AuthToken)
		res, err := emu.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		return res.StatusCode
	}
	if first, then := get(), get(); first != 503 || then != 200 {
		t.Errorf("statuses %d, %d: want the fault once", first, then)
	}
	list := must[[]traffic.Exchange](t)(c.ListTraffic(ctx, 0, 0))
	if len(list) != 2 || list[0].Fault != f.ID || list[1].Fault != "" || strings.Contains(list[0].Request.Header.Get("Authorization"), "Basic") {
		t.Errorf("traffic = %+v", list)
	}
	if faults := must[[]traffic.Fault](t)(c.ListFaults(ctx)); len(faults) != 1 {
		t.Errorf("faults = %+v", faults)
	}
	_, err := c.CreateFault(ctx, traffic.Fault{Status: 42})
	wantError(t, err, 400, "between 200 and 599")
	if err := errors.Join(c.ClearFaults(ctx), c.ClearTraffic(ctx)); err != nil {
		t.Fatal(err)
	}
	if n := len(must[[]traffic.Exchange](t)(c.ListTraffic(ctx, 0, 0))); n != 0 {
		t.Errorf("%d exchanges after clearing", n)
	}
}
