package whatsapp_test

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

// sample is a file of package fixtures.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	content, err := fixtures.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// receive sends a message of any kind from Ada's phone.
func (w *world) receive(t testing.TB, in whatsapp.Inbound) whatsapp.Message {
	t.Helper()
	in.From = ada
	m, err := w.sandbox.Receive(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	return m
}

const plainMetadata = `{"type":"whatsapp","data":{"context":{"ProfileName":"Ada Lovelace","WaId":"15558675310"}}}`

// Reference, WhatsApp and messaging 2.3 and 2.4: the parameters that a kind has beside those of every message.
func TestGoldenPayloads(t *testing.T) {
	t.Parallel()
	file := func(name string) *whatsapp.InboundFile {
		return &whatsapp.InboundFile{Filename: name, Content: sample(t, name)}
	}
	for _, c := range []struct {
		name string
		in   whatsapp.Inbound
		want url.Values
	}{
		{"text", whatsapp.Inbound{Body: "Hola, ¿qué tal? 👋"}, url.Values{"MessageType": {"text"}, "Body": {"Hola, ¿qué tal? 👋"}}},
		{"image", whatsapp.Inbound{File: file(fixtures.Photo)}, url.Values{"MessageType": {"image"}, "MediaContentType0": {"image/jpeg"}}},
		{"image with caption", whatsapp.Inbound{Body: "Look", File: file(fixtures.Picture)},
			url.Values{"MessageType": {"image"}, "MediaContentType0": {"image/png"}, "Body": {"Look"}}},
		{"document", whatsapp.Inbound{File: file(fixtures.Invoice)},
			url.Values{"MessageType": {"document"}, "MediaContentType0": {"application/pdf"}, "Body": {"invoice.pdf"}}},
		{"document with caption", whatsapp.Inbound{Body: "March", File: file(fixtures.Invoice)},
			url.Values{"MessageType": {"document"}, "MediaContentType0": {"application/pdf"}, "Body": {"March"}}},
		{"voice", whatsapp.Inbound{File: file(fixtures.Voice)}, url.Values{"MessageType": {"audio"}, "MediaContentType0": {"audio/ogg"}}},
		{"video", whatsapp.Inbound{File: file(fixtures.Video)}, url.Values{"MessageType": {"video"}, "MediaContentType0": {"video/mp4"}}},
		{"sticker", whatsapp.Inbound{File: file(fixtures.Sticker)}, url.Values{"MessageType": {"sticker"}, "MediaContentType0": {"image/webp"}}},
		{"contact file", whatsapp.Inbound{File: file(fixtures.Contact)}, url.Values{"MessageType": {"contacts"}, "MediaContentType0": {"text/vcard"}}},
		{"contact", whatsapp.Inbound{Contact: &whatsapp.Contact{Name: "Grace; Hopper", Phone: "+1 555 765 4321", Email: "g@example.com"}},
			url.Values{"MessageType": {"contacts"}, "MediaContentType0": {"text/vcard"}}},
		{"location", whatsapp.Inbound{Details: whatsapp.Details{Location: &whatsapp.Location{Latitude: 25.018766403198, Longitude: -77.395950317383}}},
			url.Values{"MessageType": {"location"}, "Latitude": {"25.018766403198"}, "Longitude": {"-77.395950317383"}}},
		{"picked place", whatsapp.Inbound{Details: whatsapp.Details{Location: &whatsapp.Location{Latitude: 0, Longitude: 180, Address: "1 Main St", Label: "Café"}}},
			url.Values{"MessageType": {"location"}, "Latitude": {"0"}, "Longitude": {"180"}, "Address": {"1 Main St"}, "Label": {"Café"}}},
		{"template button", whatsapp.Inbound{Details: whatsapp.Details{Button: &whatsapp.Button{Text: "Confirm", Payload: "confirm_1"}}},
			url.Values{"MessageType": {"button"}, "Body": {"Confirm"}, "ButtonText": {"Confirm"}, "ButtonPayload": {"confirm_1"},
				"ChannelMetadata": {`{"type":"whatsapp","data":{"context":{"ButtonPayload":"confirm_1","ButtonText":"Confirm","ProfileName":"Ada Lovelace","WaId":"15558675310"}}}`}}},
		{"interactive button", whatsapp.Inbound{Details: whatsapp.Details{Button: &whatsapp.Button{Text: "Confirm", Interactive: true}}},
			url.Values{"MessageType": {"interactive"}, "Body": {"Confirm"}, "ButtonText": {"Confirm"}, "ButtonPayload": {"Confirm"},
				"Forwarded": {"false"}, "FrequentlyForwarded": {"false"},
				"ChannelMetadata": {`{"type":"whatsapp","data":{"context":{"ButtonPayload":"Confirm","ButtonText":"Confirm","Forwarded":false,"FrequentlyForwarded":false,"ProfileName":"Ada Lovelace","WaId":"15558675310"}}}`}}},
		{"list choice", whatsapp.Inbound{Details: whatsapp.Details{ListChoice: &whatsapp.ListChoice{ID: "row-2", Title: "Tuesday"}}},
			url.Values{"MessageType": {"interactive"}, "Body": {"Tuesday"}, "ListId": {"row-2"}, "ListTitle": {"Tuesday"}}},
		{"forwarded", whatsapp.Inbound{Body: "x", Details: whatsapp.Details{Forwarded: true}}, url.Values{"MessageType": {"text"}, "Body": {"x"}, "Forwarded": {"true"},
			"ChannelMetadata": {`{"type":"whatsapp","data":{"context":{"Forwarded":true,"ProfileName":"Ada Lovelace","WaId":"15558675310"}}}`}}},
		{"frequently forwarded", whatsapp.Inbound{Body: "x", Details: whatsapp.Details{FrequentlyForwarded: true}},
			url.Values{"MessageType": {"text"}, "Body": {"x"}, "Forwarded": {"true"}, "FrequentlyForwarded": {"true"},
				"ChannelMetadata": {`{"type":"whatsapp","data":{"context":{"Forwarded":true,"FrequentlyForwarded":true,"ProfileName":"Ada Lovelace","WaId":"15558675310"}}}`}}},
		{"advertisement", whatsapp.Inbound{Body: "x", Details: whatsapp.Details{Referral: &whatsapp.Referral{Body: "b", Headline: "h", SourceID: "1", SourceType: "ad",
			SourceURL: "https://fb.me/1", MediaID: "2", MediaContentType: "image/jpeg", MediaURL: "https://fb.me/2", CtwaClid: "c"}}},
			url.Values{"MessageType": {"text"}, "Body": {"x"}, "ReferralBody": {"b"}, "ReferralHeadline": {"h"}, "ReferralSourceId": {"1"},
				"ReferralSourceType": {"ad"}, "ReferralSourceUrl": {"https://fb.me/1"}, "ReferralMediaId": {"2"},
				"ReferralMediaContentType": {"image/jpeg"}, "ReferralMediaUrl": {"https://fb.me/2"}, "ReferralCtwaClid": {"c"}, "ReferralNumMedia": {"1"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.send(t, ada, "join acme-code")
			c.in.ProfileName = "Ada Lovelace"
			m := w.receive(t, c.in)
			want := url.Values{
				"SmsMessageSid": {m.SID}, "NumMedia": {"0"}, "ProfileName": {"Ada Lovelace"}, "SmsSid": {m.SID}, "WaId": {"15558675310"},
				"SmsStatus": {"received"}, "Body": {""}, "To": {whatsapp.SandboxNumber}, "NumSegments": {"1"}, "ReferralNumMedia": {"0"},
				"MessageSid": {m.SID}, "AccountSid": {acme}, "ChannelMetadata": {plainMetadata}, "From": {"whatsapp:" + ada}, "ApiVersion": {"2010-04-01"},
				"ExternalUserId": {adaOfAcme},
			}
			prefix := "SM"
			if len(m.Media) > 0 {
				prefix = "MM"
				want.Set("NumMedia", "1")
				want.Set("MediaUrl0", "https://api.twilio.com/2010-04-01/Accounts/"+acme+"/Messages/"+m.SID+"/Media/"+m.Media[0].SID)
			}
			maps.Copy(want, c.want)
			if got := w.requests()[0].PostForm; !maps.EqualFunc(got, want, slices.Equal) {
				t.Errorf("form = %v\nwant   %v", got, want)
			}
			if !strings.HasPrefix(m.SID, prefix) {
				t.Errorf("SID = %s, want %s", m.SID, prefix)
			}
			events, err := w.api.ListEvents(t.Context(), 0, 0)
			received := slices.IndexFunc(events, func(e conversations.Event) bool {
				return e.Type == conversations.MessageReceived && e.Params.Get("MessageSid") == m.SID
			})
			if err != nil || received < 0 || events[received].Params.Get("MessageType") != c.want.Get("MessageType") {
				t.Errorf("the event of %s does not say what kind it is: %v", m.SID, err)
			}
		})
	}
}

func TestReplies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, ada, "join acme-code")
	w.send(t, "+447700900123", "join acme-code")
	own, foreign := w.send(t, ada, "first"), w.send(t, "+447700900123", "first")
	thread, err := w.sandbox.ListMessages(t.Context(), ada, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	heard := thread[1] // what the sandbox said
	answer := func(sid string) url.Values {
		t.Helper()
		w.requests()
		w.receive(t, whatsapp.Inbound{Body: "Nice", Details: whatsapp.Details{ReplyTo: sid}})
		return w.requests()[0].PostForm
	}
	for sid, sender := range map[string]string{own.SID: "whatsapp:" + ada, heard.SID: whatsapp.SandboxNumber} {
		f := answer(sid)
		if f.Get("OriginalRepliedMessageSid") != sid || f.Get("OriginalRepliedMessageSender") != sender || f.Get("MessageType") != "text" {
			t.Errorf("an answer to %s says %v", sid, f)
		}
	}
	for _, sid := range []string{foreign.SID, "SM00000000000000000000000000000000"} {
		_, err := w.sandbox.Receive(t.Context(), whatsapp.Inbound{From: ada, Body: "x", Details: whatsapp.Details{ReplyTo: sid}})
		if err == nil || !strings.Contains(err.Error(), "no message "+sid) {
			t.Errorf("an answer to %s: %v", sid, err)
		}
	}
	for _, step := range []struct {
		by    time.Duration
		named bool
	}{{7 * 24 * time.Hour, true}, {time.Second, false}} {
		if err := w.clock.Advance(t.Context(), step.by, w.outbox.Agenda()); err != nil {
			t.Fatal(err)
		}
		w.send(t, ada, "join acme-code")
		if f := answer(own.SID); f.Has("OriginalRepliedMessageSid") != step.named || f.Has("OriginalRepliedMessageSender") != step.named {
			t.Errorf("%s later an answer says %v", step.by, f)
		}
	}
}

func TestAlbum(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, ada, "join acme-code")
	files := []whatsapp.InboundFile{{Content: sample(t, fixtures.Photo)}, {Content: sample(t, fixtures.Video)}, {Content: sample(t, fixtures.Picture)}}
	sent, err := w.sandbox.ReceiveAlbum(t.Context(), whatsapp.Inbound{From: ada, Body: "Our trip"}, files)
	if err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	bodies := map[string]string{}
	for _, r := range w.requests() {
		bodies[r.PostForm.Get("MediaContentType0")] = r.PostForm.Get("Body")
	}
	if want := map[string]string{"image/jpeg": "Our trip", "video/mp4": "", "image/png": ""}; !maps.Equal(bodies, want) || len(sent) != 3 {
		t.Errorf("%d messages, told %v", len(sent), bodies)
	}
	files[2].Content = []byte("no picture")
	if sent, err := w.sandbox.ReceiveAlbum(t.Context(), whatsapp.Inbound{From: ada}, files); err == nil || len(sent) > 0 {
		t.Errorf("an album with a wrong file: %v, %v", sent, err)
	}
	if _, err := w.sandbox.ReceiveAlbum(t.Context(), whatsapp.Inbound{From: ada}, files[:1]); err == nil {
		t.Error("an album of one file was taken")
	}
}

func TestUnsupportedKindsAreDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, ada, "join acme-code")
	for _, kind := range []string{"reaction", "poll", "edit", "deletion"} {
		m := w.receive(t, whatsapp.Inbound{Unsupported: kind})
		if m.SID != "" || m.Status != "dropped" {
			t.Errorf("%s: %+v", kind, m)
		}
		events, err := w.api.ListEvents(t.Context(), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if last := events[len(events)-1]; last.Type != whatsapp.MessageDropped || last.Params.Get("Kind") != kind {
			t.Errorf("%s: the last event is %+v", kind, last)
		}
	}
	if told := w.requests(); len(told) != 0 {
		t.Errorf("%d webhooks, want none", len(told))
	}
	if _, err := w.sandbox.Receive(t.Context(), whatsapp.Inbound{From: ada, Unsupported: "dance"}); err == nil {
		t.Error("an unknown kind was taken")
	}
}

func TestRefusedMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	photo, voice := sample(t, fixtures.Photo), sample(t, fixtures.Voice)
	place := &whatsapp.Location{Latitude: 1, Longitude: 1}
	padded := func(content []byte, size int) []byte {
		return append(slices.Clone(content), make([]byte, size-len(content))...)
	}
	file := func(contentType string, content []byte) *whatsapp.InboundFile {
		return &whatsapp.InboundFile{Filename: "a", ContentType: contentType, Content: content}
	}
	for _, c := range []struct {
		name string
		in   whatsapp.Inbound
		want string
	}{
		{"nothing", whatsapp.Inbound{}, "needs a text or a file"},
		{"blank", whatsapp.Inbound{Body: " \n"}, "needs a text or a file"},
		{"no UTF-8", whatsapp.Inbound{Body: "\xff"}, "UTF-8"},
		{"empty file", whatsapp.Inbound{File: file("image/jpeg", nil)}, "is empty"},
		{"a type that lies", whatsapp.Inbound{File: file("image/png", photo)}, "is said to be image/png, but its content is image/jpeg"},
		{"a program as a picture", whatsapp.Inbound{File: file("image/png", []byte("MZ\x90\x00"))}, "but its content is"},
		{"unsupported type", whatsapp.Inbound{File: file("", []byte("GIF89a\x01\x00\x01\x00"))}, "image/gif, which WhatsApp does not take"},
		{"large image", whatsapp.Inbound{File: file("", padded(photo, 5<<20+1))}, "5242880 at most"},
		{"large audio", whatsapp.Inbound{File: file("", padded(voice, 16<<20+1))}, "16777216 at most"},
		{"large sticker", whatsapp.Inbound{File: file("", padded(sample(t, fixtures.Sticker), 100<<10+1))}, "102400 at most"},
		{"card without end", whatsapp.Inbound{File: file("", []byte("BEGIN:VCARD\nVERSION:3.0\nFN:x\n"))}, "no end"},
		{"card without name", whatsapp.Inbound{File: file("", []byte("BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"))}, "no name"},
		{"caption of a voice note", whatsapp.Inbound{Body: "x", File: file("", voice)}, "no caption for audio"},
		{"contact without phone", whatsapp.Inbound{Contact: &whatsapp.Contact{Name: "x"}}, "not a phone number"},
		{"contact without name", whatsapp.Inbound{Contact: &whatsapp.Contact{Phone: ada}}, "needs a name"},
		{"location and file", whatsapp.Inbound{File: file("", photo), Details: whatsapp.Details{Location: place}}, "one thing"},
		{"contact and file", whatsapp.Inbound{File: file("", photo), Contact: &whatsapp.Contact{Name: "x", Phone: ada}}, "one thing"},
		{"location with text", whatsapp.Inbound{Body: "x", Details: whatsapp.Details{Location: place}}, "no text of its own"},
		{"no latitude", whatsapp.Inbound{Details: whatsapp.Details{Location: &whatsapp.Location{Latitude: 91}}}, "latitude 91"},
		{"no longitude", whatsapp.Inbound{Details: whatsapp.Details{Location: &whatsapp.Location{Longitude: -180.5}}}, "longitude -180.5"},
		{"button without text", whatsapp.Inbound{Details: whatsapp.Details{Button: &whatsapp.Button{Payload: "x"}}}, "needs its text"},
		{"button with another text", whatsapp.Inbound{Body: "x", Details: whatsapp.Details{Button: &whatsapp.Button{Text: "y"}}}, "is its own"},
		{"list without row", whatsapp.Inbound{Details: whatsapp.Details{ListChoice: &whatsapp.ListChoice{Title: "x"}}}, "needs the id"},
	} {
		c.in.From = ada
		if _, err := w.sandbox.Receive(t.Context(), c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if list, err := w.sandbox.ListMessages(t.Context(), ada, 0, 0); err != nil || len(list) > 0 {
		t.Errorf("refused messages left %d in the thread, %v", len(list), err)
	}
}

func TestParseLocation(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]whatsapp.Location{"-33.4372,-70.6506": {Latitude: -33.4372, Longitude: -70.6506}, " 1 , -2.5 ": {Latitude: 1, Longitude: -2.5}} {
		if got, err := whatsapp.ParseLocation(text); err != nil || got != want {
			t.Errorf("%q is read as %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{"": "a latitude and a longitude", "1": "a latitude and a longitude", "1,2,3": "a latitude and a longitude",
		"here,there": "a latitude and a longitude", "91,0": "between -90 and 90", "0,-181": "between -180 and 180", "NaN,0": "between -90 and 90", "0,Inf": "between -180 and 180"} {
		if got, err := whatsapp.ParseLocation(text); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), strconv.Quote(text)) || got != (whatsapp.Location{}) {
			t.Errorf("%q is read as %+v, %v, want an error with %q", text, got, err, want)
		}
	}
}
