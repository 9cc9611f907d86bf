package whatsapp

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// draft checks what a phone sends and makes the beginning of a Message of it, and the file that goes with it.
func (in Inbound) draft() (Message, *InboundFile, error) {
	m := Message{Direction: DirectionInbound, To: SandboxNumber, Body: in.Body, Status: twilio.StatusReceived, Details: in.Details}
	err := in.checkLengths()
	if err != nil {
		return Message{}, nil, err
	}
	if m.Phone, err = ParseNumber(in.From); err != nil {
		return Message{}, nil, err
	}
	m.From = "whatsapp:" + m.Phone
	if in.To != "" {
		number, err := ParseNumber(in.To)
		if err != nil {
			return Message{}, nil, err
		}
		m.To = "whatsapp:" + number
	}
	if m.From == SandboxNumber || m.From == m.To {
		return Message{}, nil, invalid.Errorf("%s is a sender, and no phone of a customer", m.From)
	}
	if in.Unsupported != "" {
		if !slices.Contains(UnsupportedKinds(), in.Unsupported) {
			return Message{}, nil, invalid.Errorf("unsupported kind %q: it is one of %s", in.Unsupported, strings.Join(UnsupportedKinds(), ", "))
		}
		m.MessageType, m.Status = in.Unsupported, twilio.StatusDropped
		return m, nil, nil
	}
	file, err := in.content(&m)
	if err != nil {
		return Message{}, nil, err
	}
	return m, file, nil
}

// content checks and sets what the message says: its text, its details, its kind. It returns the file.
func (in Inbound) content(m *Message) (*InboundFile, error) {
	file := in.File
	if in.Contact != nil {
		if file != nil {
			return nil, invalid.Errorf("a message is one thing: a file, a contact, a location, a button or a list choice")
		}
		card, err := in.Contact.file()
		if err != nil {
			return nil, err
		}
		file = card
	}
	var err error
	if m.Body, err = m.check(in.Body, file != nil); err != nil {
		return nil, err
	}
	m.MessageType = m.messageType()
	switch {
	case !utf8.ValidString(m.Body):
		return nil, invalid.Errorf("the text is not valid UTF-8")
	case utf8.RuneCountInString(m.Body) > MaxText:
		return nil, invalid.Errorf("the text has %d characters: WhatsApp takes %d at most", utf8.RuneCountInString(m.Body), MaxText)
	case file == nil && m.MessageType != typeLocation && strings.TrimSpace(m.Body) == "":
		return nil, invalid.Errorf("a message needs a text or a file")
	case file == nil:
		return nil, nil
	}
	return file.accept(m)
}

// accept checks a file and what may go with it, and returns it with the type of its content. A document without a caption
// has its name as text. Reference, WhatsApp 2.3.
func (f InboundFile) accept(m *Message) (_ *InboundFile, err error) {
	if f.ContentType, m.MessageType, err = checkFile(f.Filename, f.ContentType, f.Content); err != nil {
		return nil, invalid.Errorf("%w", err)
	}
	if err := checkCaption(m.MessageType, m.Body); err != nil {
		return nil, err
	}
	if m.MessageType == typeDocument && m.Body == "" {
		m.Body = f.Filename
	}
	return &f, nil
}
