package whatsapp

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/invalid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Kinds of a message, in the words of the parameter MessageType. Reference, WhatsApp 2.3.
const (
	typeText        = "text"
	typeLocation    = "location"
	typeContacts    = "contacts"
	typeButton      = "button"
	typeInteractive = "interactive"
	typeImage       = "image"
	typeSticker     = "sticker"
	typeAudio       = "audio"
	typeVideo       = "video"
	typeDocument    = "document"
)

// quoteAge is the greatest age of a message that Twilio names when it is answered. Reference, WhatsApp 2.2.
const quoteAge = 7 * 24 * time.Hour

// Details has the parts of a phone's message other than its text and its file. The zero value has nothing.
type Details struct {
	Location   *Location   `json:"location,omitempty"`
	Button     *Button     `json:"button,omitempty"`
	ListChoice *ListChoice `json:"list_choice,omitempty"`
	Referral   *Referral   `json:"referral,omitempty"`
	// ReplyTo is the SID (SM, MM) of the message in the same chat that is quoted, or whose button was tapped.
	ReplyTo string `json:"reply_to,omitempty"`
	// Forwarded marks a message that came from another chat; FrequentlyForwarded one that went through many.
	Forwarded           bool `json:"forwarded,omitempty"`
	FrequentlyForwarded bool `json:"frequently_forwarded,omitempty"`
}

// kind is something that a message of a phone can be in place of a text. It has all that differs between such messages.
type kind interface {
	// check returns the text of the message, or an *invalid.Error. body is the text that was sent with it.
	check(body string) (text string, err error)
	messageType() string
	limits() []lengthLimit
	// params sets the webhook's parameters, and in mirrored those that ChannelMetadata repeats.
	params(v url.Values, mirrored map[string]any)
}

// kinds returns the kinds that a message is; more than one is a mistake.
func (d Details) kinds() (list []kind) {
	if d.Location != nil {
		list = append(list, d.Location)
	}
	if d.Button != nil {
		list = append(list, d.Button)
	}
	if d.ListChoice != nil {
		list = append(list, d.ListChoice)
	}
	return list
}

// Location is a place. Address and Label are there when the user has picked one from the list around.
type Location struct {
	Latitude  float64 `json:"latitude"`  // degrees, -90 to 90
	Longitude float64 `json:"longitude"` // degrees, -180 to 180
	Address   string  `json:"address,omitempty"`
	Label     string  `json:"label,omitempty"`
}

// Button is a tap on a button: the quick reply of a template, or with Interactive one of an in-session message.
type Button struct {
	Text string `json:"text"`
	// Payload is the value that the sender gave the button; empty means its text.
	Payload     string `json:"payload,omitempty"`
	Interactive bool   `json:"interactive,omitempty"`
}

// ListChoice is a row picked from a list.
type ListChoice struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Referral is the click-to-WhatsApp advertisement that a chat began with. SourceType is "ad" or "post".
type Referral struct {
	Body             string `json:"body,omitempty"`
	Headline         string `json:"headline,omitempty"`
	SourceID         string `json:"source_id,omitempty"`
	SourceType       string `json:"source_type,omitempty"`
	SourceURL        string `json:"source_url,omitempty"`
	MediaID          string `json:"media_id,omitempty"`
	MediaContentType string `json:"media_content_type,omitempty"`
	MediaURL         string `json:"media_url,omitempty"`
	CtwaClid         string `json:"ctwa_clid,omitempty"`
}

// check returns the text of a message, which a kind may set, or an *invalid.Error. with says whether there is a file.
func (d *Details) check(body string, with bool) (text string, _ error) {
	if d.Button != nil {
		button := *d.Button // the caller's stays as it is
		d.Button = &button
	}
	d.Forwarded = d.Forwarded || d.FrequentlyForwarded
	kinds := d.kinds()
	switch {
	case len(kinds) > 1 || (len(kinds) == 1 && with):
		return "", invalid.Errorf("a message is one thing: a file, a contact, a location, a button or a list choice")
	case len(kinds) == 1:
		return kinds[0].check(body)
	}
	return body, nil
}

func (l *Location) check(body string) (string, error) {
	if body != "" {
		return "", invalid.Errorf("a location has no text of its own: send the text as another message")
	}
	return "", l.validate()
}

func (*Location) messageType() string { return typeLocation }

func (l *Location) limits() []lengthLimit {
	return []lengthLimit{{"location.label", l.Label, maxField}, {"location.address", l.Address, maxField}}
}

func (l *Location) params(v url.Values, _ map[string]any) {
	v.Set("Latitude", degrees(l.Latitude))
	v.Set("Longitude", degrees(l.Longitude))
	setAll(v, map[string]string{"Address": l.Address, "Label": l.Label})
}

// check gives a button without a payload its text as one.
func (b *Button) check(body string) (string, error) {
	if b.Text == "" {
		return "", invalid.Errorf("a button needs its text")
	}
	b.Payload = cmp.Or(b.Payload, b.Text)
	return tapText("button", b.Text, body)
}

func (b *Button) messageType() string {
	if b.Interactive {
		return typeInteractive
	}
	return typeButton
}

func (b *Button) limits() []lengthLimit {
	return []lengthLimit{{"button.text", b.Text, maxButtonText}, {"button.payload", b.Payload, maxButtonPayload}}
}

func (b *Button) params(v url.Values, mirrored map[string]any) {
	v.Set("ButtonText", b.Text)
	v.Set("ButtonPayload", b.Payload)
	mirrored["ButtonText"], mirrored["ButtonPayload"] = b.Text, b.Payload
}

func (c *ListChoice) check(body string) (string, error) {
	if c.ID == "" || c.Title == "" {
		return "", invalid.Errorf("a list choice needs the id and the title of its row")
	}
	return tapText("list choice", c.Title, body)
}

func (*ListChoice) messageType() string { return typeInteractive }

func (c *ListChoice) limits() []lengthLimit {
	return []lengthLimit{{"list_choice.id", c.ID, maxRowID}, {"list_choice.title", c.Title, maxRowTitle}}
}

func (c *ListChoice) params(v url.Values, _ map[string]any) {
	v.Set("ListId", c.ID)
	v.Set("ListTitle", c.Title)
}

// tapText is the text of a tap, which is no other than that of what was tapped.
func tapText(what, text, body string) (string, error) {
	if body != "" && body != text {
		return "", invalid.Errorf("the text of a %s is its own, %q, and not %q", what, text, body)
	}
	return text, nil
}

// ParseLocation reads a latitude and a longitude in degrees with a comma between them, such as "-33.4372, -70.6506". The error
// is a sentence that says what is wrong.
func ParseLocation(degrees string) (Location, error) {
	north, east, _ := strings.Cut(degrees, ",")
	latitude, err := strconv.ParseFloat(strings.TrimSpace(north), 64)
	longitude, other := strconv.ParseFloat(strings.TrimSpace(east), 64)
	if err != nil || other != nil {
		return Location{}, invalid.Errorf("location %q: it must be a latitude and a longitude in degrees, such as -33.4372,-70.6506", degrees)
	}
	l := Location{Latitude: latitude, Longitude: longitude}
	if err := l.validate(); err != nil {
		return Location{}, invalid.Errorf("location %q: %w", degrees, err)
	}
	return l, nil
}

func (l Location) validate() error {
	if math.IsNaN(l.Latitude) || math.Abs(l.Latitude) > 90 {
		return invalid.Errorf("latitude %v: it must be between -90 and 90 degrees", l.Latitude)
	}
	if math.IsNaN(l.Longitude) || math.Abs(l.Longitude) > 180 {
		return invalid.Errorf("longitude %v: it must be between -180 and 180 degrees", l.Longitude)
	}
	return nil
}

// text is a location for a conversation, whose messages cannot be empty: its name, its address and a link to a map, each
// on a line. What Twilio makes of it is not documented.
func (l Location) text() string {
	var lines []string
	for _, line := range []string{l.Label, l.Address, "https://maps.google.com/?q=" + degrees(l.Latitude) + "," + degrees(l.Longitude)} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func degrees(d float64) string { return strconv.FormatFloat(d, 'f', -1, 64) }

// messageType returns WhatsApp's name for the kind of a message without a file.
func (d Details) messageType() string {
	for _, k := range d.kinds() {
		return k.messageType()
	}
	return typeText
}

// quote finds the message that m answers. One older than seven days is not named to the account.
func (s *Sandbox) quote(tx store.Tx, m *Message) error {
	if err := s.findTapped(tx, m); err != nil {
		return err
	}
	if m.ReplyTo == "" {
		return nil
	}
	original, err := messages.Get(tx, m.ReplyTo)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err != nil || original.Phone != m.Phone || (original.From != m.To && original.To != m.To) {
		return invalid.Errorf("there is no message %s in the chat of %s with %s to answer", m.ReplyTo, m.Phone, m.To)
	}
	if s.clock.Now().Sub(original.DateCreated) <= quoteAge {
		m.ReplyToSender = original.From
	}
	return nil
}

// MessageDropped is the event of a kind of message that Twilio has no webhook for: its parameter Kind says which.
const MessageDropped conversations.EventType = "message.dropped"

// UnsupportedKinds returns the kinds of message that no webhook is known of, so that they are dropped and logged. Reference,
// WhatsApp 2.3.
func UnsupportedKinds() []string { return []string{"reaction", "poll", "edit", "deletion"} }

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

// checkVCard returns an error that says what is wrong with a contact card. Several cards in one file are fine.
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
	for _, k := range in.kinds() {
		limits = append(limits, k.limits()...)
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
