package bridge_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

var photo = twiliotest.Media{Type: "image/jpeg", Extension: ".jpg", Content: []byte("\xff\xd8\xff\xe0 a photo")}

// oneConversation returns the messages of the only conversation.
func oneConversation(t *testing.T, fake *twiliotest.Server) []twiliotest.Message {
	t.Helper()
	all := fake.Conversations()
	if len(all) != 1 {
		t.Fatalf("%d conversations, want 1", len(all))
	}
	return all[0].Messages
}

// checkStored wants the file of a message in the media service.
func checkStored(t *testing.T, fake *twiliotest.Server, m twiliotest.Message, want twiliotest.Media) {
	t.Helper()
	got, ok := fake.Stored(m.MediaSID)
	if !ok || got.Type != want.Type || !bytes.Equal(got.Content, want.Content) {
		t.Errorf("message %+v has the file %s (%d bytes), want %s (%d bytes)", m, got.Type, len(got.Content), want.Type, len(want.Content))
	}
	if !strings.HasPrefix(got.Extension, "ME") || !strings.HasSuffix(got.Extension, want.Extension) {
		t.Errorf("file name %q, want ME…%s", got.Extension, want.Extension)
	}
}

func TestAttachmentFirst(t *testing.T) {
	t.Parallel()
	kinds := []twiliotest.Media{
		photo,
		{Type: "image/png", Extension: ".png", Content: []byte("\x89PNG\r\n\x1a\n a picture")},
		{Type: "audio/ogg", Extension: ".ogg", Content: append([]byte("OggS\x00\x02"), make([]byte, 60)...)},
		{Type: "application/pdf", Extension: ".pdf", Content: []byte("%PDF-1.7")},
	}
	for _, kind := range kinds {
		t.Run(kind.Type, func(t *testing.T) {
			t.Parallel()
			fake, h := newPair(t)
			form := fake.ReceiveMedia(customer, "", kind)
			deliver(t, h, form)
			checkOps(t, fake, "create conversation", "fetch media", "upload media", "create participant", "create webhook", "create message")
			messages := oneConversation(t, fake)
			if len(messages) != 1 || messages[0].Body != form.Get("Body") {
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
	deliver(t, h, several(fake.ReceiveMedia(customer, caption, photo), 2))
	messages := oneConversation(t, fake)
	if len(messages) != 3 || messages[0].Body+messages[2].Body != caption || messages[1].Body != "" || messages[2].MediaSID != "" {
		t.Fatalf("messages %+v", messages)
	}
	checkStored(t, fake, messages[0], photo)
	checkStored(t, fake, messages[1], photo)
}

// several names the file of a webhook several times. WhatsApp sends albums file by file, Twilio's webhooks have room for ten.
func several(form url.Values, n int) url.Values {
	form.Set("NumMedia", strconv.Itoa(n))
	for i := range n {
		index := strconv.Itoa(i)
		form.Set("MediaUrl"+index, form.Get("MediaUrl0"))
		form.Set("MediaContentType"+index, form.Get("MediaContentType0"))
	}
	return form
}

// TestMediaComesALittleLate answers 404 for a moment, as Twilio does right after the webhook.
func TestMediaComesALittleLate(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	fake.Fail(twiliotest.Fault{Op: "fetch media", Times: 1, Status: 404})
	deliver(t, h, fake.ReceiveMedia(customer, "caption", photo))
	checkStored(t, fake, oneConversation(t, fake)[0], photo)
}

// TestMediaThatCannotBeMoved keeps the text and says what is missing.
func TestMediaThatCannotBeMoved(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fault  twiliotest.Fault
		form   func(url.Values)
		size   int64 // of the file that Twilio hands out, where it is another one
		reason string
	}{
		{name: "too large", size: 16<<20 + 1, reason: "larger than 16 MiB"},
		{name: "refused", fault: twiliotest.Fault{Op: "fetch media", Status: 403}, reason: "answered 403"},
		{name: "gone", fault: twiliotest.Fault{Op: "fetch media", Status: 404}, reason: "answered 404"},
		{name: "not stored", fault: twiliotest.Fault{Op: "upload media", Status: 413, Body: "too large"}, reason: "could not be stored"},
		{name: "not attached", fault: twiliotest.Fault{Op: "create message", Times: 1, Status: 400, Code: 50512, Message: "Media size"},
			reason: "does not attach it"},
		{name: "no URL", form: func(f url.Values) { f.Del("MediaUrl0") }, reason: "missing or malformed"},
		{name: "elsewhere", form: func(f url.Values) { f.Set("MediaUrl0", "https://169.254.169.254/latest/meta-data") }, reason: "not on Twilio's host"},
		{name: "host in disguise", form: func(f url.Values) { f.Set("MediaUrl0", "https://api.twilio.com@evil.example/2010-04-01") }, reason: "not on Twilio's host"},
		{name: "other account", form: func(f url.Values) {
			f.Set("MediaUrl0", strings.Replace(f.Get("MediaUrl0"), twiliotest.AccountSID, "AC00000000000000000000000000000666", 1))
		}, reason: "does not belong to this message"},
		{name: "other message", form: func(f url.Values) {
			f.Set("MediaUrl0", strings.Replace(f.Get("MediaUrl0"), "/Messages/MM", "/Messages/MMf", 1))
		}, reason: "does not belong to this message"},
		{name: "without TLS", form: func(f url.Values) {
			_, path, _ := strings.Cut(f.Get("MediaUrl0"), "/2010-04-01/")
			f.Set("MediaUrl0", "http://api.twilio.com/2010-04-01/"+path)
		}, reason: "not on Twilio's host"},
		{name: "path climbs", form: func(f url.Values) { f.Set("MediaUrl0", f.Get("MediaUrl0")+"/../../../../x") }, reason: "does not belong to this message"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake, h := newPair(t, func(c *bridge.Config) {
				if test.size > 0 {
					c.HTTPClient = &http.Client{Transport: mediaTransport(func(*http.Request) *http.Response {
						return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(io.LimitReader(zeros{}, test.size))}
					})}
				}
			})
			if test.fault.Op != "" {
				fake.Fail(test.fault)
			}
			form := fake.ReceiveMedia(customer, "look", photo)
			if test.form != nil {
				test.form(form)
			}
			deliver(t, h, form)
			m := oneConversation(t, fake)[0]
			if want := "look\n[attachment " + photo.Type + " could not be transferred]"; m.Body != want || m.MediaSID != "" {
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
			fake, h := newPair(t, func(c *bridge.Config) { c.HTTPClient = &http.Client{Transport: &cdnTransport{cdn, test.target}} })
			deliver(t, h, fake.ReceiveMedia(customer, "look", photo))
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

// mediaTransport answers requests for a MediaUrl in place of Twilio.
type mediaTransport func(*http.Request) *http.Response

func (m mediaTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/2010-04-01/Accounts/") && strings.Contains(r.URL.Path, "/Media/") {
		return m(r), nil
	}
	return http.DefaultTransport.RoundTrip(r)
}

// zeros is an endless file.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// cdnTransport has Twilio redirect from a MediaUrl, and leads every host but this machine to the CDN of the test.
type cdnTransport struct {
	cdn    *httptest.Server
	target string // where Twilio redirects to
}

func (c *cdnTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/2010-04-01/Accounts/") && strings.Contains(r.URL.Path, "/Media/") {
		return &http.Response{StatusCode: http.StatusTemporaryRedirect, Header: http.Header{"Location": {c.target}}, Body: http.NoBody, Request: r}, nil
	}
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
	fake.Fail(twiliotest.Fault{Op: "create message", Skip: 1, Times: 1, Drop: true, After: true})
	deliver(t, h, several(fake.ReceiveMedia(customer, "three", photo), 3))
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
