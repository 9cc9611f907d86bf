package whatsapp

import (
	"bytes"
	"testing"

	"github.com/cloudforgot/cloudforgot/fixtures"
)

func TestCheckFile(t *testing.T) {
	t.Parallel()
	pad := func(s string, n int) []byte { return append([]byte(s), make([]byte, n)...) }
	animatedSticker := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02"), make([]byte, 200<<10)...)
	for _, c := range []struct {
		name, declared        string
		content               []byte
		contentType, messages string
	}{
		{"declared by another name", "image/jpg", read(t, fixtures.Photo), "image/jpeg", typeImage},
		{"declared with parameters", "audio/ogg; codecs=opus", read(t, fixtures.Voice), "audio/ogg", typeAudio},
		{"declared as anything", "application/octet-stream", read(t, fixtures.Invoice), "application/pdf", typeDocument},
		{"old name of a card", "text/x-vcard", read(t, fixtures.Contact), "text/vcard", typeContacts},
		{"amr", "", pad("#!AMR\n", 32), "audio/amr", typeAudio},
		{"3gp", "audio/3gpp", pad("\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x00", 16), "audio/3gpp", typeAudio},
		{"animated sticker", "", animatedSticker, "image/webp", typeSticker},
	} {
		contentType, messageType, err := checkFile(c.name, c.declared, c.content)
		if err != nil || contentType != c.contentType || messageType != c.messages {
			t.Errorf("%s: %s, %s, %v", c.name, contentType, messageType, err)
		}
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	content, err := fixtures.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// A card that is made is one that is taken, whatever the names in it; and no content makes the check panic.
func FuzzVCard(f *testing.F) {
	f.Add("Grace Hopper", "Navy; Ships, Inc.", []byte("BEGIN:VCARD\nFN:x\nEND:VCARD"))
	f.Add("a\r\nEND:VCARD", `b\`, []byte("BEGIN:VCARD\nBEGIN:VCARD"))
	f.Fuzz(func(t *testing.T, name, organization string, content []byte) {
		err := checkVCard(content)
		if err == nil && !bytes.Contains(bytes.ToUpper(content), []byte("END:VCARD")) {
			t.Errorf("a card without end was taken: %q", content)
		}
		made, err := Contact{Name: name, Organization: organization, Phone: "+15558675310"}.file()
		if err != nil || !bytes.Equal(bytes.ToValidUTF8(made.Content, nil), made.Content) {
			return
		}
		if err := checkVCard(made.Content); err != nil {
			t.Errorf("%q is refused: %v", made.Content, err)
		}
	})
}
