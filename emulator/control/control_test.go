package control_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
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
		req.Header.Set("Content-Type", "application/json")
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

// What another program answers counts as no emulator, and what an emulator answers does not.
func TestClientKnowsStrangers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status            int
		contentType, body string
		stranger          bool
		refused           int // status of the refusal, or 0
	}{
		"a page":                      {200, "text/html", "<html>", true, 0},
		"no type":                     {204, "", "", true, 0},
		"a page that is not there":    {404, "text/plain; charset=utf-8", "404 page not found", true, 0},
		"another API's error":         {404, "application/json", `{"detail":"Not Found"}`, true, 0},
		"an error that is no JSON":    {502, "application/json", "bad gateway", true, 0},
		"an emulator":                 {200, "application/json; charset=utf-8", `{"now":"2026-11-23T17:00:00Z"}`, false, 0},
		"an emulator that refuses":    {400, "application/json", `{"error":"no"}`, false, 400},
		"an emulator that has failed": {500, "application/json", `{"error":"no"}`, false, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.contentType)
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			t.Cleanup(server.Close)
			_, err := control.NewClient(server.URL, server.Client()).FetchClock(t.Context())
			var unreachable *control.UnreachableError
			var refused *control.Error
			status := 0
			if errors.As(err, &refused) {
				status = refused.Status
			}
			if errors.As(err, &unreachable) != test.stranger || status != test.refused || (err == nil) != (test.status == 200 && !test.stranger) {
				t.Errorf("the error is %v", err)
			}
		})
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
