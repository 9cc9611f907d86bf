package bridge

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

const (
	// maxMessageBody is what Twilio delivers of a message: 1,600 characters.
	maxMessageBody = 1600
	// placeholderRoom is kept free beside a caption for the line that names an attachment which could not be moved.
	placeholderRoom = 160
	// maxMedia is how many attachments one webhook can name.
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

// parts are the messages that say what m says.
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

// text is what the message says in words. Only with an attachment it may be empty, as Twilio has it for senders of
// one's own.
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

// posted is what the message in the conversation says: its text, and a line for an attachment that is missing.
func (p *part) posted() string {
	if p.missing == "" {
		return p.body
	}
	line := fmt.Sprintf("[attachment %s could not be transferred]", cutText(or(p.media.contentType, "of unknown type"), 80))
	if p.body == "" {
		return line
	}
	return p.body + "\n" + line
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
