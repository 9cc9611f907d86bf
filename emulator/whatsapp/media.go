package whatsapp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"slices"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// MediaAccess has the switches for fetching files of phones. Reference, WhatsApp 4.1.
type MediaAccess struct {
	// Auth: are the account's credentials needed? Redirect: is there a second host, with signed links?
	Auth, Redirect bool
}

// FetchMediaAccess returns what the switches say of fetching files.
func (s *Sandbox) FetchMediaAccess(ctx context.Context) (MediaAccess, error) {
	set, err := s.FetchSwitches(ctx)
	return MediaAccess{Auth: set.MediaAuth, Redirect: set.MediaRedirect}, err
}

// MediaQuery names a file of a message of a phone.
type MediaQuery struct{ AccountSID, MessageSID, MediaSID string }

// FetchMedia returns a file, or a 404: also for a file that has come in so recently that Twilio does not have it
// everywhere yet, as the switch media_propagation_delay says.
func (s *Sandbox) FetchMedia(ctx context.Context, q MediaQuery) (conversations.MediaFile, error) {
	f, err := s.conversations.FetchMedia(ctx, q.AccountSID, q.MediaSID)
	if err != nil {
		return f, err
	}
	if f.MessageSID != q.MessageSID {
		return conversations.MediaFile{}, twilio.ErrNotFound
	}
	m, err := s.FetchMessage(ctx, q.MessageSID)
	if errors.Is(err, store.ErrNotFound) { // a message of a conversation has its files elsewhere
		return conversations.MediaFile{}, twilio.ErrNotFound
	}
	if err != nil {
		return conversations.MediaFile{}, err
	}
	set, err := s.FetchSwitches(ctx)
	if err == nil && m.Direction == DirectionInbound && s.clock.Now().Before(m.DateCreated.Add(time.Duration(set.MediaPropagationDelay))) {
		return conversations.MediaFile{}, twilio.ErrNotFound
	}
	return f, err
}

// Limits of files, in bytes. Reference, WhatsApp 2.7; those of stickers are WhatsApp's own.
const (
	MaxFile            = 16 << 20
	maxImage           = 5 << 20
	maxSticker         = 100 << 10
	maxAnimatedSticker = 500 << 10
)

const (
	typeWebP  = "image/webp"
	typeOgg   = "audio/ogg"
	typeVCard = "text/vcard"
)

// fileTypes are the types of files that WhatsApp takes, and the kinds of messages that they make.
var fileTypes = map[string]string{
	"image/jpeg": typeImage, "image/png": typeImage, typeWebP: typeSticker,
	typeOgg: typeAudio, "audio/amr": typeAudio, "audio/3gpp": typeAudio, "audio/aac": typeAudio, "audio/mpeg": typeAudio,
	"video/mp4": typeVideo, typeVCard: typeContacts,
	"application/pdf": typeDocument, "application/msword": typeDocument,
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   typeDocument,
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": typeDocument,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         typeDocument,
}

// otherNames are names of those types that are used too: by people, servers, and the library that looks at content.
var otherNames = map[string]string{
	"image/jpg": "image/jpeg", "image/vnd.mozilla.apng": "image/png", "application/ogg": typeOgg, "audio/opus": typeOgg,
	"audio/amr-nb": "audio/amr", "video/3gpp": "audio/3gpp", "audio/mp3": "audio/mpeg", "audio/x-aac": "audio/aac",
	"text/x-vcard": typeVCard, "text/directory": typeVCard,
}

// fileError says why WhatsApp does not take a file, with Twilio's code for it.
type fileError struct {
	code int
	text string
}

func (e *fileError) Error() string { return e.text }

// Codes of files. Reference, WhatsApp 1.5.
const (
	codeMediaContent = 63021
	codeMediaSize    = 63034
)

func refuseFile(code int, name, format string, args ...any) error {
	return &fileError{code, fmt.Sprintf("the file %q ", name) + fmt.Sprintf(format, args...)}
}

// checkFile returns the type of a file, found by its content, and the kind of message that it makes. It refuses, with a
// *fileError, what is too large, what WhatsApp does not take, and content that is not what declared says; declared may be
// empty.
func checkFile(name, declared string, content []byte) (contentType, messageType string, _ error) {
	switch {
	case len(content) == 0:
		return "", "", refuseFile(codeMediaContent, name, "is empty")
	case len(content) > MaxFile:
		return "", "", refuseFile(codeMediaSize, name, "has %d bytes: WhatsApp takes %d at most", len(content), MaxFile)
	}
	found := typeName(mimetype.Detect(content).String())
	if said := typeName(declared); said != "" && said != "application/octet-stream" && said != found {
		return "", "", refuseFile(codeMediaContent, name, "is said to be %s, but its content is %s", said, found)
	}
	if err := checkType(name, found, content); err != nil {
		return "", "", err
	}
	if found == typeVCard {
		if err := checkVCard(content); err != nil {
			return "", "", refuseFile(codeMediaContent, name, "is no contact card: %v", err)
		}
	}
	return found, fileTypes[found], nil
}

// checkType refuses, with a *fileError, a file of a type that WhatsApp does not take, or larger than it takes of its type.
func checkType(name, contentType string, content []byte) error {
	if _, taken := fileTypes[contentType]; !taken {
		return refuseFile(codeMediaContent, name, "is %s, which WhatsApp does not take: send JPEG, PNG or WebP pictures, OGG, AMR, 3GP, "+
			"AAC or MPEG audio, MP4 video, PDF, DOC, DOCX, PPTX or XLSX documents, or a vCard", contentType)
	}
	if most := limit(contentType, content); len(content) > most {
		return refuseFile(codeMediaSize, name, "has %d bytes: WhatsApp takes %d at most of a file of type %s", len(content), most, contentType)
	}
	return nil
}

// checkOpus refuses, with a *fileError, a file that goes out as Ogg and holds something other than Opus. Twilio's guide to
// media on WhatsApp, nyaruka/courier#588. Which code it has is open: a switch.
func checkOpus(name, contentType string, content []byte, code NotOpus) error {
	if contentType != typeOgg || isOpus(content) {
		return nil
	}
	number := codeMediaMissing
	if code == NotOpusContent {
		number = codeMediaContent
	}
	return refuseFile(number, name, "is Ogg, but not with Opus: WhatsApp takes no other audio in Ogg")
}

// isOpus reports whether the streams of an Ogg file are Opus, beside a skeleton if it has one. A stream begins with a page of its own,
// before all other pages, and its first packet says what it is.
func isOpus(ogg []byte) bool {
	const headerSize, firstOfStream = 27, 2
	found := false
	for len(ogg) >= headerSize && string(ogg[:4]) == "OggS" && ogg[5]&firstOfStream != 0 {
		segments := ogg[headerSize:min(len(ogg), headerSize+int(ogg[26]))]
		size := 0
		for _, n := range segments {
			size += int(n)
		}
		packet := ogg[headerSize+len(segments):]
		switch {
		case bytes.HasPrefix(packet, []byte("OpusHead")):
			found = true
		case !bytes.HasPrefix(packet, []byte("fishead\x00")):
			return false
		}
		ogg = packet[min(size, len(packet)):]
	}
	return found
}

// limit is the greatest size of a file of a type, in bytes.
func limit(contentType string, content []byte) int {
	switch {
	case contentType == typeWebP && animated(content):
		return maxAnimatedSticker
	case contentType == typeWebP:
		return maxSticker
	case fileTypes[contentType] == typeImage:
		return maxImage
	}
	return MaxFile
}

// animated reads the flag of an extended WebP file.
func animated(webp []byte) bool {
	return len(webp) > 20 && string(webp[12:16]) == "VP8X" && webp[20]&2 != 0
}

// typeName is the name under which a type stands in fileTypes, without parameters; of others the name that they have.
func typeName(contentType string) string {
	name, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		name, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(contentType)), ";")
	}
	if usual, ok := otherNames[name]; ok {
		return usual
	}
	return name
}

// checkCaption refuses a text under a file that has none on WhatsApp.
func checkCaption(messageType, body string) error {
	if body != "" && slices.Contains([]string{typeAudio, typeSticker, typeContacts}, messageType) {
		return invalid.Errorf("WhatsApp has no caption for %s: send the text as another message", map[string]string{
			typeAudio: "audio", typeSticker: "a sticker", typeContacts: "a contact card"}[messageType])
	}
	return nil
}
