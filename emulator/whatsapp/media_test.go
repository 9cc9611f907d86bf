package whatsapp

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/fixtures"
)

func TestIsOpus(t *testing.T) {
	t.Parallel()
	page := func(flags byte, packet string) string {
		return "OggS\x00" + string(flags) + strings.Repeat("\x00", 20) + "\x01" + string([]byte{byte(len(packet))}) + packet
	}
	for name, c := range map[string]struct {
		ogg  string
		want bool
	}{
		"a voice note":               {string(read(t, fixtures.Voice)), true},
		"a header and nothing":       {page(2, "OpusHead\x01"), true},
		"Vorbis":                     {page(2, "\x01vorbis"), false},
		"Speex":                      {page(2, "Speex   "), false},
		"a skeleton before Opus":     {page(2, "fishead\x00") + page(2, "OpusHead\x01"), true},
		"a skeleton alone":           {page(2, "fishead\x00") + page(0, "OpusHead\x01"), false},
		"Opus beside Theora":         {page(2, "OpusHead\x01") + page(2, "\x80theora"), false},
		"a stream that goes on":      {page(2, "OpusHead\x01") + page(0, "\x01vorbis"), true},
		"not the first page":         {page(0, "OpusHead\x01"), false},
		"cut short in its segments":  {page(2, "OpusHead")[:27], false},
		"cut short before the table": {page(2, "OpusHead")[:20], false},
		"nothing":                    {"", false},
		"no Ogg":                     {"OpusHead", false},
	} {
		if got := isOpus([]byte(c.ogg)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func FuzzIsOpus(f *testing.F) {
	f.Add([]byte("OggS\x00\x02"), byte(3))
	f.Fuzz(func(_ *testing.T, ogg []byte, segments byte) {
		isOpus(ogg)
		header := append([]byte("OggS\x00\x02"+strings.Repeat("\x00", 20)), segments)
		isOpus(append(header, ogg...)) // neither may panic
	})
}

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
		{"mp3 with a tag", "audio/mp3", pad("ID3\x04\x00\x00\x00\x00\x00\x0cTIT2\x00\x00\x00\x02\x00\x00\x03A\xff\xfb\x90\x64", 400), "audio/mpeg", typeAudio},
		{"mp3 without a tag", "audio/mpeg", pad("\xff\xfb\x90\x64", 400), "audio/mpeg", typeAudio},
		{"aac", "audio/aac", pad("\xff\xf1\x50\x80\x02\x1f\xfc", 64), "audio/aac", typeAudio},
		{"doc", "application/msword", oleDocument(), "application/msword", typeDocument},
		{"docx", wordDocument, office(t, "word/document.xml"), wordDocument, typeDocument},
		{"pptx", slides, office(t, "ppt/presentation.xml"), slides, typeDocument},
		{"xlsx", spreadsheet, office(t, "xl/workbook.xml"), spreadsheet, typeDocument},
		{"animated sticker", "", animatedSticker, "image/webp", typeSticker},
	} {
		contentType, messageType, err := checkFile(c.name, c.declared, c.content)
		if err != nil || contentType != c.contentType || messageType != c.messages {
			t.Errorf("%s: %s, %s, %v", c.name, contentType, messageType, err)
		}
	}
}

const (
	wordDocument = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	slides       = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	spreadsheet  = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// office is a document of today's office programs, with nothing in it but its parts.
func office(t testing.TB, part string) []byte {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", part} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(`<?xml version="1.0"?><x/>`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// oleDocument is the beginning of a Word document in its old form: a compound file (Microsoft's MS-CFB) whose root, at the
// second sector, has the class of Word 97.
func oleDocument() []byte {
	file := make([]byte, 4*512)
	copy(file, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	file[24], file[26], file[28], file[29] = 0x3e, 3, 0xfe, 0xff // version 3, little endian
	file[30] = 9                                                 // sectors of 512 bytes
	file[48] = 1                                                 // the directory is in sector 1
	root := file[512+512:]
	copy(root, "R\x00o\x00o\x00t\x00")
	copy(root[80:], "\x06\x09\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46")
	return file
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
