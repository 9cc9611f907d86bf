package media

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

func TestReadUploadLimit(t *testing.T) {
	t.Parallel()
	const boundary = "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n"
	for _, u := range []struct {
		contentType, body string
		code              int
	}{
		{"image/png", "1234567", 0},
		{"image/png", "12345678", 50512},
		{"multipart/form-data; boundary=x", boundary + "1234567\r\n--x--\r\n", 0},
		{"multipart/form-data; boundary=x", boundary + "12345678\r\n--x--\r\n", 50512},
		{"multipart/form-data; boundary=x", boundary + "1234567\r\n--x\r\nContent-Disposition: form-data; name=\"y\"\r\n\r\n" +
			strings.Repeat("y", 2*maxEnvelope) + "\r\n--x--\r\n", 20001},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/", strings.NewReader(u.body))
		r.ContentLength = -1
		r.Header.Set("Content-Type", u.contentType)
		f, err := readUpload(r, 7)
		var refused *twilio.Error
		switch {
		case u.code == 0 && (err != nil || string(f.Content) != "1234567"):
			t.Errorf("%.80q: %q, %v", u.body, f.Content, err)
		case u.code != 0 && (!errors.As(err, &refused) || refused.Code != u.code):
			t.Errorf("%.80q: %v, want code %d", u.body, err, u.code)
		}
	}
}

// Whatever is sent, an upload is read or refused with Twilio's error.
func FuzzReadUpload(f *testing.F) {
	f.Add("image/png", []byte("picture"))
	f.Add("", []byte{})
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\npicture\r\n--x--\r\n"))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"Media\"\r\nContent-Type: a/b\r\n\r\npic"))
	f.Add(`multipart/form-data; boundary=""`, []byte("--\r\n\r\n"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		file, err := readUpload(r, 64)
		var refused *twilio.Error
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("%q %q: %v is not Twilio's error", contentType, body, err)
		}
		if len(file.Content) > 64 || err != nil && file.Content != nil {
			t.Fatalf("%q %q: %d bytes, %v", contentType, body, len(file.Content), err)
		}
	})
}
