package bridge_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliofake"
)

var photo = twiliofake.Media{Type: "image/jpeg", Content: []byte("\xff\xd8 a photo")}

// oneConversation returns the messages of the only conversation.
func oneConversation(t *testing.T, fake *twiliofake.Server) []twiliofake.Message {
	t.Helper()
	all := fake.Conversations()
	if len(all) != 1 {
		t.Fatalf("%d conversations, want 1", len(all))
	}
	return all[0].Messages
}

// checkStored wants the file of a message in the media service.
func checkStored(t *testing.T, fake *twiliofake.Server, m twiliofake.Message, want twiliofake.Media) {
	t.Helper()
	got, ok := fake.Stored(m.MediaSID)
	if !ok || got.Type != want.Type || !bytes.Equal(got.Content, want.Content) {
		t.Errorf("message %+v has the file %s (%d bytes), want %s (%d bytes)", m, got.Type, len(got.Content), want.Type, len(want.Content))
	}
	if !strings.HasPrefix(got.Name, "ME") || (want.Name != "" && !strings.HasSuffix(got.Name, want.Name)) {
		t.Errorf("file name %q, want ME…%s", got.Name, want.Name)
	}
}

func TestAttachmentFirst(t *testing.T) {
	t.Parallel()
	kinds := []twiliofake.Media{
		{Type: "image/jpeg", Name: ".jpg", Content: photo.Content},
		{Type: "audio/ogg", Name: ".ogg", Content: []byte("voice")},
		{Type: "application/pdf", Name: ".pdf", Content: []byte("%PDF")},
		{Type: "image/webp", Name: ".webp", Content: []byte("sticker")},
		{Type: "text/vcard", Name: ".vcf", Content: []byte("BEGIN:VCARD\nFN:Ada\nEND:VCARD")},
		{Type: "application/x-unknown", Content: []byte("?")},
	}
	for _, kind := range kinds {
		t.Run(kind.Type, func(t *testing.T) {
			t.Parallel()
			fake, h := newPair(t)
			deliver(t, h, fake.ReceiveMedia(customer, "", kind))
			checkOps(t, fake, "create conversation", "fetch media", "upload media", "create participant", "create webhook", "create message")
			messages := oneConversation(t, fake)
			if len(messages) != 1 || messages[0].Body != "" || !messages[0].Announced {
				t.Fatalf("messages %+v", messages)
			}
			checkStored(t, fake, messages[0], kind)
		})
	}
}

func TestSeveralAttachmentsAndALongCaption(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	caption := strings.Repeat("a caption ", 200)
	deliver(t, h, fake.ReceiveMedia(customer, caption, photo, twiliofake.Media{Type: "image/png", Content: []byte("png")}))
	messages := oneConversation(t, fake)
	if len(messages) != 3 || messages[0].Body+messages[2].Body != caption || messages[1].Body != "" || messages[2].MediaSID != "" {
		t.Fatalf("messages %+v", messages)
	}
	checkStored(t, fake, messages[0], photo)
	checkStored(t, fake, messages[1], twiliofake.Media{Type: "image/png", Content: []byte("png")})
}

// TestMediaComesALittleLate answers 404 for a moment, as Twilio does right after the webhook.
func TestMediaComesALittleLate(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	late := photo
	late.Missing = 1
	deliver(t, h, fake.ReceiveMedia(customer, "caption", late))
	checkStored(t, fake, oneConversation(t, fake)[0], photo)
}

// TestMediaThatCannotBeMoved keeps the text and says what is missing.
func TestMediaThatCannotBeMoved(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		media  twiliofake.Media
		fault  twiliofake.Fault
		form   func(url.Values)
		reason string
	}{
		{name: "too large", media: twiliofake.Media{Type: "video/mp4", Content: make([]byte, 16<<20+1)}, reason: "larger than 16 MiB"},
		{name: "refused", media: photo, fault: twiliofake.Fault{Op: "fetch media", Status: 403}, reason: "answered 403"},
		{name: "gone", media: photo, fault: twiliofake.Fault{Op: "fetch media", Status: 404}, reason: "answered 404"},
		{name: "not stored", media: photo, fault: twiliofake.Fault{Op: "upload media", Status: 413, Body: "too large"}, reason: "could not be stored"},
		{name: "not attached", media: photo, fault: twiliofake.Fault{Op: "create message", Times: 1, Status: 400, Code: 50512, Message: "Media size"},
			reason: "does not attach it"},
		{name: "no URL", media: photo, form: func(f url.Values) { f.Del("MediaUrl0") }, reason: "missing or malformed"},
		{name: "elsewhere", media: photo, form: func(f url.Values) { f.Set("MediaUrl0", "https://169.254.169.254/latest/meta-data") }, reason: "not on Twilio's host"},
		{name: "host in disguise", media: photo, form: func(f url.Values) { f.Set("MediaUrl0", "https://api.twilio.com@evil.example/2010-04-01") }, reason: "not on Twilio's host"},
		{name: "other account", media: photo, form: func(f url.Values) {
			f.Set("MediaUrl0", strings.Replace(f.Get("MediaUrl0"), twiliofake.AccountSID, "AC00000000000000000000000000000666", 1))
		}, reason: "does not belong to this message"},
		{name: "other message", media: photo, form: func(f url.Values) {
			f.Set("MediaUrl0", strings.Replace(f.Get("MediaUrl0"), "/Messages/MM", "/Messages/MMf", 1))
		}, reason: "does not belong to this message"},
		{name: "without TLS", media: photo, form: func(f url.Values) {
			_, path, _ := strings.Cut(f.Get("MediaUrl0"), "/2010-04-01/")
			f.Set("MediaUrl0", "http://api.twilio.com/2010-04-01/"+path)
		}, reason: "not on Twilio's host"},
		{name: "path climbs", media: photo, form: func(f url.Values) { f.Set("MediaUrl0", f.Get("MediaUrl0")+"/../../../../x") }, reason: "does not belong to this message"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake, h := newPair(t)
			if test.fault.Op != "" {
				fake.Fail(test.fault)
			}
			form := fake.ReceiveMedia(customer, "look", test.media)
			if test.form != nil {
				test.form(form)
			}
			deliver(t, h, form)
			m := oneConversation(t, fake)[0]
			if want := "look\n[attachment " + test.media.Type + " could not be transferred]"; m.Body != want || m.MediaSID != "" {
				t.Errorf("message %+v, want %q", m, want)
			}
			if !strings.Contains(m.Attributes, test.reason) {
				t.Errorf("attributes %s do not say %q", m.Attributes, test.reason)
			}
		})
	}
}

// TestMediaRedirects follows to Twilio's media hosts, without credentials, and nowhere else.
func TestMediaRedirects(t *testing.T) {
	t.Parallel()
	var withCredentials, asked atomic.Int64
	cdn := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Authorization") != "" {
			withCredentials.Add(1)
		}
		w.Header().Set("Content-Type", photo.Type)
		_, _ = w.Write(photo.Content)
	}))
	t.Cleanup(cdn.Close)
	tests := []struct {
		name, target string
		moved        bool
	}{
		{"another port of the emulator", cdn.URL + "/file?Signature=x", true},
		{"this machine as localhost", strings.Replace(cdn.URL, "127.0.0.1", "localhost", 1) + "/file", true},
		{"Twilio's CDN", "https://mms.twiliocdn.com/file", true},
		{"anywhere else", "https://evil.example/file", false},
		{"a look-alike", "https://mms.twiliocdn.com.evil.example/file", false},
		{"a name that ends alike", "https://eviltwiliocdn.com/file", false},
		{"the CDN without TLS", "http://mms.twiliocdn.com/file", false},
		{"this machine by another name", strings.Replace(cdn.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake, h := newPair(t, func(c *bridge.Config) { c.HTTPClient = &http.Client{Transport: &cdnTransport{cdn: cdn}} })
			redirected := photo
			redirected.Redirect = test.target
			deliver(t, h, fake.ReceiveMedia(customer, "look", redirected))
			m := oneConversation(t, fake)[0]
			if moved := m.MediaSID != ""; moved != test.moved {
				t.Errorf("moved: %v, want %v (%s)", moved, test.moved, m.Attributes)
			}
		})
	}
	t.Cleanup(func() {
		if withCredentials.Load() != 0 {
			t.Errorf("the credentials followed a redirect to another host %d times", withCredentials.Load())
		}
		if asked.Load() != 3 {
			t.Errorf("the other host was asked %d times, want 3", asked.Load())
		}
	})
}

// cdnTransport leads every host but this machine to the CDN of the test.
type cdnTransport struct{ cdn *httptest.Server }

func (c *cdnTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Hostname() != "127.0.0.1" {
		r = r.Clone(r.Context())
		target, err := url.Parse(c.cdn.URL)
		if err != nil {
			return nil, err
		}
		r.URL.Scheme, r.URL.Host = target.Scheme, target.Host
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestCapturedMediaIsNotMoved leaves an attachment alone that Twilio put into the conversation itself.
func TestCapturedMediaIsNotMoved(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	deliver(t, h, fake.Receive(customer, "Hola"))
	fake.Forget()
	deliver(t, h, fake.ReceiveMedia(customer, "", photo))
	checkOps(t, fake, "list messages")
}

// TestMediaMessageIsTriedAgain posts the second of three parts after a dropped connection: each stands there once.
func TestMediaMessageIsTriedAgain(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	fake.Fail(twiliofake.Fault{Op: "create message", Skip: 1, Times: 1, Drop: true, Performed: true})
	deliver(t, h, fake.ReceiveMedia(customer, "three", photo, photo, photo))
	messages := oneConversation(t, fake)
	if len(messages) != 3 {
		t.Fatalf("%d messages, want 3: %+v", len(messages), messages)
	}
	for i, m := range messages {
		if want := `"Part":` + string(rune('1'+i)); !strings.Contains(m.Attributes, want) {
			t.Errorf("message %d has the attributes %s, want %s", i, m.Attributes, want)
		}
	}
}
