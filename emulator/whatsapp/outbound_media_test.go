package whatsapp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/memnet"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

const grace = "+15557654321"

// serveFiles answers requests over connections in memory until the test ends.
func serveFiles(t *testing.T, h http.HandlerFunc) http.RoundTripper {
	t.Helper()
	l := memnet.Listen()
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)
	return l.Transport()
}

// await returns when something is so, which a commit makes so.
func (w *world) await(t *testing.T, what string, so func() bool) {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		committed := w.outbox.Committed()
		if so() {
			return
		}
		select {
		case <-committed:
		case <-late:
			t.Fatalf("%s: it did not happen", what)
		}
	}
}

// A server of files that is slow holds nobody but the phone that the file is for; what is written to that phone
// meanwhile comes after it.
func TestSlowFileHoldsOnePhone(t *testing.T) {
	t.Parallel()
	for _, from := range []string{whatsapp.SandboxNumber, registered} {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			slowFile(t, from)
		})
	}
}

func slowFile(t *testing.T, from string) {
	t.Helper()
	w := newWorld(t)
	w.register(t)
	w.set(t, `{"rate_interval":"0s"}`)
	for _, phone := range []string{ada, grace} {
		w.send(t, phone, "join acme-code")
		if _, err := w.sandbox.Receive(t.Context(), whatsapp.Inbound{From: phone, To: registered, Body: "Hola"}); err != nil {
			t.Fatal(err)
		}
	}
	w.settle(t)
	photo, serve := sample(t, fixtures.Photo), make(chan struct{})
	release := sync.OnceFunc(func() { close(serve) })
	w.next = serveFiles(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Host != "files.example.com" {
			return
		}
		<-serve
		_, _ = rw.Write(photo)
	})
	t.Cleanup(release) // before the server is closed
	submit := func(phone string, p whatsapp.MessageParams) {
		t.Helper()
		to, sender := "whatsapp:"+phone, from
		p.To, p.From = &to, &sender
		if _, err := w.sandbox.CreateMessage(t.Context(), acme, p); err != nil {
			t.Fatal(err)
		}
	}
	count := func(phone string) int { return len(w.heard(t, phone)) }
	beforeAda, beforeGrace := count(ada), count(grace)
	submit(ada, whatsapp.MessageParams{Body: ptr("slow"), MediaURL: []string{"https://files.example.com/a.jpg"}})
	submit(ada, whatsapp.MessageParams{Body: ptr("second")})
	submit(grace, whatsapp.MessageParams{Body: ptr("at once")})
	w.await(t, "another phone's message", func() bool { return count(grace) > beforeGrace })
	if n := count(ada); n != beforeAda {
		t.Errorf("from %s: a text overtook a file: %q", from, w.heard(t, ada)[beforeAda:])
	}
	release()
	w.settle(t)
	if got := w.heard(t, ada)[beforeAda:]; !slices.Equal(got, []string{"slow", "second"}) {
		t.Errorf("from %s: the phone heard %q", from, got)
	}
}

// What a server of files says to HEAD must be so too.
func TestFilesAreAskedForByHead(t *testing.T) {
	t.Parallel()
	photo := sample(t, fixtures.Photo)
	for name, tc := range map[string]struct {
		status        int
		header        map[string]string
		want, methods string
	}{
		"as it is":       {200, map[string]string{"Content-Type": "image/jpeg"}, "read", "HEAD GET"},
		"no HEAD there":  {405, map[string]string{"Content-Type": "text/plain"}, "read", "HEAD GET"},
		"another type":   {200, map[string]string{"Content-Type": "application/pdf"}, "failed 63021", "HEAD GET"},
		"a great length": {200, map[string]string{"Content-Length": fmt.Sprint(whatsapp.MaxFile + 1)}, "failed 63034", "HEAD"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			joinAcme(t, w)
			var asked []string
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.Method) // one after the other
				if r.Method == http.MethodGet {
					_, _ = rw.Write(photo)
					return
				}
				for name, value := range tc.header {
					rw.Header().Set(name, value)
				}
				rw.WriteHeader(tc.status)
			}))
			t.Cleanup(server.Close)
			transport := &http.Transport{}
			t.Cleanup(transport.CloseIdleConnections)
			w.next = transport
			m := w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{MediaURL: []string{server.URL + "/a.jpg"}})
			if got := w.outcome(t, m); got != tc.want || strings.Join(asked, " ") != tc.methods {
				t.Errorf("it became %q after %v, want %q after %s", got, asked, tc.want, tc.methods)
			}
		})
	}
}

// A message on WhatsApp has one file. Twilio ignores what is sent beside the first, in a request and in TwiML.
func TestFilesBesideTheFirstAreIgnored(t *testing.T) {
	t.Parallel()
	photo := sample(t, fixtures.Photo)
	links := []string{"https://files.example.com/a.jpg", "https://files.example.com/b.jpg"}
	for name, write := range map[string]func(*testing.T, *world){
		"a request": func(t *testing.T, w *world) {
			w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{MediaURL: links})
		},
		"TwiML": func(t *testing.T, w *world) { w.send(t, ada, "Hola") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := joined(t, "https://example.com/in")
			var asked []string
			w.next = serveFiles(t, func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/in" {
					twiml(`<Response><Message><Media>`+strings.Join(links, "</Media><Media>")+`</Media></Message></Response>`)(rw, r)
					return
				}
				asked = append(asked, r.URL.Path) // one after the other
				_, _ = rw.Write(photo)
			})
			write(t, w)
			w.settle(t)
			thread, err := w.sandbox.ListMessages(t.Context(), ada, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			last := thread[len(thread)-1]
			if len(last.Media) != 1 || !strings.HasPrefix(last.SID, "MM") || last.Status != "read" || !slices.Equal(asked, []string{"/a.jpg", "/a.jpg"}) {
				t.Errorf("message %s, %s, with files %v, after requests for %v", last.SID, last.Status, last.Media, asked)
			}
		})
	}
}

// What WhatsApp takes of a type, and how much of it, is the same on every way out.
func TestFilesAreCheckedOnEveryWayOut(t *testing.T) {
	t.Parallel()
	jpeg, png := string(sample(t, fixtures.Photo)), string(sample(t, fixtures.Picture))
	mp4, opus := string(sample(t, fixtures.Video)), string(sample(t, fixtures.Voice))
	const (
		vorbis   = "OggS\x00\x02" + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + "\x01\x1e\x01vorbis"
		sticker  = "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00"
		animated = "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02"
	)
	for name, c := range map[string]struct {
		contentType, content string
		size                 int // 0: as it is
		switches, want       string
	}{
		"a picture as large as it may be": {"image/jpeg", jpeg, 5 << 20, "", "read"},
		"a picture too large":             {"image/jpeg", jpeg, 5<<20 + 1, "", "failed 63034"},
		"a PNG too large":                 {"image/png", png, 6 << 20, "", "failed 63034"},
		"a sticker too large":             {"image/webp", sticker, 100<<10 + 1, "", "failed 63034"},
		"a sticker that moves":            {"image/webp", animated, 500 << 10, "", "read"},
		"one that moves and is too large": {"image/webp", animated, 500<<10 + 1, "", "failed 63034"},
		"a video as large as it may be":   {"video/mp4", mp4, 16 << 20, "", "read"},
		"a video too large":               {"video/mp4", mp4, 17 << 20, "", "failed 63034"},
		"a voice note":                    {"audio/ogg", opus, 0, "", "read"},
		"Ogg with Vorbis":                 {"audio/ogg", vorbis, 0, "", "failed 63019"},
		"Ogg under its other name":        {"application/ogg", vorbis, 0, "", "failed 63019"},
		"Ogg with Vorbis, another code":   {"audio/ogg; codecs=vorbis", vorbis, 0, `{"ogg_not_opus":"63021"}`, "failed 63021"},
		"a type that is not taken":        {"text/html", "<!DOCTYPE html><html></html>", 0, "", "failed 63021"},
	} {
		content := []byte(c.content)
		if c.size > 0 {
			content = append(content, make([]byte, c.size-len(content))...)
		}
		for way, send := range waysOut {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				w := joined(t, "https://example.com/in")
				if c.switches != "" {
					w.set(t, c.switches)
				}
				w.next = serveFiles(t, func(rw http.ResponseWriter, r *http.Request) {
					switch r.URL.Path {
					case "/in":
						twiml(`<Response><Message><Media>https://files.example.com/f</Media></Message></Response>`)(rw, r)
					case "/f":
						rw.Header().Set("Content-Type", c.contentType)
						_, _ = rw.Write(content)
					}
				})
				m := send(t, w, conversations.MediaFile{Content: content, Media: conversations.Media{ContentType: c.contentType}})
				if got := w.outcome(t, m); got != c.want {
					t.Errorf("it became %q, want %q", got, c.want)
				}
				if alerts := w.alerts(t); (c.want == "read") != (len(alerts) == 0) {
					t.Errorf("the debugger has %q", alerts)
				}
			})
		}
	}
}

// waysOut send a file that is at https://files.example.com/f to a phone, and return the message.
var waysOut = map[string]func(*testing.T, *world, conversations.MediaFile) whatsapp.Message{
	"by a request": func(t *testing.T, w *world, _ conversations.MediaFile) whatsapp.Message {
		t.Helper()
		return w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{MediaURL: []string{"https://files.example.com/f"}})
	},
	"by TwiML": func(t *testing.T, w *world, _ conversations.MediaFile) whatsapp.Message {
		t.Helper()
		w.send(t, ada, "Hola")
		return w.newest(t)
	},
	"by a conversation": func(t *testing.T, w *world, f conversations.MediaFile) whatsapp.Message {
		t.Helper()
		c, err := w.bind(t, acme)
		if err != nil {
			t.Fatal(err)
		}
		scope := conversations.Scope{AccountSID: acme}
		f.AccountSID, f.ServiceSID = acme, c.ChatServiceSID
		uploaded, err := w.api.CreateMedia(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.api.CreateMessage(t.Context(), scope, c.SID, conversations.MessageParams{MediaSid: &uploaded.SID}); err != nil {
			t.Fatal(err)
		}
		return w.newest(t)
	},
}

// newest is the last message that left for the phone, when all is done.
func (w *world) newest(t *testing.T) whatsapp.Message {
	t.Helper()
	w.settle(t)
	page, err := w.sandbox.ListAccountMessages(t.Context(), acme, whatsapp.MessageFilter{To: "whatsapp:" + ada}, twilio.PageQuery{Size: 1})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%d messages, %v", len(page.Items), err)
	}
	return page.Items[0]
}
