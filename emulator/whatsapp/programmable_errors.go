package whatsapp

import (
	"errors"
	"fmt"

	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// The refusals of Programmable Messaging, by status, code and message. Reference, WhatsApp 1.4 and 1.5, and Twilio's error
// dictionary.
var (
	errFromMissing     = twilio.NewError(400, 21603, "A 'From' phone number is required.")
	errToMissing       = twilio.NewError(400, 21604, "A 'To' phone number is required.")
	errStatusCallback  = twilio.NewError(400, 21609, "The 'StatusCallback' URL is not a valid URL.")
	errTooLong         = twilio.NewError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
	errEmpty           = twilio.NewError(400, 21619, "A text message body or media urls must be specified.")
	errTooManyFiles    = twilio.NewError(400, 21623, "Number of media files exceeds allowed limit")
	errServiceMissing  = twilio.NewError(400, 21701, "The Messaging Service does not exist")
	errServiceEmpty    = twilio.NewError(400, 21703, "The Messaging Service does not have a sender available for this destination")
	errChannels        = twilio.NewError(400, 21910, "Invalid From and To pair. From and To should be of the same channel")
	errNoChannel       = twilio.NewError(400, 63007, "Twilio could not find a Channel with the specified From address")
	errScheduleService = twilio.NewError(400, 35118, "MessagingServiceSid is required to schedule a message")
	errSendAt          = twilio.NewError(400, 35114, "Scheduling does not support this timestamp")
	errNotCancelable   = twilio.NewError(400, 30409, "This message cannot be canceled")
	errNotFinished     = twilio.NewError(409, 20009, "Cannot delete message because delivery has not been completed.")
)

func errNoNumber(from string) *twilio.Error {
	return twilio.NewError(400, 21606, fmt.Sprintf("The 'From' phone number provided (%s) is not a valid message-capable Twilio phone number for this destination/account.", from))
}

func errTo(to string) *twilio.Error {
	return twilio.NewError(400, 21211, fmt.Sprintf("The 'To' number %s is not a valid phone number.", to))
}

func errMediaURL(link string) *twilio.Error {
	return twilio.NewError(400, 21620, "Invalid media URL(s): "+link)
}

// contentError gives a refusal of a template the code that it has here.
func contentError(err error) error {
	var refused *twilio.Error
	switch {
	case !errors.As(err, &refused):
		return err
	case refused.Code == 50526:
		return twilio.NewError(400, 21655, "The ContentSid is invalid")
	}
	return twilio.NewError(400, 21656, "The ContentVariables Parameter is invalid: "+refused.Message)
}
