package conversations

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// apply checks the fields of a form and sets those that were sent.
func (c *conversationDoc) apply(p ConversationParams) error {
	if p.FriendlyName != nil {
		if utf8.RuneCountInString(*p.FriendlyName) > maxName {
			return errFriendlyNameTooLong
		}
		if *p.FriendlyName != "" { // an empty one does not clear it; reference, Conversations API 3.1
			c.FriendlyName = p.FriendlyName
		}
	}
	if p.UniqueName != nil {
		switch name := *p.UniqueName; {
		case utf8.RuneCountInString(name) > maxName:
			return errUniqueNameTooLong
		case sid.Valid(name, "CH"):
			return errUniqueNameSID
		case name == "":
			c.UniqueName = nil
		default:
			c.UniqueName = p.UniqueName
		}
	}
	if p.MessagingServiceSid != nil {
		if !sid.Valid(*p.MessagingServiceSid, "MG") {
			return errMessagingServiceSID
		}
		c.MessagingServiceSID = *p.MessagingServiceSid
	}
	if email := p.Bindings.Email; email.Address != nil || email.Name != nil {
		c.Bindings.Email = &EmailBinding{ProjectedAddress: twilio.Value(email.Address), Name: twilio.Value(email.Name)}
	}
	if err := setAttributes(&c.Attributes, p.Attributes, maxConversationAttributes); err != nil {
		return err
	}
	if err := twilio.SetDate(&c.DateCreated, p.DateCreated, errDateCreated); err != nil {
		return err
	}
	if err := twilio.SetDate(&c.DateUpdated, p.DateUpdated, errDateUpdated); err != nil {
		return err
	}
	return c.applyState(p)
}

// setAttributes checks and sets the Attributes of any resource; limit is in bytes.
func setAttributes(target, sent *string, limit int) error {
	switch {
	case sent == nil:
	case len(*sent) > limit:
		return errAttributesTooLong
	case *sent == "":
		*target = "{}"
	case !json.Valid([]byte(*sent)):
		return errAttributesInvalid
	default:
		*target = *sent
	}
	return nil
}
