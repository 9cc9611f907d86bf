package whatsapp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const registered = "whatsapp:+13115552368"

// set changes switches.
func (w *world) set(t testing.TB, change string) {
	t.Helper()
	if _, err := w.sandbox.UpdateSwitches(context.Background(), json.RawMessage(change)); err != nil {
		t.Fatal(err)
	}
}

func (w *world) advance(t testing.TB, d time.Duration) {
	t.Helper()
	if err := w.clock.Advance(context.Background(), d, w.outbox.Agenda()); err != nil {
		t.Fatal(err)
	}
}

// write sends a message of acme's to a phone from a sender, and waits for what happens at once.
func (w *world) write(t testing.TB, from, phone string, p whatsapp.MessageParams) whatsapp.Message {
	t.Helper()
	to := "whatsapp:" + phone
	p.From, p.To = &from, &to
	if p.Body == nil && p.MediaURL == nil && p.ContentSid == nil {
		p.Body = ptr("x")
	}
	m, err := w.sandbox.CreateMessage(context.Background(), acme, p)
	if err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	return m
}

func ptr(s string) *string { return &s }

// outcome is the status of a message, with its code if it has one.
func (w *world) outcome(t testing.TB, m whatsapp.Message) string {
	t.Helper()
	m, err := w.sandbox.FetchMessage(context.Background(), m.SID)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(fmt.Sprintf("%s %d", m.Status, m.ErrorCode), " 0")
}

// register gives acme a sender of its own.
func (w *world) register(t testing.TB) {
	t.Helper()
	if _, err := w.api.CreateSender(context.Background(), conversations.Sender{AccountSID: acme, Address: registered}); err != nil {
		t.Fatal(err)
	}
}

// The gate: what a message becomes that was accepted, by what happened before.
func TestOutboundGate(t *testing.T) {
	t.Parallel()
	appointment := whatsapp.MessageParams{ContentSid: ptr(whatsapp.TemplateAppointment), ContentVariables: ptr(`{"1":"12/1","2":"3pm"}`)}
	spoilt := appointment
	spoilt.Body = ptr("and this")
	for name, tc := range map[string]struct {
		before func(*testing.T, *world)
		from   string
		params whatsapp.MessageParams
		want   string
	}{
		"never joined":                          {nil, whatsapp.SandboxNumber, whatsapp.MessageParams{}, "failed 63015"},
		"joined":                                {joinAcme, whatsapp.SandboxNumber, whatsapp.MessageParams{}, "read"},
		"joined another sandbox":                {then(joinAcme, says("join beta-code")), whatsapp.SandboxNumber, whatsapp.MessageParams{}, "failed 63015"},
		"left":                                  {then(joinAcme, says("stop")), whatsapp.SandboxNumber, whatsapp.MessageParams{}, "failed 63015"},
		"after 24 hours":                        {then(joinAcme, passes(24*time.Hour)), whatsapp.SandboxNumber, whatsapp.MessageParams{}, "failed 63016"},
		"within 24 hours":                       {then(joinAcme, passes(24*time.Hour-1)), whatsapp.SandboxNumber, whatsapp.MessageParams{}, "read"},
		"24 hours after a message":              {then(joinAcme, passes(20*time.Hour), says("Hola"), passes(20*time.Hour)), whatsapp.SandboxNumber, whatsapp.MessageParams{}, "read"},
		"membership over":                       {then(joinAcme, passes(72*time.Hour)), whatsapp.SandboxNumber, whatsapp.MessageParams{}, "failed 63015"},
		"membership over, template":             {then(joinAcme, passes(72*time.Hour)), whatsapp.SandboxNumber, appointment, "failed 63015"},
		"template outside":                      {then(joinAcme, passes(25*time.Hour)), whatsapp.SandboxNumber, appointment, "read"},
		"text of a template":                    {then(joinAcme, passes(25*time.Hour)), whatsapp.SandboxNumber, whatsapp.MessageParams{Body: ptr("Your appointment is coming up on 12/1 at 3pm")}, "failed 63016"},
		"template and text":                     {joinAcme, whatsapp.SandboxNumber, spoilt, "failed 63030"},
		"a longer window":                       {then(joinAcme, switched(`{"service_window":"48h"}`), passes(47*time.Hour)), whatsapp.SandboxNumber, whatsapp.MessageParams{}, "read"},
		"registered, never wrote":               {nil, registered, whatsapp.MessageParams{}, "failed 63016"},
		"registered, template":                  {nil, registered, appointment, "read"},
		"registered, wrote":                     {writesTo(registered), registered, whatsapp.MessageParams{}, "read"},
		"registered, wrote to the sandbox only": {joinAcme, registered, whatsapp.MessageParams{}, "failed 63016"},
		"registered, after 24 hours":            {then(writesTo(registered), passes(24*time.Hour)), registered, whatsapp.MessageParams{}, "failed 63016"},
		"blocked":                               {then(joinAcme, behaves(whatsapp.BehaviourParams{Blocked: yes()})), whatsapp.SandboxNumber, whatsapp.MessageParams{}, "failed 63014"},
		"offline":                               {then(joinAcme, behaves(whatsapp.BehaviourParams{Offline: yes()})), whatsapp.SandboxNumber, whatsapp.MessageParams{}, "sent"},
		"no read receipts":                      {then(joinAcme, behaves(whatsapp.BehaviourParams{ReadReceipts: new(bool)})), whatsapp.SandboxNumber, whatsapp.MessageParams{}, "delivered"},
		"by hand":                               {then(joinAcme, switched(`{"delivery":"manual"}`)), whatsapp.SandboxNumber, whatsapp.MessageParams{}, "sent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(t)
			if tc.before != nil {
				tc.before(t, w)
			}
			m := w.write(t, tc.from, ada, tc.params)
			if m.Status != "queued" {
				t.Errorf("created as %s, want queued", m.Status)
			}
			if got := w.outcome(t, m); got != tc.want {
				t.Errorf("it became %q, want %q", got, tc.want)
			}
			if w.alerted(t, m) != strings.HasPrefix(tc.want, "failed") {
				t.Error("the debugger has an entry for messages that fail, and for no other")
			}
		})
	}
}

// alerted reports whether the debugger has an entry for a message.
func (w *world) alerted(t *testing.T, m whatsapp.Message) bool {
	t.Helper()
	events, err := w.api.ListEvents(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(events, func(e conversations.Event) bool {
		return e.Type == conversations.Alerted && e.Params.Get("ResourceSid") == m.SID
	})
}

type action = func(*testing.T, *world)

func then(all ...action) action {
	return func(t *testing.T, w *world) {
		t.Helper()
		for _, do := range all {
			do(t, w)
		}
	}
}

func joinAcme(t *testing.T, w *world) { t.Helper(); w.send(t, ada, "join acme-code") }

func says(body string) action {
	return func(t *testing.T, w *world) { t.Helper(); w.send(t, ada, body) }
}

func writesTo(sender string) action {
	return func(t *testing.T, w *world) {
		t.Helper()
		if _, err := w.sandbox.Receive(t.Context(), whatsapp.Inbound{From: ada, To: sender, Body: "Hola"}); err != nil {
			t.Fatal(err)
		}
		w.settle(t)
	}
}

func passes(d time.Duration) action {
	return func(t *testing.T, w *world) { t.Helper(); w.advance(t, d) }
}

func switched(change string) action {
	return func(t *testing.T, w *world) { t.Helper(); w.set(t, change) }
}

func behaves(p whatsapp.BehaviourParams) action {
	return func(t *testing.T, w *world) {
		t.Helper()
		if _, err := w.sandbox.UpdateBehaviour(t.Context(), ada, p); err != nil {
			t.Fatal(err)
		}
	}
}

func yes() *bool { b := true; return &b }

// Writing to the number that has joined under another name fails: what has joined is what must be written to.
func TestAliasIsNotAMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t)
	const written = "+5511987654321"
	w.set(t, `{"number_aliases":{"`+written+`":"`+ada+`"}}`)
	joinAcme(t, w)
	writesTo(registered)(t, w)
	if got := w.outcome(t, w.write(t, whatsapp.SandboxNumber, written, whatsapp.MessageParams{})); got != "failed 63015" {
		t.Errorf("from the sandbox: %s", got)
	}
	if got := w.outcome(t, w.write(t, registered, written, whatsapp.MessageParams{Body: ptr("olá")})); got != "read" {
		t.Errorf("from a registered sender: %s", got)
	}
	if heard := w.heard(t, ada); !slices.Contains(heard, "olá") {
		t.Errorf("the phone heard %q", heard)
	}
}

// Files: fetched when the message's turn has come, judged by their content.
func TestOutboundFiles(t *testing.T) {
	t.Parallel()
	const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
	serve := func(status int, contentType, content string) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", contentType)
			rw.WriteHeader(status)
			_, _ = rw.Write([]byte(content))
		}
	}
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a picture":           {serve(200, "image/png", png), "read"},
		"not there":           {serve(404, "image/png", png), "failed 63019"},
		"empty":               {serve(200, "image/png", ""), "failed 63021"},
		"a type that lies":    {serve(200, "image/jpeg", png), "failed 63021"},
		"a type nobody takes": {serve(200, "text/plain", "hello"), "failed 63021"},
		"too large":           {serve(200, "image/png", png+strings.Repeat("x", whatsapp.MaxFile)), "failed 63034"},
		"redirects in a ring": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "/again", http.StatusFound)
		}, "failed 63019"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			joinAcme(t, w)
			w.mu.Lock()
			w.answer = tc.answer
			w.mu.Unlock()
			m := w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{MediaURL: []string{"https://files.example.com/a.png"}})
			if got := w.outcome(t, m); got != tc.want {
				t.Errorf("it became %q, want %q", got, tc.want)
			}
			kept, err := w.sandbox.FetchMessage(t.Context(), m.SID)
			if err != nil || !strings.HasPrefix(m.SID, "MM") || kept.NumMedia() != 1 || (tc.want == "read") != (len(kept.Media) == 1) {
				t.Errorf("kept %+v, %v", kept, err)
			}
		})
	}
}

// A phone that was offline gets what it has missed, in order, when it is back.
func TestPhoneComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	joinAcme(t, w)
	w.set(t, `{"rate_interval":"0s"}`)
	behaves(whatsapp.BehaviourParams{Offline: yes()})(t, w)
	before := len(w.heard(t, ada))
	var sent []whatsapp.Message
	for i := range 3 {
		sent = append(sent, w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{Body: ptr(fmt.Sprint(i))}))
	}
	if got := w.heard(t, ada)[before:]; len(got) != 0 {
		t.Errorf("offline, the phone heard %q", got)
	}
	behaves(whatsapp.BehaviourParams{Offline: new(bool)})(t, w)
	w.settle(t)
	if got := w.heard(t, ada)[before:]; !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Errorf("back, the phone heard %q", got)
	}
	for _, m := range sent {
		if got := w.outcome(t, m); got != "read" {
			t.Errorf("message %s is %s", m.Body, got)
		}
	}
}

// A sender that is taken away while a message waits, or while a conversation has it as proxy, sends nothing any more.
func TestSenderIsTakenAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t)
	writesTo(registered)(t, w)
	account, err := w.api.FetchAccount(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	scope := conversations.Scope{AccountSID: acme}
	c, err := w.api.CreateConversation(t.Context(), scope, conversations.ConversationParams{})
	if err != nil {
		t.Fatal(err)
	}
	var customer conversations.CreateParticipantParams
	customer.MessagingBinding.Address, customer.MessagingBinding.ProxyAddress = ptr("whatsapp:"+ada), ptr(registered)
	if _, err := w.api.CreateParticipant(t.Context(), scope, c.SID, customer); err != nil {
		t.Fatal(err)
	}
	waiting, err := w.sandbox.CreateMessage(t.Context(), acme, whatsapp.MessageParams{To: ptr("whatsapp:" + ada), Body: ptr("later"),
		MessagingServiceSid: &account.DefaultMessagingServiceSID, ScheduleType: ptr("fixed"),
		SendAt: ptr(w.clock.Now().Add(time.Hour).Format(time.RFC3339))})
	if err != nil || waiting.From != registered {
		t.Fatalf("%+v, %v", waiting, err)
	}
	if err := w.api.DeleteSender(t.Context(), acme, registered); err != nil {
		t.Fatal(err)
	}
	said, err := w.api.CreateMessage(t.Context(), scope, c.SID, conversations.MessageParams{Body: ptr("now")})
	if err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	receipts, err := w.api.ListReceipts(t.Context(), scope, c.SID, said.SID, twilio.PageQuery{Size: 1})
	if err != nil || len(receipts.Items) != 1 || receipts.Items[0].ErrorCode != 63007 {
		t.Errorf("the receipts are %+v, %v", receipts.Items, err)
	}
	w.advance(t, time.Hour)
	if got := w.outcome(t, waiting); got != "failed 63007" || !w.alerted(t, waiting) {
		t.Errorf("what waited is %q", got)
	}
}
