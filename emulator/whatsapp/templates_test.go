package whatsapp_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

// template makes a template of acme's.
func (w *world) template(t *testing.T, of, fields string) string {
	t.Helper()
	made, err := w.content.Create(t.Context(), acme, content.Params{Language: ptr("en"), Types: map[string]json.RawMessage{of: json.RawMessage(fields)}})
	if err != nil {
		t.Fatal(err)
	}
	return made.SID
}

// What a template becomes that was accepted, by its approval and the service window.
func TestApprovalAtTheGate(t *testing.T) {
	t.Parallel()
	submitted := func(t *testing.T, w *world, sid string) {
		t.Helper()
		if _, err := w.content.Submit(t.Context(), acme, sid, content.Submission{Name: ptr("x"), Category: ptr("UTILITY")}); err != nil {
			t.Fatal(err)
		}
	}
	decided := func(status string) func(*testing.T, *world, string) {
		return func(t *testing.T, w *world, sid string) {
			t.Helper()
			if _, err := w.content.Decide(t.Context(), acme, sid, content.Decision{Status: status}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, tc := range map[string]struct {
		before func(*testing.T, *world, string)
		within bool // the service window
		want   string
	}{
		"not submitted":         {func(*testing.T, *world, string) {}, false, "failed 63016"},
		"not submitted, within": {func(*testing.T, *world, string) {}, true, "read"},
		"submitted":             {submitted, false, "failed 63016"},
		"submitted an hour ago": {func(t *testing.T, w *world, sid string) { t.Helper(); submitted(t, w, sid); w.advance(t, time.Hour) }, false, "read"},
		"approved by hand":      {decided(content.StatusApproved), false, "read"},
		"rejected":              {decided(content.StatusRejected), false, "failed 63040"},
		"rejected, within":      {decided(content.StatusRejected), true, "read"},
		"paused":                {decided(content.StatusPaused), false, "failed 63041"},
		"disabled":              {decided(content.StatusDisabled), false, "failed 63042"},
		"rejected and submitted": {func(t *testing.T, w *world, sid string) {
			t.Helper()
			submitted(t, w, sid)
			decided("rejected")(t, w, sid)
			w.advance(t, time.Hour)
		}, false, "failed 63040"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			joinAcme(t, w)
			if !tc.within {
				w.advance(t, 25*time.Hour)
			}
			sid := w.template(t, "twilio/text", `{"body":"Hi"}`)
			tc.before(t, w, sid)
			if got := w.outcome(t, w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{ContentSid: &sid})); got != tc.want {
				t.Errorf("the message is %s, want %s", got, tc.want)
			}
		})
	}
}

// Files, places and buttons of a template reach the phone, in a message and in one of a conversation.
func TestTemplatesReachPhones(t *testing.T) {
	t.Parallel()
	photo := sample(t, fixtures.Photo)
	for name, tc := range map[string]struct {
		of, fields string
		body       string
		buttons    []content.Button
		file       bool
		place      *whatsapp.Location
	}{
		"a file": {of: "twilio/media", fields: `{"body":"Look","media":["https://files.example.com/a.jpg"]}`, body: "Look", file: true},
		"quick replies": {of: "twilio/quick-reply", fields: `{"body":"Well?","actions":[{"title":"Yes","id":"yes_1"}]}`, body: "Well?",
			buttons: []content.Button{{Text: "Yes", Payload: "yes_1"}}},
		"a list": {of: "twilio/list-picker", fields: `{"body":"Pick","button":"Open","items":[{"id":"s","item":"Small"}]}`, body: "Pick",
			buttons: []content.Button{{Text: "Small", Payload: "s", Option: true}}},
		"a card": {of: "twilio/card", fields: `{"title":"Shoe","media":["https://files.example.com/a.jpg"],"actions":[{"type":"URL","title":"Buy","url":"https://x"}]}`,
			body: "Shoe", file: true, buttons: []content.Button{{Text: "Buy", Link: "https://x"}}},
		"a place": {of: "twilio/location", fields: `{"latitude":1.5,"longitude":-2,"label":"Plaza"}`, body: "Plaza",
			place: &whatsapp.Location{Latitude: 1.5, Longitude: -2, Label: "Plaza"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			joinAcme(t, w)
			w.next = serveFiles(t, func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(photo) })
			w.set(t, `{"rate_interval":"0s"}`)
			sid := w.template(t, tc.of, tc.fields)
			c, err := w.bind(t, acme)
			if err != nil {
				t.Fatal(err)
			}
			w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{ContentSid: &sid})
			if _, err := w.api.CreateMessage(t.Context(), conversations.Scope{AccountSID: acme}, c.SID, conversations.MessageParams{ContentSid: &sid}); err != nil {
				t.Fatal(err)
			}
			w.settle(t)
			thread, err := w.sandbox.ListMessages(t.Context(), ada, 0, 0)
			if err != nil || len(thread) < 2 {
				t.Fatalf("the thread is %+v, %v", thread, err)
			}
			for _, m := range thread[len(thread)-2:] {
				if m.Body != tc.body || !reflect.DeepEqual(m.Buttons, tc.buttons) || (len(m.Media) == 1) != tc.file || !reflect.DeepEqual(m.Location, tc.place) {
					t.Errorf("the phone got %+v", m)
				}
			}
		})
	}
}

// A tap on a template's button answers the template, with the payload that the template gave the button.
func TestTaps(t *testing.T) {
	t.Parallel()
	const question = `{"body":"Well?","actions":[{"title":"Yes","id":"yes_1"},{"title":"No"}]}`
	for name, tc := range map[string]struct {
		tap         whatsapp.Button
		replyTo     int // the message that is answered, counted from the latest; 0 says none
		wantPayload string
		wantReply   bool // to the template
	}{
		"a button":                {whatsapp.Button{Text: "Yes"}, 0, "yes_1", true},
		"one without a payload":   {whatsapp.Button{Text: "No"}, 0, "No", true},
		"one with its own":        {whatsapp.Button{Text: "Yes", Payload: "other"}, 0, "other", true},
		"one that nobody sent":    {whatsapp.Button{Text: "Maybe"}, 0, "Maybe", false},
		"on the template":         {whatsapp.Button{Text: "Yes"}, 2, "yes_1", true},
		"on a message without it": {whatsapp.Button{Text: "Yes"}, 1, "Yes", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			joinAcme(t, w)
			w.set(t, `{"rate_interval":"0s"}`)
			sid := w.template(t, "twilio/quick-reply", question)
			template := w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{ContentSid: &sid})
			latest := w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{Body: ptr("Are you there?")})
			in := whatsapp.Inbound{From: ada}
			in.Button, in.ReplyTo = &tc.tap, []string{"", latest.SID, template.SID}[tc.replyTo]
			m := w.receive(t, in)
			if m.Button.Payload != tc.wantPayload || (m.ReplyTo == template.SID) != tc.wantReply {
				t.Errorf("the tap is %+v and answers %s, the template is %s", m.Button, m.ReplyTo, template.SID)
			}
		})
	}
}
