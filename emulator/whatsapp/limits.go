package whatsapp

import (
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
)

// Limits of what a phone sends. Lengths are in characters.
const (
	// MaxText is that of WhatsApp for a text or a caption, and MaxProfileName that for the name of an account.
	MaxText        = 4096
	MaxProfileName = 25
	// MaxAlbum is the number of files that WhatsApp's apps send at once.
	MaxAlbum = 30
)

// Limits of the parts of a message: WhatsApp's for buttons and lists, and the emulator's own for the others.
const (
	maxButtonText    = 25
	maxButtonPayload = 256
	maxRowID         = 200
	maxRowTitle      = 24
	maxField         = 1024 // of any other text
	maxURL           = 2048
)

// lengthLimit is a text that a caller sent, by the name that it has in JSON, and its greatest length.
type lengthLimit struct {
	name, text string
	most       int
}

// checkLengths returns the first text that is too long or not UTF-8, as an error for the caller.
func checkLengths(limits ...lengthLimit) error {
	for _, l := range limits {
		if !utf8.ValidString(l.text) {
			return invalid.Errorf("%s is not valid UTF-8", l.name)
		}
		if n := utf8.RuneCountInString(l.text); n > l.most {
			return invalid.Errorf("%s has %d characters: it has %d at most", l.name, n, l.most)
		}
	}
	return nil
}

// checkLengths is about all that a phone sends but the text and the content of the file, which are checked with the kind of
// the message.
func (in Inbound) checkLengths() error {
	limits := []lengthLimit{{"profile_name", in.ProfileName, MaxProfileName}, {"to", in.To, maxField}, {"reply_to", in.ReplyTo, maxField}}
	if f := in.File; f != nil {
		limits = append(limits, lengthLimit{"filename", f.Filename, maxField}, lengthLimit{"content_type", f.ContentType, maxField})
	}
	if c := in.Contact; c != nil {
		limits = append(limits, lengthLimit{"contact.name", c.Name, maxField}, lengthLimit{"contact.phone", c.Phone, maxField},
			lengthLimit{"contact.organization", c.Organization, maxField}, lengthLimit{"contact.email", c.Email, maxField})
	}
	if l := in.Location; l != nil {
		limits = append(limits, lengthLimit{"location.label", l.Label, maxField}, lengthLimit{"location.address", l.Address, maxField})
	}
	if b := in.Button; b != nil {
		limits = append(limits, lengthLimit{"button.text", b.Text, maxButtonText}, lengthLimit{"button.payload", b.Payload, maxButtonPayload})
	}
	if c := in.ListChoice; c != nil {
		limits = append(limits, lengthLimit{"list_choice.id", c.ID, maxRowID}, lengthLimit{"list_choice.title", c.Title, maxRowTitle})
	}
	if r := in.Referral; r != nil {
		limits = append(limits, lengthLimit{"referral.body", r.Body, MaxText}, lengthLimit{"referral.headline", r.Headline, maxField},
			lengthLimit{"referral.source_id", r.SourceID, maxField}, lengthLimit{"referral.source_type", r.SourceType, maxField},
			lengthLimit{"referral.source_url", r.SourceURL, maxURL}, lengthLimit{"referral.media_id", r.MediaID, maxField},
			lengthLimit{"referral.media_content_type", r.MediaContentType, maxField}, lengthLimit{"referral.media_url", r.MediaURL, maxURL},
			lengthLimit{"referral.ctwa_clid", r.CtwaClid, maxField})
	}
	return checkLengths(limits...)
}
