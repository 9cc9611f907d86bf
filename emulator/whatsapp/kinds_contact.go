package whatsapp

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
)

// Contact is somebody whose card a phone sends. A finished card, a .vcf file, can be sent as a file instead.
type Contact struct {
	Name string `json:"name"`
	// Phone is a number with + and country code; Organization and Email may be empty.
	Phone        string `json:"phone"`
	Organization string `json:"organization,omitempty"`
	Email        string `json:"email,omitempty"`
}

// file is the contact's card, a vCard 3.0 (RFC 2426) with WhatsApp's waid of the phone number.
func (c Contact) file() (*InboundFile, error) {
	if strings.TrimSpace(c.Name) == "" {
		return nil, invalid.Errorf("a contact needs a name")
	}
	phone, err := ParseNumber(c.Phone)
	if err != nil {
		return nil, fmt.Errorf("contact %s: %w", c.Name, err)
	}
	lines := []string{"BEGIN:VCARD", "VERSION:3.0", "N:;" + escapeVCard(c.Name) + ";;;", "FN:" + escapeVCard(c.Name)}
	if c.Organization != "" {
		lines = append(lines, "ORG:"+escapeVCard(c.Organization))
	}
	lines = append(lines, "TEL;TYPE=CELL;waid="+strings.TrimPrefix(phone, "+")+":"+phone)
	if c.Email != "" {
		lines = append(lines, "EMAIL:"+escapeVCard(c.Email))
	}
	content := strings.Join(append(lines, "END:VCARD", ""), "\r\n")
	return &InboundFile{Filename: "contact.vcf", ContentType: typeVCard, Content: []byte(content)}, nil
}

// escapeVCard writes a text as a value of a vCard.
func escapeVCard(s string) string {
	return strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(s)
}

// checkVCard says what is wrong with a contact card, for a person. Several cards in one file are fine.
func checkVCard(content []byte) error {
	if !utf8.Valid(content) {
		return errors.New("the contact card is not valid UTF-8")
	}
	open, named, cards := false, false, 0
	for line := range bytes.Lines(content) {
		name, _, _ := strings.Cut(strings.ToUpper(strings.TrimRight(string(line), "\r\n")), ":")
		name, _, _ = strings.Cut(name, ";")
		switch entry := strings.ToUpper(strings.TrimSpace(string(line))); {
		case entry == "BEGIN:VCARD" && open:
			return errors.New("the contact card begins twice before it ends")
		case entry == "BEGIN:VCARD":
			open, named = true, false
		case entry == "END:VCARD" && (!open || !named):
			return errors.New("the contact card has no name: FN is missing")
		case entry == "END:VCARD":
			open = false
			cards++
		case name == "FN" || name == "N":
			named = true
		}
	}
	if open || cards == 0 {
		return errors.New("the contact card has no end: END:VCARD is missing")
	}
	return nil
}
