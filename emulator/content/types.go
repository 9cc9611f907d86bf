package content

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"

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

// rule says what a field of a type is: a value of JSON, and for a list what its items are. The zero rule is an optional text.
type rule struct {
	kind     string // text, number, boolean, texts or list
	required bool
	words    []string // the words that a text may be
	items    fields   // of a list
	most     int      // items of a list; 0 means any number
}

// fields are the rules of an object. Fields that are not named are kept unchecked.
type fields map[string]rule

// shapes has the fields of every type. Source: schemas of Twilio's OpenAPI file of the Content API, and for the numbers of items its
// pages about the types.
func shapes() map[string]fields {
	text, number, boolean := rule{required: true}, rule{kind: "number"}, rule{kind: "boolean"}
	needed := func(r rule) rule { r.required = true; return r }
	files := rule{kind: "texts"}
	actions := func(most int, words ...string) rule {
		return rule{kind: "list", most: most, items: fields{"type": {required: true, words: words}, "title": text, "url": {}, "phone": {}, "id": {}, "code": {}}}
	}
	quick := rule{kind: "list", required: true, most: 10, items: fields{"type": {words: []string{"QUICK_REPLY"}}, "title": text, "id": {}}}
	codes := rule{kind: "list", required: true, most: 1, items: fields{"type": {required: true, words: []string{"COPY_CODE"}}, "copy_code_text": text}}
	options := rule{kind: "list", required: true, most: 10, items: fields{"id": text, "item": text, "description": {}}}
	cards := rule{kind: "list", required: true, most: 10, items: fields{"title": {}, "body": text, "media": text,
		"actions": needed(actions(2, "URL", "PHONE_NUMBER", "QUICK_REPLY"))}}
	pages := rule{kind: "list", required: true, items: fields{"id": text, "title": text, "next_page_id": {}, "subtitle": {},
		"layout": {kind: "list", required: true, items: fields{"label": {}, "type": text}}}}
	goods := rule{kind: "list", items: fields{"id": {}, "section_title": {}, "name": {}, "media_url": {}, "price": number, "description": {}}}
	cardActions := actions(10, "URL", "PHONE_NUMBER", "QUICK_REPLY", "COPY_CODE", "VOICE_CALL")
	return map[string]fields{
		typeText:         {"body": text},
		typeMedia:        {"body": {}, "media": needed(files)},
		typeLocation:     {"latitude": needed(number), "longitude": needed(number), "label": {}, "id": {}, "address": {}},
		typeQuickReply:   {"body": text, "actions": quick},
		typeCallToAction: {"body": text, "actions": needed(actions(10, "URL", "PHONE_NUMBER", "COPY_CODE", "VOICE_CALL", "VOICE_CALL_REQUEST"))},
		typeListPicker:   {"body": text, "button": text, "items": options},
		typeCard:         {"title": {}, "subtitle": {}, "media": files, "actions": cardActions},
		typeCatalog:      {"title": {}, "body": text, "subtitle": {}, "id": {}, "items": goods, "dynamic_items": {}},
		typeCarousel:     {"body": text, "cards": cards},
		typeFlows:        {"body": text, "button_text": text, "subtitle": {}, "media_url": {}, "pages": pages, "type": text},
		typeSchedule:     {"id": text, "title": text, "timeSlots": text},
		typeWhatsAppCard: {"body": text, "footer": {}, "media": files, "header_text": {}, "actions": cardActions},
		typeAuthentication: {"add_security_recommendation": boolean, "code_expiration_minutes": number,
			"actions": codes},
		typeWhatsAppFlows: {"body": text, "button_text": text, "subtitle": {}, "media_url": {}, "flow_id": text, "flow_token": {},
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
		return decodeAs[float64](where, "a number", sent)
	case "boolean":
		return decodeAs[bool](where, "true or false", sent)
	case "texts":
		return decodeAs[[]string](where, "a list of texts", sent)
	case "list":
		return r.checkItems(where, sent)
	}
	var text string
	switch err := json.Unmarshal(sent, &text); {
	case err != nil:
		return twilio.InvalidParameter(where + ": it must be a text")
	case r.required && text == "":
		return twilio.MissingParameter(where)
	case r.words != nil && text != "" && !slices.Contains(r.words, text):
		return twilio.InvalidParameter(fmt.Sprintf("%s: %.100q is none of %q", where, text, r.words))
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

// decodeAs refuses a value that is no T.
func decodeAs[T any](where, what string, sent json.RawMessage) error {
	if err := json.Unmarshal(sent, new(T)); err != nil {
		return twilio.InvalidParameter(where + ": it must be " + what)
	}
	return nil
}

func isNull(sent json.RawMessage) bool {
	return len(sent) == 0 || bytes.Equal(bytes.TrimSpace(sent), []byte("null"))
}
