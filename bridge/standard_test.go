package bridge_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliofake"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := bridge.Config{AccountSID: "AC1", AuthToken: "t", FlowSID: "FW1"}
	tests := []struct {
		name   string
		change func(*bridge.Config)
		want   string
	}{
		{"flow", func(c *bridge.Config) { c.FlowSID = "" }, "FlowSID is empty"},
		{"account", func(c *bridge.Config) { c.AccountSID = "" }, "AccountSID is empty"},
		{"token", func(c *bridge.Config) { c.AuthToken = "" }, "AuthToken is empty"},
		{"token in classic", func(c *bridge.Config) { c.AuthToken, c.Policy = "", bridge.PolicyClassic }, "AuthToken is empty"},
		{"policy", func(c *bridge.Config) { c.Policy = "strict" }, `Policy "strict" is unknown`},
		{"public URL", func(c *bridge.Config) { c.PublicURL = "bridge.example.com" }, "PublicURL"},
		{"API URL", func(c *bridge.Config) { c.APIURL = "ftp://x" }, "APIURL"},
	}
	for _, test := range tests {
		config := good
		test.change(&config)
		if _, err := bridge.New(config); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q in it", test.name, err, test.want)
		}
	}
	if _, err := bridge.New(good); err != nil {
		t.Errorf("complete configuration: %v", err)
	}
}

func TestStandardRefusesIncompleteWebhooks(t *testing.T) {
	t.Parallel()
	fake := twiliofake.New(t)
	h := newHandler(t, fakeConfig(fake, bridge.PolicyStandard))
	for _, name := range []string{"From", "To", "MessageSid"} {
		form := fake.Receive(customer, "Hola")
		form.Del(name)
		if w := serve(h, twiliofake.Post(webhookURL, form)); w.Code != http.StatusBadRequest {
			t.Errorf("without %s: %d, want 400", name, w.Code)
		}
	}
	if ops := fake.Ops(); len(ops) != 0 {
		t.Errorf("calls were made: %v", ops)
	}
}

func TestOtherMethods(t *testing.T) {
	t.Parallel()
	fake := twiliofake.New(t)
	h := newHandler(t, fakeConfig(fake, bridge.PolicyStandard))
	r := twiliofake.Post(webhookURL, url.Values{})
	r.Method = http.MethodPut
	if w := serve(h, r); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, POST" {
		t.Errorf("PUT: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	r = twiliofake.Post(webhookURL, url.Values{"Body": {strings.Repeat("x", 7<<20)}})
	if w := serve(h, r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("7 MiB: %d, want 413", w.Code)
	}
}

// deliver posts a webhook and waits until the bridge is done with it.
func deliver(t *testing.T, h *bridge.Handler, form url.Values) {
	t.Helper()
	checkAnswer(t, serve(h, twiliofake.Post(webhookURL, form)), http.StatusOK, "text/xml", "<Response/>")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := h.Wait(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestStandardOpensAConversation(t *testing.T) {
	t.Parallel()
	fake := twiliofake.New(t)
	h := newHandler(t, fakeConfig(fake, bridge.PolicyStandard))
	deliver(t, h, fake.Receive(customer, "Hola"))
	deliver(t, h, fake.Receive(customer, "second"))

	all := fake.Conversations()
	if len(all) != 1 {
		t.Fatalf("%d conversations, want 1", len(all))
	}
	c := all[0]
	if len(c.Participants) != 1 || c.Participants[0].Address != customer || c.Participants[0].Proxy != twiliofake.SandboxNumber {
		t.Errorf("participants %+v", c.Participants)
	}
	if len(c.Webhooks) != 1 || c.Webhooks[0].Target != "studio" || c.Webhooks[0].FlowSID != twiliofake.FlowSID {
		t.Errorf("webhooks %+v", c.Webhooks)
	}
	if len(c.Messages) != 2 || c.Messages[0].Body != "Hola" || c.Messages[0].Native || !c.Messages[0].Announced || !c.Messages[1].Native {
		t.Errorf("messages %+v", c.Messages)
	}
}

// TestForeignBinding is the sandbox's own trap: the number is shared, so another account can hold the pair.
func TestForeignBinding(t *testing.T) {
	t.Parallel()
	fake := twiliofake.New(t)
	const holder = "CHffffffffffffffffffffffffffffffff"
	fake.Fail(twiliofake.Fault{Op: "create participant", Status: 409, Code: 50416,
		Message: "A binding for this participant and proxy address already exists in Conversation " + holder})
	var log bytes.Buffer
	config := fakeConfig(fake, bridge.PolicyStandard)
	config.Logger = slog.New(slog.NewTextHandler(&log, nil))
	deliver(t, newHandler(t, config), fake.Receive(customer, "Hola"))
	if left := len(fake.Conversations()); left != 0 {
		t.Errorf("%d conversations are left", left)
	}
	if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), holder) || !strings.Contains(log.String(), "ANOTHER ACCOUNT") {
		t.Errorf("log does not name the other account's %s: %s", holder, &log)
	}
	for _, secret := range []string{twiliofake.AuthToken, "Hola", customer} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("log tells %q: %s", secret, &log)
		}
	}
}

func TestStandardCleansUp(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"create conversation", "create participant", "create webhook", "create message"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			fake := twiliofake.New(t)
			fake.Fail(twiliofake.Fault{Op: op, Status: 400, Code: 20001, Message: "no"})
			deliver(t, newHandler(t, fakeConfig(fake, bridge.PolicyStandard)), fake.Receive(customer, "Hola"))
			if left := fake.Conversations(); len(left) != 0 {
				t.Errorf("left behind: %+v", left)
			}
		})
	}
}

func TestRetriesWhatCannotHaveHadAnEffect(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 503} {
		fake := twiliofake.New(t)
		fake.Fail(twiliofake.Fault{Op: "create message", Times: 2, Status: status, Code: 20429, Message: "later", RetryAfter: "0"})
		deliver(t, newHandler(t, fakeConfig(fake, bridge.PolicyStandard)), fake.Receive(customer, "Hola"))
		if all := fake.Conversations(); len(all) != 1 || len(all[0].Messages) != 1 {
			t.Errorf("%d: %+v", status, all)
		}
	}
}
