package bridge_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

// textForm is the recorded text payload that the published signatures were made of (reference, WhatsApp 2.4 and 3.3).
const textForm = "SmsMessageSid=SM00000000000000000000000000000001&NumMedia=0&ProfileName=Ada+Lovelace&MessageType=text" +
	"&SmsSid=SM00000000000000000000000000000001&WaId=15558675310&SmsStatus=received&Body=Hola%2C+%C2%BFqu%C3%A9+tal%3F+%F0%9F%91%8B" +
	"&To=whatsapp%3A%2B14155238886&NumSegments=1&ReferralNumMedia=0&MessageSid=SM00000000000000000000000000000001" +
	"&AccountSid=AC00000000000000000000000000000001&ChannelMetadata=%7B%22type%22%3A%22whatsapp%22%2C%22data%22%3A%7B%22context" +
	"%22%3A%7B%22ProfileName%22%3A%22Ada+Lovelace%22%2C%22WaId%22%3A%2215558675310%22%7D%7D%7D&From=whatsapp%3A%2B15558675310&ApiVersion=2010-04-01"

const callForm = "Digits=1234&CallSid=CA1234567890ABCDE&To=%2B18005551212&Caller=%2B14158675309&From=%2B14158675309" +
	"&ReasonConferenceEnded=test&Reason=Participant"

func TestGoldenSignatures(t *testing.T) {
	t.Parallel()
	emptyBody := strings.Replace(textForm, "Body=Hola%2C+%C2%BFqu%C3%A9+tal%3F+%F0%9F%91%8B", "Body=", 1)
	const token = twiliotest.AuthToken
	tests := []struct{ name, token, url, form, signature string }{
		{"https", "12345", "https://mycompany.com/myapp.php?foo=1&bar=2", callForm, "vOEb5UThFn24KEfnOFLQY2AE5FY="},
		{"http", "12345", "http://mycompany.com/myapp.php?foo=1&bar=2", callForm, "n2xBNyzSW7rfYStDtOFiFMv7qNo="},
		{"two parameters", "12345", "https://mycompany.com/myapp.php?foo=1&bar=2", "property=value&boolean=true", "NBdBDr/T/lgjI+tlgpXjKZQZs/k="},
		{"text", token, "https://bridge.example.com/whatsapp", textForm, "13spuDpRo85WInOXCbuyS0ylWUw="},
		{"port", token, "https://bridge.example.com:443/whatsapp", textForm, "OmC0/2zheDztZ1z2JwmNpy9DMlY="},
		{"local", token, "http://localhost:8080/whatsapp", textForm, "3MyWW1i7B4/SSeQk3jgb2iy9YEY="},
		{"empty body", token, "https://bridge.example.com/whatsapp", emptyBody, "mB4TMxMhn3l2OSFruRwsRpZBhBA="},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			public, query, _ := strings.Cut(test.url, "?")
			h := signatureHandler(t, test.token, public+"#rc=3")
			if status := postSigned(h, "http://10.0.0.7/internal?"+query, test.form, test.signature); status == http.StatusForbidden {
				t.Errorf("refused the published signature of %s", test.url)
			}
			forged := "A" + test.signature[1:]
			if status := postSigned(h, "http://10.0.0.7/internal?"+query, test.form, forged); status != http.StatusForbidden {
				t.Errorf("forged signature: got %d, want 403", status)
			}
		})
	}
}

// signatureHandler refuses everything with 400 or 504 after the signature was accepted, so that it calls nobody.
func signatureHandler(t *testing.T, token, publicURL string) http.Handler {
	t.Helper()
	h, err := bridge.New(bridge.Config{AuthToken: token, Policy: bridge.PolicyClassic, PublicURL: publicURL, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func postSigned(h http.Handler, target, form, signature string) int {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if signature != "" {
		r.Header.Set("X-Twilio-Signature", signature)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// TestSignedURL covers the rows of WhatsApp 3.4 that the bridge decides: what it takes for the URL that Twilio signed.
func TestSignedURL(t *testing.T) {
	t.Parallel()
	form, err := url.ParseQuery(textForm)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, public, signed, target string
		want                         bool
	}{
		{"derived from the request", "", "http://bridge.example.com/whatsapp", "http://bridge.example.com/whatsapp", true},
		{"own query is signed", "https://b.example.com/w", "https://b.example.com/w?a=1", "http://127.0.0.1:8080/whatsapp?a=1", true},
		{"own query keeps its encoding", "https://b.example.com/w", "https://b.example.com/w?b=%7e&a=+", "http://x/w?b=%7e&a=+", true},
		{"query altered", "https://b.example.com/w", "https://b.example.com/w?a=1", "http://x/w?a=2", false},
		{"public URL without path", "https://b.example.com", "https://b.example.com/whatsapp", "http://x/whatsapp", true},
		{"public URL with query", "https://b.example.com/w?a=1", "https://b.example.com/w?a=1", "http://x/w", true},
		{"fragment is not signed", "https://b.example.com/w#rc=2&rp=all", "https://b.example.com/w", "http://x/w", true},
		{"default port added", "https://b.example.com/w", "https://b.example.com:443/w", "http://x/w", true},
		{"other port", "https://b.example.com:8443/w", "https://b.example.com:8443/w", "http://x/w", true},
		{"TLS ends at the proxy, no public URL", "", "https://b.example.com/w", "http://b.example.com/w", false},
		{"IPv6 with port", "http://[::1]:8080/w", "http://[::1]:8080/w", "http://x/w", true},
		{"other path", "https://b.example.com/w", "https://b.example.com/w/", "http://x/w", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := signatureHandler(t, twiliotest.AuthToken, test.public)
			status := postSigned(h, test.target, form.Encode(), twiliotest.Sign(twiliotest.AuthToken, test.signed, form))
			if got := status != http.StatusForbidden; got != test.want {
				t.Errorf("signed %s, public %q: accepted %v, want %v", test.signed, test.public, got, test.want)
			}
		})
	}
}

func TestUnsignedIsRefused(t *testing.T) {
	t.Parallel()
	const u = "https://bridge.example.com/whatsapp"
	h := signatureHandler(t, twiliotest.AuthToken, u)
	form, _ := url.ParseQuery(textForm)
	good := twiliotest.Sign(twiliotest.AuthToken, u, form)
	tests := []struct{ name, form, signature string }{
		{"missing", textForm, ""},
		{"of another token", textForm, twiliotest.Sign("other", u, form)},
		{"altered parameter", strings.Replace(textForm, "Ada", "Eve", 1), good},
		{"added parameter", textForm + "&Extra=1", good},
		{"malformed escape", textForm + "&x=%zz", good},
		{"raw semicolon", textForm + ";x", good},
		{"not base64", textForm, "é€"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if status := postSigned(h, u, test.form, test.signature); status != http.StatusForbidden {
				t.Errorf("got %d, want 403", status)
			}
		})
	}
}

// TestUnsignedIsNotRead has a request without a signature whose body nobody may read, and an expected URL with a password.
func TestUnsignedIsNotRead(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h, err := bridge.New(bridge.Config{AuthToken: "0123456789", Policy: bridge.PolicyClassic, PublicURL: "https://twilio:secret-word@b.example.com/w",
		Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	body := strings.NewReader(textForm)
	w := serve(h, httptest.NewRequest(http.MethodPost, "http://x/w?Body=words", body))
	if w.Code != http.StatusForbidden || body.Len() != len(textForm) {
		t.Errorf("answered %d, %d bytes were read", w.Code, len(textForm)-body.Len())
	}
	if text := log.String(); strings.Contains(text, "secret-word") || strings.Contains(text, "words") || !strings.Contains(text, "b.example.com/w") {
		t.Errorf("log: %s", text)
	}
}

// TestLargeBodiesHoldUpNobody has 100 clients send the beginnings of large forged bodies and no more: only so many are read,
// and a signed webhook is answered meanwhile.
func TestLargeBodiesHoldUpNobody(t *testing.T) {
	t.Parallel()
	const u = "https://bridge.example.com/whatsapp"
	h := signatureHandler(t, twiliotest.AuthToken, u)
	var read atomic.Int64
	release := make(chan struct{})
	var all sync.WaitGroup
	begun := make(chan struct{}, 100)
	for range 100 {
		all.Go(func() {
			r := httptest.NewRequest(http.MethodPost, u, &stalledBody{begun, release, &read})
			r.ContentLength = 200 << 10
			r.Header.Set("X-Twilio-Signature", "forged")
			serve(h, r)
		})
	}
	<-begun
	form, _ := url.ParseQuery(textForm)
	if status := postSigned(h, u, textForm, twiliotest.Sign(twiliotest.AuthToken, u, form)); status == http.StatusForbidden {
		t.Errorf("the signed webhook was answered %d", status)
	}
	if n := read.Load(); n > 4 {
		t.Errorf("%d large bodies were read at the same time, want at most 4", n)
	}
	close(release)
	all.Wait()
}

// stalledBody ends when it is released.
type stalledBody struct {
	begun   chan<- struct{}
	release <-chan struct{}
	read    *atomic.Int64
}

func (s *stalledBody) Read([]byte) (int, error) {
	s.read.Add(1)
	s.begun <- struct{}{}
	<-s.release
	return 0, io.EOF
}

// TestBounds has signed requests that are too large in one way or another.
func TestBounds(t *testing.T) {
	t.Parallel()
	const u = "https://bridge.example.com/whatsapp"
	h := signatureHandler(t, twiliotest.AuthToken, u)
	parameters := func(n int) url.Values {
		form := url.Values{}
		for i := range n {
			form.Set(fmt.Sprint("p", i), "x")
		}
		return form
	}
	album, _ := url.ParseQuery(textForm)
	for i := range 10 {
		album.Set(fmt.Sprint("MediaUrl", i), "https://api.twilio.com/2010-04-01/Accounts/"+strings.Repeat("x", 100))
		album.Set(fmt.Sprint("MediaContentType", i), "image/jpeg")
	}
	album.Set("Body", strings.Repeat("👋", 4096))
	tests := []struct {
		name string
		form url.Values
		want int
	}{
		{"an album with the longest caption", album, http.StatusOK},
		{"as many parameters as allowed", parameters(1000), http.StatusOK},
		{"one more", parameters(1001), http.StatusBadRequest},
		{"a large body", url.Values{"Body": {strings.Repeat("x", 257<<10)}}, http.StatusRequestEntityTooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := postSigned(h, u, test.form.Encode(), twiliotest.Sign(twiliotest.AuthToken, u, test.form)); got != test.want {
				t.Errorf("answered %d, want %d", got, test.want)
			}
		})
	}
	r := httptest.NewRequest(http.MethodPost, u, io.MultiReader(strings.NewReader(strings.Repeat("x", 257<<10)))) // of unknown length
	r.Header.Set("X-Twilio-Signature", "forged")
	if w := serve(h, r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body of unknown length is answered %d, want 413", w.Code)
	}
	r = httptest.NewRequest(http.MethodGet, u+"?"+parameters(1001).Encode(), nil)
	r.Header.Set("X-Twilio-Signature", "forged")
	if w := serve(h, r); w.Code != http.StatusBadRequest {
		t.Errorf("1,001 parameters in the query are answered %d, want 400", w.Code)
	}
}

func FuzzSignature(f *testing.F) {
	f.Add(textForm, "13spuDpRo85WInOXCbuyS0ylWUw=", "a=1")
	f.Add("", "", "")
	f.Add("a=%zz;b", "=", "bodySHA256=00")
	h, err := bridge.New(bridge.Config{AuthToken: "0123456789", Policy: bridge.PolicyClassic, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, form, signature, query string) {
		r := httptest.NewRequest(http.MethodPost, "http://bridge.example.com/whatsapp", strings.NewReader(form))
		r.URL.RawQuery = query
		r.Header["X-Twilio-Signature"] = []string{signature}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden {
			t.Errorf("form %q, query %q: signature %q was accepted: %d", form, query, signature, w.Code)
		}
	})
}
