package bridge

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxMessageBody is Twilio's limit for the text of a message: 1,600 characters.
	maxMessageBody = 1600
	// placeholderRoom is kept free beside a caption for the line that names an attachment which could not be moved.
	placeholderRoom = 160
	// maxMedia is the largest number of attachments of one webhook.
	maxMedia = 10
)

// part is one message of a conversation. An inbound message becomes several when its text is long or it has several
// attachments; their number does not depend on whether the attachments can be moved.
type part struct {
	number   int // from 1
	of       int
	body     string
	media    *mediaSource // nil: text only
	mediaSID string       // the moved attachment
	missing  string       // why the attachment could not be moved
}

// mediaSource is one attachment of an inbound message.
type mediaSource struct {
	url         string
	contentType string
}

// parts splits m into messages of a conversation.
func (m *inbound) parts() []part {
	media := m.media()
	first := maxMessageBody
	if len(media) > 0 {
		first -= placeholderRoom
	}
	texts := splitText(m.text(len(media) > 0), first, maxMessageBody)
	parts := make([]part, 0, len(media)+len(texts))
	for i := range media {
		p := part{media: &media[i]}
		if i == 0 && len(texts) > 0 {
			p.body, texts = texts[0], texts[1:] // the caption; the rest of a long one follows after the last
		}
		parts = append(parts, p)
	}
	for _, text := range texts {
		parts = append(parts, part{body: text})
	}
	for i := range parts {
		parts[i].number, parts[i].of = i+1, len(parts)
	}
	return parts
}

func (m *inbound) media() []mediaSource {
	n, err := strconv.Atoi(m.Parameters.get("NumMedia"))
	if err != nil || n < 0 {
		return nil
	}
	var media []mediaSource
	for i := range min(n, maxMedia) {
		index := strconv.Itoa(i)
		media = append(media, mediaSource{url: m.Parameters.get("MediaUrl" + index), contentType: m.Parameters.get("MediaContentType" + index)})
	}
	return media
}

// text returns the text that stands for the message: its body, or words for a location, a button or another kind. Only with an
// attachment it may be empty, as in messages that Twilio captures.
func (m *inbound) text(withMedia bool) string {
	p := m.Parameters
	if body := p.get("Body"); strings.TrimSpace(body) != "" {
		return body
	}
	if p.get("Latitude") != "" && p.get("Longitude") != "" {
		return locationText(p)
	}
	for _, name := range []string{"ButtonText", "ListTitle"} {
		if label := p.get(name); label != "" {
			return label
		}
	}
	if withMedia {
		return ""
	}
	if kind := p.get("MessageType"); kind != "" && kind != "text" {
		return "[" + kind + "]"
	}
	return "[message without text]"
}

// locationText names the place and links to a map; what is no number is written as it came.
func locationText(p parameters) string {
	var lines []string
	for _, name := range []string{"Label", "Address"} {
		if value := p.get(name); value != "" {
			lines = append(lines, value)
		}
	}
	latitude, longitude := p.get("Latitude"), p.get("Longitude")
	if !isNumber(latitude) || !isNumber(longitude) {
		return strings.Join(append(lines, fmt.Sprintf("[location %s, %s]", latitude, longitude)), "\n")
	}
	link := "https://www.google.com/maps/search/?api=1&query=" + url.QueryEscape(latitude+","+longitude)
	return strings.Join(append(lines, link), "\n")
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// posted returns the body of the message in the conversation: the text, and a line for an attachment that is missing.
func (p *part) posted() string {
	if p.missing == "" {
		return p.body
	}
	line := fmt.Sprintf("[attachment %s could not be transferred]", cutText(cmp.Or(p.media.contentType, "of unknown type"), 80))
	if p.body == "" {
		return line
	}
	return p.body + "\n" + line
}

// splitText cuts text into pieces: the first of at most first characters, the others of at most rest. A character is
// a UTF-16 code unit, the stricter of the ways to count. Joined, the pieces are the text again. A cut is made after
// white space where there is some in the last quarter, and never inside a combined character.
func splitText(text string, first, rest int) []string {
	var pieces []string
	limit := first
	for text != "" {
		end := cut(text, limit)
		pieces = append(pieces, text[:end])
		text = text[end:]
		limit = rest
	}
	return pieces
}

// cut returns where the first piece of text ends, in bytes; it is more than 0.
func cut(text string, limit int) int {
	units, space, boundary := 0, 0, 0
	for at, r := range text {
		if at > 0 && !joins(text[:at], r) {
			boundary = at
			if before, _ := utf8.DecodeLastRuneInString(text[:at]); unicode.IsSpace(before) && units > limit*3/4 {
				space = at
			}
		}
		units += units16(r)
		if units > limit {
			return cmp.Or(space, boundary, at, max(1, utf8.RuneLen(r)))
		}
	}
	return len(text)
}

// joins reports whether r belongs to the character that before ends with: a combining mark, a variation or skin tone,
// or what a zero-width joiner joins.
func joins(before string, r rune) bool {
	const zeroWidthJoiner = '\u200d'
	last, _ := utf8.DecodeLastRuneInString(before)
	return last == zeroWidthJoiner || r == zeroWidthJoiner || unicode.Is(unicode.M, r) || (r >= 0x1F3FB && r <= 0x1F3FF)
}

func units16(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// cutText shortens text to at most n characters.
func cutText(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i] + "…"
		}
		n--
	}
	return text
}

// maxAttributes is Twilio's limit for the attributes of a message: 4 KiB of JSON.
const maxAttributes = 4096

// carriedParameters go into the attributes of the message under their own names, the ones that matter most first: what
// does not fit any more is left out.
var carriedParameters = []string{
	"MessageType", "ButtonPayload", "ButtonText", "ButtonType", "ListId", "ListTitle", "Latitude", "Longitude", "Label", "Address",
	"OriginalRepliedMessageSid", "OriginalRepliedMessageSender", "Forwarded", "FrequentlyForwarded", "ProfileName", "WaId",
	"ExternalUserId", "ParentExternalUserId", "ProfileUsername", "Username",
	"ReferralSourceId", "ReferralSourceType", "ReferralSourceUrl", "ReferralHeadline", "ReferralBody", "ReferralMediaId",
	"ReferralMediaContentType", "ReferralMediaUrl", "ReferralCtwaClid", "InteractiveData", "FlowData",
}

// stamp identifies, in the attributes of a posted message, the inbound message and the part of it. The numbers are omitted where
// there is only one part.
type stamp struct {
	MessageSid string
	Part       int `json:",omitempty"`
	Parts      int `json:",omitempty"`
}

// readStamp reads a message's attributes; a message that the bridge did not post has a zero stamp.
func readStamp(attributes *string) stamp {
	var s stamp
	if attributes == nil || json.Unmarshal([]byte(*attributes), &s) != nil {
		return stamp{}
	}
	if s.Part == 0 {
		s.Part = 1
	}
	return s
}

// attributes returns the JSON attributes of one part of m.
func (m *inbound) attributes(p *part) (string, error) {
	fields := map[string]any{"MessageSid": m.sid()}
	if p.of > 1 {
		fields["Part"], fields["Parts"] = p.number, p.of
	}
	if p.missing != "" {
		fields["MissingMedia"] = map[string]string{"MediaUrl": cutText(p.media.url, 400), "MediaContentType": cutText(p.media.contentType, 80), "Reason": p.missing}
	}
	data, err := json.Marshal(fields)
	if err != nil || p.number > 1 {
		return string(data), err
	}
	for _, name := range carriedParameters {
		value := m.Parameters.get(name)
		if value == "" {
			continue
		}
		fields[name] = value
		longer, err := json.Marshal(fields)
		if err != nil {
			return "", err
		}
		if len(longer) > maxAttributes {
			delete(fields, name)
			continue
		}
		data = longer
	}
	return string(data), nil
}
