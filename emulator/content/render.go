package content

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// Rendered is a template for a phone, with the variables of a message filled in.
type Rendered struct {
	// Body is nil for a template that has files only.
	Body *string
	// MediaURLs are the addresses of its files.
	MediaURLs []string
	Buttons   []Button
	Place     *Place
}

// Button can be tapped on a phone: a button, or an option of a list.
type Button struct {
	Text string `json:"text"`
	// Payload is the id that an answer comes back with.
	Payload string `json:"payload,omitempty"`
	// Link is opened by a tap: a URL, or tel: with a number.
	Link string `json:"link,omitempty"`
	// Option says that it is an option of a list, with a Description.
	Option      bool   `json:"option,omitempty"`
	Description string `json:"description,omitempty"`
}

// Place is the location of a template.
type Place struct {
	Latitude, Longitude float64
	Label, Address      string
}

// Request is a template that a message asks for.
type Request struct {
	AccountSID, SID string
	// Variables is the ContentVariables of the message, and MaxValue the most characters of one.
	Variables string
	MaxValue  int
	// Types are those that can be sent; the last one that the template has is.
	Types []string
}

// Render returns what a template says. A variable that is left out has the template's sample; where there is none the message is
// refused, as the placeholder would resolve to nothing. Errors: ErrNoTemplate, ErrType, and those of ParseVariables.
func Render(tx store.Tx, r Request) (Rendered, error) {
	variables, err := ParseVariables(r.Variables, r.MaxValue)
	if err != nil {
		return Rendered{}, err
	}
	t, err := templates.Get(tx, store.Key(r.AccountSID, r.SID))
	if errors.Is(err, store.ErrNotFound) {
		return Rendered{}, ErrNoTemplate
	}
	if err != nil {
		return Rendered{}, err
	}
	return t.render(variables, r.Types)
}

func (t Template) render(variables map[string]string, types []string) (Rendered, error) {
	name, ok := t.richest(types)
	if !ok {
		return Rendered{}, ErrType
	}
	var v variant
	_ = json.Unmarshal(t.Types[name], &v) // checked when it came, but for fields that the type does not have
	f := filler{given: variables, samples: t.Variables, left: maxRendered}
	out := Rendered{Body: v.text(name)}
	if out.Body != nil {
		*out.Body = f.fill(*out.Body)
	}
	for _, link := range slices.Concat(v.Media, nonEmpty(v.MediaURL)) {
		out.MediaURLs = append(out.MediaURLs, f.fill(link))
	}
	for _, b := range v.buttons() {
		out.Buttons = append(out.Buttons, Button{Text: f.fill(b.Text), Payload: f.fill(b.Payload), Link: f.fill(b.Link), Option: b.Option,
			Description: f.fill(b.Description)})
	}
	if name == typeLocation {
		out.Place = &Place{Latitude: v.Latitude, Longitude: v.Longitude, Label: f.fill(v.Label), Address: f.fill(v.Address)}
	}
	switch {
	case f.left < 0:
		return Rendered{}, ErrTooManyVariables
	case f.unresolved:
		return Rendered{}, ErrVariables
	}
	return out, nil
}

// richest is the last of some types that the template has.
func (t Template) richest(types []string) (string, bool) {
	for _, name := range slices.Backward(types) {
		if _, ok := t.Types[name]; ok {
			return name, true
		}
	}
	return "", false
}

// variant has the fields of all types that a phone sees.
type variant struct {
	Body, Title, Subtitle, Label, Address string
	Footer                                string
	HeaderText                            string `json:"header_text"`
	Media                                 []string
	MediaURL                              string `json:"media_url"`
	Latitude, Longitude                   float64
	AddSecurityRecommendation             bool   `json:"add_security_recommendation"`
	ButtonText                            string `json:"button_text"`
	Actions                               []action
	Items                                 []struct{ ID, Item, Name, Description string }
	Cards                                 []struct {
		Title, Body string
		Actions     []action
	}
}

type action struct {
	Title, ID, URL, Phone, Code string
	CopyCodeText                string `json:"copy_code_text"`
}

// text is the text of a variant with its placeholders; nil where it has none. What WhatsApp shows in several lines is in several lines.
func (v variant) text(of string) *string {
	var lines []string
	switch of {
	case typeAuthentication: // the text is WhatsApp's own, as its documentation has it
		lines = []string{"{{1}} is your verification code."}
		if v.AddSecurityRecommendation {
			lines[0] += " For your security, do not share this code."
		}
	case typeCard:
		lines = []string{v.Title, v.Subtitle}
	case typeWhatsAppCard:
		lines = []string{v.HeaderText, v.Body, v.Footer}
	case typeLocation:
		lines = []string{v.Label}
	case typeCarousel:
		lines = []string{v.Body}
		for _, card := range v.Cards {
			lines = append(lines, card.Title, card.Body)
		}
	case typeSchedule:
		lines = []string{v.Title}
	default:
		lines = []string{v.Body}
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
	if len(lines) == 0 {
		return nil
	}
	text := strings.Join(lines, "\n")
	return &text
}

// buttons returns the buttons and options of a template, in their order.
func (v variant) buttons() (list []Button) {
	actions := v.Actions
	for _, card := range v.Cards {
		actions = append(actions, card.Actions...)
	}
	for _, a := range actions {
		b := Button{Text: a.Title, Payload: a.ID, Link: a.URL}
		if a.Phone != "" {
			b.Link = "tel:" + a.Phone
		}
		if a.CopyCodeText != "" {
			b.Text = a.CopyCodeText
		}
		list = append(list, b)
	}
	for _, item := range v.Items {
		if item.Item != "" {
			list = append(list, Button{Text: item.Item, Payload: item.ID, Option: true, Description: item.Description})
		}
	}
	if v.ButtonText != "" {
		list = append(list, Button{Text: v.ButtonText})
	}
	return list
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// placeholder matches the place of a variable in a template: {{1}}, {{name}}, and {{}}, which is a mistake.
var placeholder = regexp.MustCompile(`\{\{\s*([^{}\s]*)\s*\}\}`)

// maxRendered bounds the bytes of the values in a message: a template can have a variable a thousand times.
const maxRendered = 64 << 10

// filler fills placeholders, with what was given and else with samples.
type filler struct {
	given, samples map[string]string
	unresolved     bool // a placeholder had neither
	left           int  // bytes that values may still have; negative when there were more, and placeholders are not filled any more
}

func (f *filler) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.TrimSpace(found[2 : len(found)-2])
		for _, values := range []map[string]string{f.given, f.samples} {
			if value := values[name]; value != "" {
				if f.left -= len(value); f.left < 0 {
					return ""
				}
				return value
			}
		}
		f.unresolved = true
		return found
	})
}
