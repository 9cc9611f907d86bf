package control_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const (
	phone   = "+15558675310"
	secondC = "brave-lion"
)

var second = emulator.Account{SID: "ACfedcba9876543210fedcba9876543210", AuthToken: "secret", JoinCode: secondC}

func start(t *testing.T) (*emulator.Server, *control.Client, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	emu := emulator.RunT(t, emulator.Config{Seed: 1, Accounts: []emulator.Account{
		{SID: emulator.DefaultAccountSID, AuthToken: emulator.DefaultAuthToken, JoinCode: emulator.DefaultJoinCode}, second}})
	return emu, emu.Control(), ctx
}

func must[T any](t *testing.T) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	if health := must[control.Health](t)(c.Health(ctx)); health.Status != "ok" || health.URL != "" || health.Now.IsZero() {
		t.Errorf("health in process = %+v", health)
	}
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	tcp := control.NewClient(emu.URL+"/", nil)
	if health := must[control.Health](t)(tcp.Health(ctx)); health.URL != emu.URL {
		t.Errorf("URL = %q, want %q", health.URL, emu.URL)
	}
}

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

func TestPhoneJoinsWritesAndStops(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	if p := must[whatsapp.Phone](t)(c.FetchPhone(ctx, phone)); p.Membership != nil || p.ProfileName == "" {
		t.Errorf("a phone nobody has met = %+v", p)
	}
	p := must[whatsapp.Phone](t)(c.Join(ctx, "whatsapp:"+phone, " CLOUD-forgot "))
	if p.Membership == nil || p.Membership.AccountSID != emulator.DefaultAccountSID {
		t.Fatalf("joined = %+v", p)
	}
	m := must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{Body: "Hola", ProfileName: "Ada"}))
	if m.AccountSID != emulator.DefaultAccountSID || !strings.HasPrefix(m.SID, "SM") || m.ProfileName != "Ada" {
		t.Errorf("message = %+v", m)
	}
	if err := c.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	thread := must[[]whatsapp.Message](t)(c.ListMessages(ctx, phone, 0, 0))
	if len(thread) != 4 || thread[3].Body != "You said :Hola.\n Configure your WhatsApp Sandbox's Inbound URL to change this message." {
		t.Errorf("thread = %+v", thread)
	}
	if rest := must[[]whatsapp.Message](t)(c.ListMessages(ctx, phone, thread[1].Seq, 1)); len(rest) != 1 || rest[0].SID != m.SID {
		t.Errorf("one message after the second = %+v, want the third", rest)
	}
	if p := must[whatsapp.Phone](t)(c.Stop(ctx, phone)); p.Membership != nil {
		t.Errorf("after stop = %+v", p)
	}
	if list := must[[]whatsapp.Phone](t)(c.ListPhones(ctx)); len(list) != 1 || list[0].ProfileName != "Ada" {
		t.Errorf("phones = %+v", list)
	}
}

func TestPhoneSendsFile(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	png := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	m := must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{File: &control.NewFile{Filename: "a.png", Content: png}}))
	if !strings.HasPrefix(m.SID, "MM") || len(m.Media) != 1 || m.Media[0].ContentType != "image/png" || m.Media[0].Size != int64(len(png)) {
		t.Fatalf("message = %+v", m)
	}
	content, contentType, err := c.FetchMedia(ctx, m.Media[0].SID)
	if err != nil || string(content) != string(png) || contentType != "image/png" {
		t.Errorf("media = %q %s %v", content, contentType, err)
	}
	_, _, err = c.FetchMedia(ctx, "ME0")
	wantError(t, err, http.StatusNotFound, "ME0")
}

func TestPhoneRefusals(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	send := func(number string, m control.NewMessage) error {
		_, err := c.SendMessage(ctx, number, m)
		return err
	}
	join := func(number, code string) error {
		_, err := c.Join(ctx, number, code)
		return err
	}
	for _, r := range []struct {
		err    error
		status int
		text   string
	}{
		{send("12", control.NewMessage{Body: "x"}), 400, "is not a phone number"},
		{send(phone, control.NewMessage{}), 400, "needs a text or a file"},
		{send(phone, control.NewMessage{Body: strings.Repeat("x", whatsapp.MaxText+1)}), 400, "4096 at most"},
		{send(phone, control.NewMessage{To: "+14155550000", Body: "x"}), 400, "is not a WhatsApp sender"},
		{send(phone, control.NewMessage{File: &control.NewFile{Filename: "e"}}), 400, "is empty"},
		{send(phone, control.NewMessage{File: &control.NewFile{Content: make([]byte, whatsapp.MaxFile+1)}}), 400, "at most"},
		{join(phone, "no-such"), 404, `no sandbox has the join code "no-such"`},
		{join(phone, "two words"), 400, "give the code alone"},
		{join("whatsapp:", "cloud-forgot"), 400, "is not a phone number"},
	} {
		wantError(t, r.err, r.status, r.text)
	}
	if n := len(must[[]whatsapp.Message](t)(c.ListMessages(ctx, phone, 0, 0))); n != 3 { // join, its answer, the wrong code
		t.Errorf("%d messages after the refusals, want 3", n)
	}
}

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

func TestClock(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	frozen := must[control.ClockState](t)(c.Freeze(ctx, true))
	if !frozen.Frozen {
		t.Errorf("clock = %+v, want it frozen", frozen)
	}
	later := must[control.ClockState](t)(c.UpdateClock(ctx, control.ClockChange{Advance: "3d"}))
	if got := later.Now.Sub(frozen.Now); got != 72*time.Hour {
		t.Errorf("advanced by %s, want 72h", got)
	}
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	if set := must[control.ClockState](t)(c.UpdateClock(ctx, control.ClockChange{Set: at.Format(time.RFC3339)})); !set.Now.Equal(at) {
		t.Errorf("set to %s, want %s", set.Now, at)
	}
	if back := must[control.ClockState](t)(c.UpdateClock(ctx, control.ClockChange{Set: "2020-01-01T00:00:00Z"})); back.Now.Year() != 2020 {
		t.Errorf("set back to %s", back.Now)
	}
	yes := true
	for text, change := range map[string]control.ClockChange{
		"exactly one of":   {},
		"negative":         {Advance: "-1h"},
		"is not a duratio": {Advance: "soon"},
		"is not an instan": {Set: "tomorrow"},
		"exactly one":      {Advance: "1h", Frozen: &yes},
		"a hundred years":  {Advance: "40000d"},
	} {
		_, err := c.UpdateClock(ctx, change)
		wantError(t, err, 400, text)
	}
	if running := must[control.ClockState](t)(c.Freeze(ctx, false)); running.Frozen {
		t.Error("the clock does not run again")
	}
}

func TestMembershipExpiresAfter72Hours(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	must[control.ClockState](t)(c.Freeze(ctx, true))
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	must[control.ClockState](t)(c.Advance(ctx, 72*time.Hour-time.Second))
	if p := must[whatsapp.Phone](t)(c.FetchPhone(ctx, phone)); p.Membership == nil {
		t.Fatal("the phone is out a second too early")
	}
	must[control.ClockState](t)(c.Advance(ctx, time.Second))
	if p := must[whatsapp.Phone](t)(c.FetchPhone(ctx, phone)); p.Membership != nil {
		t.Error("the phone is still in after 72 hours")
	}
}

func TestStreams(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	joined := make(chan conversations.Event, 1)
	exchanged := make(chan traffic.Exchange, 1)
	failed := make(chan error, 2)
	go func() {
		failed <- c.StreamEvents(ctx, 0, func(e conversations.Event) error {
			if e.Type == conversations.SandboxJoined {
				joined <- e
			}
			return nil
		})
	}()
	go func() {
		failed <- c.StreamTraffic(ctx, 0, func(e traffic.Exchange) error {
			exchanged <- e
			return nil
		})
	}()
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	res, err := emu.Client().Get("https://conversations.twilio.com/v1/Conversations")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	select {
	case e := <-joined:
		if e.Params.Get("From") != "whatsapp:"+phone {
			t.Errorf("joined event = %+v", e)
		}
	case <-ctx.Done():
		t.Fatal("no event came")
	}
	select {
	case e := <-exchanged:
		if e.Status != 401 || e.URL != "https://conversations.twilio.com/v1/Conversations" {
			t.Errorf("exchange = %+v", e)
		}
	case <-ctx.Done():
		t.Fatal("no exchange came")
	}
	cancel()
	for range 2 {
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("a stream that was left ended with %v", err)
		}
	}
}

func TestCloseEndsStreams(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	following, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		first := true
		ended <- control.NewClient(emu.URL, nil).StreamEvents(ctx, 0, func(conversations.Event) error {
			if first {
				close(following)
			}
			first = false
			return nil
		})
	}()
	<-following
	if err := emu.Close(); err != nil {
		t.Errorf("close with a stream open: %v", err)
	}
	if err := <-ended; err == nil || ctx.Err() != nil {
		t.Errorf("the stream ended with %v", err)
	}
}

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

func TestReset(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	u := "https://example.com/"
	must[whatsapp.Settings](t)(c.UpdateSandbox(ctx, second.SID, whatsapp.SettingsParams{InboundURL: &u}))
	must[control.Account](t)(c.CreateAccount(ctx, control.NewAccount{SID: "AC" + strings.Repeat("3", 32), AuthToken: "t"}))
	must[control.ClockState](t)(c.UpdateClock(ctx, control.ClockChange{Set: "2031-01-01T00:00:00Z"}))
	if err := c.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if list := must[[]control.Account](t)(c.ListAccounts(ctx)); len(list) != 2 || list[1].Sandbox.InboundURL != whatsapp.DemoURL {
		t.Errorf("accounts after reset = %+v", list)
	}
	if p := must[whatsapp.Phone](t)(c.FetchPhone(ctx, phone)); p.Membership != nil {
		t.Error("a membership survived the reset")
	}
	if n := len(must[[]whatsapp.Message](t)(c.ListMessages(ctx, phone, 0, 0))); n != 0 {
		t.Errorf("%d messages survived the reset", n)
	}
	if d := time.Until(must[control.ClockState](t)(c.FetchClock(ctx)).Now).Abs(); d > time.Minute {
		t.Errorf("the clock is %s off after reset", d)
	}
}

func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	emu, _, ctx := start(t)
	for _, c := range []struct{ method, path, body, text string }{
		{"POST", "/clock", `{"advance"`, "not the expected JSON"},
		{"POST", "/clock", ``, "has no body"},
		{"POST", "/clock", `{"advnce":"1h"}`, `unknown field \"advnce\"`},
		{"POST", "/clock", `{"advance":"1h"}{}`, "more than one JSON value"},
		{"POST", "/clock", `{"advance":1}`, "not the expected JSON"},
		{"GET", "/traffic?after=x", ``, "whole number"},
		{"GET", "/events?limit=-1", ``, "whole number"},
		{"GET", "/nothing", ``, "there is no /_emulator/nothing"},
		{"PUT", "/clock", ``, "PUT is not possible"},
		{"GET", "/executions/FN0", ``, "there is no execution FN0"},
	} {
		req, _ := http.NewRequestWithContext(ctx, c.method, "http://emulator/_emulator"+c.path, strings.NewReader(c.body))
		res, err := emu.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode < 400 || res.StatusCode >= 500 || !strings.Contains(string(body), c.text) || !strings.HasPrefix(string(body), `{"error":`) {
			t.Errorf("%s %s %s: %d %s, want an error with %q", c.method, c.path, c.body, res.StatusCode, body, c.text)
		}
	}
}

func TestClientSaysWhenNobodyAnswers(t *testing.T) {
	t.Parallel()
	_, _, ctx := start(t)
	_, err := control.NewClient("http://127.0.0.1:1", nil).Health(ctx)
	var unreachable *control.UnreachableError
	if !errors.As(err, &unreachable) || !strings.Contains(err.Error(), "cloudforgot up") {
		t.Errorf("error = %v", err)
	}
	var failed *url.Error
	if errors.As(err, &failed) {
		t.Error("the error repeats the transport's")
	}
}

// wantError checks that an error is a refusal of the control API with a status and a text.
func wantError(t *testing.T, err error, status int, text string) {
	t.Helper()
	var refused *control.Error
	if !errors.As(err, &refused) || refused.Status != status || !strings.Contains(refused.Message, text) {
		t.Errorf("error = %v, want %d with %q", err, status, text)
	}
}

func TestSendersAndAutoCreation(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	const own = "whatsapp:+13115552368"
	if s := must[conversations.Sender](t)(c.CreateSender(ctx, second.SID, own)); s.Address != own {
		t.Errorf("sender = %+v", s)
	}
	_, err := c.CreateSender(ctx, second.SID, "nobody")
	wantError(t, err, 400, "must be an E.164 number")
	post(t, emu, "/v1/Configuration/Addresses", url.Values{"Type": {"whatsapp"}, "Address": {own},
		"AutoCreation.Enabled": {"true"}, "AutoCreation.Type": {"default"}})
	m := must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{To: own, Body: "Hola"}))
	if m.ConversationSID == "" || m.AccountSID != second.SID {
		t.Fatalf("message to a registered sender = %+v, want it in a conversation", m)
	}
	next := must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{To: own, Body: "Otra"}))
	if next.ConversationSID != m.ConversationSID {
		t.Errorf("the second message is in %q, want %q", next.ConversationSID, m.ConversationSID)
	}
	if list := must[[]conversations.Sender](t)(c.ListSenders(ctx, second.SID)); len(list) != 1 {
		t.Errorf("senders = %+v", list)
	}
	if err := c.DeleteSender(ctx, second.SID, own); err != nil {
		t.Fatal(err)
	}
	_, err = c.SendMessage(ctx, phone, control.NewMessage{To: own, Body: "x"})
	wantError(t, err, 400, "is not a WhatsApp sender")
}

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
	for text, change := range map[string]map[string]any{
		"is none of always, never": {"inbound_webhook_when_bound": "sometimes"},
		"unknown field":            {"no_such_switch": 1},
		"is not a duration":        {"sandbox_ttl": "soon"},
		"not longer than nothing":  {"service_window": "0s"},
		"between 0 and 5":          {"webhook_retries": 6},
		"is not a phone number":    {"number_aliases": map[string]string{"+5511987654321": "x"}},
	} {
		_, err := c.UpdateSwitches(ctx, change)
		wantError(t, err, 400, text)
	}
	if after := must[whatsapp.Switches](t)(c.FetchSwitches(ctx)); !reflect.DeepEqual(after, set) {
		t.Errorf("refused changes left %+v", after)
	}
}

// post sends a form to Twilio's API as the second account.
func post(t *testing.T, emu *emulator.Server, path string, form url.Values) {
	t.Helper()
	req, _ := http.NewRequestWithContext(t.Context(), "POST", "https://conversations.twilio.com"+path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(second.SID, second.AuthToken)
	res, err := emu.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.StatusCode >= 300 {
		t.Fatalf("POST %s: %d %s", path, res.StatusCode, body)
	}
}
