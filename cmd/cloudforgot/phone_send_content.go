package main

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// contentFlags are the flags of phone send that say what is sent.
type contentFlags struct {
	media                          []string
	location, label, address       string
	contact, replyTo, referral     string
	button, buttonPayload          string
	listTitle, listID              string
	interactive                    bool
	forwarded, frequentlyForwarded bool
	unsupported                    *choice
}

func (f *contentFlags) add(c *cobra.Command) {
	s := c.Flags()
	s.StringArrayVar(&f.media, "media", nil, "`file` to send, its type found by its content; may be repeated")
	s.StringVar(&f.location, "location", "", "location to send, as `LATITUDE,LONGITUDE`")
	s.StringVar(&f.label, "label", "", "`name` of the location's place")
	s.StringVar(&f.address, "address", "", "`address` of the location's place")
	s.StringVar(&f.contact, "contact", "", "contact to send, as `NAME,NUMBER`")
	s.StringVar(&f.button, "button", "", "`text` of the button of a template that is tapped")
	s.StringVar(&f.buttonPayload, "button-payload", "", "what the sender gave the button (default its `text`)")
	s.BoolVar(&f.interactive, "interactive", false, "the button is one of an interactive message, not of a template")
	s.StringVar(&f.listTitle, "list-title", "", "`title` of the row of a list that is tapped")
	s.StringVar(&f.listID, "list-id", "", "`id` of that row")
	s.StringVar(&f.replyTo, "reply-to", "", "`SID` of the message that is answered, or that has the button or the list")
	s.BoolVar(&f.forwarded, "forwarded", false, "the message comes from another chat")
	s.BoolVar(&f.frequentlyForwarded, "frequently-forwarded", false, "it has gone through many chats")
	s.StringVar(&f.referral, "referral", "", "advertisement that the chat began with, as a `JSON` object")
	f.unsupported = &choice{words: []string{"reaction", "poll", "edit", "deletion"}}
	s.Var(f.unsupported, "unsupported", "send what Twilio has no webhook for: it is dropped and logged")
	complete(c, "unsupported", f.unsupported.words...)
}

// message makes a message of the flags and a text. The files of --media are not in it.
func (f contentFlags) message(text string) (control.NewMessage, error) {
	wanted := control.NewMessage{Body: text, Unsupported: f.unsupported.value}
	if err := f.check(text); err != nil {
		return wanted, err
	}
	wanted.ReplyTo, wanted.Forwarded, wanted.FrequentlyForwarded = f.replyTo, f.forwarded, f.frequentlyForwarded
	var err error
	switch {
	case f.location != "":
		wanted.Location, err = f.place()
	case f.contact != "":
		wanted.Contact, err = parseContact(f.contact)
	case f.button != "":
		wanted.Button = &whatsapp.Button{Text: f.button, Payload: f.buttonPayload, Interactive: f.interactive}
	case f.listTitle != "":
		wanted.ListChoice = &whatsapp.ListChoice{ID: f.listID, Title: f.listTitle}
	}
	if err == nil && f.referral != "" {
		wanted.Referral, err = parseReferral(f.referral)
	}
	return wanted, err
}

// check refuses flags that contradict each other, or that say nothing without another.
func (f contentFlags) check(text string) error {
	kinds := given(map[string]bool{"--media": len(f.media) > 0, "--location": f.location != "", "--contact": f.contact != "",
		"--button": f.button != "", "--list-title": f.listTitle != "", "--unsupported": f.unsupported.value != ""})
	if len(kinds) > 1 {
		return badUsage("%s contradict each other: a message is one thing, so send one after the other", strings.Join(kinds, " and "))
	}
	if err := f.checkCompanions(); err != nil {
		return err
	}
	if len(kinds) == 0 && text == "" {
		return badUsage("there is nothing to send: give a text, a file with --media, or another kind of message")
	}
	if f.unsupported.value == "" {
		return nil
	}
	beside := given(map[string]bool{"a text": text != "", "--reply-to": f.replyTo != "", "--forwarded": f.forwarded,
		"--frequently-forwarded": f.frequentlyForwarded, "--referral": f.referral != ""})
	if len(beside) > 0 {
		return badUsage("--unsupported stands alone, without %s: nothing is kept of what Twilio has no webhook for", strings.Join(beside, " and "))
	}
	return nil
}

// checkCompanions refuses flags that say something about another one, which is missing.
func (f contentFlags) checkCompanions() error {
	for _, flag := range []struct {
		name  string
		given bool
		about string
		there bool
	}{
		{"--label", f.label != "", "--location", f.location != ""},
		{"--address", f.address != "", "--location", f.location != ""},
		{"--button-payload", f.buttonPayload != "", "--button", f.button != ""},
		{"--interactive", f.interactive, "--button", f.button != ""},
		{"--list-title", f.listTitle != "", "--list-id", f.listID != ""},
		{"--list-id", f.listID != "", "--list-title", f.listTitle != ""},
	} {
		if flag.given && !flag.there {
			return badUsage("%s says nothing without %s", flag.name, flag.about)
		}
	}
	return nil
}

// given are the names that are true, sorted.
func given(names map[string]bool) []string {
	maps.DeleteFunc(names, func(_ string, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(names))
}

// place is the location of --location, --label and --address. The emulator checks the degrees.
func (f contentFlags) place() (*whatsapp.Location, error) {
	north, east, _ := strings.Cut(f.location, ",")
	latitude, err := strconv.ParseFloat(strings.TrimSpace(north), 64)
	longitude, err2 := strconv.ParseFloat(strings.TrimSpace(east), 64)
	if err != nil || err2 != nil || math.IsNaN(latitude+longitude) || math.IsInf(latitude, 0) || math.IsInf(longitude, 0) {
		return nil, badUsage("--location %q: it must be a latitude and a longitude in degrees, such as -33.4372,-70.6506", f.location)
	}
	return &whatsapp.Location{Latitude: latitude, Longitude: longitude, Label: f.label, Address: f.address}, nil
}

// parseContact reads a name and, behind the last comma, a number.
func parseContact(typed string) (*whatsapp.Contact, error) {
	comma := strings.LastIndexByte(typed, ',')
	if comma <= 0 {
		return nil, badUsage(`--contact %q: it must be a name and a number, such as "Grace Hopper,+15558675312"`, typed)
	}
	number, err := phoneNumber(typed[comma+1:])
	return &whatsapp.Contact{Name: strings.TrimSpace(typed[:comma]), Phone: number}, err
}

// parseReferral reads an advertisement as the control API has it. A field that does not exist is most likely misspelt.
func parseReferral(typed string) (*whatsapp.Referral, error) {
	d := json.NewDecoder(strings.NewReader(typed))
	d.DisallowUnknownFields()
	referral := new(whatsapp.Referral)
	if err := d.Decode(referral); err != nil || d.More() {
		return nil, badUsage(`--referral %q: it must be a JSON object of source_type, source_id, source_url, headline, body, media_id, `+
			`media_content_type, media_url and ctwa_clid, such as {"source_type":"ad","headline":"Half price"}`, typed)
	}
	return referral, nil
}
