package whatsapp

import (
	"slices"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// maxValidity is the greatest ValidityPeriod, in seconds.
const maxValidity = 36000

// MessageOptions is the part of the form of a message that is not what it says, to whom and when. MaxPrice, Attempt,
// ForceDelivery, SmartEncoded, SendAsMms, TrafficType and RiskCheck are taken and change nothing: they are obsolete,
// reserved, or of SMS. What would change something that the emulator has not got is refused.
type MessageOptions struct {
	// PersistentAction is a place, on WhatsApp: geo:LATITUDE,LONGITUDE or geo:LATITUDE,LONGITUDE|LABEL.
	PersistentAction []string
	// ValidityPeriod is how long the message may wait in a queue, in seconds.
	ValidityPeriod  *int
	ProvideFeedback *bool

	FallbackFrom     *string // an SMS sender in place of RCS
	ApplicationSid   *string // a TwiML application
	ShortenUrls      *bool
	ContentRetention *string // retain, or discard
	AddressRetention *string // retain, or obfuscate
	RiskCheck        *string // enable or disable
	TrafficType      *string // free
	MaxPrice         *float64
	Attempt          *int
	ForceDelivery    *bool
	SmartEncoded     *bool
	SendAsMms        *bool
}

// options checks the options of a message and sets what follows from them. Errors: 20001 with the name of the parameter.
func (s *Sandbox) options(m *Message, p MessageOptions) error {
	if err := p.check(); err != nil {
		return err
	}
	m.ProvideFeedback = p.ProvideFeedback != nil && *p.ProvideFeedback
	if p.ValidityPeriod != nil {
		from := s.clock.Now()
		if m.SendAt.After(from) {
			from = m.SendAt
		}
		m.ValidUntil = from.Add(time.Duration(*p.ValidityPeriod) * time.Second)
	}
	actions := slices.DeleteFunc(slices.Clone(p.PersistentAction), func(a string) bool { return a == "" })
	if len(actions) == 0 {
		return nil
	}
	place, ok := parseGeo(actions[0])
	if !ok || len(actions) > 1 || !twilio.IsWhatsApp(m.To) {
		return twilio.InvalidParameter("PersistentAction")
	}
	m.Location = place
	m.Excess = m.Excess || m.Template || len(m.MediaURLs) > 0 // a message is one thing
	return nil
}

func (p MessageOptions) check() error {
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"ValidityPeriod", p.ValidityPeriod == nil || (*p.ValidityPeriod >= 1 && *p.ValidityPeriod <= maxValidity)},
		{"FallbackFrom: there are no RCS senders in this emulator", twilio.Value(p.FallbackFrom) == ""},
		{"ApplicationSid: there are no TwiML applications in this emulator", twilio.Value(p.ApplicationSid) == ""},
		{"ShortenUrls: there is no link shortening in this emulator", p.ShortenUrls == nil || !*p.ShortenUrls},
		{"ContentRetention: this emulator only knows retain", oneOf(p.ContentRetention, "retain")},
		{"AddressRetention: this emulator only knows retain", oneOf(p.AddressRetention, "retain")},
		{"RiskCheck", oneOf(p.RiskCheck, "enable", "disable")},
		{"TrafficType", oneOf(p.TrafficType, "free")},
	} {
		if !c.ok {
			return twilio.InvalidParameter(c.name)
		}
	}
	return nil
}

// oneOf reports whether a text was not sent, or is one of some words.
func oneOf(sent *string, words ...string) bool {
	return twilio.Value(sent) == "" || slices.Contains(words, *sent)
}

// parseGeo reads the place of a PersistentAction.
func parseGeo(action string) (*Location, bool) {
	geo, ok := strings.CutPrefix(action, "geo:")
	point, label, _ := strings.Cut(geo, "|")
	l, err := ParseLocation(point)
	l.Label = strings.TrimSpace(label)
	return &l, ok && err == nil
}
