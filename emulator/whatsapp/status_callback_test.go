package whatsapp_test

import (
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/twilio/twilio-go/client"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// callbacks returns and forgets what a path of the account's server was told.
func (w *world) callbacks(path string) (told []*http.Request) {
	for _, r := range w.requests() {
		if r.URL.Path == path {
			told = append(told, r)
		}
	}
	return told
}

func statuses(told []*http.Request) (list []string) {
	for _, r := range told {
		list = append(list, r.PostForm.Get("MessageStatus"))
	}
	return list
}

// A message's own URL is told of every status but the first, in order, with the parameters of the reference, signed.
func TestStatusCallback(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	joinAcme(t, w)
	link := "https://acme.example.com/status"
	m := w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{StatusCallback: &link,
		ContentSid: ptr(whatsapp.TemplateVerification), ContentVariables: ptr(`{"1":"Acme","2":"1234"}`)})
	told := w.callbacks("/status")
	if got, want := statuses(told), []string{"sent", "delivered", "read"}; !slices.Equal(got, want) {
		t.Fatalf("told of %q, want %q", got, want)
	}
	want := url.Values{"MessageSid": {m.SID}, "SmsSid": {m.SID}, "MessageStatus": {"read"}, "SmsStatus": {"read"}, "AccountSid": {acme},
		"From": {whatsapp.SandboxNumber}, "To": {"whatsapp:" + ada}, "ApiVersion": {"2010-04-01"}, "ChannelPrefix": {"whatsapp"},
		"ChannelToAddress": {ada}, "ChannelInstallSid": {told[2].PostForm.Get("ChannelInstallSid")}, "StructuredMessage": {"true"}, "EventType": {"READ"}}
	if got := told[2].PostForm; !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("form = %v\nwant   %v", got, want)
	}
	validator := client.NewRequestValidator(token)
	for _, r := range told {
		params := map[string]string{}
		for name := range r.PostForm {
			params[name] = r.PostForm.Get(name)
		}
		if !validator.Validate(link, params, r.Header.Get("X-Twilio-Signature")) || r.Header.Get("I-Twilio-Idempotency-Token") == "" {
			t.Errorf("%s: twilio-go's validator does not accept the signature", r.PostForm.Get("MessageStatus"))
		}
	}
	if w.heard(t, ada)[1] != "Your Acme code is 1234" {
		t.Errorf("heard %q", w.heard(t, ada))
	}
}

// The sandbox's URL is told of messages without one of their own, and of failures with their code; messages that carry those
// of conversations have no callbacks.
func TestSandboxStatusCallback(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := "https://acme.example.com/status"
	if _, err := w.sandbox.UpdateSettings(t.Context(), acme, whatsapp.SettingsParams{StatusCallbackURL: &link}); err != nil {
		t.Fatal(err)
	}
	w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{})
	told := w.callbacks("/status")
	if len(told) != 1 {
		t.Fatalf("told of %q", statuses(told))
	}
	for name, want := range map[string]string{"MessageStatus": "failed", "ErrorCode": "63015",
		"ChannelStatusMessage": "Channel Sandbox can only send messages to phone numbers that have joined the Sandbox"} {
		if got := told[0].PostForm.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	joinAcme(t, w)
	scope := conversations.Scope{AccountSID: acme}
	c, err := w.api.CreateConversation(t.Context(), scope, conversations.ConversationParams{})
	if err != nil {
		t.Fatal(err)
	}
	var p conversations.CreateParticipantParams
	p.MessagingBinding.Address, p.MessagingBinding.ProxyAddress = ptr("whatsapp:"+ada), ptr(whatsapp.SandboxNumber)
	if _, err := w.api.CreateParticipant(t.Context(), scope, c.SID, p); err != nil {
		t.Fatal(err)
	}
	if _, err := w.api.CreateMessage(t.Context(), scope, c.SID, conversations.MessageParams{Body: ptr("carried")}); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if heard := w.heard(t, ada); heard[len(heard)-1] != "carried" {
		t.Errorf("heard %q", heard)
	}
	if told := w.callbacks("/status"); len(told) != 0 {
		t.Errorf("a message that carries one of a conversation has told of %q", statuses(told))
	}
	for _, bad := range []string{"status", "http://my_host.example.com/cb"} {
		for _, p := range []whatsapp.SettingsParams{{StatusCallbackURL: &bad}, {InboundURL: &bad}} {
			if _, err := w.sandbox.UpdateSettings(t.Context(), acme, p); err == nil {
				t.Errorf("the URL %q was taken", bad)
			}
		}
	}
}

// A server that cannot be connected to is tried again, as the switch says; one that refuses is not.
func TestStatusCallbackRetries(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	for name, tc := range map[string]struct {
		link     string
		fail     error
		answer   http.HandlerFunc
		attempts int
		alerts   int
	}{
		"nothing listens": {"", refused, nil, 3 * 2, 3},
		"it refuses":      {"", nil, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) }, 3, 3},
		"it answers":      {"", nil, nil, 3, 0},
		"with overrides":  {"#rc=2&rp=4xx", nil, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) }, 9, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			joinAcme(t, w)
			w.mu.Lock()
			w.answer, w.fail = tc.answer, func(*http.Request) error { return tc.fail }
			w.mu.Unlock()
			m := w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{StatusCallback: ptr("https://acme.example.com/status" + tc.link)})
			if told := w.callbacks("/status"); len(told) != tc.attempts {
				t.Errorf("%d attempts, want %d", len(told), tc.attempts)
			}
			events, err := w.api.ListEvents(t.Context(), 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			alerts := 0
			for _, e := range events {
				if e.Type == conversations.Alerted && e.Params.Get("ResourceSid") == m.SID {
					alerts++
				}
			}
			if alerts != tc.alerts {
				t.Errorf("%d entries in the debugger, want %d", alerts, tc.alerts)
			}
		})
	}
}

// Realistic deliveries take seconds of the emulator's clock.
func TestRealisticDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	joinAcme(t, w)
	w.set(t, `{"delivery":"realistic"}`)
	m := w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{})
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{0, "sent"}, {time.Second, "delivered"}, {4 * time.Second, "delivered"}, {time.Second, "read"}} {
		w.advance(t, step.after)
		if got := w.outcome(t, m); got != step.want {
			t.Errorf("after %s more it is %s, want %s", step.after, got, step.want)
		}
	}
}

// By hand: forwards only, and with the words of a person when it is not possible.
func TestUpdateStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	joinAcme(t, w)
	w.set(t, `{"delivery":"manual","rate_interval":"0s"}`)
	link := "https://acme.example.com/status"
	read := w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{StatusCallback: &link, Body: ptr("read me")})
	lost := w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{Body: ptr("lost")})
	joined, err := w.sandbox.ListMessages(t.Context(), ada, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		sid    string
		change whatsapp.StatusChange
		want   string // the error
	}{
		{read.SID, whatsapp.StatusChange{Status: "queued"}, `status "queued": it must be sent, delivered, read, failed or undelivered`},
		{read.SID, whatsapp.StatusChange{Status: "delivered", ErrorCode: 1}, "error_code 1: only a message that is failed or undelivered has one"},
		{read.SID, whatsapp.StatusChange{Status: "delivered"}, ""},
		{read.SID, whatsapp.StatusChange{Status: "sent"}, "message " + read.SID + " is delivered: it cannot become sent any more"},
		{read.SID, whatsapp.StatusChange{Status: "failed", ErrorCode: 63016}, "message " + read.SID + " is delivered: it cannot become failed any more"},
		{read.SID, whatsapp.StatusChange{Status: "read"}, ""},
		{lost.SID, whatsapp.StatusChange{Status: "undelivered", ErrorCode: 63032}, ""},
		{lost.SID, whatsapp.StatusChange{Status: "read"}, "message " + lost.SID + " is undelivered: it cannot become read any more"},
		{joined[0].SID, whatsapp.StatusChange{Status: "read"}, "message " + joined[0].SID + " was written by the phone: it is received and stays so"},
		{"SM0", whatsapp.StatusChange{Status: "read"}, "store: no such document"},
	} {
		_, err := w.sandbox.UpdateStatus(t.Context(), tc.sid, tc.change)
		if (err == nil) != (tc.want == "") || (err != nil && err.Error() != tc.want) {
			t.Errorf("%+v: %v, want %q", tc.change, err, tc.want)
		}
	}
	w.settle(t)
	if got := statuses(w.callbacks("/status")); !slices.Equal(got, []string{"sent", "delivered", "read"}) {
		t.Errorf("told of %q", got)
	}
	if got := w.outcome(t, lost); got != "undelivered 63032" || slices.Contains(w.heard(t, ada), "lost") {
		t.Errorf("the lost message is %s, and the phone heard %q", got, w.heard(t, ada))
	}
}
