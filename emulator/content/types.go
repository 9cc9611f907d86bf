package content

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// Names of content types.
const (
	typeText           = "twilio/text"
	typeMedia          = "twilio/media"
	typeLocation       = "twilio/location"
	typeQuickReply     = "twilio/quick-reply"
	typeCallToAction   = "twilio/call-to-action"
	typeListPicker     = "twilio/list-picker"
	typeCard           = "twilio/card"
	typeCatalog        = "twilio/catalog"
	typeCarousel       = "twilio/carousel"
	typeFlows          = "twilio/flows"
	typeSchedule       = "twilio/schedule"
	typeWhatsAppCard   = "whatsapp/card"
	typeAuthentication = "whatsapp/authentication"
	typeWhatsAppFlows  = "whatsapp/flows"
)

// Conversational are the types that Conversations can send, simplest first. Source: Twilio's page of error 50542.
func Conversational() []string {
	return []string{typeText, typeMedia, typeLocation, typeQuickReply, typeCallToAction, typeListPicker, typeCard}
}

// AllTypes are the types that Programmable Messaging can send, simplest first.
func AllTypes() []string {
	return append(Conversational(), typeCatalog, typeSchedule, typeFlows, typeCarousel, typeWhatsAppFlows, typeWhatsAppCard, typeAuthentication)
}

// language is a code such as en, pt_BR or zh_Hant.
var language = regexp.MustCompile(`^[a-z]{2,3}([_-][A-Za-z]{2,4})?$`)

// Limits of a template. Twilio's is that of a text, 1,600 characters; the others are the emulator's own.
const (
	maxText         = 1600
	maxURL          = 2048
	maxFriendlyName = 512       // as WhatsApp's name of a template
	maxTypes        = 128 << 10 // bytes of JSON, of all types together
)

// rule says what a field of a type is: a value of JSON, and for a list what its items are. The zero rule is an optional text.
type rule struct {
	kind     string // text, url, number, boolean, urls or list
	required bool
	words    []string // the words that a text may be
	items    fields   // of a list
	most     int      // items of a list, or the magnitude of a number; 0 means any number
}

// fields are the rules of an object. Fields that are not named are kept unchecked.
type fields map[string]rule

// shapes has the fields of every type. Source: schemas of Twilio's OpenAPI file of the Content API, and for the numbers of items its
// pages about the types.
func shapes() map[string]fields {
	text, number, boolean := rule{required: true}, rule{kind: "number"}, rule{kind: "boolean"}
	needed := func(r rule) rule { r.required = true; return r }
	files, link := rule{kind: "urls", most: 10}, rule{kind: "url"}
	actions := func(most int, words ...string) rule {
		return rule{kind: "list", most: most, items: fields{"type": {required: true, words: words}, "title": text, "url": link, "phone": {}, "id": {}, "code": {}}}
	}
	quick := rule{kind: "list", required: true, most: 10, items: fields{"type": {words: []string{"QUICK_REPLY"}}, "title": text, "id": {}}}
	codes := rule{kind: "list", required: true, most: 1, items: fields{"type": {required: true, words: []string{"COPY_CODE"}}, "copy_code_text": text}}
	options := rule{kind: "list", required: true, most: 10, items: fields{"id": text, "item": text, "description": {}}}
	cards := rule{kind: "list", required: true, most: 10, items: fields{"title": {}, "body": text, "media": needed(link),
		"actions": needed(actions(2, "URL", "PHONE_NUMBER", "QUICK_REPLY"))}}
	pages := rule{kind: "list", required: true, items: fields{"id": text, "title": text, "next_page_id": {}, "subtitle": {},
		"layout": {kind: "list", required: true, items: fields{"label": {}, "type": text}}}}
	goods := rule{kind: "list", items: fields{"id": {}, "section_title": {}, "name": {}, "media_url": link, "price": number, "description": {}}}
	cardActions := actions(10, "URL", "PHONE_NUMBER", "QUICK_REPLY", "COPY_CODE", "VOICE_CALL")
	return map[string]fields{
		typeText:         {"body": text},
		typeMedia:        {"body": {}, "media": needed(files)},
		typeLocation:     {"latitude": needed(rule{kind: "number", most: 90}), "longitude": needed(rule{kind: "number", most: 180}), "label": {}, "id": {}, "address": {}},
		typeQuickReply:   {"body": text, "actions": quick},
		typeCallToAction: {"body": text, "actions": needed(actions(10, "URL", "PHONE_NUMBER", "COPY_CODE", "VOICE_CALL", "VOICE_CALL_REQUEST"))},
		typeListPicker:   {"body": text, "button": text, "items": options},
		typeCard:         {"title": {}, "subtitle": {}, "media": files, "actions": cardActions},
		typeCatalog:      {"title": {}, "body": text, "subtitle": {}, "id": {}, "items": goods, "dynamic_items": {}},
		typeCarousel:     {"body": text, "cards": cards},
		typeFlows:        {"body": text, "button_text": text, "subtitle": {}, "media_url": link, "pages": pages, "type": text},
		typeSchedule:     {"id": text, "title": text, "timeSlots": text},
		typeWhatsAppCard: {"body": text, "footer": {}, "media": files, "header_text": {}, "actions": cardActions},
		typeAuthentication: {"add_security_recommendation": boolean, "code_expiration_minutes": number,
			"actions": codes},
		typeWhatsAppFlows: {"body": text, "button_text": text, "subtitle": {}, "media_url": link, "flow_id": text, "flow_token": {},
			"flow_first_page_id": {}, "is_flow_first_page_endpoint": boolean},
	}
}

// checkType refuses a type that is not known, and one whose fields are not what they must be, with 20001 and the name of the field.
func checkType(name string, sent json.RawMessage) error {
	shape, ok := shapes()[name]
	if !ok {
		return twilio.InvalidParameter(fmt.Sprintf("types: %.100q is no content type", name))
	}
	return shape.check("types."+name, sent)
}

// check holds an object against its rules.
func (f fields) check(where string, sent json.RawMessage) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(sent, &object); err != nil || object == nil {
		return twilio.InvalidParameter(where + ": it must be an object")
	}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		r, value := f[name], object[name]
		switch {
		case !isNull(value):
			if err := r.check(where+"."+name, value); err != nil {
				return err
			}
		case r.required:
			return twilio.MissingParameter(where + "." + name)
		}
	}
	return nil
}

// check holds a value against its rule.
func (r rule) check(where string, sent json.RawMessage) error {
	switch r.kind {
	case "number":
		return r.checkNumber(where, sent)
	case "boolean":
		return decodeAs(where, "true or false", sent, new(bool))
	case "urls":
		return r.checkURLs(where, sent)
	case "list":
		return r.checkItems(where, sent)
	}
	var text string
	if err := decodeAs(where, "a text", sent, &text); err != nil {
		return err
	}
	switch {
	case r.required && text == "":
		return twilio.MissingParameter(where)
	case r.words != nil && text != "" && !slices.Contains(r.words, text):
		return twilio.InvalidParameter(fmt.Sprintf("%s: %.100q is none of %q", where, text, r.words))
	case r.kind == "url":
		return checkLength(where, text, maxURL)
	}
	return checkLength(where, text, maxText)
}

func (r rule) checkNumber(where string, sent json.RawMessage) error {
	var number float64
	if err := decodeAs(where, "a number", sent, &number); err != nil {
		return err
	}
	if r.most > 0 && math.Abs(number) > float64(r.most) {
		return twilio.InvalidParameter(fmt.Sprintf("%s: it must be between -%d and %d", where, r.most, r.most))
	}
	return nil
}

func (r rule) checkURLs(where string, sent json.RawMessage) error {
	var links []string
	if err := decodeAs(where, "a list of texts", sent, &links); err != nil {
		return err
	}
	if len(links) > r.most {
		return twilio.InvalidParameter(fmt.Sprintf("%s: it has more than %d items", where, r.most))
	}
	for i, link := range links {
		if err := checkLength(fmt.Sprintf("%s[%d]", where, i), link, maxURL); err != nil {
			return err
		}
	}
	return nil
}

func checkLength(where, text string, most int) error {
	if utf8.RuneCountInString(text) > most {
		return twilio.InvalidParameter(fmt.Sprintf("%s: it has more than %d characters", where, most))
	}
	return nil
}

func (r rule) checkItems(where string, sent json.RawMessage) error {
	var items []json.RawMessage
	switch err := json.Unmarshal(sent, &items); {
	case err != nil:
		return twilio.InvalidParameter(where + ": it must be a list")
	case r.required && len(items) == 0:
		return twilio.MissingParameter(where)
	case r.most > 0 && len(items) > r.most:
		return twilio.InvalidParameter(fmt.Sprintf("%s: it has more than %d items", where, r.most))
	}
	for i, item := range items {
		if err := r.items.check(fmt.Sprintf("%s[%d]", where, i), item); err != nil {
			return err
		}
	}
	return nil
}

// decodeAs decodes a value into what it must be.
func decodeAs(where, what string, sent json.RawMessage, into any) error {
	if err := json.Unmarshal(sent, into); err != nil {
		return twilio.InvalidParameter(where + ": it must be " + what)
	}
	return nil
}

func isNull(sent json.RawMessage) bool {
	return len(sent) == 0 || bytes.Equal(bytes.TrimSpace(sent), []byte("null"))
}
