package control_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

func TestAlerts(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	if list := must[[]control.Alert](t)(c.ListAlerts(ctx, 0, 0)); list == nil || len(list) != 0 {
		t.Errorf("before anything: %v", list)
	}
	itself := "https://api.twilio.com/in"
	must[whatsapp.Settings](t)(c.UpdateSandbox(ctx, emulator.DefaultAccountSID, whatsapp.SettingsParams{InboundURL: &itself}))
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	m := must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{Body: "one"}))
	must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{Body: "two"}))
	if err := c.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	list := must[[]control.Alert](t)(c.ListAlerts(ctx, 0, 0))
	if len(list) != 2 {
		t.Fatalf("alerts = %+v", list)
	}
	first := list[0]
	if first.Code != 11205 || first.AccountSID != emulator.DefaultAccountSID || first.URL != itself || first.Time.IsZero() ||
		first.MoreInfo != "https://www.twilio.com/docs/errors/11205" || !strings.Contains(first.Text, "the emulator itself") {
		t.Errorf("alert = %+v", first)
	}
	if first.ResourceSID != m.SID && list[1].ResourceSID != m.SID {
		t.Errorf("no alert is about %s: %+v", m.SID, list)
	}
	if one := must[[]control.Alert](t)(c.ListAlerts(ctx, 0, 1)); len(one) != 1 || one[0] != first {
		t.Errorf("limited to one: %+v", one)
	}
	if rest := must[[]control.Alert](t)(c.ListAlerts(ctx, first.Seq, 0)); len(rest) != 1 || rest[0] != list[1] {
		t.Errorf("after the first: %+v", rest)
	}
	for account, want := range map[string]int{emulator.DefaultAccountSID: 2, "AC" + strings.Repeat("0", 32): 0} {
		req, err := http.NewRequestWithContext(ctx, "GET", "http://emulator/_emulator/alerts?account="+account, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := emu.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		var got struct{ Alerts []control.Alert }
		if err := json.Unmarshal(body, &got); err != nil || len(got.Alerts) != want {
			t.Errorf("account %s: %s, want %d", account, body, want)
		}
	}
}

// Every kind of message of a phone passes through the control API.
func TestPhoneSendsEveryKind(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	first := must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{Body: "Hola"}))
	for want, m := range map[string]control.NewMessage{
		"location":    {Details: whatsapp.Details{Location: &whatsapp.Location{Latitude: 1.5, Label: "Here"}}},
		"contacts":    {Contact: &whatsapp.Contact{Name: "Grace", Phone: "+15557654321"}},
		"button":      {Details: whatsapp.Details{Button: &whatsapp.Button{Text: "Yes"}, ReplyTo: first.SID}},
		"interactive": {Details: whatsapp.Details{ListChoice: &whatsapp.ListChoice{ID: "1", Title: "Tuesday"}}},
		"text":        {Body: "x", Details: whatsapp.Details{FrequentlyForwarded: true, Referral: &whatsapp.Referral{SourceType: "ad"}}},
		"reaction":    {Unsupported: "reaction"},
	} {
		if got := must[whatsapp.Message](t)(c.SendMessage(ctx, phone, m)); got.MessageType != want {
			t.Errorf("a %s came in as %+v", want, got)
		}
	}
	photo, err := fixtures.Read(fixtures.Photo)
	if err != nil {
		t.Fatal(err)
	}
	album := must[[]whatsapp.Message](t)(c.SendAlbum(ctx, phone, control.NewMessage{Body: "Our trip"},
		[]control.NewFile{{Filename: "1.jpg", Content: photo}, {Filename: "2.jpg", Content: photo}}))
	if len(album) != 2 || album[0].Body != "Our trip" || album[1].Body != "" || album[0].MessageType != "image" {
		t.Errorf("album = %+v", album)
	}
	_, err = c.SendAlbum(ctx, phone, control.NewMessage{}, nil)
	wantError(t, err, http.StatusBadRequest, "two files or more")
}
